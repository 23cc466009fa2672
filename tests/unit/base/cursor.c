/* SPDX-License-Identifier: MIT */
/* What each cursor function takes, and that a refusal takes nothing. */
#include "base/cursor.h"
#include "tests/unit/unit.h"

static void test_char_and_text(void **state)
{
	(void)state;
	struct str rest = STR("abc");
	assert_false(cursor_char(&rest, 'b'));
	assert_true(cursor_char(&rest, 'a'));
	assert_false(cursor_text(&rest, "bcd"));
	assert_true(str_is(rest, "bc"));
	assert_true(cursor_text(&rest, ""));
	assert_true(cursor_text(&rest, "bc"));
	assert_int_equal(rest.len, 0);
	assert_false(cursor_char(&rest, '\0'));
	assert_true(cursor_text(&rest, ""));
	struct str none = { NULL, 0 };
	assert_false(cursor_char(&none, 'a'));
	assert_false(cursor_text(&none, "a"));
}

static void test_number(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		uint64_t max;
		bool taken;
		uint64_t value;
		const char *rest;
	} rows[] = {
		{ "0", 0, true, 0, "" },
		{ "1", 0, false, 0, "1" },
		{ "5", 5, true, 5, "" },
		{ "6", 5, false, 0, "6" },
		{ "9", 8, false, 0, "9" },
		{ "10", 9, false, 0, "10" },
		{ "12x", 99, true, 12, "x" },
		{ "100", 99, false, 0, "100" },
		{ "007", 7, true, 7, "" },
		{ "-1", 99, false, 0, "-1" },
		{ "+1", 99, false, 0, "+1" },
		{ " 1", 99, false, 0, " 1" },
		{ "", 99, false, 0, "" },
		{ "x", 99, false, 0, "x" },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX, "" },
		{ "18446744073709551616", UINT64_MAX, false, 0, "18446744073709551616" },
		{ "99999999999999999999", UINT64_MAX, false, 0, "99999999999999999999" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str rest = str_of(rows[i].text);
		uint64_t value = 0;
		assert_int_equal(cursor_number(&rest, rows[i].max, &value),
				 rows[i].taken);
		assert_true(value == rows[i].value);
		assert_true(str_is(rest, rows[i].rest));
		bool whole = rows[i].taken && !*rows[i].rest;
		assert_int_equal(number_parse(str_of(rows[i].text), rows[i].max, &value),
				 whole);
	}
}

/* Every bound up to 120 against every number up to 130. */
static void test_bounds(void **state)
{
	(void)state;
	for (uint64_t max = 0; max < 120; max++) {
		for (uint64_t n = 0; n < 130; n++) {
			char text[8];
			uint64_t value = 0;
			(void)snprintf(text, sizeof(text), "%u", (unsigned)n);
			assert_int_equal(number_parse(str_of(text), max, &value),
					 n <= max);
		}
	}
}

static void test_signed(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		int64_t max;
		bool valid;
		int64_t value;
	} rows[] = {
		{ "-1", 1, true, -1 },
		{ "+1", 1, true, 1 },
		{ "-0", 1, true, 0 },
		{ "2", 1, false, 0 },
		{ "-2", 1, false, 0 },
		{ "--1", 9, false, 0 },
		{ "+-1", 9, false, 0 },
		{ "-", 9, false, 0 },
		{ "", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "9223372036854775807", INT64_MAX, true, INT64_MAX },
		{ "-9223372036854775807", INT64_MAX, true, -INT64_MAX },
		{ "9223372036854775808", INT64_MAX, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 0;
		assert_int_equal(
		    number_parse_signed(str_of(rows[i].text), rows[i].max, &value),
		    rows[i].valid);
		assert_true(value == rows[i].value);
	}
}

static void test_digits(void **state)
{
	(void)state;
	struct str rest = STR("20260606x");
	uint64_t n = 0;
	assert_true(cursor_digits(&rest, 4, &n));
	assert_int_equal(n, 2026);
	assert_false(cursor_digits(&rest, 5, &n));
	assert_false(cursor_digits(&rest, 6, &n));
	assert_true(str_is(rest, "0606x"));
	assert_true(cursor_digits(&rest, 4, &n));
	assert_int_equal(n, 606);
	assert_true(str_is(rest, "x"));
}

static void test_runs(void **state)
{
	(void)state;
	struct str rest = STR(" \t\n12ab");
	cursor_skip_blank(&rest);
	assert_true(str_is(rest, "\n12ab"));
	assert_int_equal(cursor_while(&rest, char_is_digit).len, 0);
	assert_true(cursor_char(&rest, '\n'));
	assert_true(str_is(cursor_while(&rest, char_is_digit), "12"));
	assert_true(str_is(cursor_while(&rest, char_is_hex), "ab"));
	assert_int_equal(rest.len, 0);
}

/* The classes of all 256 bytes, counted and at their borders. */
static void test_classes(void **state)
{
	(void)state;
	size_t digits = 0;
	size_t hex = 0;
	size_t alpha = 0;
	size_t alnum = 0;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		digits += char_is_digit(c);
		hex += char_is_hex(c);
		alpha += char_is_alpha(c);
		alnum += char_is_alnum(c);
		char lower = i >= 'A' && i <= 'Z' ? (char)(i + 32) : c;
		assert_int_equal(char_lower(c), lower);
	}
	assert_int_equal(digits, 10);
	assert_int_equal(hex, 22);
	assert_int_equal(alpha, 52);
	assert_int_equal(alnum, 62);
	assert_false(char_is_alpha('@') || char_is_alpha('[') || char_is_alpha('`') ||
		     char_is_alpha('{') || char_is_digit('/') || char_is_digit(':') ||
		     char_is_hex('g') || char_is_hex('G'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_char_and_text), cmocka_unit_test(test_number),
		cmocka_unit_test(test_bounds),        cmocka_unit_test(test_signed),
		cmocka_unit_test(test_digits),        cmocka_unit_test(test_runs),
		cmocka_unit_test(test_classes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
