/* SPDX-License-Identifier: MIT */
/*
 * The file index: which files of a branch matter (hold a marker token or an apiVersion
 * that we read), kept as a flat checksummed file and brought up to date by a tree diff.
 */
#ifndef STAGE_SNAPSHOT_SNAPSHOT_H
#define STAGE_SNAPSHOT_SNAPSHOT_H

#include "adapter/git/repo.h"

enum {
	SNAPSHOT_HAS_MARKER = 1,
	SNAPSHOT_HAS_DOCUMENT = 2
};

struct snapshot_file {
	struct str path;
	struct oid blob;
	uint32_t flags;
};

struct snapshot {
	struct oid commit;
	struct oid tree;
	struct snapshot_file *items; /* ordered by path */
	size_t len;
	size_t cap;
	bool documents_changed; /* against the index as it was loaded: a file with a
				   document */
	bool markers_changed;   /* likewise with a marker */
};

/*
 * The files that matter at `commit`. index_path (may be NULL: nothing kept) holds the
 * last snapshot; missing, corrupt or of an unknown tree it is built anew, never an error.
 * It is written back when it changed (temporary and rename, no sync). ERR_LIMIT leaves
 * the index as it was.
 */
int snapshot_take(struct repo *repo, const struct oid *commit, const char *index_path,
		  struct arena *arena, struct snapshot *out, struct err *err) MUST_CHECK;

#endif
