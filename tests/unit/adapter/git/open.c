/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "tests/unit/gitfix.h"

/* Opens PATH below the fixture; the error's text, or "". */
static const char *try_open(struct fix *fix, const char *path, int *code)
{
	struct err err = ERR_INIT;
	char text[4096];
	fix_close(fix);
	*code = repo_open(file_join(&fix->arena, fix->dir, path), &fix->repo, &err);
	if (!*code)
		return "";
	err_format(&err, text, sizeof(text));
	/* without the folder, whose name differs from run to run */
	struct str all = str_of(text);
	size_t at = str_find(all, str_of(fix->dir));
	if (at == all.len)
		return arena_strdup(&fix->arena, text);
	return arena_printf(&fix->arena, "%.*s.%s", (int)at, text,
			    text + at + strlen(fix->dir));
}

static void test_formats(void **state)
{
	static const struct {
		const char *set_up;
		const char *path;
		int code;
		const char *error;
	} cases[] = {
		{ ":", "r.git", 0, "" },
		{ ":", "absent", ERR_NOTFOUND, "'./absent' is no git repository" },
		{ "mkdir empty", "empty", ERR_NOTFOUND,
		  "'./empty' is no git repository" },
		{ "git init -q plain", "plain", 0, "" },
		{ ":", "plain/.git", 0, "" },
		{ "git -C plain commit -q --allow-empty -m x; "
		  "git -C plain worktree add -q ../linked 2>&1",
		  "linked", ERR_UNSUPPORTED,
		  "'./linked' is a linked work tree or a submodule: name its repository" },
		{ ":", "plain/.git/worktrees/linked", ERR_NOTFOUND,
		  "'./plain/.git/worktrees/linked' is no git repository" },
		{ "git init -q --bare --object-format=sha256 s.git", "s.git",
		  ERR_UNSUPPORTED,
		  "object format 'sha256' is not supported yet: only sha1" },
		{ "git config -f r.git/config core.repositoryformatversion 1; "
		  "git config -f r.git/config extensions.refStorage reftable",
		  "r.git", ERR_UNSUPPORTED,
		  "ref storage 'reftable' is not supported yet: only files" },
		{ "git config -f r.git/config extensions.refStorage files; "
		  "git config -f r.git/config extensions.worktreeConfig true",
		  "r.git", 0, "" },
		{ ""
		  "git config -f r.git/config core.repositoryformatversion 9",
		  "r.git", ERR_UNSUPPORTED,
		  "repository format version '9' is not supported" },
		{ "git config -f r.git/config core.repositoryformatversion 0; "
		  "git config -f r.git/config core.bare maybe",
		  "r.git", ERR_INVALID, "core.bare 'maybe' is no boolean" },
		{ "echo '[x' >> r.git/config", "r.git", ERR_INVALID,
		  "./r.git/config:8: malformed section header" },
		{ "rm r.git/config", "r.git", 0, "" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int code = 0;
		(void)fix_run(&fix, cases[i].set_up);
		const char *text = try_open(&fix, cases[i].path, &code);
		if (code != cases[i].code || strcmp(text, cases[i].error) != 0)
			fail_msg("case %zu: %d '%s'", i, code, text);
	}
}

static void test_facts(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	const struct repo_facts *facts = repo_facts(fix_open(&fix));
	assert_true(facts->bare);
	assert_false(facts->mirror);
	assert_null(facts->shared);
	assert_null(facts->unsupported);
	assert_false(facts->has_info_refs);
	assert_int_equal(facts->owner_uid, geteuid());
	assert_string_equal(facts->git_dir, fix_run(&fix, "realpath r.git"));
	(void)fix_run(&fix,
		      "ln -s r.git l; cd r.git; : > info/refs; "
		      "git config core.sharedRepository group; "
		      "git config imagehook.path a; git config --add imagehook.path b; "
		      "git config core.repositoryformatversion 1; "
		      "git remote add --mirror=fetch o /nowhere; "
		      "git config remote.o.fetch '+refs/*:refs/*'; "
		      "printf '[extensions]\\nfuture = 7\\n' >> config");
	facts = repo_facts(fix_open(&fix));
	assert_string_equal(facts->shared, "group");
	assert_true(facts->mirror);
	assert_true(facts->has_info_refs);
	assert_string_equal(facts->unsupported, "extensions.future = 7");
	assert_string_equal(repo_config(fix.repo, "imagehook.Path"), "b");
	assert_null(repo_config(fix.repo, "imagehook.none"));
}

static void test_includes_are_not_followed(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, "printf '[imagehook]\\nwrite = direct\\n' > evil; "
			    "git -C r.git config include.path ../evil");
	(void)fix_open(&fix);
	assert_null(repo_config(fix.repo, "imagehook.write"));
}

/* What our parser makes of a config, git makes too. */
static void test_config_as_git(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, "printf '[a]\\n\\tb = \" x # y\" ; z\\n[Sec \"Sub.X\\\\\"q\"]"
			    "\\nKey = one\\\\\\n two\\\\tthree\\nflag\\n[o.P]k=1\\n' >> "
			    "r.git/config");
	(void)fix_open(&fix);
	static const char *const keys[] = { "a.b", "sec.Sub.X\"q.key", "o.p.k" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_string_equal(
		    repo_config(fix.repo, keys[i]),
		    fix_run(&fix,
			    arena_printf(&fix.arena, "git -C r.git config --get '%s'",
					 keys[i])));
	assert_string_equal(repo_config(fix.repo, "sec.Sub.X\"q.flag"), "true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_includes_are_not_followed),
		cmocka_unit_test(test_config_as_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
