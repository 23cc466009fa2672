/* SPDX-License-Identifier: MIT */
/*
 * Git hosts: how one is recognised from a repository's folder on disk, where its hooks
 * live, and how imagehook may write there. Only files of the host's own making count;
 * a folder that nobody claims is a plain repository.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct host {
	const char *name;  /* as recorded: "plain", "gitea" */
	const char *title; /* as people call it */
	/* where a hook of ours goes, below the git directory */
	const char *hook;
	/* the write mode that the host's own bookkeeping allows (DESIGN 4) */
	const char *write;
	/* why nothing is installed or run there, NULL: it is supported */
	const char *refusal;
	bool (*claims)(const char *git_dir);
};

extern const struct host host_plain;
extern const struct host host_gitolite;
extern const struct host host_gitea;
extern const struct host host_gogs;
extern const struct host host_gitlab;

/* In the order in which they are asked; the last claims everything. NULL behind it. */
extern const struct host *const hosts[];

/* The host of a git directory (real path); never NULL. Reads a few small files of it. */
const struct host *host_detect(const char *git_dir);
/* host_detect() that must be supported. ERR_UNSUPPORTED with the reason otherwise; *out
 * is set in both cases. */
int host_require(const char *git_dir, const struct host **out,
		 struct err *err) MUST_CHECK;

/* For the rows, in this order: whether `<git_dir>/<rel>` exists, holds `needle` in its
 * first bytes, or is a link whose target holds it. */
bool host_has(const char *git_dir, const char *rel);
bool host_file_holds(const char *git_dir, const char *rel, const char *needle);
bool host_link_holds(const char *git_dir, const char *rel, const char *needle);

#endif
