/* SPDX-License-Identifier: MIT */
#include "state/schema.h"
#include "tests/unit/state/state.h"

static const char *const steps[] = {
	"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
	"ALTER TABLE a ADD COLUMN y DEFAULT 2",
	"CREATE TABLE b (z); INSERT INTO b SELECT x + y FROM a",
};

static const char *const broken_steps[] = {
	"CREATE TABLE a (x); INSERT INTO a VALUES (1)",
	"CREATE TABLE b (z); INSERT INTO nothing VALUES (1)",
};

static void free_db(struct db *const *db)
{
	db_free(*db);
}

static struct db *open_file(const char *path)
{
	struct err err = ERR_INIT;
	struct db *db = NULL;
	assert_done(db_open(path, 100, &db, &err));
	return db;
}

static int64_t number(struct db *db, const char *sql)
{
	struct err err = ERR_INIT;
	int64_t out = -1;
	assert_done(db_number(db, sql, DB_NO_ARGS, &out, &err));
	return out;
}

static void test_steps_from_any_version(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct db *db CLEANUP(free_db) = open_file(home->file);
	for (size_t n = 1; n <= ARRAY_LEN(steps); n++) {
		struct schema schema = { steps, n };
		enum schema_verdict verdict = SCHEMA_FOREIGN;
		int64_t version = -1;
		assert_done(schema_judge(&schema, db, &verdict, &version, &err));
		assert_int_equal(verdict, SCHEMA_OLDER);
		assert_int_equal(version, n - 1);
		assert_done(schema_migrate(&schema, db, home->file, &err));
		assert_done(schema_judge(&schema, db, &verdict, &version, &err));
		assert_int_equal(verdict, SCHEMA_READY);
		assert_done(schema_migrate(&schema, db, home->file, &err));
	}
	assert_int_equal(number(db, "SELECT z FROM b"), 3);
	/* a copy of what each step found, none of the empty file */
	assert_int_equal(home_each(home, "state.db.v", false), 2);
	const char *copy = file_join(&home->arena, home->dir, "state.db.v1");
	struct db *before CLEANUP(free_db) = open_file(copy);
	assert_int_equal(number(before, "PRAGMA user_version"), 1);
	assert_int_equal(number(before, "SELECT x FROM a"), 1);
}

static void test_a_failed_step_changes_nothing(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct db *db CLEANUP(free_db) = open_file(home->file);
	struct schema first = { broken_steps, 1 };
	struct schema both = { broken_steps, 2 };
	assert_done(schema_migrate(&first, db, home->file, &err));
	assert_int_equal(schema_migrate(&both, db, home->file, &err), ERR_INTERNAL);
	assert_non_null(strstr(err.text, "cannot bring the state file to version 2"));
	assert_int_equal(number(db, "PRAGMA user_version"), 1);
	assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_false(db_in_transaction(db));
}

static void test_verdicts(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct db *db CLEANUP(free_db) = open_file(home->file);
	struct schema one = { steps, 1 };
	struct schema three = { steps, 3 };
	enum schema_verdict verdict = SCHEMA_READY;
	int64_t version = 0;
	assert_done(schema_migrate(&three, db, home->file, &err));
	assert_done(schema_judge(&one, db, &verdict, &version, &err));
	assert_int_equal(verdict, SCHEMA_NEWER);
	assert_int_equal(version, 3);
	assert_done(db_script(db, "PRAGMA application_id = 7", &err));
	assert_done(schema_judge(&three, db, &verdict, &version, &err));
	assert_int_equal(verdict, SCHEMA_FOREIGN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_steps_from_any_version),
		TEST(test_a_failed_step_changes_nothing),
		TEST(test_verdicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
