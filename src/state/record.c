/* SPDX-License-Identifier: MIT */
/*
 * The records that belong to one document: scans, choices and automations. A text that
 * was NULL comes back as "", but for the parts of an image reference, where NULL says
 * that there is none.
 */
#include "adapter/db/db.h"
#include "base/limits.h"
#include "base/when.h"
#include "state/internal.h"
#include "state/sql.h"
#include "state/store.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static struct db_args key_args(const struct object_key *key, struct db_arg args[5])
{
	args[0] = db_text(text_or_empty(key->repo_id));
	args[1] = db_text(text_or_empty(key->cluster));
	args[2] = db_text(text_or_empty(key->kind));
	args[3] = db_text(text_or_empty(key->namespace));
	args[4] = db_text(text_or_empty(key->name));
	return (struct db_args){ args, 5 };
}

int record_object_id(struct store *store, const struct object_key *key, bool create,
		     int64_t *id, struct err *err)
{
	struct db_arg args[6];
	int code = db_number(store->db, SQL_OBJECT_ID, key_args(key, args), id, err);
	if (code != ERR_NOTFOUND)
		return code;
	if (!create)
		return err_set(err, ERR_NOTFOUND, "nothing is known about %s %s/%s",
			       key->kind, key->namespace, key->name);
	args[5] = db_int(when_now_ms());
	code = db_run(store->db, SQL_OBJECT_ADD, (struct db_args){ args, 6 }, err);
	if (!code)
		*id = db_last_id(store->db);
	return code;
}

/* Starts the query of one record; ERR_NOTFOUND when there is none. */
static int find_record(struct store *store, const struct object_key *key, const char *sql,
		       struct db_rows **rows, struct err *err)
{
	int64_t id = 0;
	bool more = false;
	int code = record_object_id(store, key, false, &id, err);
	if (!code)
		code = db_query(store->db, sql, DB_ARGS(db_int(id)), rows, err);
	if (!code)
		code = db_next(*rows, &more, err);
	if (!code && !more)
		code = err_set(err, ERR_NOTFOUND, "nothing is known about %s %s/%s",
			       key->kind, key->namespace, key->name);
	return code;
}

static const char *column_text(struct db_rows *rows, int col, struct arena *arena)
{
	return text_or_empty(db_column_text(rows, col, arena));
}

/* The condition is the first five columns of every record. */
static void read_condition(struct db_rows *rows, struct arena *arena,
			   struct condition *out)
{
	out->ready = db_column_int(rows, 0) != 0;
	out->stalled = db_column_int(rows, 1) != 0;
	out->reason = column_text(rows, 2, arena);
	out->message = column_text(rows, 3, arena);
	out->changed_ms = db_column_int(rows, 4);
}

#define CONDITION_ARGS(c)                                            \
	db_int((c).ready), db_int((c).stalled), db_text((c).reason), \
	    db_text((c).message), db_int((c).changed_ms)

struct str record_pack(const struct strings *list, struct arena *arena)
{
	size_t bytes = 0;
	for (size_t i = 0; i < list->len; i++)
		bytes += strlen(list->items[i]) + 1;
	char *packed = arena_alloc(arena, bytes + 1, 1);
	char *at = packed;
	for (size_t i = 0; i < list->len; i++) {
		size_t len = strlen(list->items[i]) + 1;
		memcpy(at, list->items[i], len);
		at += len;
	}
	return (struct str){ packed, bytes };
}

struct strings record_unpack(struct str packed, struct arena *arena)
{
	struct strings list = { NULL, 0, 0 };
	while (packed.len) {
		size_t len = str_find_char(packed, '\0');
		const char *item = arena_strndup(arena, str_slice(packed, 0, len));
		VEC_PUSH(arena, &list, item);
		packed = str_from(packed, len + 1);
	}
	return list;
}

static void read_scan(struct db_rows *rows, struct arena *arena, struct scan_record *out)
{
	memset(out, 0, sizeof(*out));
	read_condition(rows, arena, &out->condition);
	out->canonical = column_text(rows, 5, arena);
	out->request_hash = column_text(rows, 6, arena);
	out->spec_hash = column_text(rows, 7, arena);
	out->scanned_ms = db_column_int(rows, 8);
	out->attempted_ms = db_column_int(rows, 9);
	out->retry_ms = db_column_int(rows, 10);
	out->failures = (uint32_t)db_column_int(rows, 11);
	out->exclusion_list = record_unpack(db_column_bytes(rows, 12), arena);
	out->tag_count = (size_t)db_column_int(rows, 13);
	out->revision = column_text(rows, 14, arena);
	out->dropped = (size_t)db_column_int(rows, 15);
	out->handled_request = column_text(rows, 16, arena);
	out->tags = arena_str(arena, db_column_bytes(rows, 17));
}

int store_scan_get(struct store *store, const struct object_key *key, struct arena *arena,
		   struct scan_record *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	int code = find_record(store, key, SQL_SCAN_GET, &rows, err);
	if (!code)
		read_scan(rows, arena, out);
	return code;
}

static int put_scan_row(struct store *store, int64_t id, const struct scan_record *record,
			struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct str exclusions = record_pack(&record->exclusion_list, &arena);
	return db_run(store->db, SQL_SCAN_PUT,
		      DB_ARGS(db_int(id), CONDITION_ARGS(record->condition),
			      db_text(record->canonical), db_text(record->request_hash),
			      db_text(record->spec_hash), db_int(record->scanned_ms),
			      db_int(record->attempted_ms), db_int(record->retry_ms),
			      db_int(record->failures), db_blob(exclusions),
			      db_int((int64_t)record->tag_count),
			      db_text(record->revision), db_int((int64_t)record->dropped),
			      db_text(record->handled_request)),
		      err);
}

/* The tags, within what one repository may store. */
static int put_scan_tags(struct store *store, int64_t id, const struct object_key *key,
			 struct str tags, struct err *err)
{
	int64_t bytes = 0;
	int code = db_run(
	    store->db, SQL_SCAN_TAGS_PUT,
	    DB_ARGS(db_int(id), db_text(text_or_empty(key->repo_id)), db_blob(tags)),
	    err);
	if (code || db_changes(store->db) == 0)
		return code;
	code = db_number(store->db, SQL_SCAN_BYTES,
			 DB_ARGS(db_text(text_or_empty(key->repo_id))), &bytes, err);
	if (!code && bytes > LIMIT_SCAN_STORE_BYTES)
		code =
		    err_set(err, ERR_LIMIT, "the tags of %s %s/%s do not fit: " LIMIT_FMT,
			    key->kind, key->namespace, key->name,
			    LIMIT_ARG(LIMIT_SCAN_STORE_BYTES));
	return code;
}

int store_scan_put(struct store *store, const struct object_key *key,
		   const struct scan_record *record, struct err *err)
{
	struct change change;
	int64_t id = 0;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = record_object_id(store, key, true, &id, err);
	if (!code)
		code = put_scan_row(store, id, record, err);
	if (!code)
		code = put_scan_tags(store, id, key, record->tags, err);
	return change_end(&change, code, err);
}

static void read_image_ref(struct db_rows *rows, int col, struct arena *arena,
			   struct image_ref *out)
{
	out->name = db_column_text(rows, col, arena);
	out->tag = db_column_text(rows, col + 1, arena);
	out->digest = db_column_text(rows, col + 2, arena);
}

int store_choice_get(struct store *store, const struct object_key *key,
		     struct arena *arena, struct choice_record *out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	int code = find_record(store, key, SQL_CHOICE_GET, &rows, err);
	if (code)
		return code;
	read_condition(rows, arena, &out->condition);
	read_image_ref(rows, 5, arena, &out->latest);
	read_image_ref(rows, 8, arena, &out->previous);
	out->spec_hash = column_text(rows, 11, arena);
	out->scan_revision = column_text(rows, 12, arena);
	out->digest_ms = db_column_int(rows, 13);
	return 0;
}

#define IMAGE_REF_ARGS(ref) db_text((ref).name), db_text((ref).tag), db_text((ref).digest)

int store_choice_put(struct store *store, const struct object_key *key,
		     const struct choice_record *record, struct err *err)
{
	struct change change;
	int64_t id = 0;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = record_object_id(store, key, true, &id, err);
	if (!code)
		code = db_run(
		    store->db, SQL_CHOICE_PUT,
		    DB_ARGS(db_int(id), CONDITION_ARGS(record->condition),
			    IMAGE_REF_ARGS(record->latest),
			    IMAGE_REF_ARGS(record->previous), db_text(record->spec_hash),
			    db_text(record->scan_revision), db_int(record->digest_ms)),
		    err);
	return change_end(&change, code, err);
}

int store_automation_get(struct store *store, const struct object_key *key,
			 struct arena *arena, struct automation_record *out,
			 struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	int code = find_record(store, key, SQL_AUTOMATION_GET, &rows, err);
	if (code)
		return code;
	read_condition(rows, arena, &out->condition);
	out->run_ms = db_column_int(rows, 5);
	out->push_ms = db_column_int(rows, 6);
	out->push_commit = column_text(rows, 7, arena);
	out->source_revision = column_text(rows, 8, arena);
	out->spec_hash = column_text(rows, 9, arena);
	out->choices_hash = column_text(rows, 10, arena);
	return 0;
}

int store_automation_put(struct store *store, const struct object_key *key,
			 const struct automation_record *record, struct err *err)
{
	struct change change;
	int64_t id = 0;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = record_object_id(store, key, true, &id, err);
	if (!code)
		code = db_run(store->db, SQL_AUTOMATION_PUT,
			      DB_ARGS(db_int(id), CONDITION_ARGS(record->condition),
				      db_int(record->run_ms), db_int(record->push_ms),
				      db_text(record->push_commit),
				      db_text(record->source_revision),
				      db_text(record->spec_hash),
				      db_text(record->choices_hash)),
			      err);
	return change_end(&change, code, err);
}
