/* SPDX-License-Identifier: MIT */
/*
 * The life of the state file: opening, what happens to a damaged, older or newer one,
 * transactions, notes, and what is forgotten when.
 */
#include "state/store.h"
#include "adapter/db/db.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "state/internal.h"
#include "state/schema.h"
#include "state/sql.h"
#include <errno.h>
#include <limits.h>
#include <unistd.h>

static const int64_t busy_ms = 5000;
static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

/* How long what is kept (TRUST 30). */
enum {
	OBJECT_DAYS = 30,
	INTENT_DAYS = 30,
	WRITTEN_DAYS = 1,
	EVENT_DAYS = 90,
	OUTBOX_DAYS = 90,
	ATTEMPT_DAYS = 1
};

/* What opening works on: the paths beside the file. */
struct opening {
	struct arena *arena;
	const char *path;    /* <home>/state.db */
	const char *lock;    /* held while the file is made, migrated or moved aside */
	const char *suspect; /* a run met damage: the next one looks at the whole file */
};

/* The home's real path: a link above the home is the admin's business, one at the file
 * itself is refused. */
static int name_files(const char *home, struct arena *arena, struct opening *out,
		      struct err *err)
{
	const char *real = NULL;
	int code = file_make_dirs(home, 0700, err);
	if (!code)
		code = file_real_path(home, arena, &real, err);
	if (code)
		return code;
	out->arena = arena;
	out->path = file_join(arena, real, "state.db");
	out->lock = file_join(arena, real, "state.lock");
	out->suspect = file_join(arena, real, "state.suspect");
	return 0;
}

/* Opens and judges; a damaged or foreign file is ERR_INVALID, a newer one
 * ERR_UNSUPPORTED. *db is set also for a file that is to be migrated. */
static int open_and_judge(const struct opening *opening, struct db **db,
			  enum schema_verdict *verdict, struct err *err)
{
	int64_t version = 0;
	int code = db_open(opening->path, busy_ms, db, err);
	if (!code)
		code = schema_judge(&schema_current, *db, verdict, &version, err);
	if (!code && *verdict == SCHEMA_NEWER)
		return err_set(
		    err, ERR_UNSUPPORTED,
		    "'%s' was written by a newer imagehook (version %lld, this program knows %zu); nothing was done",
		    opening->path, (long long)version, schema_current.n_steps);
	if (!code && *verdict == SCHEMA_FOREIGN)
		return err_set(err, ERR_INVALID, "'%s' is not a state file of imagehook",
			       opening->path);
	return code;
}

/* Moves the file and its companions to names that nobody uses. */
static int move_aside(const struct opening *opening, struct err *err)
{
	static const char *const parts[] = { "-wal", "-shm", "" };
	const char *to = NULL;
	for (int64_t at = when_now_ms() / 1000; !to || file_exists(to); at++)
		to = arena_printf(opening->arena, "%s.corrupt-%lld", opening->path,
				  (long long)at);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *from =
		    arena_printf(opening->arena, "%s%s", opening->path, parts[i]);
		const char *target = arena_printf(opening->arena, "%s%s", to, parts[i]);
		if (rename(from, target) != 0 && errno != ENOENT)
			return err_errno(err, "cannot move '%s' aside", from);
	}
	return 0;
}

/* The slow way, under the lock: looks again, because another process may have done the
 * work meanwhile; then moves aside, makes and migrates as needed. */
static int open_repairing(const struct opening *opening, struct db **db, bool *was_lost,
			  struct err *err)
{
	int lock FD_CLEANUP = -1;
	enum schema_verdict verdict = SCHEMA_READY;
	int code = file_lock(opening->lock, busy_ms, &lock, err);
	if (code)
		return code;
	code = open_and_judge(opening, db, &verdict, err);
	if (!code && file_exists(opening->suspect))
		code = db_check(*db, err);
	if (code == ERR_INVALID) {
		db_free(*db);
		*db = NULL;
		code = move_aside(opening, err);
		if (!code)
			code = open_and_judge(opening, db, &verdict, err);
		*was_lost = !code;
	}
	if (!code && verdict == SCHEMA_OLDER)
		code = schema_migrate(&schema_current, *db, opening->path, err);
	if (!code && unlink(opening->suspect) != 0 && errno != ENOENT)
		code = err_errno(err, "cannot remove '%s'", opening->suspect);
	return code;
}

static void free_db(struct db *const *db)
{
	db_free(*db);
}

int store_open(const char *home, struct store **out, bool *was_lost, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct opening opening;
	struct db *db CLEANUP(free_db) = NULL;
	enum schema_verdict verdict = SCHEMA_READY;
	bool lost = false;
	int code = name_files(home, &arena, &opening, err);
	if (code)
		return code;
	code = open_and_judge(&opening, &db, &verdict, err);
	if (code == ERR_INVALID ||
	    (!code && (verdict != SCHEMA_READY || file_exists(opening.suspect)))) {
		db_free(db);
		db = NULL;
		code = open_repairing(&opening, &db, &lost, err);
	}
	if (code)
		return code;
	struct store *store = xcalloc(1, sizeof(*store));
	store->db = db;
	store->path = xstrdup(opening.path);
	db = NULL;
	*was_lost = lost;
	*out = store;
	return 0;
}

/* Leaves a mark for the next run when this one met damage. */
static void report_damage(const struct store *store)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err ignored = ERR_INIT;
	struct str path = str_of(store->path);
	struct str stem = str_slice(path, 0, path.len - strlen(".db"));
	const char *mark = arena_printf(&arena, "%.*s.suspect", STR_ARG(stem));
	(void)!file_write_atomic(mark, STR(""), 0600, FILE_FAST, &ignored);
}

void store_free(struct store *store)
{
	if (!store)
		return;
	if (db_is_damaged(store->db))
		report_damage(store);
	db_free(store->db);
	free_ptr(&store->path);
	free_ptr(&store);
}

void store_cleanup(struct store *const *store)
{
	store_free(*store);
}

/* A writer that was opened before a newer program migrated the file must not write. */
static int check_version(struct store *store, struct err *err)
{
	enum schema_verdict verdict = SCHEMA_READY;
	int64_t version = 0;
	int code = schema_judge(&schema_current, store->db, &verdict, &version, err);
	if (!code && verdict != SCHEMA_READY)
		code = err_set(err, ERR_UNSUPPORTED,
			       "'%s' was changed by another version of imagehook",
			       store->path);
	return code;
}

int store_begin(struct store *store, struct err *err)
{
	int code = db_run(store->db, "BEGIN IMMEDIATE", DB_NO_ARGS, err);
	if (code)
		return code;
	code = check_version(store, err);
	if (code)
		store_rollback(store);
	return code;
}

/* Only outside a transaction. */
static int await_disk(struct store *store, bool yes, struct err *err)
{
	if (store->is_lazy != yes)
		return 0;
	int code = db_script(
	    store->db, yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL",
	    err);
	store->is_lazy = code ? store->is_lazy : !yes;
	return code;
}

int store_begin_lazy(struct store *store, struct err *err)
{
	int code = await_disk(store, false, err);
	if (!code)
		code = store_begin(store, err);
	if (code)
		store_rollback(store);
	return code;
}

int store_begin_reading(struct store *store, struct err *err)
{
	return db_run(store->db, "BEGIN", DB_NO_ARGS, err);
}

int store_commit(struct store *store, struct err *err)
{
	int code = db_run(store->db, "COMMIT", DB_NO_ARGS, err);
	if (!code)
		return await_disk(store, true, err);
	store_rollback(store);
	return code;
}

void store_rollback(struct store *store)
{
	struct err ignored = ERR_INIT;
	if (db_in_transaction(store->db))
		(void)!db_run(store->db, "ROLLBACK", DB_NO_ARGS, &ignored);
	(void)!await_disk(store, true, &ignored);
}

int change_begin(struct change *change, struct store *store, struct err *err)
{
	change->store = store;
	change->own = !db_in_transaction(store->db);
	return change->own ? store_begin(store, err) : 0;
}

int change_end(struct change *change, int code, struct err *err)
{
	if (!change->own)
		return code;
	if (!code)
		return store_commit(change->store, err);
	store_rollback(change->store);
	return code;
}

int store_note_get(struct store *store, const char *repo_id, const char *name,
		   struct arena *arena, const char **out, struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	bool more = false;
	int code = db_query(store->db, SQL_NOTE_GET,
			    DB_ARGS(db_text(repo_id), db_text(name)), &rows, err);
	if (!code)
		code = db_next(rows, &more, err);
	if (code)
		return code;
	if (!more)
		return err_set(err, ERR_NOTFOUND, "no note '%s'", name);
	*out = db_column_text(rows, 0, arena);
	return 0;
}

int store_note_put(struct store *store, const char *repo_id, const char *name,
		   const char *value, struct err *err)
{
	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	code = db_run(store->db, SQL_NOTE_PUT,
		      DB_ARGS(db_text(repo_id), db_text(name), db_text(value)), err);
	return change_end(&change, code, err);
}

static int touch_all(struct store *store, const struct object_key *keys, size_t n,
		     int64_t now_ms, struct err *err)
{
	int code = 0;
	for (size_t i = 0; i < n && !code; i++)
		code = db_run(store->db, SQL_OBJECT_TOUCH,
			      DB_ARGS(db_text(keys[i].repo_id), db_text(keys[i].cluster),
				      db_text(keys[i].kind), db_text(keys[i].namespace),
				      db_text(keys[i].name), db_int(now_ms),
				      db_int(now_ms - day_ms)),
			      err);
	return code;
}

int store_touch_objects(struct store *store, const struct object_key *keys, size_t n,
			int64_t now_ms, struct err *err)
{
	if (n == 0)
		return 0;
	/* a day's precision is enough for 30 days: most runs write nothing here */
	int64_t stale = 0;
	int code = db_number(store->db, SQL_OBJECT_STALE,
			     DB_ARGS(db_text(keys[0].repo_id), db_int(now_ms - day_ms)),
			     &stale, err);
	if (code == ERR_NOTFOUND)
		return 0;
	struct change change;
	if (!code)
		code = change_begin(&change, store, err);
	if (code)
		return code;
	return change_end(&change, touch_all(store, keys, n, now_ms, err), err);
}

int store_prune(struct store *store, int64_t now_ms, struct err *err)
{
	static const struct {
		const char *sql;
		int days;
	} rules[] = {
		{ SQL_OBJECT_PRUNE, OBJECT_DAYS },   { SQL_INTENT_PRUNE, INTENT_DAYS },
		{ SQL_WRITTEN_PRUNE, WRITTEN_DAYS }, { SQL_EVENT_PRUNE, EVENT_DAYS },
		{ SQL_OUTBOX_PRUNE, OUTBOX_DAYS },   { SQL_ATTEMPT_PRUNE, ATTEMPT_DAYS },
	};

	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	for (size_t i = 0; i < ARRAY_LEN(rules) && !code; i++)
		code = db_run(store->db, rules[i].sql,
			      DB_ARGS(db_int(now_ms - rules[i].days * day_ms)), err);
	return change_end(&change, code, err);
}

int store_forget(struct store *store, const char *repo_id, struct err *err)
{
	static const char *const statements[] = {
		"DELETE FROM object WHERE repo_id = ?1",
		"DELETE FROM intent WHERE repo_id = ?1",
		"DELETE FROM our_commit WHERE repo_id = ?1",
		"DELETE FROM our_branch WHERE repo_id = ?1",
		"DELETE FROM written WHERE repo_id = ?1",
		"DELETE FROM note WHERE repo_id = ?1",
		"DELETE FROM outbox WHERE repo_id = ?1",
		"DELETE FROM attempt WHERE repo_id = ?1",
		"DELETE FROM event WHERE repo_id = ?1",
	};

	struct change change;
	int code = change_begin(&change, store, err);
	if (code)
		return code;
	for (size_t i = 0; i < ARRAY_LEN(statements) && !code; i++)
		code = db_run(store->db, statements[i], DB_ARGS(db_text(repo_id)), err);
	return change_end(&change, code, err);
}
