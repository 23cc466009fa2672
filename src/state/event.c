/* SPDX-License-Identifier: MIT */
/*
 * What happened, for people who ask later, and what alerts were last told of an object:
 * that tells a repetition from news and a recovery from routine.
 */
#include "adapter/db/db.h"
#include "state/internal.h"
#include "state/outbox.h"
#include "state/sql.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

int store_event_add(struct store *store, const struct event_record *record,
		    struct err *err)
{
	struct change change;
	struct db_args args =
	    DB_ARGS(db_text(record->repo_id), db_text(record->kind),
		    db_text(record->namespace), db_text(record->name),
		    db_text(record->severity), db_text(text_or_empty(record->reason)),
		    db_text(text_or_empty(record->message)),
		    db_text(record->metadata ? record->metadata : "{}"),
		    db_int(record->time_ms), db_text(text_or_empty(record->transition)));
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	/* what is folded stays what it was */
	struct db_args same = { args.items, args.len - 1 };
	code = db_run(store->db, SQL_EVENT_FOLD, same, err);
	if (!code && db_changes(store->db) == 0)
		code = db_run(store->db, SQL_EVENT_ADD, args, err);
	return change_end(&change, code, err);
}

static void read_event(struct db_rows *rows, struct arena *arena,
		       struct event_record *out)
{
	out->repo_id = db_column_text(rows, 0, arena);
	out->kind = db_column_text(rows, 1, arena);
	out->namespace = db_column_text(rows, 2, arena);
	out->name = db_column_text(rows, 3, arena);
	out->severity = db_column_text(rows, 4, arena);
	out->reason = db_column_text(rows, 5, arena);
	out->message = db_column_text(rows, 6, arena);
	out->metadata = db_column_text(rows, 7, arena);
	out->time_ms = db_column_int(rows, 8);
	out->count = (uint32_t)db_column_int(rows, 9);
	out->first_ms = db_column_int(rows, 10);
	out->change = db_column_int(rows, 11);
	out->transition = db_column_text(rows, 12, arena);
}

int store_event_list(struct store *store, const struct event_filter *filter,
		     struct arena *arena, struct event_records *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct event_records list = { NULL, 0, 0 };
	bool more = true;
	int code = db_query(store->db, SQL_EVENT_LIST,
			    DB_ARGS(db_text(filter->repo_id), db_text(filter->kind),
				    db_text(filter->namespace), db_text(filter->name),
				    db_text(filter->severity), db_int(filter->from),
				    db_int(filter->max ? (int64_t)filter->max : -1)),
			    &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		read_event(rows, arena, VEC_ADD(arena, &list));
	}
	if (!code)
		*out = list;
	return code;
}

static void read_state(struct db_rows *rows, struct arena *arena, struct alert_state *out)
{
	out->failing = db_column_int(rows, 0) != 0;
	out->normalised = db_column_text(rows, 1, arena);
	out->since_ms = db_column_int(rows, 2);
	out->told_ms = db_column_int(rows, 3);
	out->told = record_unpack(db_column_bytes(rows, 4), arena);
	out->failures = record_unpack(db_column_bytes(rows, 5), arena);
}

int store_alert_state_get(struct store *store, const struct object_key *key,
			  struct arena *arena, struct alert_state *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	int64_t id = 0;
	bool more = false;
	int code = record_object_id(store, key, false, &id, err);
	if (!code)
		code = db_query(store->db, SQL_ALERT_STATE_GET, DB_ARGS(db_int(id)),
				&rows, err);
	if (!code)
		code = db_next(rows, &more, err);
	if (!code && !more)
		code = err_set(err, ERR_NOTFOUND, "alerts know nothing of %s %s/%s",
			       key->kind, key->namespace, key->name);
	if (code)
		return code;
	read_state(rows, arena, out);
	return 0;
}

int store_alert_state_failing(struct store *store, const char *repo_id,
			      struct arena *arena, struct failing_objects *out,
			      struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	struct failing_objects list = { NULL, 0, 0 };
	const char *kept_id = arena_strdup(arena, repo_id);
	bool more = true;
	int code = db_query(store->db, SQL_ALERT_STATE_FAILING, DB_ARGS(db_text(repo_id)),
			    &rows, err);
	while (!code) {
		code = db_next(rows, &more, err);
		if (code || !more)
			break;
		struct failing_object *one = VEC_ADD(arena, &list);
		read_state(rows, arena, &one->state);
		one->key = (struct object_key){ kept_id, db_column_text(rows, 6, arena),
						db_column_text(rows, 7, arena),
						db_column_text(rows, 8, arena),
						db_column_text(rows, 9, arena) };
	}
	if (!code)
		*out = list;
	return code;
}

int store_alert_state_put(struct store *store, const struct object_key *key,
			  const struct alert_state *state, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct change change;
	int64_t id = 0;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = record_object_id(store, key, true, &id, err);
	if (!code)
		code = db_run(store->db, SQL_ALERT_STATE_PUT,
			      DB_ARGS(db_int(id), db_int(state->failing),
				      db_text(text_or_empty(state->normalised)),
				      db_int(state->since_ms), db_int(state->told_ms),
				      db_blob(record_pack(&state->told, &arena)),
				      db_blob(record_pack(&state->failures, &arena))),
			      err);
	return change_end(&change, code, err);
}
