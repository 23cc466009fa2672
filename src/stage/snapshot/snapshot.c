/* SPDX-License-Identifier: MIT */
/*
 * Takes a snapshot: from the index and the difference to its tree when that is possible,
 * by a search of the whole tree otherwise. A wrong index never makes a wrong snapshot
 * last: whatever is odd about it leads to the full search.
 */
#include "stage/snapshot/snapshot.h"
#include "base/file.h"
#include "base/limits.h"

enum {
	INDEX_BYTES_MAX = 256 << 20,
	/* incremental work beyond this costs more than a search */
	READS_MAX = 2000,
	/* of a file too large to look into: whoever reads it says so */
	FLAGS_UNKNOWN = SNAPSHOT_HAS_MARKER | SNAPSHOT_HAS_DOCUMENT
};

struct taking {
	struct repo *repo;
	struct arena *arena;
	struct snapshot *out;
};

static int judge_blob(struct taking *t, struct str path, const struct oid *blob,
		      uint32_t *flags, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct str text;
	int code =
	    repo_read_blob(t->repo, blob, LIMIT_OBJECT_BYTES, &scratch, &text, err);
	*flags = 0;
	if (code == ERR_LIMIT) {
		*flags = FLAGS_UNKNOWN;
		return 0;
	}
	if (!code)
		*flags = snapshot_judge(path, text);
	return code;
}

static int add_file(struct taking *t, struct snapshot_file file, struct err *err)
{
	file.is_new = true;
	if (t->out->len >= LIMIT_FILES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_FILES));
	t->out->documents_changed |= (file.flags & SNAPSHOT_HAS_DOCUMENT) != 0;
	t->out->markers_changed |= (file.flags & SNAPSHOT_HAS_MARKER) != 0;
	VEC_PUSH(t->arena, t->out, file);
	return 0;
}

/* --- the whole tree --- */

static int take_file(void *ctx, const struct repo_file *file, const struct str *text,
		     struct err *err)
{
	struct taking *t = ctx;
	uint32_t flags = text ? snapshot_judge(file->path, *text) : FLAGS_UNKNOWN;
	if (!flags)
		return 0;
	struct snapshot_file kept = { .path = arena_str(t->arena, file->path),
				      .blob = file->blob,
				      .flags = flags };
	return add_file(t, kept, err);
}

static int compare_paths(const void *a_ptr, const void *b_ptr)
{
	const struct snapshot_file *a = a_ptr;
	const struct snapshot_file *b = b_ptr;
	return str_cmp(a->path, b->path);
}

static int take_whole(struct taking *t, struct err *err)
{
	struct repo_visitor visitor = { t, snapshot_takes, take_file };
	int code = repo_read_files(t->repo, &t->out->tree, &visitor, err);
	if (!code)
		VEC_SORT(t->out, compare_paths);
	return code;
}

/* --- the difference to the index --- */

static void note_gone(struct taking *t, const struct snapshot_file *file)
{
	t->out->documents_changed |= (file->flags & SNAPSHOT_HAS_DOCUMENT) != 0;
	t->out->markers_changed |= (file->flags & SNAPSHOT_HAS_MARKER) != 0;
}

static bool is_regular(uint32_t mode)
{
	return mode == 0100644 || mode == 0100755;
}

static int take_delta(struct taking *t, const struct repo_delta *delta, struct err *err)
{
	struct snapshot_file file = { .path = delta->path, .blob = delta->new_blob };
	if (!is_regular(delta->new_mode) || !snapshot_takes(delta->path))
		return 0;
	int code = judge_blob(t, file.path, &file.blob, &file.flags, err);
	return code || !file.flags ? code : add_file(t, file, err);
}

/* Merges the index with what changed, both ordered by path. */
static int take_difference(struct taking *t, const struct snapshot *old, struct err *err)
{
	struct repo_deltas deltas = { NULL, 0, 0 };
	int code = repo_diff(t->repo, &old->tree, &t->out->tree, t->arena, &deltas, err);
	if (!code && deltas.len > READS_MAX)
		return err_set(err, ERR_NOTFOUND, "too much changed");
	size_t k = 0;
	for (size_t i = 0; !code && (i < old->len || k < deltas.len);) {
		int order = i == old->len ? 1
			    : k == deltas.len
				? -1
				: str_cmp(old->items[i].path, deltas.items[k].path);
		if (order < 0) {
			VEC_PUSH(t->arena, t->out, old->items[i]);
			i++;
			continue;
		}
		if (order == 0)
			note_gone(t, &old->items[i++]);
		code = take_delta(t, &deltas.items[k++], err);
	}
	return code;
}

static int load(const char *index_path, struct arena *arena, struct snapshot *out)
{
	struct buf bytes BUF_CLEANUP = BUF_INIT(INDEX_BYTES_MAX);
	struct err ignored = ERR_INIT;
	int code = index_path ? file_read(index_path, &bytes, &ignored) : ERR_NOTFOUND;
	if (!code)
		code = snapshot_decode(buf_str(&bytes), arena, out, &ignored);
	return code;
}

/* Fills what `from` left: the same commit and tree, no files. */
static struct snapshot empty_like(const struct snapshot *from)
{
	return (struct snapshot){ .commit = from->commit, .tree = from->tree };
}

int snapshot_take(struct repo *repo, const struct oid *commit, const char *index_path,
		  struct arena *arena, struct snapshot *out, struct err *err)
{
	struct snapshot old = { .len = 0 };
	struct snapshot taken = { .commit = *commit };
	struct taking t = { repo, arena, &taken };
	int code = repo_commit_tree(repo, commit, &taken.tree, err);
	if (code)
		return code;
	bool known = load(index_path, arena, &old) == 0;
	if (known && strcmp(old.tree.hex, taken.tree.hex) == 0) {
		old.commit = *commit;
		old.is_indexed = true;
		*out = old;
		return 0;
	}
	code = known ? take_difference(&t, &old, err) : ERR_NOTFOUND;
	if (code) {
		taken = empty_like(&taken);
		code = take_whole(&t, err);
		taken.documents_changed = true;
		taken.markers_changed = true;
	}
	if (code)
		return code;
	*out = taken;
	return 0;
}

const struct snapshot_file *snapshot_find(const struct snapshot *snapshot,
					  struct str path)
{
	const struct snapshot_file key = { .path = path };
	return snapshot->len ? bsearch(&key, snapshot->items, snapshot->len,
				       sizeof(*snapshot->items), compare_paths)
			     : NULL;
}

/* A lost index is made anew: failing to keep one is no failure. */
void snapshot_save(const struct snapshot *snapshot, const char *index_path)
{
	struct buf bytes BUF_CLEANUP = BUF_INIT(INDEX_BYTES_MAX);
	struct err ignored = ERR_INIT;
	if (!index_path || snapshot->is_indexed)
		return;
	snapshot_encode(snapshot, &bytes);
	if (!bytes.full)
		(void)!file_write_atomic(index_path, buf_str(&bytes), 0600, FILE_FAST,
					 &ignored);
}
