/* SPDX-License-Identifier: MIT */
/* What a run found, in the words of one commit status. */
#ifndef APP_VERDICT_H
#define APP_VERDICT_H

#include "app/run.h"
#include "model/event.h"

/* The finding that a check of a Kustomization or HelmRelease leaves. */
#define VERDICT_CHECK_FINDING "reconciliation-would-fail"

/* The first thing that is wrong becomes severity, reason and message of the event, and is
 * returned as a line that says where; success, and NULL, when there is none.
 * `check_failed`: a check of this commit failed, in this run or an earlier one. */
const char *verdict_put(struct session *session, const struct run_report *report,
			bool check_failed, struct event *event);

#endif
