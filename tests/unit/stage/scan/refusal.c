/* SPDX-License-Identifier: MIT */
#include "stage/scan/refusal.h"
#include "tests/unit/unit.h"

static const struct {
	const char *body;
	const char *code;
	const char *text;
} cases[] = {
	{ "{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"not known\",\"detail\":[1]}]}",
	  "NAME_UNKNOWN", "NAME_UNKNOWN: not known" },
	{ "{\"errors\":[{\"code\":\"A\"},{\"message\":\"b\"},{},{\"code\":\"D\"}]}", "A",
	  "A; b" },
	{ "{\"errors\":[{\"status\":400,\"message\":\"as Artifactory\"}]}", "",
	  "as Artifactory" },
	{ "{\"message\":\"plain\"}", "", "plain" },
	{ "{\"details\":\"of a token server\"}", "", "of a token server" },
	{ "404 page not found\nmore", "", "404 page not found" },
	{ "<html>secrets of an intranet</html>", "", "" },
	{ "{\"errors\":[{\"message\":\"\\u001b[31mred\\u202e\"}]}", "",
	  "\\x1b[31mred\\u{202e}" },
	{ "{\"errors\":7}", "", "" },
	{ "{\"errors\":[7]}", "", "" },
	{ "{broken", "", "" },
	{ "", "", "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct refusal got;
		refusal_read(str_of(cases[i].body), &arena, &got);
		assert_string_equal(got.code, cases[i].code);
		assert_string_equal(got.text, cases[i].text);
	}
}

static void test_status_names(void **state)
{
	(void)state;
	assert_string_equal(refusal_status_name(404), "Not Found");
	assert_string_equal(refusal_status_name(599), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_status_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
