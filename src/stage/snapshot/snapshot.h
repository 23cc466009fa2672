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
	/* something that the documents' stage looks at: a Flux object of a group that we
	 * know, a Namespace, a Secret, a kustomization with patches or components */
	SNAPSHOT_HAS_DOCUMENT = 2,
	SNAPSHOT_IS_KUSTOMIZATION = 4 /* that is all it is a document for */
};

struct snapshot_file {
	struct str path;
	struct oid blob;
	uint32_t flags;
	bool is_new; /* not so in the index as it was loaded; is not kept */
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
	bool is_indexed;        /* the index as it was loaded says the same */
};

/* Whether a file of this name is looked at: `*.yaml`, `*.yml`, `Kustomization`. */
bool snapshot_takes(struct str path);
/* The flags of a file by its name and bytes; 0 when it does not matter. */
uint32_t snapshot_judge(struct str path, struct str text);

/* The index as bytes, and back. ERR_INVALID for anything that is not exactly such an
 * index; texts are copied into the arena. */
void snapshot_encode(const struct snapshot *snapshot, struct buf *out);
int snapshot_decode(struct str bytes, struct arena *arena, struct snapshot *out,
		    struct err *err) MUST_CHECK;

/*
 * The files that matter at `commit`. index_path (may be NULL: none) holds the last
 * snapshot that was saved; missing, corrupt or of an unknown tree all is read anew, never
 * an error. ERR_LIMIT.
 */
int snapshot_take(struct repo *repo, const struct oid *commit, const char *index_path,
		  struct arena *arena, struct snapshot *out, struct err *err) MUST_CHECK;

/* The file at `path`, NULL when it does not matter. O(log n). */
const struct snapshot_file *snapshot_find(const struct snapshot *snapshot,
					  struct str path);

/*
 * Keeps a snapshot for the next one to be compared with (temporary and rename, no sync),
 * so that only who has dealt with all that changed may call it. index_path may be NULL.
 */
void snapshot_save(const struct snapshot *snapshot, const char *index_path);

#endif
