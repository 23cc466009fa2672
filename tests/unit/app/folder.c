/* SPDX-License-Identifier: MIT */
#include "app/folder.h"
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT "apiVersion: image.toolkit.fluxcd.io/v1\n"

static char root[] = "/tmp/imagehook-folder-XXXXXX";

static void write_file(const char *name, const char *text)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(file_write_atomic(file_join(&arena, root, name), str_of(text),
					   0600, FILE_FAST, &err),
			 0);
}

static void make_dir(const char *name)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	assert_int_equal(mkdir(file_join(&arena, root, name), 0700), 0);
}

static int set_up(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	assert_non_null(mkdtemp(root));
	make_dir("sub");
	make_dir(".git");
	write_file("a.yaml", DOCUMENT);
	write_file("b.yml", "image: x # {\"$imagepolicy\": \"a:b\"}\n");
	write_file("plain.yaml", "a: b\n");
	write_file("notes.txt", DOCUMENT);
	write_file(".git/c.yaml", DOCUMENT);
	write_file("sub/Kustomization", "patches: []\n");
	assert_int_equal(symlink("a.yaml", file_join(&arena, root, "link.yaml")), 0);
	assert_int_equal(symlink("sub", file_join(&arena, root, "loop")), 0);
	assert_int_equal(symlink("/nowhere", file_join(&arena, root, "gone.yaml")), 0);
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int flag,
			struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static bool has(const struct folder_files *files, const char *name, struct arena *arena)
{
	const char *path = file_join(arena, root, name);
	for (size_t i = 0; i < files->len; i++)
		if (str_is(files->items[i].path, path))
			return true;
	return false;
}

static void test_folder(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct err err = ERR_INIT;
	assert_int_equal(folder_read(&files, root, &err), 0);
	assert_int_equal(files.len, 3);
	assert_true(has(&files, "a.yaml", &arena));
	assert_true(has(&files, "b.yml", &arena));
	assert_true(has(&files, "sub/Kustomization", &arena));
}

static void test_one_file(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct err err = ERR_INIT;
	assert_int_equal(folder_read(&files, file_join(&arena, root, "notes.txt"), &err),
			 0);
	assert_int_equal(files.len, 1);
	assert_true(str_is(files.items[0].text, DOCUMENT));
}

static void test_nothing_there(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct err err = ERR_INIT;
	const char *path = file_join(&arena, root, "nowhere");
	assert_int_equal(folder_read(&files, path, &err), ERR_NOTFOUND);
	assert_string_equal(
	    err.text, arena_printf(&arena, "'%s': No such file or directory", path));
}

static void test_depth(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct err err = ERR_INIT;
	struct buf path BUF_CLEANUP = BUF_INIT(4096);
	assert_true(buf_printf(&path, "%s/sub", root));
	for (size_t i = 0; i < LIMIT_TREE_DEPTH; i++)
		assert_true(buf_puts(&path, "/d"));
	assert_int_equal(file_make_dirs(buf_cstr(&path), 0700, &err), 0);
	assert_int_equal(folder_read(&files, root, &err), ERR_LIMIT);
	assert_non_null(strstr(err.text, "limit: 64 folders inside one another"));
}

static void test_large_file_is_cut(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct err err = ERR_INIT;
	const char *path = file_join(&arena, root, "large.yaml");
	write_file("large.yaml", DOCUMENT);
	assert_int_equal(truncate(path, (off_t)LIMIT_FILE_BYTES * 50), 0);
	assert_int_equal(folder_read(&files, path, &err), 0);
	assert_int_equal(files.items[0].text.len, LIMIT_FILE_BYTES + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_one_file),
		cmocka_unit_test(test_nothing_there),
		cmocka_unit_test(test_large_file_is_cut),
		cmocka_unit_test(test_depth),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
