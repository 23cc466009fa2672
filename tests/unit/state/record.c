/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "tests/unit/state/state.h"

static const struct object_key key = { REPO, "", "ImageRepository", "flux-system",
				       "app" };
static const struct object_key other_kind = { REPO, "", "ImagePolicy", "flux-system",
					      "app" };
static const struct object_key other_cluster = { REPO, "b", "ImageRepository",
						 "flux-system", "app" };
static const struct object_key other_repo = { OTHER, "", "ImageRepository", "flux-system",
					      "app" };

static struct scan_record scan_sample(struct home *home)
{
	struct scan_record record = {
		.condition = { true, false, "Succeeded", "found 2 tags", 11 },
		.canonical = "ghcr.io/org/app",
		.request_hash = "r1",
		.spec_hash = "s1",
		.scanned_ms = 1700000000123,
		.attempted_ms = 1700000000456,
		.retry_ms = 5,
		.failures = 3,
		.tag_count = 2,
		.revision = "sha256:abc",
		.dropped = 4,
		.tags = STR("2\n1\n"),
		.handled_request = "now",
	};
	strings_add(&home->arena, &record.exclusion_list, "^a\n$");
	strings_add(&home->arena, &record.exclusion_list, "");
	return record;
}

static void assert_scan(const struct scan_record *a, const struct scan_record *b)
{
	assert_int_equal(a->condition.ready, b->condition.ready);
	assert_int_equal(a->condition.stalled, b->condition.stalled);
	assert_string_equal(a->condition.reason, b->condition.reason);
	assert_string_equal(a->condition.message, b->condition.message);
	assert_int_equal(a->condition.changed_ms, b->condition.changed_ms);
	assert_string_equal(a->canonical, b->canonical);
	assert_string_equal(a->request_hash, b->request_hash);
	assert_string_equal(a->spec_hash, b->spec_hash);
	assert_int_equal(a->scanned_ms, b->scanned_ms);
	assert_int_equal(a->attempted_ms, b->attempted_ms);
	assert_int_equal(a->retry_ms, b->retry_ms);
	assert_int_equal(a->failures, b->failures);
	assert_int_equal(a->tag_count, b->tag_count);
	assert_string_equal(a->revision, b->revision);
	assert_int_equal(a->dropped, b->dropped);
	assert_string_equal(a->handled_request, b->handled_request);
	assert_int_equal(a->exclusion_list.len, b->exclusion_list.len);
	for (size_t i = 0; i < a->exclusion_list.len; i++)
		assert_string_equal(a->exclusion_list.items[i],
				    b->exclusion_list.items[i]);
}

static void test_scans(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct scan_record want = scan_sample(home);
	struct scan_record got;
	assert_int_equal(store_scan_get(store, &key, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.text,
			    "nothing is known about ImageRepository flux-system/app");
	assert_done(store_scan_put(store, &key, &want, &err));
	store_free(store);
	store = open_store(home);
	assert_done(store_scan_get(store, &key, &home->arena, &got, &err));
	assert_scan(&got, &want);
	assert_true(str_is(got.tags, "2\n1\n"));
	/* a failed attempt keeps the tags and changes the rest */
	want.failures = 4;
	want.condition.ready = false;
	want.exclusion_list.len = 0;
	assert_done(store_scan_put(store, &key, &want, &err));
	assert_done(store_scan_get(store, &key, &home->arena, &got, &err));
	assert_scan(&got, &want);
	assert_true(str_is(got.tags, "2\n1\n"));
	assert_int_equal(store_scan_get(store, &other_kind, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	assert_int_equal(store_scan_get(store, &other_cluster, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	assert_int_equal(store_scan_get(store, &other_repo, &home->arena, &got, &err),
			 ERR_NOTFOUND);
}

static void test_empty_scan(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct scan_record got;
	assert_done(store_scan_put(store, &key, &(struct scan_record){ 0 }, &err));
	assert_done(store_scan_get(store, &key, &home->arena, &got, &err));
	assert_string_equal(got.canonical, "");
	assert_string_equal(got.condition.message, "");
	assert_int_equal(got.tags.len, 0);
}

/* The limit counts a repository's tags together, and a refused scan changes nothing. */
static void test_scans_are_bounded_by_repository(void **state)
{
	enum {
		PART_BYTES = 24 * 1024 * 1024
	};

	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct object_key keys[3] = { key, key, other_repo };
	keys[1].name = "second";
	struct scan_record record = scan_sample(home);
	struct scan_record got;
	char *tags = arena_alloc(&home->arena, 2 * PART_BYTES, 1);
	memset(tags, 'x', 2 * PART_BYTES);
	record.tags = (struct str){ tags, PART_BYTES };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_done(store_scan_put(store, &keys[i], &record, &err));
	record.tags.len = 2 * PART_BYTES;
	record.revision = "new";
	assert_int_equal(store_scan_put(store, &key, &record, &err), ERR_LIMIT);
	assert_string_equal(
	    err.text, "the tags of ImageRepository flux-system/app do not fit: limit: "
		      "67108864 bytes of stored scans of one repository");
	assert_done(store_scan_get(store, &key, &home->arena, &got, &err));
	assert_string_equal(got.revision, "sha256:abc");
	assert_int_equal(got.tags.len, PART_BYTES);
}

static void test_choices(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct choice_record want = {
		.condition = { false, true, "InvalidPolicy", "no", 7 },
		.latest = { "ghcr.io/org/app", "1.5.3", "" },
		.spec_hash = "s",
		.scan_revision = "v",
		.digest_ms = 12,
	};
	struct choice_record got;
	assert_int_equal(store_choice_get(store, &key, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	assert_done(store_choice_put(store, &key, &want, &err));
	assert_done(store_choice_get(store, &key, &home->arena, &got, &err));
	assert_true(got.condition.stalled && !got.condition.ready);
	assert_string_equal(got.condition.reason, "InvalidPolicy");
	assert_string_equal(got.latest.name, "ghcr.io/org/app");
	assert_string_equal(got.latest.tag, "1.5.3");
	assert_string_equal(got.latest.digest, "");
	assert_null(got.previous.name);
	assert_string_equal(got.spec_hash, "s");
	assert_string_equal(got.scan_revision, "v");
	assert_int_equal(got.digest_ms, 12);
	want.previous = want.latest;
	want.latest.tag = "1.5.4";
	assert_done(store_choice_put(store, &key, &want, &err));
	assert_done(store_choice_get(store, &key, &home->arena, &got, &err));
	assert_string_equal(got.latest.tag, "1.5.4");
	assert_string_equal(got.previous.tag, "1.5.3");
}

static void test_automations(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct automation_record want = {
		.condition = { true, false, "Succeeded", "pushed", 1 },
		.run_ms = 2,
		.push_ms = 3,
		.push_commit = "abc",
		.source_revision = "main@sha1:abc",
		.spec_hash = "s",
		.choices_hash = "c",
	};
	struct automation_record got;
	assert_int_equal(store_automation_get(store, &key, &home->arena, &got, &err),
			 ERR_NOTFOUND);
	assert_done(store_automation_put(store, &key, &want, &err));
	assert_done(store_automation_get(store, &key, &home->arena, &got, &err));
	assert_true(got.condition.ready);
	assert_int_equal(got.run_ms, 2);
	assert_int_equal(got.push_ms, 3);
	assert_string_equal(got.push_commit, "abc");
	assert_string_equal(got.source_revision, "main@sha1:abc");
	assert_string_equal(got.spec_hash, "s");
	assert_string_equal(got.choices_hash, "c");
}

static bool is_known(struct home *home, struct store *store, const struct object_key *of)
{
	struct err err = ERR_INIT;
	struct scan_record got;
	int code = store_scan_get(store, of, &home->arena, &got, &err);
	if (code != ERR_NOTFOUND)
		assert_done(code);
	return code == 0;
}

static void test_vanished_documents_are_forgotten_after_30_days(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct scan_record record = scan_sample(home);
	int64_t day = INT64_C(86400000);
	int64_t now = when_now_ms();
	assert_done(store_scan_put(store, &key, &record, &err));
	assert_done(store_scan_put(store, &other_cluster, &record, &err));
	assert_done(store_touch_objects(store, NULL, 0, now, &err));
	/* one of them is still there after 20 days */
	assert_done(store_touch_objects(store, &key, 1, now + 20 * day, &err));
	assert_done(store_prune(store, now + 29 * day, &err));
	assert_true(is_known(home, store, &key) && is_known(home, store, &other_cluster));
	assert_done(store_prune(store, now + 31 * day, &err));
	assert_true(is_known(home, store, &key));
	assert_false(is_known(home, store, &other_cluster));
	assert_done(store_prune(store, now + 51 * day, &err));
	assert_false(is_known(home, store, &key));
}

static void test_forgetting_a_repository(void **state)
{
	struct home *home = *state;
	struct err err = ERR_INIT;
	struct store *store STORE_CLEANUP = open_store(home);
	struct scan_record record = scan_sample(home);
	assert_done(store_scan_put(store, &key, &record, &err));
	assert_done(store_scan_put(store, &other_repo, &record, &err));
	assert_done(store_forget(store, REPO, &err));
	assert_false(is_known(home, store, &key));
	assert_true(is_known(home, store, &other_repo));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, home_make, home_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scans),
		TEST(test_empty_scan),
		TEST(test_scans_are_bounded_by_repository),
		TEST(test_choices),
		TEST(test_automations),
		TEST(test_vanished_documents_are_forgotten_after_30_days),
		TEST(test_forgetting_a_repository),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
