/* SPDX-License-Identifier: MIT */
/* The table of limits: each is positive and tells its own text. */
#include "base/limits.h"
#include "tests/unit/unit.h"

#define ROW(name, number, text) { #name, (number), (text) },

static const struct {
	const char *name;
	long number;
	const char *text;
} rows[] = { LIMITS(ROW) };

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(rows[i].number > 0);
		assert_int_equal(strncmp(rows[i].name, "LIMIT_", 6), 0);
		assert_string_equal(limit_text(rows[i].name), rows[i].text);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(rows[i].name, rows[j].name);
			assert_string_not_equal(rows[i].text, rows[j].text);
		}
	}
	assert_string_equal(limit_text("LIMIT_NONE"), "?");
	assert_string_equal(limit_text(""), "?");
}

static void test_format(void **state)
{
	(void)state;
	char text[80];
	(void)snprintf(text, sizeof(text), LIMIT_FMT, LIMIT_ARG(LIMIT_HOOK_LINES));
	assert_string_equal(text, "limit: 10 lines shown to a pusher");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
