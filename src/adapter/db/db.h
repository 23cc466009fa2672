/* SPDX-License-Identifier: MIT */
/*
 * SQLite behind a narrow door: one connection, cached statements, typed arguments, our
 * error codes. Every committed transaction is durable; the file is 0600 and no link.
 *
 * Errors of every function: ERR_BUSY when somebody else held the lock for the whole
 * waiting time, ERR_INVALID when the file is damaged or no database (db_is_damaged() then
 * stays true), ERR_DENIED, ERR_IO for disk and file system, ERR_CONFLICT for a violated
 * constraint, ERR_LIMIT, else ERR_INTERNAL.
 */
#ifndef ADAPTER_DB_DB_H
#define ADAPTER_DB_DB_H

#include "base/arena.h"
#include "base/err.h"

struct db;
struct db_rows;

enum db_type {
	DB_TYPE_NULL,
	DB_TYPE_INT,
	DB_TYPE_TEXT,
	DB_TYPE_BLOB
};

/* An argument of a statement: borrowed until the statement has ended. */
struct db_arg {
	enum db_type type;
	int64_t number;
	struct str bytes;
};

struct db_args {
	const struct db_arg *items;
	size_t len;
};

/* Values of the statement's parameters, which borrow what they are made from. */
struct db_arg db_int(int64_t number);
struct db_arg db_text(const char *text); /* NULL is the NULL of SQL */
struct db_arg db_blob(struct str bytes);

/* The arguments ?1, ?2, ... in order: DB_ARGS(db_text(name), db_int(n)). */
#define DB_ARGS(...)                                                  \
	((struct db_args){ (struct db_arg[]){ __VA_ARGS__ },          \
			   sizeof((struct db_arg[]){ __VA_ARGS__ }) / \
			       sizeof(struct db_arg) })
#define DB_NO_ARGS ((struct db_args){ NULL, 0 })

/*
 * Opens or creates the file with full synchronisation and foreign keys; a link anywhere
 * in `path` is refused. Nothing is checkpointed on close, which keeps a short process
 * short. A lock is waited for up to busy_ms.
 */
int db_open(const char *path, int64_t busy_ms, struct db **out,
	    struct err *err) MUST_CHECK;
/* Closes the file; NULL is fine. */
void db_free(struct db *db);
/* Whether any statement so far met a damaged file. */
bool db_is_damaged(const struct db *db);

/* Runs several statements without arguments and drops their rows. */
int db_script(struct db *db, const char *sql, struct err *err) MUST_CHECK;
/* Runs one statement to its end. `sql` is kept prepared; it lives as long as the program.
 */
int db_run(struct db *db, const char *sql, struct db_args args,
	   struct err *err) MUST_CHECK;
/* Starts a query; end it with db_rows_finish() before it is used again. */
int db_query(struct db *db, const char *sql, struct db_args args, struct db_rows **out,
	     struct err *err) MUST_CHECK;
/* Moves to the next row; *more is false behind the last. */
int db_next(struct db_rows *rows, bool *more, struct err *err) MUST_CHECK;
/* Ends a query, wherever it stands. */
void db_rows_finish(struct db_rows *const *rows);
#define DB_ROWS_CLEANUP CLEANUP(db_rows_finish)

/* Columns of the current row, from 0: a number, a copy of the text in the arena (NULL for
 * NULL), and bytes that are borrowed until the next step. */
int64_t db_column_int(struct db_rows *rows, int col);
const char *db_column_text(struct db_rows *rows, int col, struct arena *arena);
struct str db_column_bytes(struct db_rows *rows, int col);

/* First column of the first row as a number; ERR_NOTFOUND when there is no row. */
int db_number(struct db *db, const char *sql, struct db_args args, int64_t *out,
	      struct err *err) MUST_CHECK;

/* Whether a BEGIN waits for its end. */
bool db_in_transaction(const struct db *db);
/* The rowid of the last INSERT. */
int64_t db_last_id(const struct db *db);
int64_t db_changes(const struct db *db); /* rows of the last db_run() */

/* Writes a consistent copy to `path`, mode 0600, replacing it. */
int db_copy(struct db *db, const char *path, struct err *err) MUST_CHECK;
/* Reads the whole file for damage: ERR_INVALID with the first. O(file). */
int db_check(struct db *db, struct err *err) MUST_CHECK;

#endif
