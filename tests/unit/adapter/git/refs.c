/* SPDX-License-Identifier: MIT */
#include "tests/unit/gitfix.h"

static const struct {
	const char *name;
	bool valid;
} names[] = {
	{ "refs/heads/main", true },     { "refs/heads/a/b-c.d", true },
	{ "refs/tags/v1.0", true },      { "refs/heads/\xc3\xa9", true },
	{ "refs/heads", true },          { "refs/heads/@", true },
	{ "heads/main", false },         { "refs/", false },
	{ "refs//main", false },         { "refs/heads/", false },
	{ "refs/heads/.a", false },      { "refs/heads/a..b", false },
	{ "refs/heads/a.lock", false },  { "refs/heads/a.lock/b", false },
	{ "refs/heads/a.", false },      { "refs/heads/a b", false },
	{ "refs/heads/a~b", false },     { "refs/heads/a^b", false },
	{ "refs/heads/a:b", false },     { "refs/heads/a?b", false },
	{ "refs/heads/a*b", false },     { "refs/heads/a[b", false },
	{ "refs/heads/a\\b", false },    { "refs/heads/a@{b", false },
	{ "refs/heads/a\x7f", false },   { "refs/heads/a\nb", false },
	{ "refs/heads/../../x", false }, { "refs/heads/\xff", false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (repo_is_ref_name(names[i].name) != names[i].valid)
			fail_msg("'%s'", names[i].name);
}

/* The same judgement as `git check-ref-format` (which takes bytes that are no UTF-8). */
static void test_names_as_git(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	for (size_t i = 0; i + 1 < ARRAY_LEN(names); i++) {
		if (!str_starts(str_of(names[i].name), STR("refs/")))
			continue;
		const char *script = arena_printf(
		    &fix.arena, "git check-ref-format '%s' && echo yes || echo no",
		    names[i].name);
		assert_string_equal(fix_run(&fix, script), names[i].valid ? "yes" : "no");
	}
}

static void assert_resolves(struct fix *fix, const char *ref, const char *want)
{
	struct err err = ERR_INIT;
	struct oid oid = { "" };
	int code = repo_resolve(fix->repo, ref, &oid, &err);
	if (!want) {
		assert_int_equal(code, ERR_NOTFOUND);
		return;
	}
	assert_int_equal(code, 0);
	assert_string_equal(oid.hex, want);
}

static void test_resolve(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	const char *one = fix_run(&fix, "mkdir w; echo 1 > w/a; " FIX_COMMIT);
	const char *two =
	    fix_run(&fix, "git -C r.git branch old; echo 2 > w/a; " FIX_COMMIT);
	(void)fix_open(&fix);
	assert_resolves(&fix, "refs/heads/main", two);
	assert_resolves(&fix, "refs/heads/old", one);
	assert_resolves(&fix, "HEAD", two);
	assert_resolves(&fix, "refs/heads/mai", NULL);
	assert_resolves(&fix, "refs/heads", NULL);
	assert_resolves(&fix, "refs/heads/main/x", NULL);
	(void)fix_run(
	    &fix,
	    "git -C r.git pack-refs --all --prune; test ! -e r.git/refs/heads/main");
	assert_resolves(&fix, "refs/heads/main", two);
	assert_resolves(&fix, "refs/heads/old", one);
	assert_resolves(&fix, "refs/heads/ol", NULL);
	(void)fix_run(&fix, "git -C r.git update-ref refs/heads/old refs/heads/main");
	assert_resolves(&fix, "refs/heads/old", two);
	(void)fix_run(&fix, "git -C r.git symbolic-ref refs/heads/s refs/heads/old");
	assert_resolves(&fix, "refs/heads/s", two);
}

static void test_damaged_refs(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct oid oid = { "" };
	(void)fix_run(&fix, "cd r.git/refs/heads; echo nonsense > a; : > b; "
			    "ln -s ../../../../etc/passwd c; ln -s refs/heads/d d; "
			    "printf 'ref: refs/heads/../../../x' > e; "
			    "echo 0000000000000000000000000000000000000000 > f");
	(void)fix_open(&fix);
	static const char *const bad[] = { "a", "b", "c", "d", "e", "f" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *ref = arena_printf(&fix.arena, "refs/heads/%s", bad[i]);
		assert_int_equal(repo_resolve(fix.repo, ref, &oid, &err), ERR_INVALID);
	}
	struct repo_refs refs = { NULL, 0, 0 };
	assert_int_equal(repo_list_refs(fix.repo, "refs/heads/", &fix.arena, &refs, &err),
			 0);
	assert_int_equal(refs.len, 0);
}

static void test_head(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	const char *branch = NULL;
	(void)fix_open(&fix);
	assert_int_equal(repo_head_branch(fix.repo, &fix.arena, &branch, &err), 0);
	assert_string_equal(branch, "main");
	(void)fix_run(&fix, "rm r.git/HEAD; ln -s refs/heads/x/y r.git/HEAD");
	assert_int_equal(repo_head_branch(fix.repo, &fix.arena, &branch, &err), 0);
	assert_string_equal(branch, "x/y");
	(void)fix_run(&fix, "mkdir w; echo 1 > w/a; rm r.git/HEAD; "
			    "echo 'ref: refs/heads/main' > r.git/HEAD; " FIX_COMMIT
			    "> r.git/HEAD");
	assert_int_equal(repo_head_branch(fix.repo, &fix.arena, &branch, &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.text, "HEAD names no branch: it is detached");
}

static void test_list(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct repo_refs refs = { NULL, 0, 0 };
	struct buf text BUF_CLEANUP = BUF_INIT(4096);
	const char *commit = fix_run(&fix, "mkdir w; echo 1 > w/a; " FIX_COMMIT);
	(void)fix_run(&fix, "cd r.git; git tag v1; git tag -a -m m v2; git branch z; "
			    "git pack-refs --all; git branch a/b; git tag -a -m m v3; "
			    "git tag -a -m m v4 v3");
	(void)fix_open(&fix);
	assert_int_equal(repo_list_refs(fix.repo, "refs/tags/", &fix.arena, &refs, &err),
			 0);
	for (size_t i = 0; i < refs.len; i++) {
		assert_string_equal(refs.items[i].oid.hex, commit);
		assert_true(buf_printf(&text, "%s ", refs.items[i].name));
	}
	assert_int_equal(repo_list_refs(fix.repo, "refs/heads/", &fix.arena, &refs, &err),
			 0);
	for (size_t i = 0; i < refs.len; i++)
		assert_true(buf_printf(&text, "%s ", refs.items[i].name));
	assert_string_equal(buf_cstr(&text),
			    "refs/tags/v1 refs/tags/v2 refs/tags/v3 refs/tags/v4 "
			    "refs/heads/a/b refs/heads/main refs/heads/z ");
}

static void test_revisions(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct oid oid = { "" };
	const char *one = fix_run(&fix, "mkdir w; echo 1 > w/a; " FIX_COMMIT);
	const char *two = fix_run(&fix, "echo 2 > w/a; " FIX_COMMIT);
	(void)fix_open(&fix);
	assert_int_equal(repo_parse_revision(fix.repo, "main~1", &oid, &err), 0);
	assert_string_equal(oid.hex, one);
	assert_int_equal(repo_parse_revision(fix.repo, "HEAD", &oid, &err), 0);
	assert_string_equal(oid.hex, two);
	assert_int_equal(repo_parse_revision(fix.repo, "--all", &oid, &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.text, "'--all' names no commit");
	assert_int_equal(repo_parse_revision(fix.repo, "HEAD:a", &oid, &err),
			 ERR_NOTFOUND);
	struct oid first = fix_oid(one);
	struct oid second = fix_oid(two);
	assert_true(repo_is_ancestor(fix.repo, &first, &second));
	assert_true(repo_is_ancestor(fix.repo, &first, &first));
	assert_false(repo_is_ancestor(fix.repo, &second, &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),     cmocka_unit_test(test_names_as_git),
		cmocka_unit_test(test_resolve),   cmocka_unit_test(test_damaged_refs),
		cmocka_unit_test(test_head),      cmocka_unit_test(test_list),
		cmocka_unit_test(test_revisions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
