/* SPDX-License-Identifier: MIT */
#include "adapter/regex/regex.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

/* Patterns that Go refuses, and its words. */
static const struct {
	const char *pattern;
	const char *error;
} refused[] = {
	{ "(a", "missing closing ): `(a`" },
	{ "a)", "unexpected ): `a)`" },
	{ "[a", "missing closing ]: `[a`" },
	{ "[=", "missing closing ]: `[=`" },
	{ "[z-a]", "invalid character class range: `z-a`" },
	{ "\\p{Foo}", "invalid character class range: `\\p{Foo}`" },
	{ "[\\p", "invalid character class range: `\\p`" },
	{ "a**", "invalid nested repetition operator: `**`" },
	{ "*a", "missing argument to repetition operator: `*`" },
	{ "a{1001}", "invalid repeat count: `{1001}`" },
	{ "a{2,1}?", "invalid repeat count: `{2,1}`" },
	{ "a*?{2,1}", "invalid repeat count: `{2,1}`" },
	{ "a{99999999999}", "invalid repeat count: `{99999999999}`" },
	{ "(a{2,9999999999}?)b", "invalid repeat count: `{2,9999999999}`" },
	{ "{1000000000,}", "invalid repeat count: `{1000000000,}`" },
	{ "a**{99999999999}", "invalid nested repetition operator: `**`" },
	{ "\\p{99999999999}", "invalid character class range: `\\p{99999999999}`" },
	{ "a{2}{3}", "invalid nested repetition operator: `{2}{3}`" },
	{ "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
	{ "(?<=a)b", "invalid or unsupported Perl syntax: `(?<`" },
	{ "(?<!a)b", "invalid or unsupported Perl syntax: `(?<`" },
	{ "(?<a-b>x)", "invalid named capture: `(?<a-b>`" },
	{ "(?<>x)", "invalid named capture: `(?<>`" },
	{ "(?<n", "invalid named capture: `(?<n`" },
	{ "(?P<a-b>x)", "invalid named capture: `(?P<a-b>`" },
	{ "(?P<\xc3\xa9>x)", "invalid named capture: `(?P<\xc3\xa9>`" },
	{ "(?<\xc3\xa9>x)", "invalid named capture: `(?<\xc3\xa9>`" },
	{ "\\C", "invalid escape sequence: `\\C`" },
	{ "a\\Z", "invalid escape sequence: `\\Z`" },
	{ "\\x{4", "invalid escape sequence: `\\x{4`" },
	{ "a\\", "trailing backslash at end of expression: ``" },
	/* what stands before is refused first */
	{ "a**\\C", "invalid nested repetition operator: `**`" },
	{ "[z-a](?<a-b>x)", "invalid character class range: `z-a`" },
	{ "(?<n>a)(b", "missing closing ): `(?<n>a)(b`" },
	{ "(\\pL{1000}){1000}", "invalid repeat count: `{1000}`" },
	{ "(?:\\pL{1000}\\PL{1000})",
	  "expression too large: `(?:\\pL{1000}\\PL{1000})`" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct err err = ERR_INIT;
		struct regex *regex REGEX_CLEANUP = NULL;
		char wanted[256];
		assert_int_equal(regex_new(str_of(refused[i].pattern), &regex, &err),
				 ERR_INVALID);
		assert_null(regex);
		(void)snprintf(wanted, sizeof(wanted), "error parsing regexp: %s",
			       refused[i].error);
		assert_string_equal(err.text, wanted);
	}
}

/* What the first match's template expands to; NULL: no match. */
static const struct {
	const char *pattern;
	const char *subject;
	const char *text;
	const char *expanded;
} expanded[] = {
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$a]", "[12]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[${b}]", "[]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$c]", "[]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$a_]", "[]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$1a]", "[]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[${1}a]", "[12a]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$$a]", "[$a]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$ a]", "[$ a]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[$]", "[$]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[${a]", "[${a]" },
	{ "^(?P<a>\\d+)-(?P<b>x)?", "12-", "[${}]", "[${}]" },
	{ "(?<a>b)", "abc", "$a$0$01$1", "bbb" },
	{ "(?<a>b)", "abc", "$a\xc3\xa9|${a}\xc3\xa9|$a\xe2\x80\x93",
	  "|b\xc3\xa9|b\xe2\x80\x93" },
	{ "(?<n>a)|(?<n>b)", "b", "$n", "b" },
	{ "\\Q(?<n>\\E(x)", "(?<n>x", "$1", "x" },
	{ "[(?<n>]+(x)", "(?<n>x", "$1", "x" },
	{ "[]\\](?<n>]+(x)", "](<x", "$1", "x" },
	{ "[[:alpha:](?<n>]+", "a(?", "$0", "a(?" },
	{ "\\(?<n>", "(<n>", "$0", "(<n>" },
	{ "\\((?<n>x)", "(x", "$n", "x" },
	{ "a{09999999999}|b{,9999999999}", "a{09999999999}", "$0", "a{09999999999}" },
	{ "[a{99999999999}]+", "9}a{", "$0", "9}a{" },
	{ "(a)", "b", "$1", NULL },
	{ "()", "", "[$1]$2$99999999$100000000", "[]" },
	{ "foo$", "foo\n", "", NULL },
	{ "^$", "", "x", "x" },
};

static void test_expand(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expanded); i++) {
		struct err err = ERR_INIT;
		struct regex *regex REGEX_CLEANUP = NULL;
		struct regex_group groups[REGEX_MAX_GROUPS + 1];
		struct buf out BUF_CLEANUP = BUF_INIT(4096);
		struct str subject = str_of(expanded[i].subject);
		assert_int_equal(regex_new(str_of(expanded[i].pattern), &regex, &err), 0);
		bool found = regex_find(regex, subject, 0, groups, ARRAY_LEN(groups));
		assert_int_equal(found, regex_matches(regex, subject));
		assert_int_equal(found, expanded[i].expanded != NULL);
		if (!found)
			continue;
		regex_expand(regex, &out, str_of(expanded[i].text), groups);
		assert_string_equal(buf_cstr(&out), expanded[i].expanded);
	}
}

static void test_groups(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct regex *regex REGEX_CLEANUP = NULL;
	struct regex_group groups[4];
	struct str subject = STR("xab");
	assert_int_equal(regex_new(STR("(?P<one>a)?(b)"), &regex, &err), 0);
	assert_int_equal(regex_group_count(regex), 2);
	assert_string_equal(regex_group_name(regex, 1), "one");
	assert_null(regex_group_name(regex, 2));
	assert_null(regex_group_name(regex, 3));
	assert_true(regex_has_group(regex, STR("one")));
	assert_false(regex_has_group(regex, STR("two")));
	assert_true(regex_find(regex, subject, 0, groups, 4));
	assert_ptr_equal(groups[0].text.ptr, subject.ptr + 1);
	assert_int_equal(groups[0].text.len, 2);
	assert_int_equal(groups[1].text.len, 1);
	assert_null(groups[3].text.ptr);
	assert_true(regex_find(regex, subject, 2, groups, 4));
	assert_null(groups[1].text.ptr);
	assert_false(regex_find(regex, subject, 3, groups, 4));
	assert_false(regex_find(regex, subject, 4, groups, 4));
}

/* What stands before the start still counts. */
static void test_start(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct regex *begin REGEX_CLEANUP = NULL;
	struct regex *word REGEX_CLEANUP = NULL;
	assert_int_equal(regex_new(STR("^b"), &begin, &err), 0);
	assert_int_equal(regex_new(STR("\\bb"), &word, &err), 0);
	assert_false(regex_find(begin, STR("ab"), 1, NULL, 0));
	assert_false(regex_find(word, STR("ab"), 1, NULL, 0));
	assert_true(regex_find(word, STR("-b"), 1, NULL, 0));
}

static void test_template(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct regex *regex REGEX_CLEANUP = NULL;
	struct str unknown;
	size_t group = 0;
	assert_int_equal(regex_new(STR("(?P<a>x)(?P<b>y)(?P<b>z)?"), &regex, &err), 0);
	assert_int_equal(regex_template_refs(regex, STR("$a-$3-$0"), &unknown), 3);
	assert_null(unknown.ptr);
	assert_int_equal(regex_template_refs(regex, STR("$a$c$4"), &unknown), 1);
	assert_true(str_is(unknown, "c"));
	assert_int_equal(regex_template_refs(regex, STR("$$1 $ ${ const"), &unknown), 0);
	assert_null(unknown.ptr);
	assert_int_equal(regex_template_refs(regex, STR("$01"), &unknown), 1);
	assert_true(str_is(unknown, "01"));
	assert_true(regex_template_group(regex, STR("${a}"), &group));
	assert_int_equal(group, 1);
	assert_true(regex_template_group(regex, STR("$0"), &group));
	assert_int_equal(group, 0);
	assert_false(regex_template_group(regex, STR("$b"), &group));
	assert_false(regex_template_group(regex, STR("$4"), &group));
	assert_false(regex_template_group(regex, STR("$a "), &group));
	assert_false(regex_template_group(regex, STR("$$"), &group));
}

static void test_quote(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	regex_quote(&out, STR("a.b*[c]\\-_\xc3\xa9"));
	assert_string_equal(buf_cstr(&out), "a\\.b\\*\\[c\\]\\\\-_\xc3\xa9");
}

static void test_limits(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct regex *regex REGEX_CLEANUP = NULL;
	struct regex *many REGEX_CLEANUP = NULL;
	struct regex *slow REGEX_CLEANUP = NULL;
	struct buf text BUF_CLEANUP = BUF_INIT(100000);
	struct regex_group groups[201];
	for (int i = 0; i < 100; i++)
		assert_true(buf_puts(&text, "(a)?(?<n>b)"));
	assert_int_equal(regex_new(buf_str(&text), &many, &err), 0);
	assert_int_equal(regex_group_count(many), 200);
	assert_false(regex_find(many, STR("ab"), 0, groups, 201));
	while (text.len <= LIMIT_REGEX_BYTES)
		assert_true(buf_putc(&text, 'a'));
	assert_int_equal(regex_new(buf_str(&text), &regex, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 4096 bytes of a regular expression");
	/* what would take a backtracking engine for ever */
	buf_truncate(&text, 0);
	for (int i = 0; i < 5000; i++)
		assert_true(buf_putc(&text, 'a'));
	assert_int_equal(regex_new(STR("^(a+)+$"), &slow, &err), 0);
	assert_true(buf_putc(&text, '!'));
	assert_false(regex_matches(slow, buf_str(&text)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),  cmocka_unit_test(test_expand),
		cmocka_unit_test(test_groups),   cmocka_unit_test(test_start),
		cmocka_unit_test(test_template), cmocka_unit_test(test_quote),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
