/* SPDX-License-Identifier: MIT */
/* Files and folders of a work tree, edited in place and never through a link. */
#ifndef CMD_EDIT_TREE_H
#define CMD_EDIT_TREE_H

#include "base/buf.h"
#include "base/err.h"

struct edit_tree {
	/* Which files of a folder are opened, by their name. */
	bool (*wants)(struct str name);
	/* Gives the new text of one file; `text` itself leaves the file as it is. The
	 * result is read before the next call. */
	struct str (*edit)(void *ctx, const char *path, struct str text);
	/* Told what could not be read or written; the walk goes on. */
	void (*failed)(void *ctx, const struct err *err);
	void *ctx;
};

/* Edits the file `path`, or every wanted file below the folder `path` in the order of
 * their names, hidden folders too. A file is replaced by a new one beside it and rename,
 * with its mode and, where permitted, its owner. Links, to files as to folders, and what
 * is neither file nor folder, are passed over; naming one in `path` fails. */
void edit_tree_walk(const struct edit_tree *tree, const char *path);

#endif
