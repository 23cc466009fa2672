/* SPDX-License-Identifier: MIT */
/* A folder of its own for the tests of admin/. */
#ifndef TESTS_UNIT_ADMIN_ADMIN_H
#define TESTS_UNIT_ADMIN_ADMIN_H

#include "base/file.h"
#include "base/finding.h"
#include "tests/unit/unit.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct place_of_test {
	struct arena arena;
	char dir[64];
};

static inline int place_make(void **state)
{
	struct place_of_test *place = xcalloc(1, sizeof(*place));
	(void)snprintf(place->dir, sizeof(place->dir), "/tmp/imagehook-unit.XXXXXX");
	if (!mkdtemp(place->dir))
		return -1;
	*state = place;
	return 0;
}

static inline int place_remove_one(const char *path, const struct stat *st, int type,
				   struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int place_remove(void **state)
{
	struct place_of_test *place = *state;
	(void)nftw(place->dir, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_clear(&place->arena);
	free_ptr(&place);
	return 0;
}

static inline const char *place_file(struct place_of_test *place, const char *name)
{
	return file_join(&place->arena, place->dir, name);
}

static inline void place_write(struct place_of_test *place, const char *name,
			       const char *text, mode_t mode)
{
	struct err err = ERR_INIT;
	if (file_write_atomic(place_file(place, name), str_of(text), mode, FILE_FAST,
			      &err))
		fail_msg("%s", err.text);
}

static inline mode_t place_mode(struct place_of_test *place, const char *name)
{
	struct stat st;
	assert_int_equal(lstat(place_file(place, name), &st), 0);
	return st.st_mode & 07777;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

#endif
