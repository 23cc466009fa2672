/* SPDX-License-Identifier: MIT */
/* Which repository a host command means, and its configuration. */
#ifndef CMD_WHERE_H
#define CMD_WHERE_H

#include "admin/config.h"
#include "cmd/opt.h"

struct where {
	struct arena *arena;
	const char *git_dir; /* real path; NULL: no repository here */
	struct config *config;
	struct finding_list findings;
};

/*
 * Finds the git directory (a bare one, or a work tree's .git) at `repo` and loads its
 * configuration. `repo` NULL is the current directory, where it is no error that there is
 * no repository. Root becomes the repository's owner first (TRUST 14). ERR_NOTFOUND,
 * ERR_DENIED, ERR_IO.
 */
int where_load(struct where *where, const char *repo, struct err *err) MUST_CHECK;

/* The installed repository's id and the home of its owner. ERR_NOTFOUND names `imagehook
 * install`; ERR_DENIED names the owner; ERR_INVALID for mistakes in the configuration. */
int where_home(const struct where *where, const char **id, const char **home,
	       struct err *err) MUST_CHECK;

/* The home alone, whether or not there is a repository: what belongs to its owner, or to
 * this user. */
int where_owner_home(const struct where *where, const char **home,
		     struct err *err) MUST_CHECK;

/* Every finding of the configuration on stderr, a line each. */
void where_print_findings(const struct where *where);

#endif
