/* SPDX-License-Identifier: MIT */
/* What a run tells of itself: scans, choices, commits, artifacts, checks, in upstream's
 * reasons and words, and the statuses of its commits. */
#ifndef APP_HAPPENED_H
#define APP_HAPPENED_H

#include "app/events.h"
#include "app/pipeline.h"

/* A commit that is on its branch now: queues its events, in the open transaction. The
 * intent is all that is needed, so that a later process can do it too. */
int happened_commit(const struct audience *audience, const struct intent *intent,
		    struct err *err) MUST_CHECK;
/* Everything else, at the end of a run, in the open transaction. */
int happened_run(struct run *run, struct err *err) MUST_CHECK;
/* The repository could not be read: kept for `imagehook events`. */
void happened_failure(struct session *session, const struct err *why);

#endif
