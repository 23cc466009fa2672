/* SPDX-License-Identifier: MIT */
#include "stage/scan/challenge.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

/* `scheme realm service scope` of each, `-` for what is absent; `!` for an error. */
static const struct {
	const char *header;
	const char *found;
} cases[] = {
	{ "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\","
	  "scope=\"repository:a/b:pull,push\"",
	  "2|https://auth.docker.io/token|registry.docker.io|repository:a/b:pull,push" },
	{ "bearer REALM=\"https://a/t\", Service=x", "2|https://a/t|x|-" },
	{ "Basic realm=\"basic realm\"", "1|basic realm|-|-" },
	{ "Basic realm=\"x\", Bearer realm=\"https://a/t\",service=\"s\"",
	  "1|x|-|- 2|https://a/t|s|-" },
	{ "Negotiate, Basic realm=\"x\"", "0|-|-|- 1|x|-|-" },
	{ "Negotiate YWJj==, Basic realm=\"x\"", "0|-|-|- 1|x|-|-" },
	{ "Negotiate YWJj, Basic realm=\"x\"", "0|-|-|- 1|x|-|-" },
	{ "Bearer realm=\"https://a/t?x=1&y=2\",service=\"a \\\"q\\\" s\"",
	  "2|https://a/t?x=1&y=2|a \"q\" s|-" },
	{ "Bearer realm=https://a/t,service=s", "2|https://a/t|s|-" },
	{ "Bearer  realm = \"https://a/t\"", "2|https://a/t|-|-" },
	{ "Bearer realm=\"https://a/t", "!" },
	{ "Bearer", "2|-|-|-" },
	{ "", "" },
	{ "Bearer realm=\"https://a/t\",service=\"\",scope=\"x\"", "2|https://a/t||x" },
	{ "Bearer realm=\"https://a/t\",,service=\"s\"", "2|https://a/t|s|-" },
	{ "realm=\"x\"", "!" },
	{ "Bearer \"x\"", "!" },
};

static void show(struct buf *out, const char *text)
{
	(void)buf_printf(out, "|%s", text ? text : "-");
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct buf got BUF_CLEANUP = BUF_INIT(4096);
		struct challenges found = { 0 };
		struct err err = ERR_INIT;
		int code = challenge_parse(str_of(cases[i].header), &arena, &found, &err);
		if (code) {
			assert_int_equal(code, ERR_INVALID);
			assert_int_equal(found.len, 0);
			(void)buf_puts(&got, "!");
		}
		for (size_t k = 0; k < found.len; k++) {
			(void)buf_printf(&got, "%s%d", k ? " " : "",
					 (int)found.items[k].scheme);
			show(&got, found.items[k].realm);
			show(&got, found.items[k].service);
			show(&got, found.items[k].scope);
		}
		assert_string_equal(buf_cstr(&got), cases[i].found);
	}
}

static void test_choose(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct challenges found = { 0 };
	struct err err = ERR_INIT;
	assert_int_equal(challenge_parse(STR("Negotiate"), &arena, &found, &err), 0);
	assert_null(challenge_choose(&found));
	assert_int_equal(challenge_parse(STR("Basic realm=\"x\""), &arena, &found, &err),
			 0);
	assert_ptr_equal(challenge_choose(&found), &found.items[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_choose),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
