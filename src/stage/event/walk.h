/* SPDX-License-Identifier: MIT */
/* The walk over what a kustomization names, apart from the documents that begin it. */
#ifndef STAGE_EVENT_WALK_H
#define STAGE_EVENT_WALK_H

#include "base/value.h"
#include "stage/event/kustomize.h"

enum {
	WALK_BUCKETS = 4096
};

enum walk_state {
	WALK_OPEN, /* being visited: to come here again is a cycle */
	WALK_GOOD,
	WALK_BAD,
	WALK_UNKNOWN /* a limit was reached below it */
};

/* One path of the tree, visited once. */
struct visit {
	struct visit *next;
	const char *path;
	enum walk_state state;
	const char *text; /* of WALK_BAD: `path:line: what is wrong` */
	struct place place;
};

struct walk {
	const struct check_reader *reader;
	struct arena *arena;
	struct visit *buckets[WALK_BUCKETS];
	size_t paths;
	size_t depth;
};

/* `folder` and a relative path as one clean path; NULL when it leads out of the tree. */
const char *walk_join(struct arena *arena, struct str folder, struct str path);
/* The same for a path of Flux's own documents: one that leads out begins at the top. */
const char *walk_join_below(struct arena *arena, struct str folder, struct str path);
/* What kustomize would fetch when it finds no such path. */
bool walk_is_remote(struct str text);
/* A folder that a kustomization stands in or that Flux would make one for; `top` for the
 * latter. The visit lives in the walk. */
const struct visit *walk_folder(struct walk *walk, const char *path, bool top);
/* A YAML file, or whatever else must only be there. */
const struct visit *walk_file(struct walk *walk, const char *path, bool yaml);

#endif
