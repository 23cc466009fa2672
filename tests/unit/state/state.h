/* SPDX-License-Identifier: MIT */
/* A store in a folder of its own, for the tests of state/. */
#ifndef TESTS_UNIT_STATE_STATE_H
#define TESTS_UNIT_STATE_STATE_H

#include "base/file.h"
#include "base/when.h"
#include "state/store.h"
#include "tests/unit/unit.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

struct home {
	struct arena arena;
	char dir[64];
	const char *file; /* dir/state.db */
};

static inline int home_make(void **state)
{
	struct home *home = xcalloc(1, sizeof(*home));
	(void)snprintf(home->dir, sizeof(home->dir), "/tmp/imagehook-unit.XXXXXX");
	if (!mkdtemp(home->dir))
		return -1;
	home->file = file_join(&home->arena, home->dir, "state.db");
	*state = home;
	return 0;
}

/* Calls fn for each name in the home. */
static inline size_t home_each(struct home *home, const char *prefix, bool remove_them)
{
	size_t n = 0;
	DIR *dir = opendir(home->dir);
	assert_non_null(dir);
	for (struct dirent *at = readdir(dir); at; at = readdir(dir)) {
		if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0 ||
		    strncmp(at->d_name, prefix, strlen(prefix)) != 0)
			continue;
		n++;
		if (remove_them)
			(void)unlink(file_join(&home->arena, home->dir, at->d_name));
	}
	(void)closedir(dir);
	return n;
}

static inline int home_remove(void **state)
{
	struct home *home = *state;
	(void)home_each(home, "", true);
	(void)rmdir(home->dir);
	arena_clear(&home->arena);
	free_ptr(&home);
	return 0;
}

static inline struct store *open_store(struct home *home)
{
	struct store *store = NULL;
	struct err err = ERR_INIT;
	bool lost = true;
	if (store_open(home->dir, &store, &lost, &err))
		fail_msg("%s", err.text);
	assert_false(lost);
	return store;
}

#define assert_done(call)                                    \
	do {                                                 \
		if ((call) != 0)                             \
			fail_msg("%s: %s", #call, err.text); \
	} while (0)

#define REPO  "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

#endif
