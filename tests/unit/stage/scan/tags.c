/* SPDX-License-Identifier: MIT */
#include "stage/scan/tags.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static const struct {
	const char *body;
	const char *tags;    /* ordered, joined by blanks */
	const char *invalid; /* the same */
	const char *error;
} cases[] = {
	{ "{\"name\":\"x\",\"tags\":[\"1.0\",\"b\",\"a\",\"1.0\"]}", "b a 1.0", "",
	  NULL },
	{ " {\"tags\" : [ \"1\" , \"2\" ] , \"n\":{\"a\":[1,-2.5e+3,{}],\"b\":[]}} \n",
	  "2 1", "", NULL },
	{ "{\"tags\":null}", "", "", NULL },
	{ "{\"tags\":[]}", "", "", NULL },
	{ "{}", "", "", NULL },
	{ "{\"name\":\"x\",\"errors\":null}", "", "", NULL },
	{ "{\"tags\":[\"-a\",null,\"\",\"a b\",\"\\u0031\",\"\\u00e9\"]}", "1",
	  "a b \\u00e9 -a ", NULL },
	{ "", NULL, NULL, "byte 1: expected a JSON object" },
	{ "[\"1\"]", NULL, NULL, "byte 1: expected a JSON object" },
	{ "{\"tags\":[\"1\"", NULL, NULL,
	  "byte 13: expected ',' or the end of a list or map" },
	{ "{\"tags\":[\"1\",", NULL, NULL, "byte 14: expected a string" },
	{ "{\"tags\":[\"1\",]}", NULL, NULL, "byte 14: expected a string" },
	{ "{\"tags\":[\"1\"]", NULL, NULL,
	  "byte 14: expected ',' or the end of a list or map" },
	{ "{\"tags\":[1]}", NULL, NULL, "byte 10: expected a string" },
	{ "{\"tags\":\"1\"}", NULL, NULL, "byte 9: 'tags' is not a list" },
	{ "{\"tags\":[\"1\"]} x", NULL, NULL, "byte 16: text behind the end" },
	{ "{\"tags\":[],\"tags\":[]}", NULL, NULL, "byte 19: 'tags' stands twice" },
	{ "{\"tags\":[\"a\tb\"]}", NULL, NULL, "byte 12: control character in a string" },
	{ "{\"tags\":[\"\\x\"]}", NULL, NULL, "byte 13: malformed escape" },
	{ "{\"x\":01}", NULL, NULL, "byte 6: expected a value" },
	{ "{\"x\":[}}", NULL, NULL, "byte 7: expected a value" },
	{ "{\"errors\":[{}]}", NULL, NULL, "byte 16: it holds errors, not tags" },
};

static const char *join(struct arena *arena, const struct tag_list *list)
{
	const char *out = "";
	for (size_t i = 0; i < list->len; i++)
		out = arena_printf(arena, "%s%s%.*s", out, i ? " " : "",
				   STR_ARG(list->items[i]));
	return out;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct tag_page page = { 0 };
		struct err err = ERR_INIT;
		int code = tags_parse(str_of(cases[i].body), &arena, &page, &err);
		if (cases[i].error) {
			assert_int_equal(code, ERR_INVALID);
			assert_string_equal(
			    err.text, arena_printf(&arena, "malformed tag list at %s",
						   cases[i].error));
			continue;
		}
		assert_int_equal(code, 0);
		tags_order(&page.tags);
		tags_order(&page.invalid);
		assert_string_equal(join(&arena, &page.tags), cases[i].tags);
		assert_string_equal(join(&arena, &page.invalid), cases[i].invalid);
	}
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf body BUF_CLEANUP = BUF_INIT(100000);
	struct tag_page page = { 0 };
	struct err err = ERR_INIT;
	(void)buf_puts(&body, "{\"x\":");
	for (int i = 0; i < 50000; i++)
		(void)buf_putc(&body, '[');
	assert_int_equal(tags_parse(buf_str(&body), &arena, &page, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 200 nesting of JSON");
}

static void test_number_is_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf body BUF_CLEANUP = BUF_INIT(8000000);
	struct tag_page page = { 0 };
	struct err err = ERR_INIT;
	(void)buf_puts(&body, "{\"tags\":[\"0\"");
	for (int i = 1; i < LIMIT_TAGS; i++)
		(void)buf_printf(&body, ",\"%d\"", i);
	size_t len = body.len;
	(void)buf_puts(&body, "]}");
	assert_int_equal(tags_parse(buf_str(&body), &arena, &page, &err), 0);
	assert_int_equal(page.tags.len, LIMIT_TAGS);
	buf_truncate(&body, len);
	(void)buf_puts(&body, ",\"x\"]}");
	page = (struct tag_page){ 0 };
	assert_int_equal(tags_parse(buf_str(&body), &arena, &page, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 200000 tags of one image");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_number_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
