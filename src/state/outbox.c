/* SPDX-License-Identifier: MIT */
/*
 * Which delivery is due, who works on it, and what became of it. A row is claimed by a
 * lease: whoever dies with it lets it go when the lease ends, so that it is sent again.
 */
#include "state/outbox.h"
#include "adapter/db/db.h"
#include "state/internal.h"
#include "state/sql.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* One statement that writes, durable when it returned. */
static int run_change(struct store *store, const char *sql, struct db_args args,
		      int64_t *changes, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(store->db, sql, args, err);
	int64_t hit = code ? 0 : db_changes(store->db);
	code = change_end(&change, code, err);
	if (!code && changes)
		*changes = hit;
	return code;
}

int outbox_add(struct store *store, const struct outbox_row *row, struct err *err)
{
	return run_change(store, SQL_OUTBOX_ADD,
			  DB_ARGS(db_text(row->id), db_text(row->repo_id),
				  db_text(text_or_empty(row->provider)),
				  db_text(text_or_empty(row->alert)),
				  db_text(text_or_empty(row->payload)),
				  db_int(row->created_ms), db_int(row->due_ms),
				  db_int(row->expires_ms)),
			  NULL, err);
}

int outbox_refuse(struct store *store, const struct outbox_row *row, struct err *err)
{
	return run_change(store, SQL_OUTBOX_REFUSE,
			  DB_ARGS(db_text(row->id), db_text(row->repo_id),
				  db_text(text_or_empty(row->provider)),
				  db_text(text_or_empty(row->alert)),
				  db_text(text_or_empty(row->payload)),
				  db_int(row->created_ms), db_int(row->due_ms),
				  db_int(row->expires_ms),
				  db_text(text_or_empty(row->last_error))),
			  NULL, err);
}

static void read_row(struct db_rows *rows, struct arena *arena, struct outbox_row *out)
{
	out->row = db_column_int(rows, 0);
	out->id = db_column_text(rows, 1, arena);
	out->repo_id = db_column_text(rows, 2, arena);
	out->provider = db_column_text(rows, 3, arena);
	out->alert = db_column_text(rows, 4, arena);
	out->payload = db_column_text(rows, 5, arena);
	out->created_ms = db_column_int(rows, 6);
	out->due_ms = db_column_int(rows, 7);
	out->expires_ms = db_column_int(rows, 8);
	out->attempts = (uint32_t)db_column_int(rows, 9);
	out->status = (enum outbox_status)db_column_int(rows, 10);
	out->last_error = db_column_text(rows, 11, arena);
	out->last_attempt_ms = db_column_int(rows, 12);
}

static int read_rows(struct store *store, const char *sql, struct db_args args,
		     struct arena *arena, struct outbox_rows *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct outbox_rows list = { NULL, 0, 0 };
	bool more = true;
	int code = db_query(store->db, sql, args, &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		read_row(rows, arena, VEC_ADD(arena, &list));
	}
	if (!code)
		*out = list;
	return code;
}

int outbox_due(struct store *store, const struct outbox_filter *filter, int64_t now_ms,
	       struct arena *arena, struct outbox_rows *out, struct err *err)
{
	return read_rows(store, SQL_OUTBOX_DUE,
			 DB_ARGS(db_int(now_ms), db_text(filter->repo_id),
				 db_int((int64_t)filter->max)),
			 arena, out, err);
}

int outbox_claim(struct store *store, int64_t row, int64_t now_ms, bool sends, bool *mine,
		 struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(
	    store->db, SQL_OUTBOX_CLAIM,
	    DB_ARGS(db_int(row), db_int(now_ms), db_int(now_ms + OUTBOX_LEASE_MS)), err);
	bool hit = !code && db_changes(store->db) > 0;
	if (hit && sends)
		code = db_run(store->db, SQL_ATTEMPT_ADD,
			      DB_ARGS(db_int(row), db_int(now_ms)), err);
	code = change_end(&change, code, err);
	if (!code)
		*mine = hit;
	return code;
}

int outbox_sent(struct store *store, int64_t row, int64_t now_ms, struct err *err)
{
	return run_change(store, SQL_OUTBOX_SENT, DB_ARGS(db_int(row), db_int(now_ms)),
			  NULL, err);
}

int outbox_failed(struct store *store, int64_t row, const char *error, int64_t now_ms,
		  int64_t due_ms, struct err *err)
{
	return run_change(store, SQL_OUTBOX_FAILED,
			  DB_ARGS(db_int(row), db_text(text_or_empty(error)),
				  db_int(now_ms), db_int(due_ms)),
			  NULL, err);
}

int outbox_postpone(struct store *store, int64_t row, const char *why, int64_t due_ms,
		    struct err *err)
{
	return run_change(store, SQL_OUTBOX_POSTPONE,
			  DB_ARGS(db_int(row), db_int(due_ms), db_text(why)), NULL, err);
}

int outbox_list(struct store *store, const struct outbox_filter *filter, int status,
		struct arena *arena, struct outbox_rows *out, struct err *err)
{
	return read_rows(store, SQL_OUTBOX_LIST,
			 DB_ARGS(db_text(filter->repo_id), db_int(status),
				 db_int((int64_t)filter->max)),
			 arena, out, err);
}

/* A change that must hit the row which a person named, if one was. */
static int change_one(struct store *store, const char *sql, struct db_args args,
		      struct err *err)
{
	int64_t hit = 0;
	int code = run_change(store, sql, args, &hit, err);
	if (!code && hit == 0 && args.items[1].type != DB_TYPE_NULL)
		code = err_set(err, ERR_NOTFOUND, "no waiting or dead delivery '%.*s'",
			       STR_ARG(args.items[1].bytes));
	return code;
}

int outbox_retry(struct store *store, const char *repo_id, const char *id, int64_t now_ms,
		 struct err *err)
{
	return change_one(store, SQL_OUTBOX_RETRY,
			  DB_ARGS(db_text(repo_id), db_text(id), db_int(now_ms)), err);
}

int outbox_wake(struct store *store, const char *repo_id, int64_t now_ms, struct err *err)
{
	return run_change(store, SQL_OUTBOX_WAKE,
			  DB_ARGS(db_text(repo_id), db_int(now_ms)), NULL, err);
}

int outbox_drop(struct store *store, const char *repo_id, const char *id, struct err *err)
{
	return change_one(store, SQL_OUTBOX_DROP, DB_ARGS(db_text(repo_id), db_text(id)),
			  err);
}

int outbox_next_due(struct store *store, const char *repo_id, int64_t *out,
		    struct err *err)
{
	int64_t due = INT64_MAX;
	int code =
	    db_number(store->db, SQL_OUTBOX_NEXT, DB_ARGS(db_text(repo_id)), &due, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	*out = code ? INT64_MAX : due;
	return 0;
}

int outbox_due_repos(struct store *store, int64_t now_ms, struct arena *arena,
		     struct strings *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct strings list = { NULL, 0, 0 };
	bool more = true;
	int code = db_query(store->db, SQL_OUTBOX_DUE_REPOS, DB_ARGS(db_int(now_ms)),
			    &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		VEC_PUSH(arena, &list, db_column_text(rows, 0, arena));
	}
	if (!code)
		*out = list;
	return code;
}

int outbox_used(struct store *store, const char *repo_id, int64_t since_ms,
		struct arena *arena, struct outbox_uses *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct outbox_uses list = { NULL, 0, 0 };
	bool more = true;
	int code = db_query(store->db, SQL_OUTBOX_USED,
			    DB_ARGS(db_text(repo_id), db_int(since_ms)), &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		struct outbox_use *use = VEC_ADD(arena, &list);
		use->provider = db_column_text(rows, 0, arena);
		use->count = (size_t)db_column_int(rows, 1);
	}
	if (!code)
		*out = list;
	return code;
}

static int read_tallies(struct store *store, const char *sql, const char *repo_id,
			struct arena *arena, struct outbox_tallies *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct outbox_tallies list = { NULL, 0, 0 };
	bool more = true;
	int code = db_query(store->db, sql, DB_ARGS(db_text(repo_id)), &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		struct outbox_tally *tally = VEC_ADD(arena, &list);
		tally->provider = db_column_text(rows, 0, arena);
		tally->alert = db_column_text(rows, 1, arena);
		tally->waiting = (size_t)db_column_int(rows, 2);
		tally->dead = (size_t)db_column_int(rows, 3);
		tally->sent_ms = db_column_int(rows, 4);
		tally->error_row = db_column_int(rows, 5);
		tally->last_error = db_column_text(rows, 6, arena);
	}
	if (!code)
		*out = list;
	return code;
}

int outbox_tallies(struct store *store, const char *repo_id, struct arena *arena,
		   struct outbox_tallies *out, struct err *err)
{
	return read_tallies(store, SQL_OUTBOX_TALLIES, repo_id, arena, out, err);
}

void outbox_tally_add(struct outbox_tally *sum, const struct outbox_tally *tally)
{
	sum->waiting += tally->waiting;
	sum->dead += tally->dead;
	if (tally->sent_ms > sum->sent_ms)
		sum->sent_ms = tally->sent_ms;
	if (tally->error_row > sum->error_row) {
		sum->error_row = tally->error_row;
		sum->last_error = tally->last_error;
	}
}

int outbox_backlog(struct store *store, const char *repo_id, struct arena *arena,
		   struct outbox_tallies *out, struct err *err)
{
	return read_tallies(store, SQL_OUTBOX_BACKLOG, repo_id, arena, out, err);
}
