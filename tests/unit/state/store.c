/* SPDX-License-Identifier: MIT */
#include "adapter/db/db.h"
#include "state/internal.h"
#include "tests/unit/state/state.h"
#include <signal.h>
#include <sys/wait.h>

static const char *note(struct home *home, struct store *store, const char *name)
{
	struct err err = ERR_INIT;
	const char *value = NULL;
	int code = store_note_get(store, REPO, name, &home->arena, &value, &err);
	if (code == ERR_NOTFOUND)
		return NULL;
	assert_done(code);
	return value;
}

static void test_notes(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	assert_null(note(home, store, "due"));
	assert_done(store_note_put(store, REPO, "due", "1", &err));
	assert_done(store_note_put(store, REPO, "due", "2", &err));
	assert_done(store_note_put(store, OTHER, "due", "3", &err));
	assert_string_equal(note(home, store, "due"), "2");
	store_free(store);
	store = open_store(home);
	assert_string_equal(note(home, store, "due"), "2");
	assert_done(store_forget(store, REPO, &err));
	assert_null(note(home, store, "due"));
}

static void test_rollback_and_commit(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	assert_done(store_begin(store, &err));
	assert_done(store_note_put(store, REPO, "a", "1", &err));
	assert_string_equal(note(home, store, "a"), "1");
	store_rollback(store);
	assert_null(note(home, store, "a"));
	assert_done(store_begin(store, &err));
	assert_done(store_note_put(store, REPO, "a", "1", &err));
	assert_done(store_note_put(store, REPO, "b", "2", &err));
	assert_done(store_commit(store, &err));
	store_rollback(store); /* of nothing: nothing */
	assert_string_equal(note(home, store, "b"), "2");
	assert_true(store_begin(store, &err) == 0 && store_begin(store, &err) < 0);
}

static int64_t synchronous(struct store *store)
{
	struct err err = ERR_INIT;
	int64_t out = 0;
	assert_done(db_number(store->db, "PRAGMA synchronous", DB_NO_ARGS, &out, &err));
	return out;
}

/* The disk is not awaited for what is lazy, and is for all else, however that ended. */
static void test_lazy_is_over_with_its_transaction(void **state)
{
	enum {
		NORMAL = 1,
		FULL = 2
	};
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct store *other STORE_CLEANUP = open_store(home);
	assert_int_equal(synchronous(store), FULL);
	assert_done(store_begin_lazy(store, &err));
	assert_int_equal(synchronous(store), NORMAL);
	assert_done(store_note_put(store, REPO, "a", "1", &err));
	assert_done(store_commit(store, &err));
	assert_int_equal(synchronous(store), FULL);
	assert_string_equal(note(home, store, "a"), "1");
	assert_done(store_begin_lazy(store, &err));
	store_rollback(store);
	assert_int_equal(synchronous(store), FULL);
	assert_done(store_begin(other, &err));
	assert_done(db_script(store->db, "PRAGMA busy_timeout = 1", &err));
	assert_int_equal(store_begin_lazy(store, &err), ERR_BUSY);
	assert_int_equal(synchronous(store), FULL);
}

/* Runs fn in a child that is killed at its end, as by a power cut. */
static void in_killed_child(struct home *home, void (*fn)(struct home *home))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		fn(home);
		(void)raise(SIGKILL);
	}
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void die_before_commit(struct home *home)
{
	struct err err = ERR_INIT;
	struct store *store = open_store(home);
	assert_done(store_begin(store, &err));
	assert_done(store_note_put(store, REPO, "a", "1", &err));
}

static void write_and_die(struct home *home)
{
	struct err err = ERR_INIT;
	struct store *store = open_store(home);
	assert_done(store_note_put(store, REPO, "b", "1", &err));
}

static void test_a_killed_writer_leaves_all_or_nothing(void **state)
{
	struct home *home = *state;
	in_killed_child(home, die_before_commit);
	struct store *store STORE_CLEANUP = open_store(home);
	assert_null(note(home, store, "a"));
	in_killed_child(home, write_and_die);
	assert_string_equal(note(home, store, "b"), "1");
}

static void open_and_die(struct home *home)
{
	(void)open_store(home);
}

static void test_a_killed_first_opener_leaves_a_usable_file(void **state)
{
	struct home *home = *state;
	in_killed_child(home, open_and_die);
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	assert_done(store_note_put(store, REPO, "a", "1", &err));
}

static void test_two_processes_write(void **state)
{
	enum {
		CHILDREN = 4,
		ROUNDS = 25
	};

	struct home *home = *state;
	struct err err = ERR_INIT;
	pid_t pids[CHILDREN];
	/* all of them race for making the file, too */
	for (int child = 0; child < CHILDREN; child++) {
		pids[child] = fork();
		assert_true(pids[child] >= 0);
		if (pids[child] != 0)
			continue;
		struct store *store = NULL;
		bool lost = false;
		if (store_open(home->dir, &store, &lost, &err) || lost)
			_exit(1);
		for (int round = 0; round < ROUNDS; round++) {
			char name[32];
			(void)snprintf(name, sizeof(name), "%d.%d", child, round);
			if (store_note_put(store, REPO, name, "x", &err))
				_exit(2);
		}
		store_free(store);
		_exit(0);
	}
	for (int child = 0; child < CHILDREN; child++) {
		int status = 0;
		assert_int_equal(waitpid(pids[child], &status, 0), pids[child]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	struct store *store STORE_CLEANUP = open_store(home);
	for (int child = 0; child < CHILDREN; child++) {
		for (int round = 0; round < ROUNDS; round++) {
			char name[32];
			(void)snprintf(name, sizeof(name), "%d.%d", child, round);
			assert_string_equal(note(home, store, name), "x");
		}
	}
}

static void raw(struct home *home, const char *sql)
{
	struct err err = ERR_INIT;
	struct db *db = NULL;
	assert_done(db_open(home->file, 100, &db, &err));
	assert_done(db_script(db, sql, &err));
	db_free(db);
}

static void test_a_newer_file_is_left_alone(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store = open_store(home);
	store_free(store);
	raw(home, "PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
	struct buf before BUF_CLEANUP = BUF_INIT(1 << 20);
	struct buf after BUF_CLEANUP = BUF_INIT(1 << 20);
	assert_done(file_read(home->file, &before, &err));
	bool lost = false;
	assert_int_equal(store_open(home->dir, &store, &lost, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "was written by a newer imagehook (version 99"));
	assert_done(file_read(home->file, &after, &err));
	assert_true(str_eq(buf_str(&before), buf_str(&after)));
	assert_int_equal(home_each(home, "state.db.", false), 0);
}

static void test_an_open_store_notices_a_newer_schema(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	raw(home, "PRAGMA user_version = 99");
	assert_int_equal(store_note_put(store, REPO, "a", "1", &err), ERR_UNSUPPORTED);
	assert_int_equal(store_begin(store, &err), ERR_UNSUPPORTED);
}

static void test_garbage_is_moved_aside(void **state)
{
	static const struct str contents[] = {
		{ "this is no database, only text that somebody left here", 54 },
		{ "SQLite format 3\0 and then nothing that makes sense", 50 },
	};

	struct home *home = *state;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		struct store *store = NULL;
		bool lost = false;
		(void)home_each(home, "state", true);
		assert_done(
		    file_write_atomic(home->file, contents[i], 0600, FILE_FAST, &err));
		assert_done(store_open(home->dir, &store, &lost, &err));
		assert_true(lost);
		assert_done(store_note_put(store, REPO, "a", "1", &err));
		store_free(store);
		assert_int_equal(home_each(home, "state.db.corrupt-", false), 1);
		store = open_store(home);
		assert_string_equal(note(home, store, "a"), "1");
		store_free(store);
	}
}

static void test_somebody_elses_database_is_moved_aside(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store = NULL;
	bool lost = false;
	raw(home, "CREATE TABLE theirs (a)");
	assert_done(store_open(home->dir, &store, &lost, &err));
	store_free(store);
	assert_true(lost);
	assert_int_equal(home_each(home, "state.db.corrupt-", false), 1);
}

/* Damage that the first page does not show is met by a query; that run fails, and the
 * next one begins anew. */
static void test_damage_inside_is_settled_by_the_next_run(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store = open_store(home);
	const char *value = NULL;
	bool lost = false;
	struct stat st;
	/* what lies behind the empty tables is the notes */
	raw(home, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(stat(home->file, &st), 0);
	off_t empty_bytes = st.st_size;
	for (int i = 0; i < 200; i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "note-%d", i);
		assert_done(store_note_put(store, REPO, name, "some text", &err));
	}
	store_free(store);
	raw(home, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(stat(home->file, &st), 0);
	FILE *file = fopen(home->file, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, (long)empty_bytes, SEEK_SET), 0);
	for (off_t at = empty_bytes; at < st.st_size; at++)
		assert_int_equal(fputc(0xa5, file), 0xa5);
	assert_int_equal(fclose(file), 0);
	store = open_store(home);
	assert_int_equal(
	    store_note_get(store, REPO, "note-7", &home->arena, &value, &err),
	    ERR_INVALID);
	store_free(store);
	assert_done(store_open(home->dir, &store, &lost, &err));
	assert_true(lost);
	assert_done(store_note_put(store, REPO, "a", "1", &err));
	store_free(store);
	store_free(open_store(home));
}

static void test_an_unusable_home_is_an_error(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store = NULL;
	bool lost = false;
	assert_done(file_write_atomic(file_join(&home->arena, home->dir, "plain"),
				      STR("x"), 0600, FILE_FAST, &err));
	assert_int_equal(store_open(file_join(&home->arena, home->dir, "plain/home"),
				    &store, &lost, &err),
			 ERR_IO);
	assert_int_equal(symlink("elsewhere", home->file), 0);
	assert_int_equal(store_open(home->dir, &store, &lost, &err), ERR_DENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_notes),
		TEST(test_rollback_and_commit),
		TEST(test_lazy_is_over_with_its_transaction),
		TEST(test_a_killed_writer_leaves_all_or_nothing),
		TEST(test_a_killed_first_opener_leaves_a_usable_file),
		TEST(test_two_processes_write),
		TEST(test_a_newer_file_is_left_alone),
		TEST(test_an_open_store_notices_a_newer_schema),
		TEST(test_garbage_is_moved_aside),
		TEST(test_somebody_elses_database_is_moved_aside),
		TEST(test_damage_inside_is_settled_by_the_next_run),
		TEST(test_an_unusable_home_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
