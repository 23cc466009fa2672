/* SPDX-License-Identifier: MIT */
/*
 * How a SQLite file is opened, how its errors read and how statements are kept. What is
 * in the tables is the business of state/.
 */
#include "adapter/db/db.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

struct cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct db {
	sqlite3 *handle;
	struct cached *cache;
	size_t n_cached;
	size_t cache_cap;
	bool damaged;
};

/* One started query: the statement, and the connection for its errors. */
struct db_rows {
	struct db *db;
	sqlite3_stmt *stmt;
};

static int translate_code(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_INVALID;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return ERR_DENIED;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_IOERR:
	case SQLITE_FULL:
	case SQLITE_PROTOCOL:
		return ERR_IO;
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_TOOBIG:
		return ERR_LIMIT;
	default:
		return ERR_INTERNAL;
	}
}

/* Fills err from the connection's last error. */
static int fail(struct db *db, int sqlite_code, struct err *err)
{
	int code = translate_code(sqlite_code);
	if (code == ERR_INVALID)
		db->damaged = true;
	const char *file = db->handle ? sqlite3_db_filename(db->handle, "main") : NULL;
	const char *text =
	    db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(sqlite_code);
	return err_set(err, code, "'%s': %s", file ? file : "database", text);
}

struct db_arg db_int(int64_t number)
{
	return (struct db_arg){ .type = DB_TYPE_INT, .number = number };
}

struct db_arg db_text(const char *text)
{
	return (struct db_arg){ .type = text ? DB_TYPE_TEXT : DB_TYPE_NULL,
				.bytes = str_of(text) };
}

struct db_arg db_blob(struct str bytes)
{
	return (struct db_arg){ .type = DB_TYPE_BLOB, .bytes = bytes };
}

/*
 * The file is created here and not by SQLite, so that it is 0600 from its first moment
 * (the -wal and -shm files take its mode). An existing file is never opened here: closing
 * a second descriptor would drop the locks of another connection of this process.
 */
static int make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)close(fd);
		return 0;
	}
	struct stat st;
	if (errno != EEXIST || lstat(path, &st) != 0)
		return err_errno(err, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_DENIED, "'%s' is not a regular file", path);
	if ((st.st_mode & 077) != 0 && chmod(path, 0600) != 0)
		return err_errno(err, "cannot set the mode of '%s'", path);
	return 0;
}

static int set_up(struct db *db, int64_t busy_ms, struct err *err)
{
	int busy = busy_ms > INT_MAX ? INT_MAX : (int)busy_ms;
	int code = sqlite3_busy_timeout(db->handle, busy);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
					 (int *)NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1,
					 (int *)NULL);
	if (code != SQLITE_OK)
		return fail(db, code, err);
	/* a short log: every start of the program reads it through */
	return db_script(db,
			 "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
			 "PRAGMA wal_autocheckpoint = 100;",
			 err);
}

int db_open(const char *path, int64_t busy_ms, struct db **out, struct err *err)
{
	int code = make_file(path, err);
	if (code)
		return code;
	struct db *db = xcalloc(1, sizeof(*db));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
	int sqlite_code = sqlite3_open_v2(path, &db->handle, flags, NULL);
	if (sqlite_code != SQLITE_OK)
		code = fail(db, sqlite_code, err);
	else
		code = set_up(db, busy_ms, err);
	if (code) {
		db_free(db);
		return code;
	}
	*out = db;
	return 0;
}

void db_free(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->n_cached; i++)
		(void)sqlite3_finalize(db->cache[i].stmt);
	(void)sqlite3_close_v2(db->handle);
	free_ptr(&db->cache);
	free_ptr(&db);
}

bool db_is_damaged(const struct db *db)
{
	return db->damaged;
}

int db_script(struct db *db, const char *sql, struct err *err)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : fail(db, code, err);
}

/* The prepared form of a statement, from the cache by its text. */
static int prepare(struct db *db, const char *sql, sqlite3_stmt **out, struct err *err)
{
	for (size_t i = 0; i < db->n_cached; i++) {
		const struct cached *cached = &db->cache[i];
		if (cached->sql != sql && strcmp(cached->sql, sql) != 0)
			continue;
		if (sqlite3_stmt_busy(cached->stmt))
			return err_set(err, ERR_INTERNAL, "statement in use: %s", sql);
		*out = cached->stmt;
		return 0;
	}
	sqlite3_stmt *stmt = NULL;
	int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
				      &stmt, NULL);
	if (code != SQLITE_OK)
		return fail(db, code, err);
	if (db->n_cached == db->cache_cap) {
		db->cache_cap = db->cache_cap ? 2 * db->cache_cap : 16;
		db->cache = xrealloc_array(db->cache, db->cache_cap, sizeof(*db->cache));
	}
	db->cache[db->n_cached++] = (struct cached){ sql, stmt };
	*out = stmt;
	return 0;
}

/* Bytes are bound without a copy: they outlive the statement by contract. */
static int bind_arg(sqlite3_stmt *stmt, int at, const struct db_arg *arg)
{
	const char *bytes = arg->bytes.ptr ? arg->bytes.ptr : "";
	switch (arg->type) {
	case DB_TYPE_NULL:
		return sqlite3_bind_null(stmt, at);
	case DB_TYPE_INT:
		return sqlite3_bind_int64(stmt, at, arg->number);
	case DB_TYPE_TEXT:
		return sqlite3_bind_text64(stmt, at, bytes, arg->bytes.len, SQLITE_STATIC,
					   SQLITE_UTF8);
	case DB_TYPE_BLOB:
		return sqlite3_bind_blob64(stmt, at, bytes, arg->bytes.len,
					   SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

static int start(struct db *db, const char *sql, struct db_args args, sqlite3_stmt **out,
		 struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = prepare(db, sql, &stmt, err);
	if (code)
		return code;
	for (size_t i = 0; i < args.len; i++) {
		int bound = bind_arg(stmt, (int)i + 1, &args.items[i]);
		if (bound != SQLITE_OK)
			return fail(db, bound, err);
	}
	*out = stmt;
	return 0;
}

static void finish(sqlite3_stmt *stmt)
{
	(void)sqlite3_reset(stmt);
	(void)sqlite3_clear_bindings(stmt);
}

int db_run(struct db *db, const char *sql, struct db_args args, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = start(db, sql, args, &stmt, err);
	if (code)
		return code;
	int step = SQLITE_ROW;
	while (step == SQLITE_ROW)
		step = sqlite3_step(stmt);
	code = step == SQLITE_DONE ? 0 : fail(db, step, err);
	finish(stmt);
	return code;
}

int db_query(struct db *db, const char *sql, struct db_args args, struct db_rows **out,
	     struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int code = start(db, sql, args, &stmt, err);
	if (code)
		return code;
	struct db_rows *rows = xcalloc(1, sizeof(*rows));
	rows->db = db;
	rows->stmt = stmt;
	*out = rows;
	return 0;
}

int db_next(struct db_rows *rows, bool *more, struct err *err)
{
	int step = sqlite3_step(rows->stmt);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return fail(rows->db, step, err);
	*more = step == SQLITE_ROW;
	return 0;
}

void db_rows_finish(struct db_rows *const *rows)
{
	struct db_rows *mine = *rows;
	if (!mine)
		return;
	finish(mine->stmt);
	free_ptr(&mine);
}

int64_t db_column_int(struct db_rows *rows, int col)
{
	return sqlite3_column_int64(rows->stmt, col);
}

const char *db_column_text(struct db_rows *rows, int col, struct arena *arena)
{
	if (sqlite3_column_type(rows->stmt, col) == SQLITE_NULL)
		return NULL;
	return arena_strndup(arena, db_column_bytes(rows, col));
}

struct str db_column_bytes(struct db_rows *rows, int col)
{
	const void *bytes = sqlite3_column_blob(rows->stmt, col);
	int len = sqlite3_column_bytes(rows->stmt, col);
	return (struct str){ bytes ? bytes : "", (size_t)len };
}

int db_number(struct db *db, const char *sql, struct db_args args, int64_t *out,
	      struct err *err)
{
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	bool more = false;
	int code = db_query(db, sql, args, &rows, err);
	if (!code)
		code = db_next(rows, &more, err);
	if (code)
		return code;
	if (!more)
		return err_set(err, ERR_NOTFOUND, "no row");
	*out = db_column_int(rows, 0);
	return 0;
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

static int copy_pages(struct db *from, struct db *to, struct err *err)
{
	sqlite3_backup *backup =
	    sqlite3_backup_init(to->handle, "main", from->handle, "main");
	if (!backup)
		return fail(to, sqlite3_errcode(to->handle), err);
	int step = sqlite3_backup_step(backup, -1);
	int end = sqlite3_backup_finish(backup);
	if (step == SQLITE_DONE)
		return 0;
	return fail(to, end != SQLITE_OK ? end : step, err);
}

int db_copy(struct db *db, const char *path, struct err *err)
{
	char temporary[PATH_MAX];
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.new", path) >=
	    sizeof(temporary))
		return err_set(err, ERR_LIMIT, "path of more than %d bytes", PATH_MAX);
	if (unlink(temporary) != 0 && errno != ENOENT)
		return err_errno(err, "cannot remove '%s'", temporary);
	struct db *copy = NULL;
	int code = db_open(temporary, 0, &copy, err);
	if (!code)
		code = copy_pages(db, copy, err);
	/* the copy inherits the journal mode; one file must hold all of it */
	if (!code)
		code = db_script(copy, "PRAGMA journal_mode = DELETE", err);
	db_free(copy);
	if (!code && rename(temporary, path) != 0)
		code = err_errno(err, "cannot replace '%s'", path);
	if (code)
		(void)unlink(temporary);
	return code;
}

int db_check(struct db *db, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct db_rows *rows DB_ROWS_CLEANUP = NULL;
	bool more = false;
	int code = db_query(db, "PRAGMA quick_check(1)", DB_NO_ARGS, &rows, err);
	if (!code)
		code = db_next(rows, &more, err);
	if (code)
		return code;
	const char *verdict = more ? db_column_text(rows, 0, &arena) : NULL;
	if (verdict && strcmp(verdict, "ok") == 0)
		return 0;
	db->damaged = true;
	return err_set(err, ERR_INVALID, "damaged: %s", verdict ? verdict : "no answer");
}
