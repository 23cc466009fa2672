/* SPDX-License-Identifier: MIT */
/* What the cases file does not hold: limits, precedence of hyphen ranges, quoting. */
#include "base/limits.h"
#include "lang/semver/semver.h"
#include "tests/unit/unit.h"

static void repeat(struct buf *out, const char *text, size_t n)
{
	buf_truncate(out, 0);
	while (n--)
		assert_true(buf_puts(out, text));
}

static const char *parse(struct str text)
{
	static struct err err;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct semver_range *range = NULL;
	int code = semver_range_new(text, &arena, &range, &err);
	assert_int_equal(code == 0, range != NULL);
	return code ? err.text : "";
}

static void test_limits(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(10000);
	struct semver version;
	struct err err = ERR_INIT;
	repeat(&text, "1||", LIMIT_RANGE_GROUPS - 1);
	assert_true(buf_putc(&text, '1'));
	assert_string_equal(parse(buf_str(&text)), "");
	assert_true(buf_puts(&text, "||1"));
	assert_string_equal(parse(buf_str(&text)), "too many constraint groups (max 32)");
	repeat(&text, " ", LIMIT_RANGE_BYTES - 1);
	assert_true(buf_putc(&text, '1'));
	assert_string_equal(parse(buf_str(&text)), "");
	assert_true(buf_putc(&text, ' '));
	assert_string_equal(parse(buf_str(&text)),
			    "constraint string is too long (max 512 bytes)");
	repeat(&text, "1", LIMIT_VERSION_BYTES + 1);
	assert_string_equal(parse(buf_str(&text)), "constraint parser error");
	assert_int_equal(semver_parse(buf_str(&text), SEMVER_LOOSE, &version, &err),
			 ERR_INVALID);
	assert_string_equal(err.text, "version string is too long (max 256 bytes)");
	repeat(&text, "0", LIMIT_VERSION_BYTES);
	assert_int_equal(semver_parse(buf_str(&text), SEMVER_LOOSE, &version, &err), 0);
}

/* What is quoted stands in the text as the rewriting left it. */
static void test_improper(void **state)
{
	(void)state;
	assert_string_equal(parse(STR("1 - 2 - 3 2 - 3")),
			    "improper constraint: \">= 1, <=>= 2, <= 3  2 - 3\"");
	assert_string_equal(parse(STR("!=1.5.0 1 - 2")),
			    "improper constraint: \"!=1.5.0>= 1, <= 2 \"");
	assert_string_equal(parse(STR("a\"\\\t\x01\x00\xff\xc3\xa9\xc2\xa0")),
			    "improper constraint: "
			    "\"a\\\"\\\\\\t\\x01\\x00\\xff\xc3\xa9\\u00a0\"");
}

static bool accepts(const struct semver_range *range, const char *text, bool prereleases)
{
	struct semver version;
	assert_true(semver_read(str_of(text), SEMVER_LOOSE, &version));
	return semver_range_accepts(range, &version, prereleases);
}

/* Each group is asked by itself, for pre-releases too. */
static void test_groups(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct semver_range *range = NULL;
	assert_int_equal(
	    semver_range_new(STR("=1.2.3 <1 || ^2 || 3"), &arena, &range, &err), 0);
	assert_false(accepts(range, "v1.2+b", false));
	assert_false(accepts(range, "1.2.3", false));
	assert_true(accepts(range, "2.1.0", false));
	assert_false(accepts(range, "2.1.0-rc", false));
	assert_true(accepts(range, "2.1.0-rc", true));
}

static void test_quote(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	semver_quote(&out,
		     STR("\a\b\f\n\r\t\v\x7f \xe2\x80\x8b\xf3\xa0\x80\x81\xe2\x82"));
	assert_string_equal(
	    buf_cstr(&out),
	    "\"\\a\\b\\f\\n\\r\\t\\v\\x7f \\u200b\\U000e0001\\xe2\\x82\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_improper),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_quote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
