/* SPDX-License-Identifier: MIT */
/*
 * Users by number without NSS, which a static program cannot use: what /etc/passwd says.
 * Users of a directory service are not found there.
 */
#ifndef HOOKS_ACCOUNT_H
#define HOOKS_ACCOUNT_H

#include "base/arena.h"
#include <sys/types.h>

struct account {
	const char *name;
	const char *home;
};

/* Finds a user; false when /etc/passwd has no such line. Reads that file. */
bool account_find(uid_t uid, struct arena *arena, struct account *out);

#endif
