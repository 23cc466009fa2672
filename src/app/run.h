/* SPDX-License-Identifier: MIT */
/*
 * One run over one repository: documents, scans, choices, commits. What happened is in
 * the report; nothing is printed here.
 */
#ifndef APP_RUN_H
#define APP_RUN_H

#include "app/wanted.h"
#include "model/change.h"

enum run_trigger {
	RUN_PUSH,
	RUN_TIMER,
	RUN_COMMAND
};

struct run_options {
	enum run_trigger trigger;
	bool now;           /* everything is due */
	bool dry_run;       /* plan: nothing is written anywhere */
	struct wanted only; /* only this is forced to be due; zeroed: all */
	/* called when it is known whether the trigger changed anything that matters; may
	 * be NULL */
	void (*on_snapshot)(void *ctx, bool matters);
	/* what takes long right now, for a terminal; may be NULL */
	void (*on_progress)(void *ctx, const char *text);
	void *ctx;
};

/* What became of one automation. */
struct automation_outcome {
	const struct image_update_automation *automation;
	const char *branch; /* it was, or would be, written to */
	bool same_branch;   /* that is the branch that was read */
	struct oid commit;  /* "" when nothing was written */
	struct str message;
	struct run_changes changes;
	struct updated_image_list images;
	int code;         /* 0, or why it failed */
	const char *text; /* the failure */
};

/* A scanned or chosen object that is not ready. */
struct object_failure {
	const struct object_meta *meta;
	const char *reason;
	const char *message;
};

struct run_report {
	struct loaded loaded;
	VEC_OF(struct automation_outcome)
	outcomes; /* of automations with something to write */
	VEC_OF(struct object_failure) failures;
	size_t scanned; /* registries asked */
	size_t policies_ready;
	bool nothing_due;    /* the timer found nothing to do */
	bool queued;         /* enough workers are at work: a later run takes the job */
	bool joined;         /* another run is under way and takes this trigger over */
	bool is_off;         /* switched off: nothing was looked at; `stopped` says why */
	const char *stopped; /* why nothing may be written, NULL otherwise */
};

/*
 * Runs. The report lives in the session's arena, findings in session->findings. Takes the
 * repository's lock; ERR_BUSY never, see report->joined.
 */
int run_repository(struct session *session, const struct run_options *options,
		   struct run_report *report, struct err *err) MUST_CHECK;

/* NULL when this object did not fail. */
const struct object_failure *run_failure_of(const struct run_report *report,
					    const struct object_meta *meta);

/* Whether the timer has anything to do here; a note that cannot be read counts as due. */
bool run_is_due(struct store *store, const char *repo_id, const char *git_dir,
		int64_t now_ms);

/* Whether the spool holds jobs: a push came while this run was at work. */
bool run_has_jobs(struct session *session);

/* Runs the repository's other hooks for commits of ours that wait for it: after the lock
 * is free and the outer push has ended. */
int run_pending_hooks(struct session *session, struct err *err) MUST_CHECK;

#endif
