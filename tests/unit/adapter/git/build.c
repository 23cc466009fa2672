/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "tests/unit/gitfix.h"
#include <sys/stat.h>

#define MAIN_TREE "git -C r.git rev-parse main^{tree}"
#define RAW_TREE(bytes)                                          \
	"printf '" bytes "' > raw; git -C r.git hash-object -w " \
	"-t tree --literally --stdin < raw"
#define ID20 "aaaaaaaaaaaaaaaaaaaa"

/* Four kinds of files in nested folders, on main. */
static void fill(struct fix *fix)
{
	(void)fix_run(fix,
		      "mkdir -p w/a/b w/a.d; echo 1 > w/a/b/one; echo 1 > w/a.d/two; "
		      "echo 1 > w/run; chmod +x w/run; ln -s run w/link; "
		      "echo 1 > w/z; " FIX_COMMIT);
}

static struct repo_commit_spec spec_of(struct fix *fix, const struct repo_edit *edits,
				       size_t n)
{
	struct repo_signature who = { "Bot", "bot@example.com", 1700000001 };
	return (struct repo_commit_spec){
		.base_tree = fix_run_oid(fix, MAIN_TREE),
		.parent = fix_run_oid(fix, "git -C r.git rev-parse main"),
		.edits = edits,
		.n_edits = n,
		.author = who,
		.committer = who,
		.message = STR("subject\n\nbody\n"),
	};
}

static const char *fsck(struct fix *fix)
{
	return fix_run(fix, "git -C r.git fsck --strict --full --no-dangling 2>&1");
}

static void test_edits(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct err err = ERR_INIT;
	struct oid commit = { "" };
	struct repo_edit edits[] = { { STR("run"), STR("2\n") },
				     { STR("a.d/two"), STR("2\n") },
				     { STR("a/b/one"), STR("2") } };
	struct repo_commit_spec spec = spec_of(&fix, edits, ARRAY_LEN(edits));
	(void)fix_open(&fix);
	if (repo_build_commit(fix.repo, &spec, &commit, &err))
		fail_msg("%s", err.text);
	assert_string_equal(fix_run(&fix, "git -C r.git rev-parse main"),
			    spec.parent.hex);
	(void)fix_run(&fix, arena_printf(&fix.arena,
					 "git -C r.git update-ref "
					 "refs/heads/main %s",
					 commit.hex));
	assert_string_equal(
	    fix_run(&fix, "git -C r.git log -1 --format='%an|%ae|%at|%cn|%ce|%ct|%B' "
			  "--raw --no-abbrev --no-renames | sed -E 's/ [0-9a-f]{40}//g'"),
	    "Bot|bot@example.com|1700000001|Bot|bot@example.com|1700000001|subject\n\n"
	    "body\n\n\n:100644 100644 M\ta.d/two\n:100644 100644 M\ta/b/one\n"
	    ":100755 100755 M\trun");
	assert_string_equal(
	    fix_run(&fix, "git -C r.git cat-file -p main:run main:a/b/one"
			  " 2>/dev/null || git -C r.git show main:run main:a/b/one"),
	    "2\n2");
	assert_string_equal(fsck(&fix), "");
}

static void test_refusals(void **state)
{
	static const struct {
		const char *path;
		const char *text;
		int code;
		const char *error;
	} cases[] = {
		{ "absent", "x", ERR_INVALID,
		  "'absent' does not exist as a regular file" },
		{ "a/absent", "x", ERR_INVALID,
		  "'a/absent' does not exist as a regular file" },
		{ "a/b", "x", ERR_INVALID, "'a/b' does not exist as a regular file" },
		{ "z/x", "x", ERR_INVALID, "'z/x' does not exist as a regular file" },
		{ "", "x", ERR_INVALID, "'' does not exist as a regular file" },
		{ "link", "x", ERR_INVALID, "'link' is not a regular file" },
		{ "z", "1\n", ERR_INVALID, "'z' would not change" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct oid commit = { "" };
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct repo_edit edit = { str_of(cases[i].path), str_of(cases[i].text) };
		struct repo_commit_spec spec = spec_of(&fix, &edit, 1);
		(void)fix_open(&fix);
		assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err),
				 cases[i].code);
		assert_string_equal(err.text, cases[i].error);
	}
	struct err err = ERR_INIT;
	struct repo_edit twice[] = { { STR("z"), STR("2") }, { STR("z"), STR("3") } };
	struct repo_commit_spec spec = spec_of(&fix, twice, 2);
	assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err), ERR_INVALID);
	assert_string_equal(err.text, "'z' is edited twice");
	spec = spec_of(&fix, NULL, 0);
	assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err), ERR_INVALID);
	assert_string_equal(err.text, "nothing to commit");
	spec = spec_of(&fix, twice, 1);
	spec.author.name = "a <b";
	assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err), ERR_INVALID);
	assert_string_equal(err.text, "author without a usable name or address");
	assert_string_equal(commit.hex, "");
}

static void test_malformed_trees(void **state)
{
	static const struct {
		const char *script;
		const char *error;
	} cases[] = {
		{ RAW_TREE("100644 z\\0" ID20 "100644 a\\0" ID20),
		  "tree with the name 'a' out of order or twice" },
		{ RAW_TREE("100644 z\\0" ID20 "100644 z\\0" ID20),
		  "tree with the name 'z' out of order or twice" },
		{ RAW_TREE("100644 z\\0" ID20 "100644 z.b\\0" ID20 "40000 z\\0" ID20),
		  "tree with the name 'z' twice" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct oid commit = { "" };
		struct repo_edit edit = { STR("z"), STR("2") };
		struct repo_commit_spec spec = spec_of(&fix, &edit, 1);
		spec.base_tree = fix_run_oid(&fix, cases[i].script);
		(void)fix_open(&fix);
		assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err),
				 ERR_INVALID);
		assert_string_equal(err.text, cases[i].error);
	}
}

/* Other entries (a submodule, an old mode) stay byte for byte. */
static void test_rest_of_the_tree_stays(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct err err = ERR_INIT;
	struct oid commit = { "" };
	struct repo_edit edit = { STR("z"), STR("2\n") };
	struct repo_commit_spec spec = spec_of(&fix, &edit, 1);
	spec.base_tree = fix_run_oid(
	    &fix, RAW_TREE("100664 old\\0" ID20 "160000 sub\\0" ID20 "100644 z\\0" ID20));
	(void)fix_open(&fix);
	assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err), 0);
	assert_string_equal(
	    fix_run(&fix,
		    arena_printf(&fix.arena,
				 "git -C r.git cat-file tree %s^{tree} | tr '\\0' '#' "
				 "| cut -c1-62",
				 commit.hex)),
	    "100664 old#" ID20 "160000 sub#" ID20);
}

static const char *add_files(size_t n, struct fix *fix)
{
	return arena_printf(&fix->arena,
			    "mkdir -p w; cd w; for i in $(seq %zu); do "
			    "mkdir -p d$((i %% 7)); echo $i > d$((i %% 7))/f$i; "
			    "done; cd ..; " FIX_COMMIT,
			    n);
}

/* Edits `n` files; gives the number of packs after it. */
static const char *edit_many(struct fix *fix, size_t n)
{
	struct err err = ERR_INIT;
	struct oid commit = { "" };
	struct repo_edit *edits = ARENA_ARRAY(&fix->arena, struct repo_edit, n);
	for (size_t i = 0; i < n; i++) {
		edits[i].path =
		    str_of(arena_printf(&fix->arena, "d%zu/f%zu", (i + 1) % 7, i + 1));
		edits[i].text =
		    str_of(arena_printf(&fix->arena, "new %zu of %zu\n", (i + 1) / 2, n));
	}
	struct repo_commit_spec spec = spec_of(fix, edits, n);
	(void)fix_open(fix);
	if (repo_build_commit(fix->repo, &spec, &commit, &err))
		fail_msg("%s", err.text);
	(void)fix_run(fix, arena_printf(&fix->arena,
					"git -C r.git update-ref refs/heads/main %s",
					commit.hex));
	assert_string_equal(fsck(fix), "");
	assert_string_equal(
	    fix_run(fix, "git -C r.git diff-tree -r --name-only main~1 main | wc -l"),
	    arena_printf(&fix->arena, "%zu", n));
	return fix_run(fix, "ls r.git/objects/pack | grep -c 'pack$' || true");
}

static void test_loose_or_pack(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, add_files(300, &fix));
	assert_string_equal(edit_many(&fix, 20), "0");
	assert_string_equal(edit_many(&fix, 300), "1");
}

/* Loose files, fan-out folders and packs have the modes that git gives them. */
static void test_shared_modes(void **state)
{
	static const struct {
		const char *shared;
		mode_t umask;
	} cases[] = { { "umask", 077 }, { "group", 077 }, { "all", 077 }, { "0660", 022 },
		      { "0640", 022 },  { "1", 077 },     { "2", 077 },   { "true", 077 },
		      { "false", 027 }, { "world", 077 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fix fix FIX_CLEANUP;
		fix_init(&fix);
		mode_t old = umask(cases[i].umask);
		(void)fix_run(&fix, arena_printf(&fix.arena,
						 "rm -rf r.git; git init -q --bare -b "
						 "main --shared=%s r.git",
						 cases[i].shared));
		(void)fix_run(&fix, add_files(300, &fix));
		(void)fix_run(
		    &fix,
		    "cd r.git/objects; rm -rf ../modes; "
		    "find . -path './[0-9a-f]*' -type d -printf '%m\\n' | sort -u > ../modes; "
		    "find . -path './[0-9a-f]*/*' -printf '%m\\n' | sort -u >> ../modes; "
		    "git -C .. repack -adq; "
		    "find . -name '*.pack' -printf '%m\\n' >> ../modes");
		(void)edit_many(&fix, 20);
		(void)fix_run(&fix, "rm r.git/objects/pack/*.pack~ 2>/dev/null || true; "
				    "ls r.git/objects/pack > r.git/before");
		(void)edit_many(&fix, 300);
		(void)umask(old);
		assert_string_equal(
		    fix_run(
			&fix,
			"cd r.git/objects; "
			"find . -path './[0-9a-f]*' -type d -printf '%m\\n' | sort -u; "
			"find . -path './[0-9a-f]*/*' -printf '%m\\n' | sort -u; "
			"cd pack; for p in *.pack; do grep -q $p ../../before || "
			"find . -name $p -printf '%m\\n'; done"),
		    fix_run(&fix, "cat r.git/modes"));
	}
}

static void test_quarantine(void **state)
{
	static const char *const names[] = { "GIT_QUARANTINE_PATH",
					     "GIT_OBJECT_DIRECTORY",
					     "GIT_ALTERNATE_OBJECT_DIRECTORIES",
					     "GIT_NAMESPACE" };
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	struct err err = ERR_INIT;
	struct oid commit = { "" };
	struct repo_edit edit = { STR("z"), STR("2") };
	struct repo_commit_spec spec = spec_of(&fix, &edit, 1);
	struct repo_move move = { .ref = "refs/heads/main",
				  .old_oid = spec.parent,
				  .new_oid = spec.parent };
	(void)fix_open(&fix);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_int_equal(setenv(names[i], fix.dir, 1), 0);
		assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err),
				 ERR_DENIED);
		assert_int_equal(repo_move_ref(fix.repo, &move, &err), ERR_DENIED);
		assert_int_equal(unsetenv(names[i]), 0);
	}
	const char *objects =
	    arena_printf(&fix.arena, "%s/r.git/../r.git/objects", fix.dir);
	assert_int_equal(setenv("GIT_OBJECT_DIRECTORY", objects, 1), 0);
	assert_false(repo_in_quarantine(repo_facts(fix.repo)->git_dir));
	assert_int_equal(repo_build_commit(fix.repo, &spec, &commit, &err), 0);
	assert_int_equal(unsetenv("GIT_OBJECT_DIRECTORY"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_malformed_trees),
		cmocka_unit_test(test_rest_of_the_tree_stays),
		cmocka_unit_test(test_loose_or_pack),
		cmocka_unit_test(test_shared_modes),
		cmocka_unit_test(test_quarantine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
