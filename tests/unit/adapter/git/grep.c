/* SPDX-License-Identifier: MIT */
#include "tests/unit/gitfix.h"

static const char *search(struct fix *fix, const char *tree_script, int want)
{
	struct err err = ERR_INIT;
	struct repo_files files = { NULL, 0, 0 };
	struct strings needles = { NULL, 0, 0 };
	struct strings names = { NULL, 0, 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	strings_add(&fix->arena, &needles, "\"$imagepolicy\"");
	strings_add(&fix->arena, &needles, "-fluxcd.io/");
	strings_add(&fix->arena, &names, "*.yaml");
	strings_add(&fix->arena, &names, "Kustomization");
	struct repo_search what = { &needles, &names };
	struct oid tree = fix_run_oid(fix, tree_script);
	(void)fix_open(fix);
	int code = repo_grep(fix->repo, &tree, &what, &fix->arena, &files, &err);
	assert_int_equal(code, want);
	if (code)
		return arena_strdup(&fix->arena, err.text);
	for (size_t i = 0; i < files.len; i++)
		(void)buf_printf(&out, "%o %.*s;", files.items[i].mode,
				 STR_ARG(files.items[i].path));
	return arena_strndup(&fix->arena, buf_str(&out));
}

#define MAIN_TREE "git -C r.git rev-parse main^{tree}"

static void test_finds(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix,
		      "mkdir -p w/d/e w/k; m='{\"$imagepolicy\": \"a:b\"}'; "
		      "echo \"$m\" > w/top.yaml; echo \"$m\" > w/d/e/deep.yaml; "
		      "echo \"$m\" > w/d/other.txt; echo \"$m\" > w/k/Kustomization; "
		      "echo \"$m\" > w/Kustomization; echo nothing > w/d/no.yaml; "
		      "printf 'a\\0b\\377%s' \"$m\" > w/binary.yaml; "
		      "echo x-fluxcd.io/ > w/doc.yaml; chmod +x w/doc.yaml; "
		      "ln -s top.yaml w/link.yaml; ln -s '\"$imagepolicy\"' w/l2.yaml; "
		      "echo \"$m\" > 'w/d/a b:c\".yaml'; "
		      "printf '*.yaml -diff binary\\n' > w/.gitattributes; " FIX_COMMIT);
	assert_string_equal(search(&fix, MAIN_TREE, 0),
			    "100644 Kustomization;100644 binary.yaml;100644 d/a "
			    "b:c\".yaml;100644 d/e/deep.yaml;100755 doc.yaml;100644 "
			    "k/Kustomization;100644 top.yaml;");
}

static void test_nothing(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	assert_string_equal(search(&fix, "git -C r.git mktree < /dev/null", 0), "");
}

static void test_missing_object_fails(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, "mkdir w; echo lost > w/a.yaml; " FIX_COMMIT);
	(void)fix_run(&fix, "o=$(git -C r.git rev-parse main:a.yaml); cd r.git/objects; "
			    "rm -f $(echo $o | sed 's,^..,&/,')");
	const char *text = search(&fix, MAIN_TREE, ERR_IO);
	assert_true(str_starts(str_of(text), STR("cannot search the tree: ")));
}

/* Nothing that the repository's own config names is run, and no remote is asked. */
static void test_hostile_config(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(
	    &fix, "mkdir w; echo '\"$imagepolicy\"' > w/a.yaml; "
		  "echo 'a.yaml diff=evil filter=evil' > w/.gitattributes; " FIX_COMMIT);
	(void)fix_run(
	    &fix,
	    "printf '#!/bin/sh\\ntouch %s/pwned\\ncat \"$1\"\\n' $PWD > evil; chmod +x evil; "
	    "g='git -C r.git config'; e=$PWD/evil; "
	    "for k in core.fsmonitor core.pager pager.grep diff.external "
	    "diff.evil.textconv diff.evil.command filter.evil.smudge filter.evil.clean "
	    "core.sshCommand core.alternateRefsCommand core.editor credential.helper "
	    "uploadpack.packObjectsHook gc.recentObjectsHook; "
	    "do $g $k $e; done; "
	    "$g alias.grep '!'$e; $g core.hooksPath $PWD; $g diff.evil.cachetextconv true; "
	    "$g submodule.recurse true; $g grep.fallbackToNoIndex true; "
	    "$g remote.o.url ext::$e; $g remote.o.promisor true; "
	    "$g remote.o.uploadpack $e; $g protocol.ext.allow always; "
	    "$g extensions.partialClone o; $g core.repositoryformatversion 1; "
	    "echo 'a.yaml diff=evil' > r.git/info/attributes; "
	    "for h in post-index-change reference-transaction pre-auto-gc; "
	    "do cp evil $h; done");
	assert_string_equal(search(&fix, MAIN_TREE, 0), "100644 a.yaml;");
	(void)fix_run(&fix, "o=$(git -C r.git rev-parse main:a.yaml); cd r.git/objects; "
			    "rm -f $(echo $o | sed 's,^..,&/,')");
	(void)search(&fix, MAIN_TREE, ERR_IO);
	assert_string_equal(fix_run(&fix, "test -e pwned && echo pwned || echo safe"),
			    "safe");
}

/* A replacement must not change what is read. */
static void test_replacements_do_not_count(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct repo_file file;
	struct str text;
	(void)fix_run(&fix, "mkdir w; echo plain > w/a.yaml; " FIX_COMMIT);
	(void)fix_run(&fix, "cd r.git; b=$(echo '\"$imagepolicy\"' | git hash-object -w "
			    "--stdin); git replace $(git rev-parse main:a.yaml) $b");
	assert_string_equal(search(&fix, MAIN_TREE, 0), "");
	struct oid tree = fix_run_oid(&fix, MAIN_TREE);
	assert_int_equal(
	    repo_find_file(fix.repo, &tree, STR("a.yaml"), &fix.arena, &file, &err), 0);
	assert_int_equal(
	    repo_read_blob(fix.repo, &file.blob, 100, &fix.arena, &text, &err), 0);
	assert_true(str_is(text, "plain\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_missing_object_fails),
		cmocka_unit_test(test_hostile_config),
		cmocka_unit_test(test_replacements_do_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
