/* SPDX-License-Identifier: MIT */
/* The files of a folder of the file system that matter, as a tree of Git would give them.
 */
#ifndef APP_FOLDER_H
#define APP_FOLDER_H

#include "base/err.h"
#include "stage/document/document.h"

struct folder_files {
	struct arena *arena; /* of paths and texts */
	struct document_file *items;
	size_t len;
	size_t cap;
	size_t entries; /* looked at so far */
};

/*
 * Adds the file `path`, or every file below the folder `path` that holds a document or a
 * marker. Links inside are not followed, `.git` is not entered. A file beyond
 * LIMIT_FILE_BYTES is added cut, one byte longer than that.
 *
 * ERR_NOTFOUND, ERR_DENIED, ERR_IO; ERR_LIMIT for depth, entries and files.
 */
int folder_read(struct folder_files *files, const char *path, struct err *err) MUST_CHECK;

#endif
