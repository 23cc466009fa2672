/* SPDX-License-Identifier: MIT */
/* One automation's attempt: shared by automations.c, changes.c, move.c and source.c only.
 */
#ifndef APP_AUTOMATION_H
#define APP_AUTOMATION_H

#include "app/pipeline.h"
#include "stage/commit/commit.h"

struct attempt {
	struct run *run;
	const struct image_update_automation *automation;
	const char *name; /* `cluster/ns/name` */
	struct object_key key;
	struct automation_record record;
	bool known;
	struct image_choice_list choices;
	struct strings known_policies;
	struct repo *repo; /* where it reads and writes */
	bool repo_is_own;  /* opened for this attempt: the admin mapped the source */
	const char *default_branch; /* the checkout branch when the document names none */
	struct commit_target target;
};

/* Reads every marked file below update.path at target.base and fills outcome->changes. */
int automation_changes(struct attempt *attempt, struct automation_outcome *outcome,
		       struct err *err) MUST_CHECK;
/* Whether the push branch's tip is already this change on this base: nothing to write
 * then. */
bool automation_is_present(struct attempt *attempt,
			   const struct automation_outcome *outcome);
/* Stores the intent, moves the branch, confirms (DESIGN 4.6). ERR_CONFLICT when a tip
 * moved. */
int automation_move(struct attempt *attempt, const struct automation_outcome *outcome,
		    struct err *err) MUST_CHECK;

#endif
