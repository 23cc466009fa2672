/* SPDX-License-Identifier: MIT */
/* The switches that stop writing (TRUST 35), read anew before every ref move. */
#ifndef APP_STOP_H
#define APP_STOP_H

#include "app/session.h"

/* Why nothing may be written on this repository now: `enabled = false`, `write = none`, a
 * write mode that is not built. NULL when it may. Text in the arena. */
const char *stop_reason(struct session *session);
/* Why nothing at all is done here: `enabled = false`. NULL otherwise. */
const char *stop_is_off(struct session *session);
/* The same as stop_reason() from the files as they are now. ERR_DENIED. */
int stop_check(struct session *session, struct err *err) MUST_CHECK;

#endif
