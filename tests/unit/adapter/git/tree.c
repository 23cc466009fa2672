/* SPDX-License-Identifier: MIT */
#include "base/limits.h"
#include "tests/unit/gitfix.h"

/* A raw tree from printf's arguments, stored as it is. */
#define RAW_TREE(bytes)                                          \
	"printf '" bytes "' > raw; git -C r.git hash-object -w " \
	"-t tree --literally --stdin < raw"
#define ID20 "aaaaaaaaaaaaaaaaaaaa"

static bool takes_none(struct str name)
{
	(void)name;
	return false;
}

static bool takes_all(struct str name)
{
	(void)name;
	return true;
}

static int refuse_file(void *ctx, const struct repo_file *file, const struct str *text,
		       struct err *err)
{
	(void)ctx, (void)file, (void)text;
	return err_set(err, ERR_INVALID, "a file was read");
}

/* Reads the trees alone. */
static int check_tree(struct repo *repo, const struct oid *tree, struct err *err)
{
	struct repo_visitor visitor = { NULL, takes_none, NULL };
	return repo_read_files(repo, tree, &visitor, err);
}

static void test_check(void **state)
{
	static const struct {
		const char *script;
		const char *error;
	} cases[] = {
		{ RAW_TREE("100644 b\\0" ID20 "100644 a\\0" ID20),
		  "tree with the name 'a' out of order or twice" },
		{ RAW_TREE("100644 a\\0" ID20 "100755 a\\0" ID20),
		  "tree with the name 'a' out of order or twice" },
		{ RAW_TREE("100644 .git\\0" ID20),
		  "tree with the forbidden name '.git'" },
		{ RAW_TREE("100644 ..\\0" ID20), "tree with the forbidden name '..'" },
		{ RAW_TREE("100644 a/b\\0" ID20), "tree with the forbidden name 'a/b'" },
		{ RAW_TREE("100644 \\0" ID20), "tree with the forbidden name ''" },
		{ RAW_TREE("100648 a\\0" ID20), "malformed tree: no mode" },
		{ RAW_TREE("a\\0" ID20), "malformed tree: no mode" },
		{ RAW_TREE("100644 a\\0aaaa"), "malformed tree: cut entry" },
		{ RAW_TREE("100644 a"), "malformed tree: cut entry" },
		{ RAW_TREE("40000 a\\0" ID20),
		  "object 6161616161616161616161616161616161616161 is missing" },
		{ "echo x | git -C r.git hash-object -w --stdin",
		  "object 587be6b4c3f93f93c489c0111bba5596147a26cb is a blob, not a "
		  "tree" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct oid tree = fix_run_oid(&fix, cases[i].script);
		(void)fix_open(&fix);
		assert_true(check_tree(fix.repo, &tree, &err) < 0);
		assert_string_equal(err.text, cases[i].error);
	}
}

/* Ten entries, eight levels: 10^8 files behind nine objects. */
static void test_tree_bomb(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repo_deltas deltas = { NULL, 0, 0 };
	struct oid none = { "" };
	struct oid tree = fix_run_oid(
	    &fix, "cd r.git; t=$(echo x | git hash-object -w --stdin); k='100644 blob'; "
		  "for l in 1 2 3 4 5 6 7 8; do "
		  "for n in 0 1 2 3 4 5 6 7 8 9; do printf '%s %s\\t%s\\n' \"$k\" $t $n; "
		  "done > in; t=$(git mktree < in); k='040000 tree'; done; echo $t");
	(void)fix_open(&fix);
	assert_int_equal(check_tree(fix.repo, &tree, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 1000000 entries of one tree");
	assert_int_equal(repo_diff(fix.repo, &none, &tree, &arena, &deltas, &err),
			 ERR_LIMIT);
	assert_int_equal(deltas.len, 0);
}

/* A thousand files below one long name, four hundred times: half a gigabyte of paths. */
static void test_long_paths(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct repo_visitor visitor = { NULL, takes_all, refuse_file };
	struct repo_deltas deltas = { NULL, 0, 0 };
	struct oid none = { "" };
	struct oid tree = fix_run_oid(
	    &fix,
	    "cd r.git; b=$(echo x | git hash-object -w --stdin); "
	    "for n in $(seq 1000); do printf '100644 blob %s\\t%s\\n' $b $n; done > in; "
	    "t=$(git mktree < in); long=$(head -c 1200 /dev/zero | tr '\\0' a); "
	    "for n in $(seq 400); do "
	    "printf '040000 tree %s\\t%s%s\\n' $t $long $n; done > in; git mktree < in");
	(void)fix_open(&fix);
	assert_int_equal(repo_read_files(fix.repo, &tree, &visitor, &err), ERR_LIMIT);
	assert_string_equal(err.text,
			    "limit: 268435456 bytes of trees and paths in one walk");
	assert_int_equal(repo_diff(fix.repo, &none, &tree, &fix.arena, &deltas, &err),
			 ERR_LIMIT);
}

static void test_depth(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct repo_deltas deltas = { NULL, 0, 0 };
	struct oid none = { "" };
	const char *trees = fix_run(
	    &fix,
	    "cd r.git; t=$(echo x | git hash-object -w --stdin); k='100644 blob'; "
	    "for l in $(seq 65); do t=$(printf '%s %s\\tn\\n' \"$k\" $t | git mktree); "
	    "k='040000 tree'; [ $l -lt 64 ] || echo $t; done");
	struct oid fits = { "" };
	memcpy(fits.hex, trees, 40);
	struct oid deep = fix_oid(trees + 41);
	(void)fix_open(&fix);
	assert_int_equal(check_tree(fix.repo, &fits, &err), 0);
	assert_int_equal(check_tree(fix.repo, &deep, &err), ERR_LIMIT);
	assert_string_equal(err.text, "limit: 64 folders inside one another");
	assert_int_equal(repo_diff(fix.repo, &none, &deep, &fix.arena, &deltas, &err),
			 ERR_LIMIT);
}

static void test_find(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct oid oid;
	uint32_t mode = 0;
	struct str text;
	(void)fix_run(&fix, "mkdir -p w/d/e; echo 1 > w/d/e/f; chmod +x w/d/e/f; "
			    "echo 2 > w/d.x; ln -s d.x w/link; " FIX_COMMIT);
	struct oid tree = fix_run_oid(&fix, "git -C r.git rev-parse main^{tree}");
	(void)fix_open(&fix);
	assert_int_equal(repo_look_up(fix.repo, &tree, STR("d/e/f"), &mode, &oid, &err),
			 0);
	assert_int_equal(mode, 0100755);
	assert_int_equal(repo_read_blob(fix.repo, &oid, 2, &fix.arena, &text, &err), 0);
	assert_true(str_is(text, "1\n"));
	assert_int_equal(repo_read_blob(fix.repo, &oid, 1, &fix.arena, &text, &err),
			 ERR_LIMIT);
	assert_int_equal(repo_look_up(fix.repo, &tree, STR(""), &mode, &oid, &err), 0);
	assert_string_equal(oid.hex, tree.hex);
	assert_int_equal(repo_look_up(fix.repo, &tree, STR("d/e"), &mode, &oid, &err), 0);
	assert_int_equal(mode, 040000);
	assert_int_equal(repo_look_up(fix.repo, &tree, STR("link"), &mode, &oid, &err),
			 0);
	assert_int_equal(mode, 0120000);
	static const char *const absent[] = { "d/e/f/g", "x",        "/d.x",
					      "d//e/f",  "d/../d.x", "link/x" };
	for (size_t i = 0; i < ARRAY_LEN(absent); i++)
		assert_int_equal(
		    repo_look_up(fix.repo, &tree, str_of(absent[i]), &mode, &oid, &err),
		    ERR_NOTFOUND);
}

static const char *show_deltas(struct fix *fix, const struct repo_deltas *deltas)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
	for (size_t i = 0; i < deltas->len; i++) {
		const struct repo_delta *d = &deltas->items[i];
		(void)buf_printf(&out, ":%06o %06o %s %s\t%.*s\n", d->old_mode,
				 d->new_mode, d->old_blob.hex, d->new_blob.hex,
				 STR_ARG(d->path));
	}
	return arena_strndup(&fix->arena, buf_str(&out));
}

/* Every kind of change, against `git diff-tree -r`. */
static void test_diff_as_git(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct repo_deltas deltas = { NULL, 0, 0 };
	(void)fix_run(&fix,
		      "mkdir -p w/a w/same w/gone/x; echo 1 > w/a/f; echo 1 > w/a.b; "
		      "echo 1 > w/same/s; echo 1 > w/gone/x/y; echo 1 > w/file; "
		      "ln -s a w/link; echo 1 > w/mode; " FIX_COMMIT);
	(void)fix_run(&fix, "rm -r w/gone w/file w/link; mkdir -p w/file/sub w/new; "
			    "echo 2 > w/a/f; echo 2 > w/file/sub/z; echo 2 > w/link; "
			    "chmod +x w/mode; echo 2 > w/new/n; " FIX_COMMIT);
	struct oid one = fix_run_oid(&fix, "git -C r.git rev-parse main~1^{tree}");
	struct oid two = fix_run_oid(&fix, "git -C r.git rev-parse main^{tree}");
	(void)fix_open(&fix);
	assert_int_equal(repo_diff(fix.repo, &one, &two, &fix.arena, &deltas, &err), 0);
	const char *want =
	    fix_run(&fix, "git -C r.git diff-tree -r --no-renames main~1 main | "
			  "sed -E 's/ [A-Z]\t/\t/; s/ 0{40}/ /g'");
	assert_string_equal(show_deltas(&fix, &deltas),
			    arena_printf(&fix.arena, "%s\n", want));
	assert_int_equal(deltas.len, 7);
	assert_int_equal(repo_diff(fix.repo, &two, &two, &fix.arena, &deltas, &err), 0);
	assert_int_equal(deltas.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),      cmocka_unit_test(test_tree_bomb),
		cmocka_unit_test(test_long_paths), cmocka_unit_test(test_depth),
		cmocka_unit_test(test_find),       cmocka_unit_test(test_diff_as_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
