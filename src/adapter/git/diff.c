/* SPDX-License-Identifier: MIT */
/*
 * The difference of two trees by a merge of their entries that never opens what both
 * sides share, so that it costs what changed.
 */
#include "adapter/git/internal.h"

struct diff {
	struct repo *repo;
	struct arena *arena;
	struct repo_deltas *out;
	uint64_t entries; /* looked at, on both sides */
	uint64_t bytes;   /* of trees and paths */
};

/* One side of a merge: the tree and where the merge stands in it. */
struct side {
	struct object tree;
	struct tree_cursor cursor;
	int state; /* of tree_next(): 1 an entry waits, 0 the end */
};

static void release_side(struct side *side)
{
	object_release(&side->tree);
}

static int advance(struct diff *diff, struct side *side, struct err *err)
{
	if (++diff->entries > 2 * (uint64_t)LIMIT_TREE_ENTRIES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_ENTRIES));
	side->state = tree_next(&side->cursor, err);
	return side->state < 0 ? side->state : 0;
}

/* Opens one side; no oid is an empty tree. */
static int open_side(struct diff *diff, const struct raw_oid *oid, struct side *side,
		     struct err *err)
{
	if (!oid)
		return 0;
	int code = object_read_as(diff->repo, oid, OBJECT_TREE, &side->tree, err);
	if (!code)
		code = tree_spend(&diff->bytes, side->tree.bytes.len, err);
	if (code)
		return code;
	side->cursor.bytes = buf_str(&side->tree.bytes);
	return advance(diff, side, err);
}

static void emit(struct diff *diff, struct str path, const struct tree_entry *old_entry,
		 const struct tree_entry *new_entry)
{
	struct repo_delta *delta = VEC_ADD(diff->arena, diff->out);
	delta->path = path;
	if (old_entry) {
		raw_oid_format(&old_entry->oid, &delta->old_blob);
		delta->old_mode = old_entry->mode;
	}
	if (new_entry) {
		raw_oid_format(&new_entry->oid, &delta->new_blob);
		delta->new_mode = new_entry->mode;
	}
}

static int diff_trees(struct diff *diff, const struct raw_oid *old_tree,
		      const struct raw_oid *new_tree, struct str folder, unsigned depth,
		      struct err *err);

/* Two entries of one name and kind, or one of them alone. */
static int diff_entry(struct diff *diff, const struct tree_entry *old_entry,
		      const struct tree_entry *new_entry, struct str folder,
		      unsigned depth, struct err *err)
{
	const struct tree_entry *any = old_entry ? old_entry : new_entry;
	if (old_entry && new_entry && old_entry->mode == new_entry->mode &&
	    raw_oid_eq(&old_entry->oid, &new_entry->oid))
		return 0;
	int code = tree_spend(&diff->bytes, folder.len + 1 + any->name.len, err);
	if (code)
		return code;
	struct str path = tree_join(diff->arena, folder, any->name);
	if (any->mode != MODE_TREE) {
		emit(diff, path, old_entry, new_entry);
		return 0;
	}
	return diff_trees(diff, old_entry ? &old_entry->oid : NULL,
			  new_entry ? &new_entry->oid : NULL, path, depth + 1, err);
}

/* Recursion is bounded by LIMIT_TREE_DEPTH. */
static int diff_trees(struct diff *diff, const struct raw_oid *old_tree,
		      const struct raw_oid *new_tree, struct str folder, unsigned depth,
		      struct err *err)
{
	struct side a CLEANUP(release_side) = { .tree = OBJECT_INIT };
	struct side b CLEANUP(release_side) = { .tree = OBJECT_INIT };
	if (depth > LIMIT_TREE_DEPTH)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_DEPTH));
	int code = open_side(diff, old_tree, &a, err);
	if (!code)
		code = open_side(diff, new_tree, &b, err);
	while (!code && (a.state || b.state)) {
		int order = a.state && b.state
				? tree_order(&a.cursor.entry, &b.cursor.entry)
				: b.state - a.state;
		const struct tree_entry *old_entry = order <= 0 ? &a.cursor.entry : NULL;
		const struct tree_entry *new_entry = order >= 0 ? &b.cursor.entry : NULL;
		code = diff_entry(diff, old_entry, new_entry, folder, depth, err);
		if (!code && old_entry)
			code = advance(diff, &a, err);
		if (!code && new_entry)
			code = advance(diff, &b, err);
	}
	return code;
}

int repo_diff(struct repo *repo, const struct oid *old_tree, const struct oid *new_tree,
	      struct arena *arena, struct repo_deltas *out, struct err *err)
{
	struct raw_oid old_raw;
	struct raw_oid new_raw;
	struct repo_deltas found = { NULL, 0, 0 };
	struct diff diff = { .repo = repo, .arena = arena, .out = &found };
	int code = raw_oid_of(new_tree, &new_raw, err);
	if (!code && old_tree->hex[0])
		code = raw_oid_of(old_tree, &old_raw, err);
	if (code)
		return code;
	if (old_tree->hex[0] && raw_oid_eq(&old_raw, &new_raw)) {
		*out = found;
		return 0;
	}
	code = diff_trees(&diff, old_tree->hex[0] ? &old_raw : NULL, &new_raw, STR(""), 1,
			  err);
	if (!code)
		*out = found;
	return code;
}
