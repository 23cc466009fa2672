/* SPDX-License-Identifier: MIT */
/* Putting imagehook into one plain repository, and taking it out again. */
#ifndef APP_INSTALL_H
#define APP_INSTALL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>

struct install_options {
	const char
	    *git_dir;      /* a repository, or a folder that is one; NULL: the current */
	const char *write; /* "direct", "none"; NULL: as it is */
	bool shared;       /* the hooks folder may be one that others use */
	bool adopt;        /* take over the id of a repository at another path */
	bool new_id;       /* this is a copy: give it an id of its own */
	struct arena *arena;   /* owns what is out */
	const char *installed; /* out: the repository's real path, for the plan */
};

/*
 * Installs, or brings up to date: the hook file, the repository's id, its record in the
 * home, the watch file. `report` gets what was done, line by line, also on failure.
 *
 * Root becomes the owner and stays it. ERR_DENIED, ERR_UNSUPPORTED for other Git hosts
 * and repositories that are not bare, ERR_CONFLICT for a copy of an installed repository,
 * ERR_INVALID for mistakes in the configuration.
 */
int install_repository(struct install_options *options, struct buf *report,
		       struct err *err) MUST_CHECK;

struct uninstall_options {
	const char *git_dir;
	bool purge; /* forget its state too */
};

/*
 * Removes hook, watch file, spool and the section of the configuration; puts a previous
 * hook back byte for byte. Also when only some of them are there.
 */
int uninstall_repository(const struct uninstall_options *options, struct buf *report,
			 struct err *err) MUST_CHECK;

#endif
