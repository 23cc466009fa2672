/* SPDX-License-Identifier: MIT */
/* What the files of state/ share among themselves. */
#ifndef STATE_INTERNAL_H
#define STATE_INTERNAL_H

#include "adapter/db/db.h"
#include "state/store.h"

struct store {
	struct db *db;
	char *path;   /* of the file */
	bool is_lazy; /* commits do not await the disk */
};

/* One change of several statements: a transaction of its own unless one is open. */
struct change {
	struct store *store;
	bool own;
};

/* Begins a transaction unless one is under way; change_end() it if this returned 0. */
int change_begin(struct change *change, struct store *store, struct err *err) MUST_CHECK;
/* Commits, or rolls back when `code` is a failure; returns the first failure. */
int change_end(struct change *change, int code, struct err *err) MUST_CHECK;

/* The row of an object. Without `create`: ERR_NOTFOUND when there is none. */
int record_object_id(struct store *store, const struct object_key *key, bool create,
		     int64_t *id, struct err *err) MUST_CHECK;

/* A list of texts as one blob, a NUL behind each, and back. */
struct str record_pack(const struct strings *list, struct arena *arena);
struct strings record_unpack(struct str packed, struct arena *arena);

#endif
