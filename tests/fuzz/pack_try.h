/* SPDX-License-Identifier: MIT */
/*
 * A store of one pack for the targets that read packs: puts two files where the readers
 * look for them and asks for every id that the index names, in both ways that there are.
 */
#ifndef TESTS_FUZZ_PACK_TRY_H
#define TESTS_FUZZ_PACK_TRY_H

#include "adapter/git/pack.h"
#include "base/file.h"
#include <unistd.h>

enum {
	TRY_IDS_MAX = 64,
	TRY_IDS_OFF = 8 + 1024 /* where an index has its ids */
};

/* What the scan gave for each id. */
struct tried {
	struct buf blobs[TRY_IDS_MAX];
};

static inline int try_blob(void *ctx, size_t i, struct str bytes, struct err *err)
{
	struct tried *tried = ctx;
	(void)err;
	buf_truncate(&tried->blobs[i], 0);
	tried->blobs[i].max = bytes.len;
	if (!buf_append(&tried->blobs[i], bytes))
		abort();
	return 0;
}

/* The folder of this process, emptied by the next run and removed at the end. */
static char try_dir[64] = "/dev/shm/imagehook-fuzz-XXXXXX";

static inline void try_remove(void)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	(void)unlink(arena_printf(&arena, "%s/objects/pack/p.idx", try_dir));
	(void)unlink(arena_printf(&arena, "%s/objects/pack/p.pack", try_dir));
	(void)rmdir(arena_printf(&arena, "%s/objects/pack", try_dir));
	(void)rmdir(arena_printf(&arena, "%s/objects", try_dir));
	(void)rmdir(try_dir);
}

static inline void try_put(struct arena *arena, const char *name, struct str bytes)
{
	struct err err = ERR_INIT;
	const char *path = arena_printf(arena, "%s/objects/pack/%s", try_dir, name);
	if (file_write_atomic(path, bytes, 0600, FILE_FAST, &err))
		abort();
}

static inline void try_start(struct arena *arena)
{
	static bool started;
	struct err err = ERR_INIT;
	if (started)
		return;
	started = true;
	if (!mkdtemp(try_dir) ||
	    file_make_dirs(arena_printf(arena, "%s/objects/pack", try_dir), 0700, &err))
		abort();
	(void)atexit(try_remove);
}

static inline size_t try_ids(struct str index, struct raw_oid *ids)
{
	size_t n = 0;
	for (size_t off = TRY_IDS_OFF;
	     n < TRY_IDS_MAX && off + RAW_OID_BYTES <= index.len; off += RAW_OID_BYTES)
		memcpy(ids[n++].bytes, index.ptr + off, RAW_OID_BYTES);
	return n;
}

/* Aborts when the two readers do not agree on a blob that both gave. */
static inline void try_compare(struct repo *repo, const struct raw_oid *ids, size_t n,
			       struct tried *tried, const bool *done)
{
	for (size_t i = 0; i < n; i++) {
		struct object object OBJECT_CLEANUP = OBJECT_INIT;
		enum found found = packs_read(repo, &ids[i], LIMIT_OBJECT_BYTES, &object);
		if (found != FOUND)
			continue;
		if (object.type < OBJECT_COMMIT || object.type > OBJECT_TAG ||
		    object.bytes.len > LIMIT_OBJECT_BYTES)
			abort();
		if (done[i] &&
		    (object.type != OBJECT_BLOB ||
		     !str_eq(buf_str(&object.bytes), buf_str(&tried->blobs[i]))))
			abort();
	}
}

static inline void try_pack(struct str index, struct str data)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repo repo = { .facts.git_dir = try_dir };
	struct tried tried = { 0 };
	struct raw_oid ids[TRY_IDS_MAX];
	bool done[TRY_IDS_MAX] = { false };
	struct err err = ERR_INIT;
	try_start(&arena);
	try_put(&arena, "p.idx", index);
	try_put(&arena, "p.pack", data);
	struct blob_reader reader = {
		.ids = ids, .done = done, .ctx = &tried, .blob = try_blob
	};
	reader.len = try_ids(index, ids);
	if (packs_scan(&repo, &reader, &err))
		abort();
	try_compare(&repo, ids, reader.len, &tried, done);
	for (size_t i = 0; i < TRY_IDS_MAX; i++)
		buf_release(&tried.blobs[i]);
	packs_free(repo.packs);
	deflate_release(&repo);
}

#endif
