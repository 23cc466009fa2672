/* SPDX-License-Identifier: MIT */
/* Failures that last are told again after imagehook.remindAfter. */
#ifndef APP_REMINDER_H
#define APP_REMINDER_H

#include "app/events.h"

/*
 * Tells the failures again that were last told that long ago and whose documents are
 * still there, in the open transaction. *next_ms is when the next one is due, INT64_MAX
 * for never. ERR_IO, ERR_BUSY.
 */
int reminder_tell(const struct audience *audience, int64_t *next_ms,
		  struct err *err) MUST_CHECK;

#endif
