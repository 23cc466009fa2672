/* SPDX-License-Identifier: MIT */
/*
 * What we are about to write and what we wrote: intended commits, the commits and
 * branches that are ours, and the values that commits of ours replaced.
 */
#include "adapter/db/db.h"
#include "state/internal.h"
#include "state/sql.h"
#include "state/store.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

int store_intent_add(struct store *store, struct intent *intent, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(
	    store->db, SQL_INTENT_ADD,
	    DB_ARGS(db_text(intent->repo_id), db_text(intent->automation),
		    db_text(intent->ref), db_text(intent->old_oid),
		    db_text(intent->new_oid), db_text(text_or_empty(intent->payload)),
		    db_int(intent->hooks_pending), db_int(intent->confirmed),
		    db_int(intent->created_ms), db_text(text_or_empty(intent->git_dir))),
	    err);
	int64_t id = db_last_id(store->db);
	code = change_end(&change, code, err);
	if (!code)
		intent->id = id;
	return code;
}

static void read_intent(struct db_rows *rows, const char *repo_id, struct arena *arena,
			struct intent *out)
{
	out->id = db_column_int(rows, 0);
	out->repo_id = repo_id;
	out->automation = db_column_text(rows, 1, arena);
	out->ref = db_column_text(rows, 2, arena);
	out->old_oid = db_column_text(rows, 3, arena);
	out->new_oid = db_column_text(rows, 4, arena);
	out->payload = db_column_text(rows, 5, arena);
	out->hooks_pending = db_column_int(rows, 6) != 0;
	out->confirmed = db_column_int(rows, 7) != 0;
	out->created_ms = db_column_int(rows, 8);
	out->git_dir = db_column_text(rows, 9, arena);
}

int store_intent_list(struct store *store, const char *repo_id, struct arena *arena,
		      struct intent_list *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct intent_list list = { NULL, 0, 0 };
	const char *kept_id = arena_strdup(arena, repo_id);
	bool more = true;
	int code =
	    db_query(store->db, SQL_INTENT_LIST, DB_ARGS(db_text(repo_id)), &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		read_intent(rows, kept_id, arena, VEC_ADD(arena, &list));
	}
	if (!code)
		*out = list;
	return code;
}

/* Runs one statement on an intent; `must_hit`: ERR_NOTFOUND when there is no such row. */
static int run_on_intent(struct store *store, const char *sql, int64_t id, bool must_hit,
			 struct err *err)
{
	int code = db_run(store->db, sql, DB_ARGS(db_int(id)), err);
	if (!code && must_hit && db_changes(store->db) == 0)
		code =
		    err_set(err, ERR_NOTFOUND, "no intended commit %lld", (long long)id);
	return code;
}

int store_intent_confirm(struct store *store, int64_t id, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = run_on_intent(store, SQL_INTENT_CONFIRM, id, true, err);
	if (!code)
		code = run_on_intent(store, SQL_INTENT_COMMIT, id, false, err);
	if (!code)
		code = run_on_intent(store, SQL_INTENT_BRANCH, id, false, err);
	return change_end(&change, code, err);
}

int store_intent_hooks_done(struct store *store, int64_t id, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = run_on_intent(store, SQL_INTENT_HOOKS_DONE, id, true, err);
	return change_end(&change, code, err);
}

int store_intent_drop(struct store *store, int64_t id, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = run_on_intent(store, SQL_INTENT_DROP, id, true, err);
	return change_end(&change, code, err);
}

/* Whether a query has a row; a failure counts as no, which is the careful answer: what is
 * not known to be ours is foreign. */
static bool has_row(struct store *store, const char *sql, struct db_args args)
{
	struct err ignored = ERR_INIT;
	int64_t one = 0;
	return db_number(store->db, sql, args, &one, &ignored) == 0;
}

const char *store_commit_writer(struct store *store, const char *repo_id, const char *oid,
				struct arena *arena)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct err ignored = ERR_INIT;
	bool more = false;
	if (db_query(store->db, SQL_COMMIT_WRITER,
		     DB_ARGS(db_text(repo_id), db_text(oid)), &rows, &ignored) ||
	    db_next(rows, &more, &ignored) || !more)
		return NULL;
	return db_column_text(rows, 0, arena);
}

bool store_branch_is_ours(struct store *store, const char *repo_id, const char *git_dir,
			  const char *ref)
{
	return has_row(store, SQL_BRANCH_IS_OURS,
		       DB_ARGS(db_text(repo_id), db_text(git_dir), db_text(ref)));
}

int store_commit_count(struct store *store, const char *repo_id, const char *automation,
		       int64_t since_ms, size_t *out, struct err *err)
{
	int64_t count = 0;
	int code =
	    db_number(store->db, SQL_COMMIT_COUNT,
		      DB_ARGS(db_text(repo_id), db_text(automation), db_int(since_ms)),
		      &count, err);
	if (!code)
		*out = (size_t)count;
	return code;
}

int store_written_add(struct store *store, const char *repo_id, const char *automation,
		      const struct written_value *value, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(store->db, SQL_WRITTEN_ADD,
		      DB_ARGS(db_text(repo_id), db_text(automation), db_text(value->path),
			      db_text(value->setter), db_text(value->old_value),
			      db_text(value->new_value), db_int(value->written_ms)),
		      err);
	return change_end(&change, code, err);
}

int store_written_replaced(struct store *store, const char *repo_id,
			   const struct written_value *value, bool *out, struct err *err)
{
	int64_t one = 0;
	int code = db_number(store->db, SQL_WRITTEN_REPLACED,
			     DB_ARGS(db_text(repo_id), db_text(value->path),
				     db_text(value->setter), db_text(value->old_value),
				     db_int(value->written_ms)),
			     &one, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	*out = code == 0;
	return 0;
}

int store_written_clear(struct store *store, const char *repo_id, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(store->db, SQL_WRITTEN_CLEAR, DB_ARGS(db_text(repo_id)), err);
	return change_end(&change, code, err);
}
