/* SPDX-License-Identifier: MIT */
/* What the cases file cannot show: verdicts, warnings, limits, comparing two tags. */
#include "stage/select/select.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static struct tag_list list_tags(const char *text, struct arena *arena)
{
	struct tag_list out = { NULL, 0, 0 };
	struct str rest = str_of(text);
	struct str tag;
	while (str_split(&rest, ' ', &tag))
		VEC_PUSH(arena, &out, tag);
	return out;
}

/* Every verdict as `TAG FATE KEY BY;`, and the error in front when there is one. */
static void explain(const struct image_policy *policy, const char *exclusion,
		    const char *tags, struct buf *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tag_verdict_list verdicts = { NULL, 0, 0 };
	struct strings exclusions = { NULL, 0, 0 };
	struct tag_list list = list_tags(tags, &arena);
	struct selection chosen;
	struct err err = ERR_INIT;
	if (exclusion)
		strings_add(&arena, &exclusions, exclusion);
	buf_truncate(out, 0);
	if (select_tag(&(struct select_terms){ policy, &exclusions, &list }, &arena,
		       &chosen, &verdicts, NULL, &err))
		(void)buf_printf(out, "%s;", err.text);
	for (size_t i = 0; i < verdicts.len; i++) {
		const struct tag_verdict *verdict = &verdicts.items[i];
		(void)buf_printf(out, "%.*s %s %.*s %.*s;", STR_ARG(verdict->tag),
				 select_fate_name(verdict->fate), STR_ARG(verdict->key),
				 STR_ARG(verdict->by));
	}
}

static void test_verdicts(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	struct image_policy policy = { .order = POLICY_SEMVER,
				       .range = "1.x",
				       .has_filter = true,
				       .pattern = "^(.*)-[a-z]$",
				       .extract = "$1" };
	explain(&policy, "dev",
		"1.0.0-a 1.0.0-c 1.0.0-b 0.9.0-a 2.0.0-a x-a 1.0.0-dev 9 9", &out);
	assert_string_equal(buf_cstr(&out), "x-a not-a-version x ;"
					    "9 no-match  ;"
					    "2.0.0-a out-of-range 2.0.0 ;"
					    "1.0.0-dev excluded  dev;"
					    "1.0.0-c shadowed 1.0.0 1.0.0-a;"
					    "1.0.0-b shadowed 1.0.0 1.0.0-a;"
					    "1.0.0-a chosen 1.0.0 ;"
					    "0.9.0-a out-of-range 0.9.0 ;");
	struct image_policy numbers = { .order = POLICY_NUMERICAL };
	explain(&numbers, NULL, "1 x 2 y", &out);
	assert_string_equal(buf_cstr(&out),
			    "failed to parse invalid numeric value 'y';"
			    "y not-a-number y ;x not-a-number x ;2 older 2 ;1 older 1 ;");
}

/* nan makes upstream forget what it held. */
static void test_nan(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	struct image_policy policy = { .order = POLICY_NUMERICAL };
	explain(&policy, NULL, "5 nan 7", &out);
	assert_string_equal(buf_cstr(&out), "nan older nan ;7 chosen 7 ;5 older 5 ;");
	explain(&policy, NULL, "inf 7 NaN 3 nan 9", &out);
	assert_string_equal(buf_cstr(&out),
			    "nan older nan ;inf older inf ;NaN older NaN ;"
			    "9 chosen 9 ;7 older 7 ;3 older 3 ;");
	explain(&policy, NULL, "inf NaN nan", &out);
	assert_string_equal(buf_cstr(&out),
			    "nan older nan ;inf older inf ;NaN chosen NaN ;");
}

static void test_warnings(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct tag_list tags = list_tags("20260604-a 20260605-b latest", &arena);
	struct selection chosen;
	struct err err = ERR_INIT;
	struct image_policy policy = { .order = POLICY_ALPHABETICAL,
				       .has_filter = true,
				       .pattern = "^[0-9]{8}-[a-f0-9]+",
				       .extract = "$timestamp",
				       .extract_place = { STR("p.yaml"), 7, 9 } };
	assert_int_equal(select_tag(&(struct select_terms){ &policy, NULL, &tags },
				    &arena, &chosen, NULL, &findings, &err),
			 0);
	assert_true(str_is(chosen.tag, "20260605-b"));
	assert_true(str_is(chosen.key, "20260605-b"));
	assert_int_equal(findings.len, 1);
	assert_string_equal(findings.items[0].id, "extract-without-group");
	assert_int_equal(findings.items[0].place.line, 7);
	policy.pattern = "^(?P<ts>[0-9]{8})-[a-f0-9]+";
	policy.extract = "$ts$timestamp";
	assert_int_equal(select_tag(&(struct select_terms){ &policy, NULL, &tags },
				    &arena, &chosen, NULL, &findings, &err),
			 0);
	assert_int_equal(findings.len, 2);
	assert_string_equal(findings.items[1].id, "extract-unknown-group");
	assert_true(str_is(chosen.key, "20260605"));
}

static void test_limits(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(65536);
	struct tag_list tags =
	    list_tags("0123456789012345678901234567890123456789", &arena);
	struct strings exclusions = { NULL, 0, 0 };
	struct selection chosen = { { NULL, 0 }, { NULL, 0 } };
	struct err err = ERR_INIT;
	struct image_policy policy = { .order = POLICY_ALPHABETICAL,
				       .has_filter = true,
				       .pattern = "(.*)" };
	while (text.len < 100)
		assert_true(buf_puts(&text, "$1"));
	policy.extract = buf_cstr(&text);
	assert_int_equal(select_tag(&(struct select_terms){ &policy, NULL, &tags },
				    &arena, &chosen, NULL, NULL, &err),
			 ERR_LIMIT);
	assert_string_equal(err.text, "limit: 1024 bytes of what a tag is ordered by");
	while (text.len <= LIMIT_EXTRACT_BYTES)
		assert_true(buf_puts(&text, "$1"));
	policy.extract = buf_cstr(&text);
	assert_int_equal(select_check(&policy, NULL, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 1024 bytes of an extract template");
	for (int i = 0; i <= LIMIT_EXCLUSIONS; i++)
		strings_add(&arena, &exclusions, "x");
	assert_int_equal(select_tag(&(struct select_terms){ &policy, &exclusions, &tags },
				    &arena, &chosen, NULL, NULL, &err),
			 ERR_LIMIT);
	assert_null(chosen.tag.ptr);
}

static void expect_failure(const struct image_policy *policy, const char *exclusion,
			   const char *tags, const char *wanted)
{
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	explain(policy, exclusion, tags, &out);
	assert_true(str_starts(buf_str(&out), str_of(wanted)));
}

/* Which mistake is told first, and under which condition. */
static void test_failures(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	bool stalled = false;
	struct image_policy bad = {
		.order = POLICY_SEMVER, .range = "1.", .has_filter = true, .pattern = "[="
	};
	expect_failure(&bad, "[=", "a",
		       "scan failed: failed to compile regex [=: error parsing regexp: "
		       "missing closing ]: `[=`;");
	expect_failure(&bad, "a", "a", "invalid policy: improper constraint: \"1.\";");
	bad.range = "1.x";
	expect_failure(&bad, "a", "a", "retrying in 30s error: no tags in database;");
	expect_failure(&bad, "b", "a",
		       "failed to filter tags: invalid regular expression pattern '[=': "
		       "error parsing regexp: missing closing ]: `[=`;");
	assert_int_equal(select_check(&bad, NULL, &err), ERR_INVALID);
	assert_string_equal(select_reason(&err, &stalled), "InvalidPolicy");
	assert_true(stalled);
	bad.pattern = "x";
	assert_int_equal(select_check(&bad, NULL, &err), 0);
	expect_failure(&bad, "b", "a", "version list argument cannot be empty;");
}

static void test_default_exclusions(void **state)
{
	(void)state;
	static const char hex[] =
	    "sha256-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct buf tags BUF_CLEANUP = BUF_INIT(4096);
	struct image_policy policy = { .order = POLICY_ALPHABETICAL };
	(void)buf_printf(&tags, "a.sig .sig %s %s.att %s.sig", hex, hex, hex);
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings defaults = { NULL, 0, 0 };
	struct tag_list list = list_tags(buf_cstr(&tags), &arena);
	struct selection chosen;
	struct err err = ERR_INIT;
	strings_add(&arena, &defaults, select_default_exclusions[0]);
	strings_add(&arena, &defaults, select_default_exclusions[1]);
	assert_int_equal(select_tag(&(struct select_terms){ &policy, &defaults, &list },
				    &arena, &chosen, NULL, NULL, &err),
			 ERR_NOTFOUND);
	(void)buf_printf(&tags, " sha256-12 %sa %s. %s.Sig %s.s1g asig", hex, hex, hex,
			 hex);
	list = list_tags(buf_cstr(&tags), &arena);
	struct tag_verdict_list verdicts = { NULL, 0, 0 };
	assert_int_equal(select_tag(&(struct select_terms){ &policy, &defaults, &list },
				    &arena, &chosen, &verdicts, NULL, &err),
			 0);
	size_t n = 0;
	for (size_t i = 0; i < verdicts.len; i++)
		n += verdicts.items[i].fate == TAG_EXCLUDED;
	assert_int_equal(verdicts.len, 11);
	assert_int_equal(n, 5);
}

static void test_compare(void **state)
{
	(void)state;
	struct image_policy policy = { .order = POLICY_SEMVER, .range = "1.x" };
	assert_true(select_compare(&policy, STR("1.0.0"), STR("1.0.1")) < 0);
	assert_true(select_compare(&policy, STR("2.0.0"), STR("1.0.1")) > 0);
	assert_int_equal(select_compare(&policy, STR("latest"), STR("1.0.1")), 0);
	assert_int_equal(select_compare(&policy, STR("1.0.0+a"), STR("1.0.0+b")), 0);
	policy.order = POLICY_NUMERICAL;
	assert_true(select_compare(&policy, STR("10"), STR("9")) > 0);
	assert_int_equal(select_compare(&policy, STR("x"), STR("9")), 0);
	policy.descending = true;
	assert_true(select_compare(&policy, STR("10"), STR("9")) < 0);
	policy.order = POLICY_ALPHABETICAL;
	policy.descending = false;
	assert_true(select_compare(&policy, STR("10"), STR("9")) < 0);
	policy.has_filter = true;
	policy.pattern = "^a-(.*)";
	policy.extract = "$1";
	assert_true(select_compare(&policy, STR("a-2"), STR("a-1")) > 0);
	assert_int_equal(select_compare(&policy, STR("b-2"), STR("a-1")), 0);
	policy.pattern = "[";
	assert_int_equal(select_compare(&policy, STR("a-2"), STR("a-1")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_nan),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_default_exclusions),
		cmocka_unit_test(test_compare),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
