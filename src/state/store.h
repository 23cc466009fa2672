/* SPDX-License-Identifier: MIT */
/*
 * What is remembered between runs: one SQLite file per Unix owner, WAL, full durability,
 * the repository's id in every key. Losing it loses no commit and causes no downgrade.
 */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include "base/err.h"
#include "model/record.h"

struct store;

/*
 * Opens `<home>/state.db`, creating and migrating it. A file of a newer schema:
 * ERR_UNSUPPORTED. A corrupt file is moved aside to `state.db.corrupt-<time>` and a new
 * one begun, told by *was_lost. ERR_BUSY when it is locked for over 5 s; ERR_IO.
 */
int store_open(const char *home, struct store **out, bool *was_lost,
	       struct err *err) MUST_CHECK;
/* Closes it; NULL is fine. store_cleanup() is for CLEANUP(). */
void store_free(struct store *store);
void store_cleanup(struct store *const *store);
#define STORE_CLEANUP CLEANUP(store_cleanup)

/* Groups writes; nothing is durable before commit returned 0. Not nested. */
int store_begin(struct store *store, struct err *err) MUST_CHECK;
/* The same for what only costs time when the machine stops and it is lost: commit does
 * not await the disk. A later change that does makes this one durable too. */
int store_begin_lazy(struct store *store, struct err *err) MUST_CHECK;
/* Many reads of one state; ends with store_rollback(). */
int store_begin_reading(struct store *store, struct err *err) MUST_CHECK;
/* Ends a transaction, durably unless it is lazy; a failure rolls it back. */
int store_commit(struct store *store, struct err *err) MUST_CHECK;
/* Ends a transaction, if there is one, as if it had not been. */
void store_rollback(struct store *store);

/* Records by object. Each _get() gives ERR_NOTFOUND when there is none, and texts in the
 * arena; each _put() replaces. */
int store_scan_get(struct store *store, const struct object_key *key, struct arena *arena,
		   struct scan_record *out, struct err *err) MUST_CHECK;
/* ERR_LIMIT when the repository's tags together exceed LIMIT_SCAN_STORE_BYTES. */
int store_scan_put(struct store *store, const struct object_key *key,
		   const struct scan_record *record, struct err *err) MUST_CHECK;
int store_choice_get(struct store *store, const struct object_key *key,
		     struct arena *arena, struct choice_record *out,
		     struct err *err) MUST_CHECK;
int store_choice_put(struct store *store, const struct object_key *key,
		     const struct choice_record *record, struct err *err) MUST_CHECK;
int store_automation_get(struct store *store, const struct object_key *key,
			 struct arena *arena, struct automation_record *out,
			 struct err *err) MUST_CHECK;
int store_automation_put(struct store *store, const struct object_key *key,
			 const struct automation_record *record,
			 struct err *err) MUST_CHECK;

/* Intended commits. add sets intent->id. */
int store_intent_add(struct store *store, struct intent *intent,
		     struct err *err) MUST_CHECK;

struct intent_list {
	struct intent *items;
	size_t len;
	size_t cap;
};

/* Those that are unconfirmed or have hooks pending, oldest first. */
int store_intent_list(struct store *store, const char *repo_id, struct arena *arena,
		      struct intent_list *out, struct err *err) MUST_CHECK;
/* The ref moved: remembers the commit as ours. */
int store_intent_confirm(struct store *store, int64_t id, struct err *err) MUST_CHECK;
/* The hooks ran: there is nothing left to do for it. */
int store_intent_hooks_done(struct store *store, int64_t id, struct err *err) MUST_CHECK;
/* The ref did not move: the commit is not ours. */
int store_intent_drop(struct store *store, int64_t id, struct err *err) MUST_CHECK;
/* The automation of ours that wrote a commit of this repository; NULL when none did. */
const char *store_commit_writer(struct store *store, const char *repo_id, const char *oid,
				struct arena *arena);
/* Commits of an automation since a point in time (TRUST 8). */
int store_commit_count(struct store *store, const char *repo_id, const char *automation,
		       int64_t since_ms, size_t *out, struct err *err) MUST_CHECK;
/* Whether we created this branch (its first commit of ours created it); `git_dir` as in
 * an intent. */
bool store_branch_is_ours(struct store *store, const char *repo_id, const char *git_dir,
			  const char *ref);

/* Values written and replaced, for the ping-pong guard; kept for a day. */
int store_written_add(struct store *store, const char *repo_id, const char *automation,
		      const struct written_value *value, struct err *err) MUST_CHECK;
/* Whether we replaced value->old_value at its path and setter since its written_ms; its
 * new_value does not matter. */
int store_written_replaced(struct store *store, const char *repo_id,
			   const struct written_value *value, bool *out,
			   struct err *err) MUST_CHECK;
/* Forgets the written values of a repository: documents changed, or `resume`. */
int store_written_clear(struct store *store, const char *repo_id,
			struct err *err) MUST_CHECK;

/* Small texts by name and repository: next due time, last run's verdict, documents' tree.
 */
int store_note_get(struct store *store, const char *repo_id, const char *name,
		   struct arena *arena, const char **out, struct err *err) MUST_CHECK;
int store_note_put(struct store *store, const char *repo_id, const char *name,
		   const char *value, struct err *err) MUST_CHECK;

/* Marks objects of one repository as seen; written at most once a day. */
int store_touch_objects(struct store *store, const struct object_key *keys, size_t n,
			int64_t now_ms, struct err *err) MUST_CHECK;
/* Drops what is too old: objects not seen for 30 days, and all that is kept for a time.
 */
int store_prune(struct store *store, int64_t now_ms, struct err *err) MUST_CHECK;
/* Drops everything of a repository. */
int store_forget(struct store *store, const char *repo_id, struct err *err) MUST_CHECK;

#endif
