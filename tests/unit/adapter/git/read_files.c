/* SPDX-License-Identifier: MIT */
#include "tests/unit/gitfix.h"

struct looking {
	struct arena *arena;
	struct strings lines;
	const char *needle; /* NULL: shows every file with its bytes */
};

static bool takes(struct str name)
{
	return str_ends(name, STR(".yaml")) || str_is(name, "Kustomization");
}

static int look(void *ctx, const struct repo_file *file, const struct str *text,
		struct err *err)
{
	struct looking *looking = ctx;
	/* of a damaged head only: nothing here is large */
	if (!text)
		return err_set(err, ERR_LIMIT, "too large");
	if (!looking->needle)
		strings_add(looking->arena, &looking->lines,
			    arena_printf(looking->arena, "%s %.*s=%.*s;", file->blob.hex,
					 STR_ARG(file->path), STR_ARG(*text)));
	else if (str_find(*text, str_of(looking->needle)) < text->len)
		strings_add(looking->arena, &looking->lines,
			    arena_printf(looking->arena, "%o %.*s;", file->mode,
					 STR_ARG(file->path)));
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What is seen at the tree, in the order of the bytes. */
static const char *look_at(struct fix *fix, const char *tree_script, const char *needle,
			   int want)
{
	struct err err = ERR_INIT;
	struct looking looking = { .arena = &fix->arena, .needle = needle };
	struct repo_visitor visitor = { &looking, takes, look };
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 24);
	struct oid tree = fix_run_oid(fix, tree_script);
	(void)fix_open(fix);
	int code = repo_read_files(fix->repo, &tree, &visitor, &err);
	assert_int_equal(code, want);
	if (code)
		return arena_strdup(&fix->arena, err.text);
	VEC_SORT(&looking.lines, compare_lines);
	for (size_t i = 0; i < looking.lines.len; i++)
		(void)buf_puts(&out, looking.lines.items[i]);
	return arena_strndup(&fix->arena, buf_str(&out));
}

static const char *search(struct fix *fix, const char *tree_script, int want)
{
	return look_at(fix, tree_script, "\"$imagepolicy\"", want);
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
		      "echo \"$m\" > w/doc.yaml; chmod +x w/doc.yaml; "
		      "ln -s top.yaml w/link.yaml; ln -s '\"$imagepolicy\"' w/l2.yaml; "
		      "echo \"$m\" > 'w/d/a b:c\".yaml'; "
		      "printf '*.yaml -diff binary\\n' > w/.gitattributes; " FIX_COMMIT);
	assert_string_equal(search(&fix, MAIN_TREE, 0),
			    "100644 Kustomization;100644 binary.yaml;100644 d/a "
			    "b:c\".yaml;100644 d/e/deep.yaml;100644 "
			    "k/Kustomization;100644 top.yaml;100755 doc.yaml;");
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
	const char *text = search(&fix, MAIN_TREE, ERR_NOTFOUND);
	assert_string_equal(text,
			    "object a50bcb6003fee24cd0dcb7d7da23c9150cd95457 is missing");
}

/* What a file's entry names is a file, whether its bytes would be of use or not. */
static void test_entry_of_another_type(void **state)
{
	static const struct {
		const char *object;
		const char *text;
	} cases[] = {
		{ "main",
		  "object d638308de734039f1282cbdfaf3f17cbe95a794f is a commit, not a file" },
		{ "main:",
		  "object 620078461b89e2a87cde3e277933d89c3f72d262 is a tree, not a file" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fix fix FIX_CLEANUP;
		fix_init(&fix);
		(void)fix_run(&fix, "mkdir w; echo x > w/a.yaml; " FIX_COMMIT);
		const char *text = search(
		    &fix,
		    arena_printf(
			&fix.arena,
			"o=$(git -C r.git rev-parse %s); "
			"perl -e 'print \"100644 b.yaml\\0\", pack(\"H*\", shift)' "
			"$o | git -C r.git hash-object -t tree -w --literally --stdin",
			cases[i].object),
		    ERR_INVALID);
		assert_string_equal(text, cases[i].text);
	}
}

/* A repository that is packed anew between the list and the blobs. */
static void test_packs_go_away(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct looking looking = { .arena = &fix.arena };
	struct repo_visitor visitor = { &looking, takes, look };
	(void)fix_run(
	    &fix, "mkdir w; for i in $(seq 50); do echo $i > w/$i.yaml; done; " FIX_COMMIT
		  "; git repack -adfq");
	struct oid tree = fix_run_oid(&fix, MAIN_TREE);
	(void)fix_open(&fix);
	struct oid parsed = { "" };
	struct oid commit = fix_run_oid(&fix, "git -C r.git rev-parse main");
	assert_int_equal(repo_commit_tree(fix.repo, &commit, &parsed, &err), 0);
	(void)fix_run(&fix, "p=$(echo r.git/objects/pack/*.pack); mv $p p; rm -f "
			    "${p%pack}*; git -C r.git unpack-objects -q < p; rm p");
	assert_int_equal(repo_read_files(fix.repo, &tree, &visitor, &err), 0);
	assert_int_equal(looking.lines.len, 50);
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
	(void)search(&fix, MAIN_TREE, ERR_NOTFOUND);
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
	struct oid blob;
	uint32_t mode = 0;
	struct str text;
	(void)fix_run(&fix, "mkdir w; echo plain > w/a.yaml; " FIX_COMMIT);
	(void)fix_run(&fix, "cd r.git; b=$(echo '\"$imagepolicy\"' | git hash-object -w "
			    "--stdin); git replace $(git rev-parse main:a.yaml) $b");
	assert_string_equal(search(&fix, MAIN_TREE, 0), "");
	struct oid tree = fix_run_oid(&fix, MAIN_TREE);
	assert_int_equal(repo_look_up(fix.repo, &tree, STR("a.yaml"), &mode, &blob, &err),
			 0);
	assert_int_equal(repo_read_blob(fix.repo, &blob, 100, &fix.arena, &text, &err),
			 0);
	assert_true(str_is(text, "plain\n"));
}

/* Files that resemble one another, some twice, with long chains of deltas. */
#define SIMILAR                                                                       \
	"mkdir -p w/d; for i in $(seq 300); do echo line $i of a text; done > text; " \
	"for i in $(seq 120); do sed \"${i}s/.*/marked \\\"\\$imagepolicy\\\" $i/\" " \
	"text > w/f$i.yaml; cp w/f$i.yaml w/d/g$i.yaml; cp w/f$i.yaml w/f$i.txt; "    \
	"sed \"5,${i}d\" text > w/d/h$i.yaml; done; : > w/empty.yaml; "

static const char *by_git(struct fix *fix)
{
	return fix_run(fix, "git -C r.git ls-tree -r main | grep yaml$ | "
			    "while read -r m t o p; do printf '%s %s=' $o $p; "
			    "git -C r.git cat-file blob $o; printf ';\\0'; done | "
			    "LC_ALL=C sort -z | tr -d '\\0'");
}

/* However it is packed, all that git sees is seen, each file once. */
static void test_reads_what_git_reads(void **state)
{
	static const char *const packings[] = {
		":",
		"git -C r.git repack -adfq --depth=80 --window=80",
		"git -C r.git -c repack.useDeltaBaseOffset=false repack -adfq --depth=80",
		"git -C r.git repack -adfq --depth=0",
		/* half of it in a second pack, the rest loose */
		"git -C r.git unpack-objects -q < $(ls r.git/objects/pack/*.pack) || :; "
		"cd r.git; mv objects/pack/*.pack ../p; rm -f objects/pack/*; "
		"git unpack-objects -q < ../p; git ls-tree -r main | sed -n '1~2p' | "
		"cut -c13-52 | git pack-objects -q objects/pack/pack > ../out; "
		"git ls-tree -r main:d | sed -n '1~3p' | cut -c13-52 | "
		"git pack-objects -q objects/pack/pack > ../out; git prune-packed -q",
		/* and in somebody else's store */
		"git clone -q --bare r.git o.git; rm -rf r.git; git clone -q --bare -s "
		"o.git r.git",
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, SIMILAR FIX_COMMIT);
	const char *want = by_git(&fix);
	assert_true(strlen(want) > 1000000);
	for (size_t i = 0; i < ARRAY_LEN(packings); i++) {
		(void)fix_run(&fix, packings[i]);
		assert_string_equal(by_git(&fix), want);
		assert_string_equal(look_at(&fix, MAIN_TREE, NULL, 0), want);
	}
}

/* A visitor may end it. */
static int refuse(void *ctx, const struct repo_file *file, const struct str *text,
		  struct err *err)
{
	(void)file;
	(void)text;
	++*(size_t *)ctx;
	return err_set(err, ERR_LIMIT, "enough");
}

static void test_visitor_ends_it(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	size_t calls = 0;
	struct repo_visitor visitor = { &calls, takes, refuse };
	(void)fix_run(&fix, SIMILAR FIX_COMMIT);
	(void)fix_run(&fix, "git -C r.git repack -adfq");
	struct oid tree = fix_run_oid(&fix, MAIN_TREE);
	(void)fix_open(&fix);
	assert_int_equal(repo_read_files(fix.repo, &tree, &visitor, &err), ERR_LIMIT);
	assert_string_equal(err.text, "enough");
	assert_int_equal(calls, 1);
}

/* Any damaged byte of the pack: what git would see, or an error. */
static void test_damage(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	(void)fix_run(&fix,
		      "mkdir w; for i in $(seq 90); do echo line $i; done > text; "
		      "for i in $(seq 12); do sed \"${i}s/.*/new $i/\" text > w/$i.yaml; "
		      "done; " FIX_COMMIT);
	(void)fix_run(&fix, "git -C r.git repack -adfq; chmod 644 r.git/objects/pack/*");
	const char *want = by_git(&fix);
	const char *path = fix_run(&fix, "echo $PWD/r.git/objects/pack/*.pack");
	struct oid tree = fix_run_oid(&fix, MAIN_TREE);
	struct buf good BUF_CLEANUP = BUF_INIT(1 << 20);
	assert_int_equal(file_read(path, &good, &err), 0);
	for (size_t off = 0; off < good.len; off += 3) {
		struct looking looking = { .arena = &fix.arena };
		struct repo_visitor visitor = { &looking, takes, look };
		(void)fix_open(&fix);
		good.ptr[off] = (char)~good.ptr[off];
		assert_int_equal(
		    file_write_atomic(path, buf_str(&good), 0644, FILE_FAST, &err), 0);
		good.ptr[off] = (char)~good.ptr[off];
		if (repo_read_files(fix.repo, &tree, &visitor, &err))
			continue;
		struct buf out BUF_CLEANUP = BUF_INIT(1 << 20);
		VEC_SORT(&looking.lines, compare_lines);
		for (size_t i = 0; i < looking.lines.len; i++)
			(void)buf_puts(&out, looking.lines.items[i]);
		assert_string_equal(buf_cstr(&out), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_missing_object_fails),
		cmocka_unit_test(test_entry_of_another_type),
		cmocka_unit_test(test_packs_go_away),
		cmocka_unit_test(test_hostile_config),
		cmocka_unit_test(test_replacements_do_not_count),
		cmocka_unit_test(test_reads_what_git_reads),
		cmocka_unit_test(test_visitor_ends_it),
		cmocka_unit_test(test_damage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
