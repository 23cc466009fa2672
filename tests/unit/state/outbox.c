/* SPDX-License-Identifier: MIT */
#include "state/outbox.h"
#include "tests/unit/state/state.h"
#include <signal.h>
#include <sys/wait.h>

enum {
	HOUR = 3600 * 1000
};

static struct outbox_row sample(const char *id)
{
	return (struct outbox_row){
		.id = id,
		.repo_id = REPO,
		.provider = "/flux-system/slack",
		.alert = "/flux-system/on-call",
		.payload = "{\"a\":1}",
		.created_ms = 1000,
		.due_ms = 1000,
		.expires_ms = 1000 + HOUR,
	};
}

static void add(struct store *store, const char *id)
{
	struct err err = ERR_INIT;
	struct outbox_row row = sample(id);
	assert_done(outbox_add(store, &row, &err));
}

static struct outbox_rows due(struct home *home, struct store *store, int64_t now_ms)
{
	struct err err = ERR_INIT;
	struct outbox_rows rows = { NULL, 0, 0 };
	assert_done(outbox_due(store, &(struct outbox_filter){ REPO, 1000 }, now_ms,
			       &home->arena, &rows, &err));
	return rows;
}

static struct outbox_rows all(struct home *home, struct store *store, int status)
{
	struct err err = ERR_INIT;
	struct outbox_rows rows = { NULL, 0, 0 };
	assert_done(outbox_list(store, &(struct outbox_filter){ REPO, 1000 }, status,
				&home->arena, &rows, &err));
	return rows;
}

static bool claim(struct store *store, int64_t row, int64_t now_ms)
{
	struct err err = ERR_INIT;
	bool mine = false;
	assert_done(outbox_claim(store, row, now_ms, true, &mine, &err));
	return mine;
}

static void test_the_way_of_a_row(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	add(store, "one");
	add(store, "one"); /* ignored */
	assert_int_equal(due(home, store, 999).len, 0);
	struct outbox_rows rows = due(home, store, 1000);
	assert_int_equal(rows.len, 1);
	assert_string_equal(rows.items[0].id, "one");
	assert_string_equal(rows.items[0].repo_id, REPO);
	assert_string_equal(rows.items[0].provider, "/flux-system/slack");
	assert_string_equal(rows.items[0].alert, "/flux-system/on-call");
	assert_string_equal(rows.items[0].payload, "{\"a\":1}");
	assert_int_equal(rows.items[0].expires_ms, 1000 + HOUR);
	int64_t row = rows.items[0].row;
	assert_true(claim(store, row, 2000));
	assert_done(outbox_failed(store, row, "answered 500", 2100, 5000, &err));
	assert_int_equal(due(home, store, 4999).len, 0);
	rows = due(home, store, 5000);
	assert_int_equal(rows.len, 1);
	assert_int_equal(rows.items[0].attempts, 1);
	assert_string_equal(rows.items[0].last_error, "answered 500");
	assert_true(claim(store, row, 5000));
	assert_done(outbox_sent(store, row, 5001, &err));
	assert_int_equal(due(home, store, 6000).len, 0);
	assert_false(claim(store, row, 6000));
	rows = all(home, store, OUTBOX_SENT);
	assert_int_equal(rows.len, 1);
	assert_int_equal(rows.items[0].attempts, 2);
	assert_string_equal(rows.items[0].last_error, "");
	add(store, "one"); /* was sent: never again */
	assert_int_equal(due(home, store, 6000).len, 0);
}

static void test_dead_retried_dropped(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	add(store, "one");
	int64_t row = due(home, store, 1000).items[0].row;
	assert_true(claim(store, row, 1000));
	assert_done(outbox_failed(store, row, "answered 404", 1001, 0, &err));
	assert_int_equal(due(home, store, INT64_MAX / 2).len, 0);
	assert_int_equal(all(home, store, OUTBOX_DEAD).len, 1);
	assert_done(outbox_retry(store, REPO, "one", 9 * HOUR, &err));
	struct outbox_rows rows = due(home, store, 9 * HOUR);
	assert_int_equal(rows.len, 1);
	assert_int_equal(rows.items[0].expires_ms, 10 * HOUR);
	assert_int_equal(outbox_retry(store, OTHER, "one", 0, &err), ERR_NOTFOUND);
	assert_string_equal(err.text, "no waiting or dead delivery 'one'");
	assert_done(outbox_drop(store, REPO, "one", &err));
	assert_int_equal(outbox_drop(store, REPO, "one", &err), ERR_NOTFOUND);
	assert_int_equal(all(home, store, -1).len, 0);
}

static void test_all_that_is_dead(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	add(store, "one");
	add(store, "two");
	int64_t row = due(home, store, 1000).items[0].row;
	assert_true(claim(store, row, 1000));
	assert_done(outbox_failed(store, row, "answered 404", 1001, 0, &err));
	assert_done(outbox_retry(store, OTHER, NULL, 9 * HOUR, &err));
	assert_int_equal(all(home, store, OUTBOX_DEAD).len, 1);
	assert_done(outbox_retry(store, REPO, NULL, 9 * HOUR, &err));
	assert_int_equal(all(home, store, OUTBOX_DEAD).len, 0);
	assert_int_equal(all(home, store, OUTBOX_UNSENT).len, 2);
	assert_done(outbox_drop(store, REPO, NULL, &err)); /* none is dead */
	assert_int_equal(all(home, store, OUTBOX_UNSENT).len, 2);
}

static void test_wakes_what_a_person_may_have_helped(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	static const char *const errors[] = { "not sent: no secret", "answered 503" };
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		struct outbox_row row = sample(errors[i]);
		row.provider = errors[i];
		assert_done(outbox_add(store, &row, &err));
	}
	struct outbox_rows rows = due(home, store, 1000);
	for (size_t i = 0; i < rows.len; i++) {
		assert_true(claim(store, rows.items[i].row, 1000));
		assert_done(outbox_failed(store, rows.items[i].row,
					  rows.items[i].provider, 1001, HOUR, &err));
	}
	assert_done(outbox_wake(store, OTHER, 2000, &err));
	assert_int_equal(due(home, store, 2000).len, 0);
	assert_done(outbox_wake(store, REPO, 2000, &err));
	rows = due(home, store, 2000);
	assert_int_equal(rows.len, 1);
	assert_string_equal(rows.items[0].id, "not sent: no secret");
	assert_done(
	    outbox_failed(store, rows.items[0].row, rows.items[0].id, 2001, HOUR, &err));
	assert_done(outbox_wake(store, NULL, 3000, &err));
	assert_int_equal(due(home, store, 3000).len, 1);
}

/* `PROVIDER=COUNT` of each. */
static const char *used(struct home *home, struct store *store, int64_t since_ms)
{
	struct err err = ERR_INIT;
	struct outbox_uses uses = { NULL, 0, 0 };
	const char *out = "";
	assert_done(outbox_used(store, REPO, since_ms, &home->arena, &uses, &err));
	for (size_t i = 0; i < uses.len; i++)
		out = arena_printf(&home->arena, "%s%s=%zu;", out, uses.items[i].provider,
				   uses.items[i].count);
	return out;
}

static void test_next_due_and_budgets(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	int64_t next = 0;
	assert_done(outbox_next_due(store, REPO, &next, &err));
	assert_true(next == INT64_MAX);
	assert_string_equal(used(home, store, 0), "");
	add(store, "one");
	add(store, "two");
	assert_done(outbox_next_due(store, NULL, &next, &err));
	assert_int_equal(next, 1000);
	struct strings repos = { 0 };
	assert_done(outbox_due_repos(store, 999, &home->arena, &repos, &err));
	assert_int_equal(repos.len, 0);
	assert_done(outbox_due_repos(store, 1000, &home->arena, &repos, &err));
	assert_int_equal(repos.len, 1);
	assert_string_equal(repos.items[0], REPO);
	struct outbox_rows rows = due(home, store, 1000);
	assert_true(claim(store, rows.items[0].row, 1000));
	assert_true(claim(store, rows.items[1].row, 2000));
	assert_done(outbox_next_due(store, REPO, &next, &err));
	assert_int_equal(next, 1000 + OUTBOX_LEASE_MS); /* when the first lease ends */
	assert_done(
	    outbox_due_repos(store, 999 + OUTBOX_LEASE_MS, &home->arena, &repos, &err));
	assert_int_equal(repos.len, 0);
	assert_string_equal(used(home, store, 0), "/flux-system/slack=2;");
	assert_string_equal(used(home, store, 1500), "/flux-system/slack=1;");
	assert_string_equal(used(home, store, 2500), "");
	assert_done(outbox_postpone(store, rows.items[1].row, "waits", 190000, &err));
	assert_string_equal(used(home, store, 0), "/flux-system/slack=2;");
	rows = due(home, store, 190000);
	assert_int_equal(rows.len, 2);
	assert_int_equal(rows.items[1].attempts, 1);
	assert_int_equal(rows.items[1].last_attempt_ms, 2000);
	assert_string_equal(rows.items[1].last_error, "waits");
}

/* Each attempt counts, whatever becomes of its row; who only fails has sent nothing. */
static void test_attempts_are_counted(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	add(store, "one");
	add(store, "two");
	struct outbox_rows rows = due(home, store, 1000);
	for (int64_t at_ms = 1000; at_ms <= 3000; at_ms += 1000) {
		assert_true(claim(store, rows.items[0].row, at_ms));
		assert_done(outbox_failed(store, rows.items[0].row, "no", at_ms,
					  at_ms + 1000, &err));
	}
	assert_string_equal(used(home, store, 0), "/flux-system/slack=3;");
	assert_string_equal(used(home, store, 3000), "/flux-system/slack=1;");
	bool mine = false;
	assert_done(outbox_claim(store, rows.items[1].row, 3000, false, &mine, &err));
	assert_true(mine);
	assert_done(outbox_drop(store, REPO, "one", &err));
	assert_string_equal(used(home, store, 0), "/flux-system/slack=3;");
	assert_done(store_prune(store, 24 * HOUR + 2000, &err));
	assert_string_equal(used(home, store, 0), "/flux-system/slack=2;");
	assert_done(store_forget(store, REPO, &err));
	assert_string_equal(used(home, store, 0), "");
}

/* Starts a child that does `work` on a store of its own and then kills itself. */
static void run_and_kill(struct home *home, void (*work)(struct store *store))
{
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		work(open_store(home));
		(void)kill(getpid(), SIGKILL);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void add_without_commit(struct store *store)
{
	struct err err = ERR_INIT;
	assert_done(store_begin(store, &err));
	add(store, "lost");
}

static void add_with_commit(struct store *store)
{
	struct err err = ERR_INIT;
	assert_done(store_begin(store, &err));
	add(store, "kept");
	assert_done(store_commit(store, &err));
}

static void claim_kept(struct store *store)
{
	/* the first row of the file */
	assert_true(claim(store, 1, 2000));
}

static void test_killed_at_any_point(void **state)
{
	struct home *home = *state;
	run_and_kill(home, add_without_commit);
	run_and_kill(home, add_with_commit);
	struct store *store STORE_CLEANUP = open_store(home);
	struct outbox_rows rows = all(home, store, -1);
	assert_int_equal(rows.len, 1);
	assert_string_equal(rows.items[0].id, "kept");
	run_and_kill(home, claim_kept);
	assert_int_equal(due(home, store, 1999 + OUTBOX_LEASE_MS).len, 0);
	assert_false(claim(store, 1, 1999 + OUTBOX_LEASE_MS));
	assert_int_equal(due(home, store, 2000 + OUTBOX_LEASE_MS).len, 1);
	assert_true(claim(store, 1, 2000 + OUTBOX_LEASE_MS));
}

/* What one drain does, as often as there is something due; one byte for each row that it
 * got. */
static void drain_into(struct home *home, int fd)
{
	struct arena arena = ARENA_INIT;
	struct store *store = open_store(home);
	struct err err = ERR_INIT;
	for (;;) {
		struct outbox_rows rows = { NULL, 0, 0 };
		assert_done(outbox_due(store, &(struct outbox_filter){ NULL, 4 }, 5000,
				       &arena, &rows, &err));
		if (rows.len == 0)
			break;
		for (size_t i = 0; i < rows.len; i++) {
			unsigned char byte = (unsigned char)rows.items[i].row;
			if (!claim(store, rows.items[i].row, 5000))
				continue;
			assert_int_equal(write(fd, &byte, 1), 1);
			assert_done(outbox_sent(store, rows.items[i].row, 5000, &err));
		}
	}
	store_free(store);
	arena_clear(&arena);
}

static void test_two_drains_send_each_row_once(void **state)
{
	struct home *home = *state;

	enum {
		ROWS = 40,
		DRAINS = 3
	};

	int seen[256] = { 0 };
	int fds[2];
	unsigned char byte = 0;
	assert_int_equal(pipe(fds), 0);
	struct store *store = open_store(home);
	for (int i = 0; i < ROWS; i++)
		add(store, arena_printf(&home->arena, "row-%d", i));
	store_free(store);
	for (int i = 0; i < DRAINS; i++) {
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			drain_into(home, fds[1]);
			_exit(0);
		}
	}
	for (int i = 0; i < DRAINS; i++) {
		int status = 1;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	(void)close(fds[1]);
	while (read(fds[0], &byte, 1) == 1)
		seen[byte]++;
	(void)close(fds[0]);
	for (int i = 1; i <= ROWS; i++)
		assert_int_equal(seen[i], 1);
}

static struct event_record happened(const char *message, int64_t time_ms)
{
	return (struct event_record){ .repo_id = REPO,
				      .kind = "Kustomization",
				      .namespace = "flux-system",
				      .name = "apps",
				      .severity = "error",
				      .reason = "BuildFailed",
				      .message = message,
				      .metadata = "{}",
				      .time_ms = time_ms };
}

static void add_to(struct store *store, const char *id, const char *provider,
		   const char *alert)
{
	struct err err = ERR_INIT;
	struct outbox_row row = { .id = id,
				  .repo_id = REPO,
				  .provider = provider,
				  .alert = alert,
				  .payload = "{}",
				  .created_ms = 1000,
				  .due_ms = 1000,
				  .expires_ms = HOUR };
	assert_done(outbox_add(store, &row, &err));
}

static void test_tallies(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct outbox_tallies tallies = { NULL, 0, 0 };
	struct store *store STORE_CLEANUP = open_store(home);
	add_to(store, "1", "/ns/a", "/ns/x");
	add_to(store, "2", "/ns/a", "/ns/x");
	add_to(store, "3", "/ns/a", "/ns/x");
	add_to(store, "4", "/ns/a", "");
	add_to(store, "5", "/ns/b", "/ns/y");
	struct outbox_rows rows = due(home, store, 1000);
	static const char *const order[] = { "1", "5", "2", "3", "4" };
	assert_int_equal(rows.len, 5);
	for (size_t i = 0; i < rows.len; i++)
		assert_string_equal(rows.items[i].id, order[i]);
	static const size_t tried[] = { 0, 2, 3 };
	for (size_t i = 0; i < ARRAY_LEN(tried); i++)
		assert_true(claim(store, rows.items[tried[i]].row, 2000));
	assert_done(outbox_sent(store, rows.items[0].row, 2001, &err));
	assert_done(outbox_failed(store, rows.items[2].row, "404", 2002, 0, &err));
	assert_done(outbox_failed(store, rows.items[3].row, "500", 2003, 9000, &err));
	assert_done(outbox_tallies(store, REPO, &home->arena, &tallies, &err));
	assert_int_equal(tallies.len, 3);
	const struct outbox_tally *tally = &tallies.items[1];
	assert_string_equal(tally->provider, "/ns/a");
	assert_string_equal(tally->alert, "/ns/x");
	assert_int_equal(tally->waiting, 1);
	assert_int_equal(tally->dead, 1);
	assert_int_equal(tally->sent_ms, 2001);
	assert_int_equal(tally->error_row, rows.items[3].row);
	assert_string_equal(tally->last_error, "500");
	assert_string_equal(tallies.items[0].alert, "");
	assert_int_equal(tallies.items[0].waiting, 1);
	assert_int_equal(tallies.items[0].sent_ms, 0);
	assert_string_equal(tallies.items[0].last_error, "");
	assert_done(outbox_backlog(store, REPO, &home->arena, &tallies, &err));
	assert_int_equal(tallies.len, 2);
	assert_string_equal(tallies.items[0].provider, "/ns/a");
	assert_int_equal(tallies.items[0].waiting, 2);
	assert_int_equal(tallies.items[1].waiting, 1);
	assert_int_equal(all(home, store, OUTBOX_UNSENT).len, 4);
	assert_done(outbox_tallies(store, OTHER, &home->arena, &tallies, &err));
	assert_int_equal(tallies.len, 0);
}

static void test_events(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct event_records got = { NULL, 0, 0 };
	struct event_record first = happened("a", 1000);
	struct event_record again = happened("a", 2000);
	struct event_record other = happened("b", 3000);
	assert_done(store_event_add(store, &first, &err));
	assert_done(store_event_add(store, &again, &err));
	assert_done(store_event_add(store, &other, &err));
	struct event_filter filter = { .repo_id = REPO, .kind = "Kustomization" };
	assert_done(store_event_list(store, &filter, &home->arena, &got, &err));
	assert_int_equal(got.len, 2);
	assert_string_equal(got.items[0].message, "b");
	assert_string_equal(got.items[1].message, "a");
	assert_int_equal(got.items[1].count, 2);
	assert_int_equal(got.items[1].first_ms, 1000);
	assert_int_equal(got.items[1].time_ms, 2000);
	/* whoever watches sees what was written since, also of an earlier time */
	filter.from = got.items[0].change + 1;
	struct event_record late = happened("of a long run", 500);
	assert_done(store_event_add(store, &late, &err));
	assert_done(store_event_list(store, &filter, &home->arena, &got, &err));
	assert_int_equal(got.len, 1);
	assert_string_equal(got.items[0].message, "of a long run");
	filter.from = got.items[0].change + 1;
	struct event_record later = happened("of a long run", 4000);
	assert_done(store_event_add(store, &later, &err));
	assert_done(store_event_list(store, &filter, &home->arena, &got, &err));
	assert_int_equal(got.len, 1);
	assert_int_equal(got.items[0].count, 2);
	filter.from = 0;
	filter.severity = "info";
	assert_done(store_event_list(store, &filter, &home->arena, &got, &err));
	assert_int_equal(got.len, 0);
	assert_done(store_prune(store, INT64_C(4001) + INT64_C(90) * 24 * HOUR, &err));
	filter.severity = NULL;
	assert_done(store_event_list(store, &filter, &home->arena, &got, &err));
	assert_int_equal(got.len, 0);
}

static void test_alert_states(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct object_key key = { REPO, "", "Kustomization", "flux-system", "apps" };
	struct alert_state put = {
		.failing = true, .normalised = "broken", .since_ms = 5, .told_ms = 6
	};
	struct alert_state got = { 0 };
	assert_int_equal(store_alert_state_get(store, &key, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	strings_add(&home->arena, &put.told, "/flux-system/a");
	strings_add(&home->arena, &put.told, "/flux-system/b");
	strings_add(&home->arena, &put.failures, "{}");
	assert_done(store_alert_state_put(store, &key, &put, &err));
	assert_done(store_alert_state_get(store, &key, &home->arena, &got, &err));
	assert_true(got.failing);
	assert_string_equal(got.normalised, "broken");
	assert_int_equal(got.since_ms, 5);
	assert_int_equal(got.told_ms, 6);
	assert_int_equal(got.told.len, 2);
	assert_string_equal(got.told.items[1], "/flux-system/b");
	assert_int_equal(got.failures.len, 1);
	assert_string_equal(got.failures.items[0], "{}");
	assert_done(store_forget(store, REPO, &err));
	assert_int_equal(store_alert_state_get(store, &key, &home->arena, &got, &err),
			 ERR_NOTFOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_way_of_a_row),
		TEST(test_dead_retried_dropped),
		TEST(test_all_that_is_dead),
		TEST(test_wakes_what_a_person_may_have_helped),
		TEST(test_next_due_and_budgets),
		TEST(test_attempts_are_counted),
		TEST(test_killed_at_any_point),
		TEST(test_tallies),
		TEST(test_events),
		TEST(test_alert_states),
		TEST(test_two_drains_send_each_row_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
