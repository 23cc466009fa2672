/* SPDX-License-Identifier: MIT */
#include "adapter/git/internal.h"
#include "tests/unit/gitfix.h"

/* Some hundred versions of a few files: long chains of deltas in one pack. */
#define MANY_VERSIONS                                                              \
	"mkdir w; for i in $(seq 200); do echo line $i >> w/a; done; cp w/a w/b; " \
	"export GIT_DIR=r.git GIT_WORK_TREE=w GIT_INDEX_FILE=$PWD/index; "         \
	"for i in $(seq 60); do sed -i \"${i}s/.*/new $i/\" w/a w/b; "             \
	"git add -A; t=$(git write-tree); "                                        \
	"git update-ref refs/heads/main $(git commit-tree ${c:+-p $c} -m $i $t); " \
	"c=$(git rev-parse main); done; git tag -a -m m v1; "

/* Every object, by our reader and by git. */
static void assert_reads_all(struct fix *fix, bool packed)
{
	(void)fix_open(fix);
	struct str rest = str_of(
	    fix_run(fix, "git -C r.git cat-file --batch-all-objects "
			 "--batch-check='%(objectname) %(objecttype) %(objectsize)'"));
	struct str line;
	size_t n = 0;
	for (; str_line(&rest, &line); n++) {
		struct object object OBJECT_CLEANUP = OBJECT_INIT;
		struct raw_oid oid;
		struct raw_oid id;
		assert_true(raw_oid_parse(str_slice(line, 0, 40), &oid));
		enum found found = packed ? packs_read(fix->repo, &oid, 1 << 20, &object)
					  : loose_read(fix->repo, &oid, 1 << 20, &object);
		assert_int_equal(found, FOUND);
		object_id(object.type, buf_str(&object.bytes), &id);
		assert_true(raw_oid_eq(&id, &oid));
		assert_true(
		    str_is(str_from(line, 41), arena_printf(&fix->arena, "%s %zu",
							    object_type_name(object.type),
							    object.bytes.len)));
		if (object.bytes.len == 0)
			continue;
		found = packed
			    ? packs_read(fix->repo, &oid, object.bytes.len - 1, &object)
			    : loose_read(fix->repo, &oid, object.bytes.len - 1, &object);
		/* a delta may be larger than what it makes */
		assert_true(found == FOUND_TOO_LARGE || (packed && found == FOUND_ODD));
	}
	assert_true(n > 150);
	assert_null(fix->repo->git);
}

static void test_reads_what_git_reads(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	(void)fix_run(&fix, MANY_VERSIONS);
	assert_reads_all(&fix, false);
	(void)fix_run(&fix, "git -C r.git repack -adfq --depth=60 --window=60");
	assert_reads_all(&fix, true);
	(void)fix_run(&fix,
		      "git -C r.git -c repack.useDeltaBaseOffset=false repack -adfq "
		      "--depth=60");
	assert_reads_all(&fix, true);
}

/* What our reader leaves alone is still read: alternates, an old index, new packs. */
static void test_falls_back(void **state)
{
	static const char *const set_ups[] = {
		"mv r.git o.git; git init -q --bare -b main r.git; "
		"echo ../../o.git/objects > r.git/objects/info/alternates; "
		"cp o.git/refs/heads/main r.git/refs/heads/main",
		"rm -rf r.git; mv o.git r.git; git -C r.git repack -adfq; "
		"cd r.git/objects/pack; for p in *.pack; do rm -f ${p%pack}idx; "
		"git index-pack --index-version=1 $p > ../../out; done",
	};
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct oid tree = { "" };
	(void)fix_run(&fix, MANY_VERSIONS);
	struct oid main = fix_run_oid(&fix, "git -C r.git rev-parse main");
	for (size_t i = 0; i < ARRAY_LEN(set_ups); i++) {
		(void)fix_run(&fix, set_ups[i]);
		(void)fix_open(&fix);
		assert_int_equal(repo_commit_tree(fix.repo, &main, &tree, &err), 0);
		assert_non_null(fix.repo->git);
	}
	/* a pack that appears while the repository is open */
	(void)fix_run(&fix, "rm -rf r.git; git init -q --bare -b main r.git; "
			    "git -C r.git hash-object -w --stdin < /dev/null");
	(void)fix_open(&fix);
	assert_true(repo_commit_tree(fix.repo, &main, &tree, &err) < 0);
	(void)fix_run(&fix,
		      "rm -rf w; mkdir w; echo 1 > w/a; " FIX_COMMIT "; git repack -adq");
	main = fix_run_oid(&fix, "git -C r.git rev-parse main");
	assert_int_equal(repo_commit_tree(fix.repo, &main, &tree, &err), 0);
}

/* Any damaged byte of pack or index: a right answer or none, within bounds. */
static void test_damage(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	(void)fix_run(&fix, MANY_VERSIONS "cd $PWD; git repack -adfq; "
					  "chmod 644 r.git/objects/pack/*");
	struct oid hex = fix_run_oid(&fix, "git -C r.git rev-parse main~30:a");
	struct raw_oid oid;
	assert_int_equal(raw_oid_of(&hex, &oid, &err), 0);
	static const char *const kinds[] = { "idx", "pack" };
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const char *path = fix_run(
		    &fix, arena_printf(&fix.arena, "echo $PWD/r.git/objects/pack/*.%s",
				       kinds[k]));
		struct buf good BUF_CLEANUP = BUF_INIT(1 << 20);
		assert_int_equal(file_read(path, &good, &err), 0);
		for (size_t off = 0; off < good.len; off += 7) {
			struct object object OBJECT_CLEANUP = OBJECT_INIT;
			struct raw_oid id;
			(void)fix_open(&fix);
			good.ptr[off] = (char)~good.ptr[off];
			assert_int_equal(file_write_atomic(path, buf_str(&good), 0644,
							   FILE_FAST, &err),
					 0);
			good.ptr[off] = (char)~good.ptr[off];
			int code = object_read(fix.repo, &oid, 1 << 20, &object, &err);
			object_id(object.type, buf_str(&object.bytes), &id);
			assert_true(code < 0 || raw_oid_eq(&id, &oid));
		}
		assert_int_equal(
		    file_write_atomic(path, buf_str(&good), 0644, FILE_FAST, &err), 0);
	}
}

/* Two objects, each a delta on the other, in a pack and an index that are whole. */
#define CIRCLE                                                                            \
	"cd r.git/objects/pack; perl -MDigest::SHA=sha1 -MCompress::Zlib=compress -e '"   \
	"sub put { open my $f, q(>), shift or die; print $f shift }"                      \
	"my ($x, $y) = map { pack q(H*), $_ x 40 } 1, 2;"                                 \
	"my $entry = compress(pack q(C*), 5, 5, 0x90, 5);"                                \
	"my $pack = pack q(a4NN), q(PACK), 2, 2;"                                         \
	"my $off = length $pack; $pack .= chr(0x74) . $y . $entry;"                       \
	"my $off2 = length $pack; $pack .= chr(0x74) . $x . $entry; $pack .= sha1 $pack;" \
	"my $index = pack q(H8N), q(ff744f63), 2;"                                        \
	"$index .= pack q(N), ($_ >= 0x11) + ($_ >= 0x22) for 0 .. 255;"                  \
	"$index .= $x . $y . pack(q(NNNN), 0, 0, $off, $off2) . substr $pack, -20;"       \
	"$index .= sha1 $index; my $name = q(pack-) . unpack q(H*), substr $pack, -20;"   \
	"put(qq($name.pack), $pack); put(qq($name.idx), $index)'"

static void test_deltas_in_a_circle(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	struct raw_oid oid;
	(void)fix_run(&fix, CIRCLE);
	(void)fix_open(&fix);
	assert_true(raw_oid_parse(STR("1111111111111111111111111111111111111111"), &oid));
	assert_int_equal(object_read(fix.repo, &oid, 1 << 20, &object, &err), ERR_IO);
	assert_string_equal(err.text, "object 1111111111111111111111111111111111111111 "
				      "is a delta on itself");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_git_reads),
		cmocka_unit_test(test_falls_back),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_deltas_in_a_circle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
