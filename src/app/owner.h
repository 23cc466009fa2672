/* SPDX-License-Identifier: MIT */
/* Whose rights a command works with: the repository owner's, never root's by accident. */
#ifndef APP_OWNER_H
#define APP_OWNER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include <sys/types.h>

/*
 * Makes this process the owner of `git_dir`: root becomes that user and group, without
 * other groups, for good, with HOME to match; the owner stays as it is; a repository of
 * root is root's. Call it before anything below the repository is opened.
 *
 * ERR_DENIED for any other user, with the owner's name; ERR_NOTFOUND.
 */
int owner_become(const char *git_dir, struct err *err) MUST_CHECK;

struct owner {
	uid_t uid;
	gid_t gid;
};

struct owners {
	struct owner *items;
	size_t len;
	size_t cap;
};

/* The users but root who have a home of ours (TRUST 11), as the user database has them.
 */
void owner_list(struct arena *arena, struct owners *out);

/* Makes this process, which is root's, that user's for good. ERR_IO, ERR_INTERNAL. */
int owner_drop_to(const struct owner *owner, struct err *err) MUST_CHECK;

/* The name of a user, or its number as text. */
void owner_name(uid_t uid, char *out, size_t out_bytes);

#endif
