/* SPDX-License-Identifier: MIT */
/*
 * Kustomizations and HelmReleases against the tree they are of: what a Git server can
 * know about whether the next reconciliation will find what it needs.
 */
#ifndef STAGE_EVENT_KUSTOMIZE_H
#define STAGE_EVENT_KUSTOMIZE_H

#include "base/err.h"
#include "model/document.h"

enum check_entry {
	CHECK_ABSENT,
	CHECK_FILE,
	CHECK_FOLDER,
	CHECK_OTHER /* a symbolic link, a submodule: not followed, not judged */
};

/* The tree of the checked revision. Paths are clean: no `.`, `..` or outer slashes; "" is
 * the root. */
struct check_reader {
	void *ctx;
	enum check_entry (*look_up)(void *ctx, struct str path);
	/* The bytes of a file, in the arena or for as long as the tree lives. ERR_LIMIT
	 * when it is too large, which is never the file's failure. */
	int (*read)(void *ctx, struct str path, struct arena *arena, struct str *out,
		    struct err *err);
	/* Whether a source is this repository, on the branch that is checked. */
	bool (*is_own)(void *ctx, const char *cluster, const char *kind,
		       const char *namespace, const char *name);
};

enum check_verdict {
	CHECK_PASSED,
	CHECK_FAILED,
	CHECK_NOT_JUDGED /* of another source, suspended, or beyond a limit */
};

struct check_result {
	const struct object_meta *meta; /* of the set */
	enum check_verdict verdict;
	const char *reason;  /* upstream's; "" when not judged */
	const char *message; /* a failure's names `path:line` */
	struct place place;  /* what is wrong, or the document */
};

struct check_list {
	struct check_result *items;
	size_t len;
	size_t cap;
};

/* Whether the document says `suspend: true`, or the admin does. */
bool check_is_suspended(const struct object_meta *meta);

/*
 * Checks every Kustomization (of kustomize.toolkit.fluxcd.io) and HelmRelease of the set,
 * in its order, against the tree. `revision` (`main@sha1:...`) stands in the messages of
 * those that pass. A path is visited once, however many name it: O(paths), bounded by
 * LIMIT_CHECK_PATHS and LIMIT_CHECK_DEPTH. Pure but for the reader; never fails.
 */
void check_run(const struct document_set *set, const struct check_reader *reader,
	       const char *revision, struct arena *arena, struct check_list *out);

#endif
