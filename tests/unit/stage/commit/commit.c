/* SPDX-License-Identifier: MIT */
#include "stage/commit/commit.h"
#include "base/limits.h"
#include "tests/unit/gitfix.h"

/* The commits whose subjects say so are of automations; the id decides, as the store
 * would. */
static enum commit_writer writer(void *ctx, const struct oid *commit)
{
	struct fix *fix = ctx;
	struct repo_commit read;
	struct err err = ERR_INIT;
	if (repo_read_commit(fix->repo, commit, &fix->arena, &read, &err))
		return COMMIT_BY_OTHERS;
	if (strcmp(read.subject, "another") == 0)
		return COMMIT_BY_ANOTHER;
	return strcmp(read.subject, "ours") == 0 ? COMMIT_BY_THIS : COMMIT_BY_OTHERS;
}

#define COMMIT_TO(branch, subject)                               \
	"c=$(git -C r.git commit-tree -p " branch " -m " subject \
	" main^{tree}); git -C r.git update-ref refs/heads/" branch " $c; "

/* main: one, two; tags v1.0.0 and v1.2.0+a on one, v1.2.0+b (younger) on two. */
static void fill(struct fix *fix)
{
	(void)fix_run(fix, "mkdir w; echo 1 > w/a; " FIX_COMMIT);
	(void)fix_run(fix, "cd r.git; git tag v1.0.0; git tag -a -m m v1.2.0+a; "
			   "git tag v2; git tag v3.0.0-rc.1");
	(void)fix_run(
	    fix,
	    "echo 2 > w/a; export GIT_COMMITTER_DATE='1700000100 +0000'; " FIX_COMMIT);
	(void)fix_run(fix, "cd r.git; git tag v1.2.0+b; git branch other main~1; "
			   "git branch behind main~1; git branch ours main~1; "
			   "git branch foreign main~1; "
			   "git tag tree main^{tree}");
	(void)fix_run(fix, COMMIT_TO("ours", "ours") COMMIT_TO("ours", "ours")
			       COMMIT_TO("foreign", "ours") COMMIT_TO("foreign", "hers"));
	(void)fix_run(
	    fix, "git -C r.git branch shared main; git -C r.git branch stale main~1; "
		 "git -C r.git branch mixed main; " COMMIT_TO("shared", "another")
		     COMMIT_TO("shared", "ours") COMMIT_TO("stale", "another")
			 COMMIT_TO("mixed", "another") COMMIT_TO("mixed", "hers")
			     COMMIT_TO("mixed", "ours"));
	(void)fix_open(fix);
}

/* The target as `CHECKOUT_REF CHECKOUT PUSH_REF PUSH BASE [same] [foreign]`, commits by
 * their names in the repository; or the error. */
static const char *resolve(struct fix *fix, struct checkout_ref ref, const char *push)
{
	struct err err = ERR_INIT;
	struct commit_target target;
	struct commit_target_request request = { .docs_branch = "main",
						 .checkout = &ref,
						 .push_branch = push,
						 .writer = writer,
						 .writer_ctx = fix };
	if (commit_resolve(fix->repo, &request, &fix->arena, &target, &err))
		return arena_printf(&fix->arena, "%d %s", err.code, err.text);
	const char *script = arena_printf(
	    &fix->arena,
	    "cd r.git; for c in %s %s %s; do "
	    "case $c in $(git rev-parse main)) echo two;; $(git rev-parse main~1)) echo "
	    "one;; $(git rev-parse ours)) echo ours;; $(git rev-parse foreign)) echo "
	    "foreign;; $(git rev-parse shared)) echo shared;; $(git rev-parse stale)) "
	    "echo stale;; $(git rev-parse mixed)) echo mixed;; "
	    "*) echo $c;; esac; done | tr '\\n' ' '",
	    target.checkout_oid.hex, target.push_oid.hex[0] ? target.push_oid.hex : "-",
	    target.base.hex);
	return arena_printf(
	    &fix->arena, "%s %s: %s%s%s", target.checkout_ref ? target.checkout_ref : "-",
	    target.push_ref, fix_run(fix, script), target.same_branch ? "same" : "",
	    target.foreign ? "foreign" : "");
}

static void test_resolve(void **state)
{
	static const struct {
		struct checkout_ref ref;
		const char *push;
		const char *want;
	} cases[] = {
		{ { .present = false },
		  NULL,
		  "refs/heads/main refs/heads/main: two two two same" },
		{ { .present = true, .branch = "other" },
		  NULL,
		  "refs/heads/other refs/heads/other: one one one same" },
		{ { .present = false },
		  "new",
		  "refs/heads/main refs/heads/new: two - two " },
		{ { .present = false },
		  "behind",
		  "refs/heads/main refs/heads/behind: two one two " },
		{ { .present = false },
		  "ours",
		  "refs/heads/main refs/heads/ours: two ours two " },
		{ { .present = false },
		  "foreign",
		  "refs/heads/main refs/heads/foreign: two foreign foreign foreign" },
		{ { .present = false },
		  "shared",
		  "refs/heads/main refs/heads/shared: two shared shared " },
		{ { .present = false },
		  "stale",
		  "refs/heads/main refs/heads/stale: two stale two " },
		{ { .present = false },
		  "mixed",
		  "refs/heads/main refs/heads/mixed: two mixed mixed foreign" },
		{ { .present = true, .tag = "v1.2.0+a" },
		  "new",
		  "refs/tags/v1.2.0+a refs/heads/new: one - one " },
		{ { .present = true, .semver = "1.x" },
		  "new",
		  "refs/tags/v1.2.0+b refs/heads/new: two - two " },
		{ { .present = true, .semver = "<1.2.0" },
		  "new",
		  "refs/tags/v1.0.0 refs/heads/new: one - one " },
		{ { .present = true, .semver = ">=2" },
		  "new",
		  "-2 no match found for semver: >=2" },
		{ { .present = true, .semver = "x y" },
		  "new",
		  "-1 semver parse error: improper constraint: \"x y\"" },
		{ { .present = true, .name = "refs/tags/v1.0.0", .tag = "nope" },
		  "new",
		  "refs/tags/v1.0.0 refs/heads/new: one - one " },
		{ { .present = true, .tag = "v1.0.0", .semver = "9" },
		  "new",
		  "refs/tags/v1.0.0 refs/heads/new: one - one " },
		{ { .present = true, .name = "refs/heads/other" },
		  "other",
		  "refs/heads/other refs/heads/other: one one one same" },
		{ { .present = true, .tag = "v1.0.0" },
		  NULL,
		  "-1 push spec not provided, and cannot be inferred from "
		  ".spec.git.checkout.ref or GitRepository .spec.ref" },
		{ { .present = true, .branch = "gone" },
		  NULL,
		  "-2 'refs/heads/gone' does not exist" },
		{ { .present = true, .tag = "gone" },
		  "new",
		  "-2 'refs/tags/gone' does not exist" },
		{ { .present = true, .tag = "tree" },
		  "new",
		  "-1 a tree is not a commit" },
		{ { .present = true, .branch = "../x" },
		  NULL,
		  "-1 '../x' is not a valid branch name" },
		{ { .present = false }, "-x", "-1 '-x' is not a valid branch name" },
		{ { .present = false }, "HEAD", "-1 'HEAD' is not a valid branch name" },
		{ { .present = true, .name = "refs/pull/1/head" },
		  "new",
		  "-1 'refs/pull/1/head' is not the full name of a branch or tag" },
		{ { .present = true, .commit = "main" },
		  "new",
		  "-1 commit 'main' is not a full commit id" },
		{ { .present = true,
		    .commit = "1234567890123456789012345678901234567890" },
		  "new",
		  "-2 commit '1234567890123456789012345678901234567890' does not exist" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(resolve(&fix, cases[i].ref, cases[i].push),
				    cases[i].want);
	struct checkout_ref ref = { .present = true, .branch = "gone" };
	ref.commit = fix_run(&fix, "git -C r.git rev-parse main~1");
	assert_string_equal(resolve(&fix, ref, "new"), "- refs/heads/new: one - one ");
}

/* A commit that somebody put on top of ours, and one that we do not know of. */
static void test_without_a_store(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct err err = ERR_INIT;
	struct checkout_ref ref = { .present = false };
	struct commit_target target;
	struct commit_target_request request = { .docs_branch = "main",
						 .checkout = &ref,
						 .push_branch = "ours" };
	assert_int_equal(commit_resolve(fix.repo, &request, &fix.arena, &target, &err),
			 0);
	assert_true(target.foreign);
	assert_string_equal(target.base.hex, target.push_oid.hex);
}

static void test_identity(void **state)
{
	static const struct {
		const char *name, *email, *committer;
		const char *want;
	} cases[] = {
		{ "Bot", "bot@x.io", NULL, "Bot <bot@x.io>|Bot <bot@x.io>" },
		{ "", "bot@x.io", NULL, "bot <bot@x.io>|bot <bot@x.io>" },
		{ NULL, "bot@x.io", NULL, "bot <bot@x.io>|bot <bot@x.io>" },
		{ "<>\n", "@x.io", NULL, "@x.io <@x.io>|@x.io <@x.io>" },
		{ " A <B>\nC ", "b>o<t@x.io", NULL, "A BC <bot@x.io>|A BC <bot@x.io>" },
		{ "Bot", "bot@x.io", "Host Bot <host@y.io>",
		  "Bot <bot@x.io>|Host Bot <host@y.io>" },
		{ "Bot", "bot@x.io", "<host@y.io>", "Bot <bot@x.io>|host <host@y.io>" },
		{ "Bot", "", NULL, "-1 no address to commit with" },
		{ "Bot", "bot@x.io", "Host",
		  "-1 committer 'Host' is not of the form 'Name <mail>'" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct file_change change = { .path = STR("a"), .new_text = STR("3\n") };
	struct file_change_list files = { &change, 1, 1 };
	struct commit_draft draft = { fix_run_oid(&fix, "git -C r.git rev-parse main"),
				      &files, STR("m") };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct oid oid = { "" };
		struct commit_identity who = { cases[i].name, cases[i].email,
					       cases[i].committer, 1700000000 };
		const char *got = NULL;
		if (commit_build(fix.repo, &draft, &who, &oid, &err))
			got = arena_printf(&fix.arena, "%d %s", err.code, err.text);
		else
			got = fix_run(&fix,
				      arena_printf(&fix.arena,
						   "git -C r.git log -1 --format='%%an "
						   "<%%ae>|%%cn <%%ce>' %s; git -C r.git "
						   "fsck --strict --no-dangling %s 2>&1",
						   oid.hex, oid.hex));
		assert_string_equal(got, cases[i].want);
	}
}

static void test_messages(void **state)
{
	static const struct {
		const char *message;
		const char *error; /* NULL: committed as it is */
	} cases[] = {
		{ "subject\n\n# kept\n\tbody \n\n", NULL },
		{ "no newline", NULL },
		{ "", NULL },
		{ "\xc3\xa9\n", NULL },
		{ "a\xff", "the commit message is not UTF-8 at byte 2" },
		{ "a\x1b[31m", "the commit message holds control characters" },
		{ "a\rb", "the commit message holds control characters" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct err err = ERR_INIT;
	struct oid oid = { "" };
	struct commit_identity who = { "Bot", "bot@x.io", NULL, 1700000000 };
	struct file_change change = { .path = STR("a"), .new_text = STR("3\n") };
	struct file_change_list files = { &change, 1, 1 };
	struct commit_draft draft = { fix_run_oid(&fix, "git -C r.git rev-parse main"),
				      &files, STR("m") };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct repo_commit read;
		draft.message = str_of(cases[i].message);
		int code = commit_build(fix.repo, &draft, &who, &oid, &err);
		if (cases[i].error) {
			assert_int_equal(code, ERR_INVALID);
			assert_string_equal(err.text, cases[i].error);
			continue;
		}
		assert_int_equal(code, 0);
		assert_int_equal(
		    repo_read_commit(fix.repo, &oid, &fix.arena, &read, &err), 0);
		assert_string_equal(read.message, cases[i].message);
	}
	char *large = arena_alloc(&fix.arena, LIMIT_MESSAGE_BYTES + 2, 1);
	memset(large, 'x', LIMIT_MESSAGE_BYTES + 1);
	draft.message = str_of(large);
	assert_int_equal(commit_build(fix.repo, &draft, &who, &oid, &err), ERR_LIMIT);
}

/* Old and new text of `a b/"x"` and `plain`; the diff must be git's own. */
static void test_diff_as_git(void **state)
{
	static const struct {
		const char *old_text, *new_text;
	} cases[] = {
		{ "a\nb\nc\n", "a\nB\nc\n" },
		{ "a", "b" },
		{ "a\n", "a" },
		{ "a", "a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\nX\n" },
		{ "X\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\nX\n9\n" },
		{ "X\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "1\n2\n3\n4\n5\n6\n7\n8\nX\n10\n" },
		{ "spec:\n  a\n  b\n  c\n  d\n  e\n  image: x\n",
		  "spec:\n  a\n  b\n  c\n  d\n  e\n  image: y\n" },
		{ "_k:  \n 1\n 2\n 3\n 4\n 5\n$x\n 1\n 2\n 3\n 4\n 5\n 6\n 7\n 8\n",
		  "_k:  \n 1\n 2\n 3\n 4\n X\n$x\n 1\n 2\n 3\n 4\n 5\n 6\n 7\n X\n" },
		{ "a\nb\nc\nd\ne\nf\n", "a\nb\nX\nY\nc\nd\ne\nf\n" },
		{ "a\nb\nc\nd\ne\nf\n", "a\nd\ne\nf\n" },
		{ "", "a\n" },
		{ "a\nb\n", "" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n",
		  "1\nX\n3\n4\n5\n6\n7\n8\n9\n10\nY\nZ\n12\n" },
		{ "same\n", "same\n" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out BUF_CLEANUP = BUF_INIT(1 << 16);
		const char *dirs[] = { "old", "new" };
		const char *texts[] = { cases[i].old_text, cases[i].new_text };
		(void)fix_run(&fix,
			      "rm -rf old new; mkdir -p old/k 'old/a b' new/k 'new/a b'");
		for (size_t k = 0; k < 2; k++) {
			const char *dir = file_join(&fix.arena, fix.dir, dirs[k]);
			assert_int_equal(
			    file_write_atomic(file_join(&fix.arena, dir, "k/plain"),
					      str_of(texts[k]), 0644, FILE_FAST, &err),
			    0);
			assert_int_equal(file_write_atomic(file_join(&fix.arena, dir,
								     "a b/\"x\"\xc3\xa9"),
							   str_of(texts[k]), 0644,
							   FILE_FAST, &err),
					 0);
		}
		struct file_change changes[] = {
			{ .path = STR("a b/\"x\"\xc3\xa9"),
			  .old_text = str_of(texts[0]),
			  .new_text = str_of(texts[1]) },
			{ .path = STR("k/plain"),
			  .old_text = str_of(texts[0]),
			  .new_text = str_of(texts[1]) },
		};
		struct file_change_list files = { changes, 2, 2 };
		commit_write_diff(&out, &files);
		const char *want = fix_run(
		    &fix,
		    "export GIT_DIR=$PWD/r.git GIT_INDEX_FILE=$PWD/index; "
		    "for d in old new; do rm -f index; GIT_WORK_TREE=$d git add -A; "
		    "git write-tree > $d.tree; done; "
		    "git diff --no-renames $(cat old.tree) $(cat new.tree) | "
		    "grep -v '^index ' || true");
		struct str got = buf_str(&out);
		if (str_ends(got, STR("\n")))
			got.len--;
		assert_string_equal(arena_strndup(&fix.arena, got), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_without_a_store),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_diff_as_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
