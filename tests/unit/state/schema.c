/* SPDX-License-Identifier: MIT */
#include "state/schema.h"
#include "state/outbox.h"
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

/* What a program of version 1, and one of version 2, left. */
static const char rows_of_1[] =
    "INSERT INTO object (repo_id, cluster, kind, namespace, name, seen_ms) VALUES "
    "('" REPO "', '', 'Kustomization', 'flux-system', 'apps', 1);"
    "INSERT INTO note (repo_id, name, value) VALUES ('" REPO "', 'a', '1');"
    "INSERT INTO intent (repo_id, automation, ref, old_oid, new_oid, payload, "
    "hooks_pending, confirmed, created_ms) VALUES "
    "('" REPO "', 'x', 'refs/heads/main', '1', '2', '{}', 0, 0, 1);";
static const char rows_of_2[] =
    "INSERT INTO outbox (id, repo_id, provider, alert, payload, created_ms, due_ms, "
    "expires_ms) VALUES ('id', '" REPO "', '/flux-system/slack', 'a', '{}', 1, 2, 3);"
    "UPDATE outbox SET last_attempt_ms = 2;"
    "INSERT INTO event (repo_id, kind, namespace, name, severity, reason, message, "
    "metadata, time_ms, count, first_ms) VALUES ('" REPO "', 'Kustomization', "
    "'flux-system', 'apps', 'error', 'Failed', 'old', '{}', 5, 1, 5);"
    "INSERT INTO alert_state (object_id, failing, normalised, since_ms, told_ms, told) "
    "SELECT id, 1, 'old', 5, 5, x'' FROM object;";

static void write_version(struct home *home, size_t version)
{
	struct err err = ERR_INIT;
	struct db *db CLEANUP(free_db) = open_file(home->file);
	struct schema schema = { schema_current.steps, version };
	assert_done(schema_migrate(&schema, db, home->file, &err));
	assert_done(db_script(db, rows_of_1, &err));
	if (version > 1)
		assert_done(db_script(db, rows_of_2, &err));
}

static void check_rows_of_2(struct home *home, struct store *store)
{
	struct err err = ERR_INIT;
	struct outbox_rows rows = { NULL, 0, 0 };
	struct outbox_uses uses = { NULL, 0, 0 };
	struct event_records events = { NULL, 0, 0 };
	struct alert_state alerts = { 0 };
	struct object_key key = { REPO, "", "Kustomization", "flux-system", "apps" };
	struct event_filter filter = { .repo_id = REPO };
	struct event_record later = { .repo_id = REPO,
				      .kind = "Kustomization",
				      .namespace = "flux-system",
				      .name = "apps",
				      .severity = "info",
				      .reason = "Succeeded",
				      .message = "new",
				      .transition = "recovery",
				      .time_ms = 4 };
	assert_done(outbox_due(store, &(struct outbox_filter){ REPO, 9 }, 2, &home->arena,
			       &rows, &err));
	assert_int_equal(rows.len, 1);
	assert_done(outbox_used(store, REPO, 2, &home->arena, &uses, &err));
	assert_int_equal(uses.len, 1);
	assert_int_equal(uses.items[0].count, 1);
	assert_done(store_alert_state_get(store, &key, &home->arena, &alerts, &err));
	assert_true(alerts.failing);
	assert_int_equal(alerts.failures.len, 0);
	assert_done(store_event_add(store, &later, &err));
	assert_done(store_event_list(store, &filter, &home->arena, &events, &err));
	assert_int_equal(events.len, 2);
	assert_string_equal(events.items[0].message, "new");
	assert_string_equal(events.items[1].message, "old");
	assert_string_equal(events.items[1].transition, "");
}

static void test_files_of_every_older_version(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	for (size_t version = 1; version < schema_current.n_steps; version++) {
		struct store *store STORE_CLEANUP = NULL;
		struct intent_list intents = { NULL, 0, 0 };
		bool was_lost = true;
		(void)home_each(home, "state", true);
		write_version(home, version);
		assert_done(store_open(home->dir, &store, &was_lost, &err));
		assert_false(was_lost);
		assert_int_equal(home_each(home, "state.db.v", false),
				 schema_current.n_steps - version);
		const char *copy =
		    arena_printf(&home->arena, "%s.v%zu", home->file, version);
		struct db *before CLEANUP(free_db) = open_file(copy);
		assert_int_equal(number(before, "PRAGMA user_version"), version);
		assert_int_equal(number(before, "SELECT count(*) FROM note"), 1);
		assert_done(store_intent_list(store, REPO, &home->arena, &intents, &err));
		assert_int_equal(intents.len, 1);
		assert_string_equal(intents.items[0].git_dir, "");
		if (version > 1)
			check_rows_of_2(home, store);
	}
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
		TEST(test_files_of_every_older_version),
		TEST(test_a_failed_step_changes_nothing),
		TEST(test_verdicts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
