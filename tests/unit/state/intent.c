/* SPDX-License-Identifier: MIT */
#include "tests/unit/state/state.h"

#define ZEROS "0000000000000000000000000000000000000000"
#define OLD   "1111111111111111111111111111111111111111"
#define NEW   "2222222222222222222222222222222222222222"

static struct intent sample(const char *old_oid, const char *new_oid, bool hooks_pending)
{
	return (struct intent){
		.repo_id = REPO,
		.automation = "/flux-system/app",
		.git_dir = "",
		.ref = "refs/heads/main",
		.old_oid = old_oid,
		.new_oid = new_oid,
		.payload = "{\"a\":1}",
		.hooks_pending = hooks_pending,
		.created_ms = 1000,
	};
}

static struct intent_list list(struct home *home, struct store *store)
{
	struct err err = ERR_INIT;
	struct intent_list out = { NULL, 0, 0 };
	assert_done(store_intent_list(store, REPO, &home->arena, &out, &err));
	return out;
}

static void test_the_way_of_an_intent(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct intent first = sample(OLD, NEW, true);
	struct intent second = sample(NEW, OLD, false);
	second.git_dir = "/srv/git/apps.git";
	assert_done(store_intent_add(store, &first, &err));
	assert_done(store_intent_add(store, &second, &err));
	assert_true(first.id > 0 && second.id > first.id);
	store_free(store);
	store = open_store(home);
	struct intent_list got = list(home, store);
	assert_int_equal(got.len, 2);
	assert_int_equal(got.items[0].id, first.id);
	assert_string_equal(got.items[0].repo_id, REPO);
	assert_string_equal(got.items[0].automation, "/flux-system/app");
	assert_string_equal(got.items[0].git_dir, "");
	assert_string_equal(got.items[1].git_dir, "/srv/git/apps.git");
	assert_string_equal(got.items[0].ref, "refs/heads/main");
	assert_string_equal(got.items[0].old_oid, OLD);
	assert_string_equal(got.items[0].new_oid, NEW);
	assert_string_equal(got.items[0].payload, "{\"a\":1}");
	assert_true(got.items[0].hooks_pending && !got.items[0].confirmed);
	assert_int_equal(got.items[0].created_ms, 1000);
	/* not ours before the ref moved */
	assert_null(store_commit_writer(store, REPO, NEW, &home->arena));
	assert_done(store_intent_confirm(store, first.id, &err));
	assert_done(store_intent_confirm(store, first.id, &err));
	assert_string_equal(store_commit_writer(store, REPO, NEW, &home->arena),
			    "/flux-system/app");
	assert_null(store_commit_writer(store, OTHER, NEW, &home->arena));
	/* still open: its hooks have not been run */
	assert_int_equal(list(home, store).len, 2);
	assert_true(list(home, store).items[0].confirmed);
	assert_done(store_intent_hooks_done(store, first.id, &err));
	assert_done(store_intent_drop(store, second.id, &err));
	assert_int_equal(list(home, store).len, 0);
	assert_null(store_commit_writer(store, REPO, OLD, &home->arena));
	assert_int_equal(store_intent_confirm(store, 99, &err), ERR_NOTFOUND);
	assert_int_equal(store_intent_hooks_done(store, 99, &err), ERR_NOTFOUND);
	assert_int_equal(store_intent_drop(store, second.id, &err), ERR_NOTFOUND);
	assert_string_equal(err.text, "no intended commit 2");
	/* what is done leaves after 30 days; that the commit is ours stays */
	assert_done(store_prune(store, INT64_C(1) << 50, &err));
	assert_int_equal(store_intent_confirm(store, first.id, &err), ERR_NOTFOUND);
	assert_string_equal(store_commit_writer(store, REPO, NEW, &home->arena),
			    "/flux-system/app");
}

static void test_branches_that_we_created(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct intent moved = sample(OLD, NEW, false);
	struct intent created = sample(ZEROS, NEW, false);
	created.ref = "refs/heads/flux-updates";
	struct intent mapped = sample(ZEROS, NEW, false);
	mapped.ref = "refs/heads/elsewhere";
	mapped.git_dir = "/srv/git/apps.git";
	assert_done(store_intent_add(store, &moved, &err));
	assert_done(store_intent_add(store, &created, &err));
	assert_false(store_branch_is_ours(store, REPO, "", created.ref));
	assert_done(store_intent_confirm(store, moved.id, &err));
	assert_done(store_intent_confirm(store, created.id, &err));
	assert_true(store_branch_is_ours(store, REPO, "", created.ref));
	assert_false(store_branch_is_ours(store, REPO, "", moved.ref));
	assert_false(store_branch_is_ours(store, OTHER, "", created.ref));
	/* a branch of that name in another repository is not ours */
	assert_false(store_branch_is_ours(store, REPO, mapped.git_dir, created.ref));
	assert_done(store_intent_add(store, &mapped, &err));
	assert_done(store_intent_confirm(store, mapped.id, &err));
	assert_true(store_branch_is_ours(store, REPO, mapped.git_dir, mapped.ref));
	assert_false(store_branch_is_ours(store, REPO, "", mapped.ref));
	assert_done(store_forget(store, REPO, &err));
	assert_false(store_branch_is_ours(store, REPO, "", created.ref));
	assert_null(store_commit_writer(store, REPO, NEW, &home->arena));
}

static void test_counting_commits(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	size_t count = 9;
	for (int i = 0; i < 3; i++) {
		const char *oid = arena_printf(&home->arena, "%040d", i + 1);
		struct intent intent = sample(OLD, oid, false);
		intent.created_ms = 1000 * i;
		assert_done(store_intent_add(store, &intent, &err));
		assert_done(store_intent_confirm(store, intent.id, &err));
	}
	assert_done(store_commit_count(store, REPO, "/flux-system/app", 0, &count, &err));
	assert_int_equal(count, 3);
	assert_done(
	    store_commit_count(store, REPO, "/flux-system/app", 1000, &count, &err));
	assert_int_equal(count, 2);
	assert_done(store_commit_count(store, REPO, "/flux-system/b", 0, &count, &err));
	assert_int_equal(count, 0);
}

static bool was_replaced(struct store *store, const char *path, const char *value,
			 int64_t since_ms)
{
	struct err err = ERR_INIT;
	bool replaced = false;
	const struct written_value asked = {
		.path = path, .setter = "a:b", .old_value = value, .written_ms = since_ms
	};
	assert_done(store_written_replaced(store, REPO, &asked, &replaced, &err));
	return replaced;
}

static void test_written_values(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct written_value value = { "app.yaml", "a:b", "1.0", "1.1", 5000 };
	assert_false(was_replaced(store, "app.yaml", "1.0", 0));
	assert_done(store_written_add(store, REPO, "/flux-system/app", &value, &err));
	assert_true(was_replaced(store, "app.yaml", "1.0", 0));
	assert_true(was_replaced(store, "app.yaml", "1.0", 5000));
	assert_false(was_replaced(store, "app.yaml", "1.0", 5001));
	assert_false(was_replaced(store, "app.yaml", "1.1", 0));
	assert_false(was_replaced(store, "b.yaml", "1.0", 0));
	assert_done(store_prune(store, 5000 + INT64_C(86400000), &err));
	assert_true(was_replaced(store, "app.yaml", "1.0", 0));
	assert_done(store_prune(store, 5001 + INT64_C(86400000), &err));
	assert_false(was_replaced(store, "app.yaml", "1.0", 0));
	assert_done(store_written_add(store, REPO, "/flux-system/app", &value, &err));
	assert_done(store_written_clear(store, OTHER, &err));
	assert_true(was_replaced(store, "app.yaml", "1.0", 0));
	assert_done(store_written_clear(store, REPO, &err));
	assert_false(was_replaced(store, "app.yaml", "1.0", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_way_of_an_intent),
		TEST(test_branches_that_we_created),
		TEST(test_counting_commits),
		TEST(test_written_values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
