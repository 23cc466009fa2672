/* SPDX-License-Identifier: MIT */
/* What a run would write now, as text; nothing is written anywhere. */
#ifndef APP_PLAN_H
#define APP_PLAN_H

#include "app/run.h"
#include "base/buf.h"

struct plan {
	void (*on_progress)(void *ctx, const char *text);
	void *ctx;
	bool as_json;      /* everything goes to `text`, as one object */
	bool would_change; /* out */
	bool failed; /* out: an object is not ready, or a finding of severity error */
};

/* Appends diff and message to `text`, findings to `notes`. */
int plan_make(struct session *session, struct plan *plan, struct buf *text,
	      struct buf *notes, struct err *err) MUST_CHECK;

#endif
