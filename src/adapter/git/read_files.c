/* SPDX-License-Identifier: MIT */
/*
 * Reads every file of a tree that somebody wants to look into: first the list, from the
 * trees, then the blobs in the order in which they are cheap to unpack, each once however
 * many paths lead to it.
 */
#include "adapter/git/internal.h"
#include "base/when.h"

enum {
	READ_TIMEOUT_MS = 300000,
	CLOCK_EVERY = 256 /* blobs between two looks at the clock */
};

struct wanted {
	struct raw_oid oid;
	uint32_t mode;
	struct str path;
};

struct reading {
	struct repo *repo;
	const struct repo_visitor *visitor;
	struct arena arena;

	struct {
		struct wanted *items;
		size_t len;
		size_t cap;
	} wanted;

	uint64_t entries;
	uint64_t bytes; /* of trees and paths */
	size_t *first;  /* by blob: of its files, which stand together */
	struct raw_oid *ids;
	size_t n_blobs;
	size_t n_read;
	int64_t until_ms;
};

/* --- the list --- */

static int list_tree(struct reading *reading, const struct raw_oid *oid,
		     struct str folder, uint32_t depth, struct err *err);

static int list_entry(struct reading *reading, const struct tree_entry *entry,
		      struct str folder, uint32_t depth, struct err *err)
{
	bool is_wanted =
	    mode_is_file(entry->mode) && reading->visitor->takes(entry->name);
	if (++reading->entries > LIMIT_TREE_ENTRIES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_ENTRIES));
	if (!is_wanted && entry->mode != MODE_TREE)
		return 0;
	int code = tree_spend(&reading->bytes, folder.len + 1 + entry->name.len, err);
	if (code)
		return code;
	struct str path = tree_join(&reading->arena, folder, entry->name);
	if (!is_wanted)
		return list_tree(reading, &entry->oid, path, depth + 1, err);
	struct wanted wanted = { entry->oid, entry->mode, path };
	VEC_PUSH(&reading->arena, &reading->wanted, wanted);
	return 0;
}

/* Each entry costs at most one more tree, so that their number and length bound the whole
 * walk, whatever leads to the same tree again. */
static int list_tree(struct reading *reading, const struct raw_oid *oid,
		     struct str folder, uint32_t depth, struct err *err)
{
	struct object tree OBJECT_CLEANUP = OBJECT_INIT;
	if (depth > LIMIT_TREE_DEPTH)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_DEPTH));
	int code = object_read_as(reading->repo, oid, OBJECT_TREE, &tree, err);
	if (!code)
		code = tree_spend(&reading->bytes, tree.bytes.len, err);
	if (code)
		return code;
	struct tree_cursor cursor = { .bytes = buf_str(&tree.bytes) };
	while ((code = tree_next(&cursor, err)) > 0) {
		code = list_entry(reading, &cursor.entry, folder, depth, err);
		if (code)
			return code;
	}
	return code;
}

static int compare_wanted(const void *a_ptr, const void *b_ptr)
{
	const struct wanted *a = a_ptr;
	const struct wanted *b = b_ptr;
	int order = raw_oid_cmp(&a->oid, &b->oid);
	return order ? order : str_cmp(a->path, b->path);
}

/* Brings files of one blob together and lists the blobs. */
static void group_wanted(struct reading *reading)
{
	size_t n = reading->wanted.len;
	VEC_SORT(&reading->wanted, compare_wanted);
	reading->first = ARENA_ARRAY(&reading->arena, size_t, n + 1);
	reading->ids = ARENA_ARRAY(&reading->arena, struct raw_oid, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct raw_oid *oid = &reading->wanted.items[i].oid;
		if (i && raw_oid_eq(oid, &reading->ids[reading->n_blobs - 1]))
			continue;
		reading->first[reading->n_blobs] = i;
		reading->ids[reading->n_blobs++] = *oid;
	}
	reading->first[reading->n_blobs] = n;
}

/* --- the blobs --- */

static int show_blob(struct reading *reading, size_t i, const struct str *bytes,
		     struct err *err)
{
	const struct repo_visitor *visitor = reading->visitor;
	int code = 0;
	if (++reading->n_read % CLOCK_EVERY == 0 &&
	    when_monotonic_ms() > reading->until_ms)
		return err_set(err, ERR_LIMIT, "the files take more than %d s to read",
			       READ_TIMEOUT_MS / 1000);
	for (size_t k = reading->first[i]; k < reading->first[i + 1] && !code; k++) {
		const struct wanted *wanted = &reading->wanted.items[k];
		struct repo_file file = { .path = wanted->path, .mode = wanted->mode };
		raw_oid_format(&wanted->oid, &file.blob);
		code = visitor->file(visitor->ctx, &file, bytes, err);
	}
	return code;
}

static int take_blob(void *ctx, size_t i, struct str bytes, struct err *err)
{
	return show_blob(ctx, i, &bytes, err);
}

/* What stands in no pack of our own, or is odd there. */
static int read_rest(struct reading *reading, const bool *done, struct err *err)
{
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	int code = 0;
	for (size_t i = 0; i < reading->n_blobs && !code; i++) {
		if (done[i])
			continue;
		code = object_read(reading->repo, &reading->ids[i], LIMIT_OBJECT_BYTES,
				   &object, err);
		if (!code)
			code = object_check_type(&object, &reading->ids[i], OBJECT_BLOB,
						 err);
		struct str bytes = buf_str(&object.bytes);
		if (code == 0 || code == ERR_LIMIT)
			code = show_blob(reading, i, code ? NULL : &bytes, err);
	}
	return code;
}

static void reading_release(struct reading *reading)
{
	arena_clear(&reading->arena);
}

int repo_read_files(struct repo *repo, const struct oid *tree,
		    const struct repo_visitor *visitor, struct err *err)
{
	struct reading reading CLEANUP(
	    reading_release) = { .repo = repo,
				 .visitor = visitor,
				 .until_ms = when_monotonic_ms() + READ_TIMEOUT_MS };
	struct blob_reader reader = { .ctx = &reading, .blob = take_blob };
	struct raw_oid root;
	int code = raw_oid_of(tree, &root, err);
	if (!code)
		code = list_tree(&reading, &root, STR(""), 1, err);
	if (!code) {
		group_wanted(&reading);
		reader.ids = reading.ids;
		reader.len = reading.n_blobs;
		reader.done = ARENA_ARRAY(&reading.arena, bool, reading.n_blobs + 1);
		code = packs_scan(repo, &reader, err);
	}
	if (!code)
		code = read_rest(&reading, reader.done, err);
	return code;
}
