/* SPDX-License-Identifier: MIT */
/* Credentials of a docker config, and which of them belong to an image. */
#ifndef STAGE_SCAN_KEYRING_H
#define STAGE_SCAN_KEYRING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

struct credential {
	const char *username; /* NULL: none */
	const char *password;
	const char *identity_token; /* for OAuth2 */
	const char *registry_token; /* sent as it is */
};

struct keyring_entry {
	const char *host; /* lower case, Docker Hub in one form, may hold `*` and `?` */
	unsigned port;    /* 0: none given, or 443 */
	const char *path; /* "" or `team/app` */
	size_t wildcards;
	struct credential credential;
};

struct keyring {
	struct keyring_entry *items;
	size_t len;
	size_t cap;
};

/*
 * Reads `{"auths":{...}}` or, without `auths`, the inner map alone. Entries without any
 * credential are left out. With `strict` an entry that cannot be used is ERR_INVALID,
 * else it is left out too. Error texts hold keys, never values.
 */
int keyring_parse(struct str text, bool strict, struct arena *arena, struct keyring *out,
		  struct err *err) MUST_CHECK;
/* The credential for a registry (`host[:port]`) and repository: labels of the host by
 * glob, equal port, path by whole components; the longest path wins, then the fewest
 * wildcards, then the first. NULL when none fits. */
const struct credential *keyring_find(const struct keyring *keyring, const char *registry,
				      const char *repository);

#endif
