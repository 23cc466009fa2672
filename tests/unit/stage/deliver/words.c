/* SPDX-License-Identifier: MIT */
#include "stage/deliver/words.h"
#include "tests/unit/unit.h"

enum {
	ROOM = 60000
};

static void test_reason(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "ReadOperationFailed", "read operation failed" },
		{ "HTTPServerDOWN2xx", "http server down 2 xx" },
		{ "OCIArtifactPullFailed", "oci artifact pull failed" },
		{ "a_b-c 1", "a _ b - c   1" },
		{ "", "" },
		{ "A", "a" },
		{ "ABc", "a bc" },
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(words_reason(cases[i][0], &arena), cases[i][1]);
}

static void test_cut(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	assert_string_equal(words_cut("abcdef", 6, &arena), "abcdef");
	assert_string_equal(words_cut("abcdefg", 6, &arena), "abc...");
	/* a character outside the first plane counts twice and is never halved */
	assert_string_equal(words_cut("a\U0001f6a8\U0001f6a8\U0001f6a8", 6, &arena),
			    "a\U0001f6a8...");
	assert_string_equal(words_cut("ab\U0001f6a8\U0001f6a8\U0001f6a8", 6, &arena),
			    "ab...");
	assert_int_equal(words_units(STR("a\u00e9\U0001f6a8")), 4);
}

static void test_defuse(void **state)
{
	(void)state;
	static const char *const triggers[] = { "@all", "<!", NULL };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	assert_string_equal(words_defuse("@ALL <!x> @al", triggers, &arena),
			    "@\u200b"
			    "ALL <\u200b!x> @al");
	assert_string_equal(words_entities("<a&b>", &arena), "&lt;a&amp;b&gt;");
}

static void test_metadata_has_summary_first(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct label items[] = { { "z", "1" }, { "summary", "2" }, { "a", "3" } };
	struct event event = { .metadata = { items, 3, 3 } };
	struct label_list list = words_metadata(&event, &arena);
	assert_int_equal(list.len, 3);
	assert_string_equal(list.items[0].key, "summary");
	assert_string_equal(list.items[1].key, "a");
	assert_string_equal(list.items[2].key, "z");
	assert_string_equal(words_get(&event, "a"), "3");
	assert_null(words_get(&event, "b"));
}

static void test_comment_fences_foreign_text(void **state)
{
	(void)state;
	static const char *const harmful[] = { "@team",    "/close", "a\n/close", "#1",
					       "<b>",      "`x`",    "- item",    "1. x",
					       "a\n    b", "[x](y)", "&lt;",      "===",
					       "a @b",     "_a_",    "a_ b",      "2)\n",
					       "a@" };
	static const char *const harmless[] = { "main@sha1:ab", "my_app is 1.5.3",
						"3 files", "1.5.3" };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct event event = { .object = { .kind = "K", .namespace = "n", .name = "o" },
			       .severity = EVENT_INFO,
			       .message = "boom" };
	assert_string_equal(
	    words_comment(&event, ROOM, &arena),
	    "## Flux Status\n\n\u2139\ufe0f K/n/o\n\nboom\n\nMetadata:\n");
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
		event.message = harmless[i];
		assert_null(strchr(words_comment(&event, ROOM, &arena), '`'));
	}
	for (size_t i = 0; i < ARRAY_LEN(harmful); i++) {
		event.message = harmful[i];
		const char *text = words_comment(&event, ROOM, &arena);
		assert_non_null(strstr(text, "\n\n```text\n"));
		assert_non_null(strstr(text, "\n```\n\nMetadata:\n"));
		assert_null(strstr(text, "\n/"));
	}
	event.message = "```\n````x";
	assert_non_null(strstr(words_comment(&event, ROOM, &arena),
			       "\n`````text\n```\n````x\n"
			       "`````\n"));
}

/* What is cut keeps its closing mark, or the text before it would be alive again. */
static void test_comment_is_cut_outside_marks(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	char *value = ARENA_ARRAY(&arena, char, 3001);
	memset(value, 'x', 3000);
	memcpy(value, "@team ", 6);
	struct label items[] = { { "a", value }, { "b", value }, { "c", "short" } };
	struct event event = { .object = { .kind = "K", .namespace = "n", .name = "o" },
			       .severity = EVENT_INFO,
			       .message = "boom",
			       .metadata = { items, 3, 3 } };
	const char *text = words_comment(&event, 1200, &arena);
	assert_true(words_units(str_of(text)) <= 1200);
	assert_non_null(strstr(text, "* `a`: `@team xxx"));
	assert_true(str_ends(str_of(text), STR("xxx...`\n")));
	assert_null(strstr(text, "`b`"));
	memset(value, '`', 3000);
	event.message = value;
	event.metadata.len = 0;
	text = words_comment(&event, 1200, &arena);
	assert_true(words_units(str_of(text)) <= 1200);
	assert_true(str_ends(str_of(text), STR("```\n\nMetadata:\n")));
}

static void test_event_json_is_as_go_writes_it(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct event event = { .object = { .kind = "K",
					   .namespace = "",
					   .name = "<o>",
					   .uid = "",
					   .api_version = "",
					   .resource_version = "",
					   .field_path = "" },
			       .severity = EVENT_ERROR,
			       .message = "\x01\n\"\\\u2028\x7f",
			       .reason = "R",
			       .reporting_controller = "c",
			       .reporting_instance = "" };
	struct str json = words_event_json(&event, &arena);
	assert_string_equal(
	    arena_strndup(&arena, json),
	    "{\"involvedObject\":{\"kind\":\"K\",\"name\":\"\\u003co\\u003e\"},"
	    "\"severity\":\"error\",\"timestamp\":null,"
	    "\"message\":\"\\u0001\\n\\\"\\\\\\u2028\x7f\",\"reason\":\"R\","
	    "\"reportingController\":\"c\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reason),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_defuse),
		cmocka_unit_test(test_metadata_has_summary_first),
		cmocka_unit_test(test_comment_fences_foreign_text),
		cmocka_unit_test(test_comment_is_cut_outside_marks),
		cmocka_unit_test(test_event_json_is_as_go_writes_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
