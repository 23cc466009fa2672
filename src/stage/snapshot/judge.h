/* SPDX-License-Identifier: MIT */
/* The table of fixed strings by which a file is found to matter; of this folder only. */
#ifndef STAGE_SNAPSHOT_JUDGE_H
#define STAGE_SNAPSHOT_JUDGE_H

#include "stage/snapshot/snapshot.h"

struct snapshot_needle {
	const char *text;
	uint32_t flags;
	bool in_kustomizations; /* counts in files that are kustomizations by name */
};

enum {
	SNAPSHOT_NAMES = 3,
	SNAPSHOT_SEARCHES = 8
};

extern const struct snapshot_needle snapshot_needles[]; /* ends with text NULL */
/* What the whole tree is searched for: every needle holds one of these. Few, as each
 * costs another pass over every file; what is found is judged by the needles. */
extern const char *const snapshot_searches[SNAPSHOT_SEARCHES];
/* Names of files that are looked at, with wildcards. */
extern const char *const snapshot_names[SNAPSHOT_NAMES];

#endif
