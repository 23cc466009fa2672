/* SPDX-License-Identifier: MIT */
#include "app/backlog.h"
#include "app/budget.h"
#include "tests/unit/admin/admin.h"

#define REPO "0123456789abcdef0123456789abcdef"

struct bench {
	struct session session;
	struct backlog backlog;
	unsigned n;
};

static void open_bench(struct bench *bench, void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	bool lost = false;
	*bench = (struct bench){ .session = { .id = REPO } };
	bench->session.findings.arena = &bench->session.arena;
	if (store_open(place->dir, &bench->session.store, &lost, &err) ||
	    store_begin(bench->session.store, &err))
		fail_msg("%s", err.text);
}

static void release_bench(struct bench *bench)
{
	store_free(bench->session.store);
	arena_clear(&bench->session.arena);
}

#define BENCH_CLEANUP CLEANUP(release_bench)

/* Whether one more to `name` is queued. */
static bool add(struct bench *bench, const char *name)
{
	struct arena *arena = &bench->session.arena;
	struct provider provider = { .meta = { .namespace = "ns", .name = name } };
	struct err err = ERR_INIT;
	bool queued = false;
	struct outbox_row row = { .id = arena_printf(arena, "%u", bench->n++),
				  .repo_id = REPO,
				  .provider = arena_printf(arena, "/ns/%s", name),
				  .payload = "{}",
				  .created_ms = 1000,
				  .due_ms = 1000,
				  .expires_ms = 2000 };
	if (backlog_add(&bench->backlog, &bench->session, &provider, &row, &queued, &err))
		fail_msg("%s", err.text);
	return queued;
}

static size_t count(struct bench *bench, int status)
{
	struct outbox_rows rows = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	if (outbox_list(bench->session.store,
			&(struct outbox_filter){ REPO, SIZE_MAX / 2 }, status,
			&bench->session.arena, &rows, &err))
		fail_msg("%s", err.text);
	return rows.len;
}

static void test_a_provider_is_full(void **state)
{
	struct bench bench BENCH_CLEANUP;
	open_bench(&bench, state);
	for (int i = 0; i < BACKLOG_PROVIDER; i++)
		assert_true(add(&bench, "a"));
	assert_false(backlog_is_over(&bench.backlog, "/ns/a"));
	assert_false(add(&bench, "a"));
	assert_true(backlog_is_over(&bench.backlog, "/ns/a"));
	assert_false(add(&bench, "a"));
	assert_true(add(&bench, "b"));
	assert_int_equal(count(&bench, OUTBOX_WAITING), BACKLOG_PROVIDER + 1);
	assert_int_equal(count(&bench, OUTBOX_DEAD), 1);
	assert_int_equal(bench.session.findings.len, 1);
	assert_string_equal(
	    bench.session.findings.items[0].text,
	    "Provider ns/a: 1440 deliveries to it wait, as many as can be "
	    "sent in a day; further events are kept, but not sent");
}

/* What an earlier run queued counts, and its row of what was refused stays one. */
static void test_the_next_run(void **state)
{
	struct bench bench BENCH_CLEANUP;
	open_bench(&bench, state);
	for (int i = 0; i <= BACKLOG_PROVIDER; i++)
		assert_int_equal(add(&bench, "a"), i < BACKLOG_PROVIDER);
	bench.backlog = (struct backlog){ 0 };
	assert_false(add(&bench, "a"));
	assert_true(add(&bench, "b"));
	assert_int_equal(count(&bench, OUTBOX_DEAD), 1);
	assert_int_equal(bench.session.findings.len, 2);
}

static void test_a_repository_is_full(void **state)
{
	struct bench bench BENCH_CLEANUP;
	open_bench(&bench, state);
	for (int i = 0; i < BACKLOG_REPOSITORY; i++)
		assert_true(
		    add(&bench, arena_printf(&bench.session.arena, "p%d", i / 720)));
	assert_false(add(&bench, "another"));
	assert_string_equal(
	    bench.session.findings.items[0].text,
	    "Provider ns/another: 14400 deliveries of this repository wait, "
	    "as many as can be sent in a day; further events are kept, but "
	    "not sent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_provider_is_full),
		TEST(test_the_next_run),
		TEST(test_a_repository_is_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
