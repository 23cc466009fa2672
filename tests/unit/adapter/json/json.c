/* SPDX-License-Identifier: MIT */
#include "adapter/json/json.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *written; /* NULL: an error */
	const char *error;
} cases[] = {
	{ "{\"a\":[1,2.5,true,null,\"x\\u00e9\"]}",
	  "{\"a\":[1,2.5,true,null,\"x\xc3\xa9\"]}", NULL },
	{ " 9007199254740993 ", "9007199254740993", NULL },
	{ "-0.5e2", "-50", NULL },
	{ "{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}", NULL },
	{ "{\"a\":1,\"a\":2}", NULL, "key 'a' stands twice" },
	{ "{} x", NULL, "1:4: unexpected character" },
	{ "\"\\u0000\"", NULL, "1:2: NUL in a string" },
	{ "01", NULL, "1:1: malformed number" },
	{ "1e999", NULL, "number '1e999' is out of range" },
	{ "\"\xff\"", NULL, "1:2: not UTF-8" },
	{ "\n\"a\tb\"", NULL, "2:3: control character in a string" },
	{ "", NULL, "1:1: unexpected end of the text" },
	{ "[1,", NULL, "1:4: unexpected end of the text" },
	{ "{", NULL, "1:2: unexpected end of the text" },
	{ "{\n  x", NULL, "2:3: unexpected character" },
	{ "{\"a\":1, x", NULL, "1:9: unexpected character" },
	{ "{\"a\":1,}", NULL, "1:8: unexpected character" },
	{ "[1, x", NULL, "1:5: unexpected character" },
	{ "[x", NULL, "1:2: unexpected character" },
	{ "[1,[x", NULL, "1:5: unexpected character" },
	{ "[,", NULL, "1:2: unexpected character" },
	{ "{\"a\" x", NULL, "1:6: unexpected character" },
	{ "{\"a\":,", NULL, "1:6: unexpected character" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct err err = ERR_INIT;
		struct value *value = NULL;
		struct buf out BUF_CLEANUP = BUF_INIT(4096);
		char message[4096];
		int code = json_parse(str_of(cases[i].text), &arena, &value, &err);
		if (cases[i].error) {
			assert_true(code < 0);
			err_format(&err, message, sizeof(message));
			assert_string_equal(message, cases[i].error);
			continue;
		}
		assert_int_equal(code, 0);
		json_write(&out, value, JSON_COMPACT);
		assert_string_equal(buf_cstr(&out), cases[i].written);
	}
}

static void test_strings(void **state)
{
	(void)state;
	static const char text[] = "<a> & \"\\\b\f\n\r\t\x01\x7f\xe2\x80\xa8\xc3\xa9\xff";
	struct buf plain BUF_CLEANUP = BUF_INIT(4096);
	struct buf go BUF_CLEANUP = BUF_INIT(4096);
	json_write_string(&plain, STR(text));
	json_write_string_go(&go, STR(text));
	assert_string_equal(
	    buf_cstr(&plain),
	    "\"<a> & \\\"\\\\\\u0008\\u000c\\n\\r\\t\\u0001\\u007f\\u2028\xc3\xa9\xef\xbf\xbd\"");
	assert_string_equal(buf_cstr(&go),
			    "\"\\u003ca\\u003e \\u0026 \\\"\\\\\\b\\f\\n\\r\\t\\u0001\x7f"
			    "\\u2028\xc3\xa9\\ufffd\"");
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct value *value = NULL;
	struct buf text BUF_CLEANUP = BUF_INIT(100000);
	for (int i = 0; i < 10000; i++)
		assert_true(buf_putc(&text, '['));
	assert_int_equal(json_parse(buf_str(&text), &arena, &value, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 200 nesting of JSON");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
