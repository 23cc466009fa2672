/* SPDX-License-Identifier: MIT */
/* What `imagehook secret list` knows of each secret; never a value. */
#ifndef CMD_SECRET_LIST_H
#define CMD_SECRET_LIST_H

#include "admin/grant.h"
#include "admin/secret.h"

struct secret_row {
	struct secret_name name;
	struct grants grants;
	bool is_shared;
	struct strings globs;     /* of a shared one: which repositories */
	bool has_documents;       /* the documents could be read */
	struct strings documents; /* `Provider/ns/name` */
};

struct secret_rows {
	struct secret_row *items;
	size_t len;
	size_t cap;
};

/* The secrets of a repository, then the shared ones that it may use; of SECRET_SHARED
 * (git_dir NULL) all that are shared. */
int secret_rows_read(const char *home, const char *id, const char *git_dir,
		     struct arena *arena, struct secret_rows *out,
		     struct err *err) MUST_CHECK;
/* Print the rows to stdout: for programs, and as a table for people. */
void secret_rows_json(const struct secret_rows *rows, struct arena *arena);
void secret_rows_text(const struct secret_rows *rows, struct arena *arena);

#endif
