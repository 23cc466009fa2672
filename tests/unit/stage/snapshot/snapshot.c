/* SPDX-License-Identifier: MIT */
#include "stage/snapshot/snapshot.h"
#include "base/limits.h"
#include "tests/unit/gitfix.h"

static void test_judge(void **state)
{
	static const struct {
		const char *path, *text;
		uint32_t flags;
	} cases[] = {
		{ "a.yaml", "image: x # {\"$imagepolicy\": \"a:b\"}", 1 },
		{ "a.yml", "apiVersion: image.toolkit.fluxcd.io/v1beta2", 2 },
		{ "d/Kustomization", "{\"$imagepolicy\": \"a:b:tag\"}", 1 },
		{ "a.yaml", "notification.toolkit.fluxcd.io/v1 \"$imagepolicy\"", 3 },
		{ "a.yaml", "$imagepolicy", 0 },
		{ "a.YAML", "\"$imagepolicy\"", 0 },
		{ "a.json", "\"$imagepolicy\"", 0 },
		{ "xKustomization", "\"$imagepolicy\"", 0 },
		{ "a.yaml", "kind: Secret", 2 },
		{ "a.yaml", "kind: Namespace", 2 },
		{ "a.yaml", "patches:\n- x", 0 },
		{ "d/kustomization.yaml", "patches:\n- x", 6 },
		{ "kustomization.yml", "components:\n- x", 6 },
		{ "kustomization.yml", "resources:\n- x", 0 },
		{ "kustomization.yml", "components: [] # \"$imagepolicy\"", 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (snapshot_judge(str_of(cases[i].path), str_of(cases[i].text)) !=
		    cases[i].flags)
			fail_msg("case %zu", i);
}

/* `path=flags` of a snapshot at main, then which parts changed. */
static const char *take(struct fix *fix, bool indexed)
{
	struct err err = ERR_INIT;
	struct snapshot snapshot;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 16);
	struct oid commit = fix_run_oid(fix, "git -C r.git rev-parse main");
	const char *index = file_join(&fix->arena, fix->dir, "index.bin");
	(void)fix_open(fix);
	if (snapshot_take(fix->repo, &commit, indexed ? index : NULL, &fix->arena,
			  &snapshot, &err))
		return arena_printf(&fix->arena, "%d %s", err.code, err.text);
	snapshot_save(&snapshot, indexed ? index : NULL);
	assert_string_equal(snapshot.commit.hex, commit.hex);
	for (size_t i = 0; i < snapshot.len; i++) {
		const struct snapshot_file *file = &snapshot.items[i];
		(void)buf_printf(&out, "%.*s=%u ", STR_ARG(file->path), file->flags);
	}
	(void)buf_printf(&out, "%s%s", snapshot.documents_changed ? "D" : "",
			 snapshot.markers_changed ? "M" : "");
	return arena_strndup(&fix->arena, buf_str(&out));
}

static void fill(struct fix *fix)
{
	(void)fix_run(
	    fix, "mkdir -p w/d w/e; m='\"$imagepolicy\"'; echo \"$m\" > w/d/a.yaml; "
		 "echo image.toolkit.fluxcd.io/v1 > w/d/p.yaml; echo x > w/e/x.yaml; "
		 "echo \"$m\" > w/e/t.txt; echo patches > w/e/kustomization.yaml; "
		 "echo patches > w/e/other.yaml; ln -s d/a.yaml w/l.yaml; " FIX_COMMIT);
}

static void test_incremental(void **state)
{
	static const struct {
		const char *edit;
		const char *want;
	} cases[] = {
		{ ":", "d/a.yaml=1 d/p.yaml=2 e/kustomization.yaml=6 DM" },
		{ "echo plain > w/readme; " FIX_COMMIT,
		  "d/a.yaml=1 d/p.yaml=2 e/kustomization.yaml=6 " },
		{ "echo '\"$imagepolicy\" 2' > w/e/x.yaml; " FIX_COMMIT,
		  "d/a.yaml=1 d/p.yaml=2 e/kustomization.yaml=6 e/x.yaml=1 M" },
		{ "rm w/d/p.yaml; " FIX_COMMIT,
		  "d/a.yaml=1 e/kustomization.yaml=6 e/x.yaml=1 D" },
		{ "rm w/d/a.yaml; ln -s x w/d/a.yaml; echo no > w/e/x.yaml; " FIX_COMMIT,
		  "e/kustomization.yaml=6 M" },
		{ "rm w/e/kustomization.yaml; mkdir w/e/kustomization.yaml; "
		  "echo kind: Secret > w/e/kustomization.yaml/s.yml; " FIX_COMMIT,
		  "e/kustomization.yaml/s.yml=2 D" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		(void)fix_run(&fix, cases[i].edit);
		assert_string_equal(take(&fix, true), cases[i].want);
		/* the same from scratch, and once more from the index */
		struct str all = str_of(take(&fix, false));
		struct str files = str_of(take(&fix, true));
		assert_true(str_ends(all, STR("DM")));
		assert_true(str_eq(str_slice(all, 0, all.len - 2), files));
	}
	assert_string_equal(fix_run(&fix, "stat -c %a index.bin"), "600");
}

static void test_what_is_new(void **state)
{
	static const struct {
		const char *path;
		bool known, is_new;
	} files[] = {
		{ "d/a.yaml", true, false }, { "d/b.yaml", true, true },
		{ "d/p.yaml", true, true },  { "e/x.yaml", false, false },
		{ "", false, false },
	};

	(void)state;
	struct err err = ERR_INIT;
	struct snapshot snapshot;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	(void)take(&fix, true);
	(void)fix_run(&fix,
		      "cp w/d/a.yaml w/d/b.yaml; echo '#' >> w/d/p.yaml; " FIX_COMMIT);
	struct oid commit = fix_run_oid(&fix, "git -C r.git rev-parse main");
	(void)fix_open(&fix);
	assert_int_equal(snapshot_take(fix.repo, &commit,
				       file_join(&fix.arena, fix.dir, "index.bin"),
				       &fix.arena, &snapshot, &err),
			 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const struct snapshot_file *file =
		    snapshot_find(&snapshot, str_of(files[i].path));
		assert_int_equal(file != NULL, files[i].known);
		if (file)
			assert_int_equal(file->is_new, files[i].is_new);
	}
}

static void test_damaged_index(void **state)
{
	static const char *const damages[] = {
		": > index.bin",
		"head -c 50 good > index.bin",
		"head -c 200 good > index.bin",
		"printf x >> index.bin",
		"printf X | dd of=index.bin bs=1 seek=150 conv=notrunc",
		"printf X | dd of=index.bin bs=1 seek=3 conv=notrunc",
		"head -c 4096 /dev/zero > index.bin",
		"rm index.bin; mkdir index.bin",
	};
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	const char *want = take(&fix, true);
	(void)fix_run(&fix, "cp index.bin good");
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		(void)fix_run(&fix, arena_printf(&fix.arena,
						 "cp good index.bin; { %s; } 2>/dev/null",
						 damages[i]));
		assert_string_equal(take(&fix, true), want);
		if (i + 1 < ARRAY_LEN(damages))
			(void)fix_run(&fix, "cmp good index.bin");
	}
}

/* A tree that the index knows but the repository has lost. */
static void test_unknown_tree(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	const char *want = take(&fix, true);
	(void)fix_run(&fix, "rm -rf r.git; git init -q --bare -b main r.git; "
			    "echo more > w/more; " FIX_COMMIT);
	assert_string_equal(take(&fix, true), want);
}

static void test_limit_keeps_the_index(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	fill(&fix);
	(void)take(&fix, true);
	(void)fix_run(&fix,
		      "cp index.bin good; cd r.git; "
		      "t=$(echo x | git hash-object -w --stdin); k='100644 blob'; "
		      "for l in $(seq 70); do t=$(printf '%s %s\\tn\\n' \"$k\" $t | "
		      "git mktree); k='040000 tree'; done; "
		      "git update-ref refs/heads/main $(git commit-tree -m deep $t)");
	assert_string_equal(take(&fix, true), "-3 limit: 64 folders inside one another");
	(void)fix_run(&fix, "cmp good index.bin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_incremental),
		cmocka_unit_test(test_what_is_new),
		cmocka_unit_test(test_damaged_index),
		cmocka_unit_test(test_unknown_tree),
		cmocka_unit_test(test_limit_keeps_the_index),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
