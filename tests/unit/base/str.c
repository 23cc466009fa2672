/* SPDX-License-Identifier: MIT */
/* Views: comparing, cutting, UTF-8 and the nearest name. */
#include "base/str.h"
#include "tests/unit/unit.h"
#include <limits.h>

static const struct str none = { NULL, 0 };

static void test_compare(void **state)
{
	(void)state;

	static const struct {
		struct str a, b;
		int order;
	} rows[] = {
		{ { "", 0 }, { NULL, 0 }, 0 },    { { "a", 1 }, { "a", 1 }, 0 },
		{ { "a", 1 }, { "b", 1 }, -1 },   { { "a", 1 }, { "ab", 2 }, -1 },
		{ { "b", 1 }, { "ab", 2 }, 1 },   { { "\xff", 1 }, { "a", 1 }, 1 },
		{ { "a\0b", 3 }, { "a", 1 }, 1 }, { { NULL, 0 }, { "\0", 1 }, -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int order = str_cmp(rows[i].a, rows[i].b);
		int back = str_cmp(rows[i].b, rows[i].a);
		assert_int_equal((order > 0) - (order < 0), rows[i].order);
		assert_int_equal((back > 0) - (back < 0), -rows[i].order);
		assert_int_equal(str_eq(rows[i].a, rows[i].b), rows[i].order == 0);
	}
	assert_true(str_is(none, ""));
	assert_true(str_is(STR("ab"), "ab"));
	assert_false(str_is(STR("a\0"), "a"));
	assert_true(str_eq_nocase(STR("GitHub.com"), STR("github.COM")));
	assert_true(str_eq_nocase(none, STR("")));
	assert_false(str_eq_nocase(STR("ab"), STR("abc")));
	assert_false(str_eq_nocase(STR("a\0b"), STR("a\0c")));
	assert_int_equal(str_of(NULL).len, 0);
	assert_int_equal(str_int_len((struct str){ "", (size_t)INT_MAX + 1 }), INT_MAX);
}

static void test_cut(void **state)
{
	(void)state;
	struct str s = STR("abcdef");
	assert_true(str_is(str_from(s, 0), "abcdef"));
	assert_true(str_is(str_from(s, 4), "ef"));
	assert_true(str_is(str_from(s, 6), ""));
	assert_true(str_is(str_from(s, SIZE_MAX), ""));
	assert_true(str_is(str_slice(s, 2, 2), "cd"));
	assert_true(str_is(str_slice(s, 4, SIZE_MAX), "ef"));
	assert_true(str_is(str_slice(s, 9, 1), ""));
	assert_null(str_from(none, 3).ptr);
	assert_true(str_starts(s, STR("abc")) && str_starts(s, none));
	assert_false(str_starts(STR("ab"), STR("abc")));
	assert_true(str_ends(s, STR("def")) && str_ends(s, none));
	assert_false(str_ends(STR("ef"), STR("def")));
	assert_true(str_starts(none, none) && str_ends(none, none));
}

static void test_find(void **state)
{
	(void)state;
	struct str s = STR("a/b/c");
	assert_int_equal(str_find_char(s, '/'), 1);
	assert_int_equal(str_rfind_char(s, '/'), 3);
	assert_int_equal(str_find_char(s, 'x'), 5);
	assert_int_equal(str_rfind_char(s, 'x'), 5);
	assert_int_equal(str_find(s, STR("/c")), 3);
	assert_int_equal(str_find(s, STR("/d")), 5);
	assert_int_equal(str_find(s, none), 0);
	assert_int_equal(str_find_char(none, 'x'), 0);
	assert_int_equal(str_rfind_char(none, 'x'), 0);
	assert_int_equal(str_find(none, STR("x")), 0);
}

static void test_trim(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ " \t\r\na b\n ", "a b" }, { "a", "a" }, { " \n", "" }, { "", "" },
		{ "\va\f", "\va\f" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(str_is(str_trim(str_of(rows[i][0])), rows[i][1]));
	assert_int_equal(str_trim(none).len, 0);
}

static void test_split_and_lines(void **state)
{
	(void)state;

	static const struct {
		const char *text, *pieces, *lines;
	} rows[] = {
		{ "", "[]", "" },
		{ "a", "[a]", "(a)" },
		{ "a\n", "[a][]", "(a)" },
		{ "\n", "[][]", "()" },
		{ "a\n\nb", "[a][][b]", "(a)()(b)" },
		{ "a\r\nb", "[a\r][b]", "(a\r)(b)" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char got[64] = "";
		size_t at = 0;
		struct str piece;
		struct str rest = str_of(rows[i].text);
		while (str_split(&rest, '\n', &piece))
			at += (size_t)snprintf(got + at, sizeof(got) - at, "[%.*s]",
					       STR_ARG(piece));
		assert_string_equal(got, rows[i].pieces);
		got[at = 0] = '\0';
		rest = str_of(rows[i].text);
		while (str_line(&rest, &piece))
			at += (size_t)snprintf(got + at, sizeof(got) - at, "(%.*s)",
					       STR_ARG(piece));
		assert_string_equal(got, rows[i].lines);
	}
	struct str rest = none;
	struct str piece;
	assert_false(str_split(&rest, '\n', &piece));
	assert_false(str_line(&rest, &piece));
}

/* Every code point there and back, and nothing else. */
static void test_utf8_round(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x110000; c++) {
		char bytes[4];
		uint32_t back = 0;
		size_t n = str_utf8_encode(c, bytes);
		struct str s = { bytes, n };
		bool valid = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		assert_int_equal(str_utf8_decode(s, 0, &back), valid ? n : 0);
		assert_int_equal(back, valid ? c : 0);
		assert_int_equal(str_is_utf8(s, NULL), valid);
	}
}

static void test_utf8_bad(void **state)
{
	(void)state;

	static const struct {
		struct str s;
		size_t bad_off;
	} rows[] = {
		{ { "\x80", 1 }, 0 },
		{ { "a\xc0\x80", 3 }, 1 },
		{ { "ab\xc1\xbf", 4 }, 2 },
		{ { "\xe0\x9f\xbf", 3 }, 0 },
		{ { "\xed\xa0\x80", 3 }, 0 },
		{ { "\xf0\x8f\xbf\xbf", 4 }, 0 },
		{ { "\xf4\x90\x80\x80", 4 }, 0 },
		{ { "\xf5\x80\x80\x80", 4 }, 0 },
		{ { "\xc3\xa9\xc3", 3 }, 2 },
		{ { "\xe2\x82", 2 }, 0 },
		{ { "\xc3(", 2 }, 0 },
		{ { "\xfe\xff", 2 }, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t bad = 99;
		assert_false(str_is_utf8(rows[i].s, &bad));
		assert_int_equal(bad, rows[i].bad_off);
	}
	size_t bad = 99;
	assert_true(str_is_utf8(STR("a\0\xc3\xa9"), &bad));
	assert_true(str_is_utf8(none, &bad));
	assert_int_equal(bad, 99);
	uint32_t c = 7;
	assert_int_equal(str_utf8_decode(STR("a"), 1, &c), 0);
	assert_int_equal(c, 7);
}

static void test_distance(void **state)
{
	(void)state;

	static const struct {
		const char *a, *b;
		size_t distance;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "abc", 0 },
		{ "abc", "abd", 1 },
		{ "abc", "acb", 2 },
		{ "kitten", "sitting", 3 },
		{ "interval", "inteval", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str a = str_of(rows[i].a);
		struct str b = str_of(rows[i].b);
		assert_int_equal(str_distance(a, b), rows[i].distance);
		assert_int_equal(str_distance(b, a), rows[i].distance);
	}
	char a[200];
	char b[200];
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_int_equal(str_distance((struct str){ a, 200 }, (struct str){ b, 200 }),
			 63);
}

static void test_nearest(void **state)
{
	(void)state;
	static const char *const names[] = { "interval", "image", "range", "tag" };

	static const struct {
		const char *name, *nearest;
	} rows[] = {
		{ "intervall", "interval" },
		{ "imag", "image" },
		{ "tag", "tag" },
		{ "tga", NULL },
		{ "rnge", "range" },
		{ "zzzzzz", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = str_nearest(rows[i].name, names, ARRAY_LEN(names));
		assert_string_equal(got ? got : "(none)",
				    rows[i].nearest ? rows[i].nearest : "(none)");
	}
	assert_null(str_nearest("x", NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_split_and_lines),
		cmocka_unit_test(test_utf8_round),
		cmocka_unit_test(test_utf8_bad),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
