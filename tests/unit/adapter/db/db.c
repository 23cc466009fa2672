/* SPDX-License-Identifier: MIT */
#include "adapter/db/db.h"
#include "base/file.h"
#include "tests/unit/unit.h"
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/imagehook-db.XXXXXX";
static char file[128];
static char other[128];

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(file, sizeof(file), "%s/a.db", dir);
	(void)snprintf(other, sizeof(other), "%s/b.db", dir);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	static const char *const parts[] = { "", "-wal", "-shm", "-journal", ".new" };
	char path[256];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", file, parts[i]);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s%s", other, parts[i]);
		(void)unlink(path);
	}
	return 0;
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void free_db(struct db *const *db)
{
	db_free(*db);
}

static struct db *open_db(const char *path)
{
	struct db *db = NULL;
	struct err err = ERR_INIT;
	if (db_open(path, 50, &db, &err))
		fail_msg("%s", err.text);
	return db;
}

static void test_values_come_back(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct db *db CLEANUP(free_db) = open_db(file);
	bool more = false;
	assert_int_equal(db_script(db, "CREATE TABLE t (a, b, c, d)", &err), 0);
	for (int round = 0; round < 2; round++)
		assert_int_equal(
		    db_run(db, "INSERT INTO t VALUES (?1, ?2, ?3, ?4)",
			   DB_ARGS(db_int(INT64_MIN), db_text("\xc3\xa9"),
				   db_blob((struct str){ "a\0b", 3 }), db_text(NULL)),
			   &err),
		    0);
	assert_int_equal(db_changes(db), 1);
	assert_int_equal(db_last_id(db), 2);
	struct db_rows *rows CLEANUP(db_rows_finish) = NULL;
	assert_int_equal(db_query(db, "SELECT * FROM t", DB_NO_ARGS, &rows, &err), 0);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(db_next(rows, &more, &err), 0);
		assert_true(more);
		assert_true(db_column_int(rows, 0) == INT64_MIN);
		assert_string_equal(db_column_text(rows, 1, &arena), "\xc3\xa9");
		assert_true(str_eq(db_column_bytes(rows, 2), (struct str){ "a\0b", 3 }));
		assert_null(db_column_text(rows, 3, &arena));
	}
	/* the same statement cannot be started twice */
	struct db_rows *again = NULL;
	assert_int_equal(db_query(db, "SELECT * FROM t", DB_NO_ARGS, &again, &err),
			 ERR_INTERNAL);
	assert_int_equal(db_next(rows, &more, &err), 0);
	assert_false(more);
}

static void test_errors_are_translated(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int64_t number = 7;
	struct db *db CLEANUP(free_db) = open_db(file);
	assert_int_equal(
	    db_script(db, "CREATE TABLE t (a NOT NULL); BEGIN IMMEDIATE", &err), 0);
	assert_true(db_in_transaction(db));
	assert_int_equal(
	    db_run(db, "INSERT INTO t VALUES (?1)", DB_ARGS(db_text(NULL)), &err),
	    ERR_CONFLICT);
	assert_int_equal(db_run(db, "INSERT INTO nothing VALUES (1)", DB_NO_ARGS, &err),
			 ERR_INTERNAL);
	assert_int_equal(db_number(db, "SELECT a FROM t", DB_NO_ARGS, &number, &err),
			 ERR_NOTFOUND);
	assert_int_equal(number, 7);
	struct db *second CLEANUP(free_db) = open_db(file);
	assert_int_equal(db_run(second, "BEGIN IMMEDIATE", DB_NO_ARGS, &err), ERR_BUSY);
	assert_false(db_is_damaged(db));
}

static void test_file_is_private_and_no_link(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct stat st;
	struct db *db = open_db(file);
	assert_int_equal(
	    db_script(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (a)", &err), 0);
	char wal[256];
	(void)snprintf(wal, sizeof(wal), "%s-wal", file);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	db_free(db);
	/* a file that became readable is made private again */
	assert_int_equal(chmod(file, 0644), 0);
	db_free(open_db(file));
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* the log stays when the last connection goes: nothing is checkpointed */
	assert_true(file_exists(wal));
	assert_int_equal(symlink(file, other), 0);
	assert_int_equal(db_open(other, 50, &db, &err), ERR_DENIED);
	assert_int_equal(db_open("/nowhere/x.db", 50, &db, &err), ERR_NOTFOUND);
}

static void test_copy_is_whole(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int64_t number = 0;
	struct db *db CLEANUP(free_db) = open_db(file);
	assert_int_equal(db_script(db,
				   "PRAGMA journal_mode = WAL; CREATE TABLE t (a);"
				   "INSERT INTO t VALUES (42)",
				   &err),
			 0);
	assert_int_equal(db_copy(db, other, &err), 0);
	assert_int_equal(db_copy(db, other, &err), 0);
	struct db *copy CLEANUP(free_db) = open_db(other);
	assert_int_equal(db_number(copy, "SELECT a FROM t", DB_NO_ARGS, &number, &err),
			 0);
	assert_int_equal(number, 42);
	assert_int_equal(db_check(copy, &err), 0);
}

static void test_damage_is_noticed(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct db *db = open_db(file);
	assert_int_equal(db_script(db,
				   "CREATE TABLE t (a); CREATE INDEX i ON t (a);"
				   "INSERT INTO t VALUES (zeroblob(9000))",
				   &err),
			 0);
	db_free(db);
	FILE *raw = fopen(file, "r+b");
	assert_non_null(raw);
	assert_int_equal(fseek(raw, 4096, SEEK_SET), 0);
	for (int i = 0; i < 8192; i++)
		assert_int_equal(fputc('x', raw), 'x');
	assert_int_equal(fclose(raw), 0);
	db = open_db(file);
	assert_int_equal(db_check(db, &err), ERR_INVALID);
	assert_true(db_is_damaged(db));
	db_free(db);
	assert_int_equal(file_write_atomic(file, STR("not a database at all, by far"),
					   0600, FILE_FAST, &err),
			 0);
	db = NULL;
	assert_int_equal(db_open(file, 50, &db, &err), ERR_INVALID);
	assert_null(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values_come_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors_are_translated, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_file_is_private_and_no_link, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_copy_is_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damage_is_noticed, set_up,
						tear_down),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
