/* SPDX-License-Identifier: MIT */
/* Escapes, name rules, and globs against a slow but plain matcher. */
#include "base/text.h"
#include "base/when.h"
#include "tests/unit/unit.h"

static void test_escape(void **state)
{
	(void)state;

	static const struct {
		struct str in;
		const char *out, *lines;
	} rows[] = {
		{ { "plain \\ text", 12 }, "plain \\ text", "plain \\ text" },
		{ { "a\tb\nc\r\n", 7 }, "a\\x09b\\x0ac\\x0d\\x0a", "a\tb\nc\\x0d\n" },
		{ { "\x1b[31m", 5 }, "\\x1b[31m", "\\x1b[31m" },
		{ { "\0\x7f", 2 }, "\\x00\\x7f", "\\x00\\x7f" },
		{ { "\xc2\x9b", 2 }, "\\x9b", "\\x9b" },
		{ { "\xc2\xa0\xc3\xa9", 4 }, "\xc2\xa0\xc3\xa9", "\xc2\xa0\xc3\xa9" },
		{ { "\xff\xc3", 2 }, "\\xff\\xc3", "\\xff\\xc3" },
		{ { "\xed\xa0\x80", 3 }, "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },
		{ { "\xc0\x80", 2 }, "\\xc0\\x80", "\\xc0\\x80" },
		{ { "\xe2\x80\xae", 3 }, "\\u{202e}", "\\u{202e}" },
		{ { "\xe2\x81\xa9", 3 }, "\\u{2069}", "\\u{2069}" },
		{ { "\xe2\x80\xa8", 3 }, "\\u{2028}", "\\u{2028}" },
		{ { "\xd8\x9c", 2 }, "\\u{061c}", "\\u{061c}" },
		{ { "\xef\xbb\xbf", 3 }, "\\u{feff}", "\\u{feff}" },
		{ { "\xf0\x9f\x98\x80", 4 }, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ { NULL, 0 }, "", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out BUF_CLEANUP = BUF_INIT(100);
		struct buf lines BUF_CLEANUP = BUF_INIT(100);
		text_escape(&out, rows[i].in, false);
		text_escape(&lines, rows[i].in, true);
		assert_string_equal(buf_cstr(&out), rows[i].out);
		assert_string_equal(buf_cstr(&lines), rows[i].lines);
	}
}

static void test_clean(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;

	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} rows[] = {
		{ "abcdef", 6, "abcdef" },
		{ "abcdef", 5, "ab..." },
		{ "a\nb", 6, "a\\x0ab" },
		{ "a\nb", 5, "a\\..." },
		{ "", 0, "" },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9", 6, "\xc3\xa9\xc3\xa9\xc3\xa9" },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9", 5, "\xc3\xa9..." },
		{ "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 6, "\xc3\xa9..." },
		{ "0123456789012345678901234567890123456789", 10, "0123456..." },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(text_clean(&arena, str_of(rows[i].in), rows[i].max),
				    rows[i].out);
	assert_string_equal(text_clean(&arena, STR("a\0b"), 9), "a\\x00b");
	/* every limit keeps UTF-8 and its bound */
	for (size_t max = 3; max < 40; max++) {
		const char *text =
		    text_clean(&arena,
			       STR("\xe2\x82\xac\xe2\x82\xac\n\xf0\x9f\x98\x80"
				   "\xf0\x9f\x98\x80x\xe2\x82\xac\xe2\x82\xac"),
			       max);
		assert_true(strlen(text) <= max);
		assert_true(str_is_utf8(str_of(text), NULL));
	}
}

static void test_printable(void **state)
{
	(void)state;
	assert_true(text_is_printable(STR("")));
	assert_true(text_is_printable(STR("a b\n\tc \xc3\xa9 \xe2\x80\xae")));
	static const char *const bad[] = { "\r",   "\x1b",  "\x7f", "\xc2\x85",
					   "\xff", "a\xc3", "\x01" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_is_printable(str_of(bad[i])));
	assert_false(text_is_printable(STR("a\0b")));
}

#define TEN   "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void test_labels(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		bool key, value;
	} rows[] = {
		{ "", false, true },
		{ "a", true, true },
		{ "App_1.x-Y", true, true },
		{ "app.kubernetes.io/name", true, false },
		{ "/name", false, false },
		{ "a/", false, false },
		{ "a/b/c", false, false },
		{ "A/b", false, false },
		{ "-a", false, false },
		{ "a.", false, false },
		{ "a b", false, false },
		{ SIXTY "aaa", true, true },
		{ SIXTY "aaaa", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(text_is_label_key(str_of(rows[i].text)), rows[i].key);
		assert_int_equal(text_is_label_value(str_of(rows[i].text)),
				 rows[i].value);
	}
	assert_false(text_is_label_value((struct str){ "a\0b", 3 }));
}

static void test_dns(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		bool label, subdomain;
	} rows[] = {
		{ "a", true, true },
		{ "0", true, true },
		{ "a-b", true, true },
		{ "a--b", true, true },
		{ "a.b", false, true },
		{ "1.2.3", false, true },
		{ "a-1.b-2", false, true },
		{ "", false, false },
		{ ".", false, false },
		{ "a.", false, false },
		{ ".a", false, false },
		{ "a..b", false, false },
		{ "-a", false, false },
		{ "a-", false, false },
		{ "a.-b", false, false },
		{ "a-.b", false, false },
		{ "A", false, false },
		{ "a_b", false, false },
		{ "a b", false, false },
		{ "a/b", false, false },
		{ "a\n", false, false },
		{ "\xc3\xa9", false, false },
		{ SIXTY "aaa", true, true },
		{ SIXTY "aaaa", false, true },
		{ SIXTY "." SIXTY "." SIXTY "." SIXTY ".aaaaaaaaa", false, true },
		{ SIXTY "." SIXTY "." SIXTY "." SIXTY ".aaaaaaaaaa", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = str_of(rows[i].text);
		assert_int_equal(text_is_dns_label(s), rows[i].label);
		assert_int_equal(text_is_dns_subdomain(s), rows[i].subdomain);
	}
	assert_false(text_is_dns_subdomain(STR("a\0b")));
}

static void test_glob(void **state)
{
	(void)state;

	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "a/b", false },
		{ "**", "a/b", true },
		{ "a/**", "a/", true },
		{ "a/**", "a/b/c", true },
		{ "a/**", "a", false },
		{ "**/x", "a/b/x", true },
		{ "**/x", "x", false },
		{ "release-*", "release-1.2", true },
		{ "release-*", "release-1/2", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYb/c", false },
		{ "**b/*c", "ab/xb/c", true },
		{ "a?c", "abc", true },
		{ "a?c", "a/c", false },
		{ "a?c", "ac", false },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[!a-c]x", "dx", true },
		{ "[^a-c]x", "ax", false },
		{ "[!a]", "/", false },
		{ "[/]", "/", false },
		{ "[]]", "]", true },
		{ "[!]]", "]", false },
		{ "[a-]", "-", true },
		{ "[-a]", "-", true },
		{ "[a", "[a", true },
		{ "[a", "a", false },
		{ "[]", "[]", true },
		{ "[z-a]", "b", false },
		{ "[a-\xff]", "\xc3", true },
		{ "[\x80-\xff]", "a", false },
		{ "\\*", "*", true },
		{ "\\*", "x", false },
		{ "\\\\", "\\", true },
		{ "a\\", "a\\", true },
		{ "\\[a]", "[a]", true },
		{ "*.example.com", "a.example.com", true },
		{ "A", "a", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool got = text_glob(str_of(rows[i].pattern), str_of(rows[i].text));
		if (got != rows[i].matches)
			print_error("'%s' '%s'\n", rows[i].pattern, rows[i].text);
		assert_int_equal(got, rows[i].matches);
	}
	assert_true(text_glob(STR("a*\0"), STR("ab\0")));
}

/* The definition, tried in every way. */
static bool plain_match(const char *pattern, const char *text)
{
	if (!*pattern)
		return !*text;
	if (pattern[0] == '*') {
		bool deep = pattern[1] == '*';
		for (;; text++) {
			if (plain_match(pattern + (deep ? 2 : 1), text))
				return true;
			if (!*text || (!deep && *text == '/'))
				return false;
		}
	}
	if (!*text || (*pattern == '?' ? *text == '/' : *pattern != *text))
		return false;
	return plain_match(pattern + 1, text + 1);
}

/* The n-th text over an alphabet, counted with empty places behind. */
static void spell(char *out, size_t n, const char *alphabet)
{
	size_t letters = strlen(alphabet);
	size_t at = 0;
	for (; n; n = (n - 1) / letters)
		out[at++] = alphabet[(n - 1) % letters];
	out[at] = '\0';
}

static void test_glob_exhaustively(void **state)
{
	(void)state;
	char pattern[16];
	char text[16];
	/* all patterns of up to 6 of 4 characters, all texts of up to 6 of 2 */
	for (size_t p = 0; p < 5461; p++) {
		spell(pattern, p, "a/*?");
		for (size_t t = 0; t < 127; t++) {
			spell(text, t, "a/");
			bool got = text_glob(str_of(pattern), str_of(text));
			bool wanted = plain_match(pattern, text);
			if (got != wanted)
				print_error("'%s' '%s'\n", pattern, text);
			assert_int_equal(got, wanted);
		}
	}
}

static void test_glob_time(void **state)
{
	(void)state;
	char text[4001];
	char pattern[401];
	static const char *const units[] = { "*a", "**a", "a*", "[a", "?*", "*[!b]" };
	memset(text, 'a', 4000);
	text[4000] = '\0';
	int64_t start = when_monotonic_ms();
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		size_t len = strlen(units[u]);
		for (size_t at = 0; at < 400; at++)
			pattern[at] = units[u][at % len];
		pattern[399] = 'b';
		pattern[400] = '\0';
		assert_false(text_glob(str_of(pattern), str_of(text)));
	}
	assert_false(text_glob(STR("**a*a*a*a*a*ab"), str_of(text)));
	/* exponential ways would take years */
	assert_true(when_monotonic_ms() - start < 60000);
}

static void assert_wraps(const char *text, size_t columns, const char *indent,
			 const char *expected)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1000);
	text_wrap(&out, text, columns, indent);
	assert_string_equal(buf_cstr(&out), expected);
}

static void test_wrap(void **state)
{
	(void)state;
	assert_wraps("", 10, "  ", "");
	assert_wraps("one two six", 11, "", "one two six\n");
	assert_wraps("one two six", 10, "", "one two\nsix\n");
	assert_wraps("one two six", 9, "  ", "  one two\n  six\n");
	assert_wraps("incomprehensible is one word", 6, "",
		     "incomprehensible\nis one\nword\n");
	assert_wraps("one\ntwo\n\nsix\n", 10, "", "one two\n\nsix\n");
	assert_wraps("one\ntwo six", 7, "", "one two\nsix\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_printable),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_glob_exhaustively),
		cmocka_unit_test(test_glob_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
