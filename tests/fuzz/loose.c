/* SPDX-License-Identifier: MIT */
/*
 * A loose object: once as it stands on the disk, once as what it holds, compressed here.
 * What is read has the size that it says.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64] = "/dev/shm/imagehook-fuzz-XXXXXX";

enum {
	MAX_BYTES = 4096
};

static void clean_up(void)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	(void)unlink(arena_printf(&arena, "%s/objects/00/%s", dir,
				  "00000000000000000000000000000000000000"));
	(void)rmdir(arena_printf(&arena, "%s/objects/00", dir));
	(void)rmdir(arena_printf(&arena, "%s/objects", dir));
	(void)rmdir(dir);
}

static void start(struct arena *arena)
{
	static bool started;
	struct err err = ERR_INIT;
	if (started)
		return;
	started = true;
	if (!mkdtemp(dir) ||
	    file_make_dirs(arena_printf(arena, "%s/objects/00", dir), 0700, &err))
		abort();
	(void)atexit(clean_up);
}

static void try_bytes(struct arena *arena, struct str bytes)
{
	struct repo repo = { .facts.git_dir = dir };
	struct raw_oid oid = { { 0 } };
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	struct err err = ERR_INIT;
	const char *path = arena_printf(arena, "%s/objects/00/%s", dir,
					"00000000000000000000000000000000000000");
	if (file_write_atomic(path, bytes, 0600, FILE_FAST, &err))
		abort();
	enum found found = loose_read(&repo, &oid, MAX_BYTES, &object);
	if (found == FOUND_NOT ||
	    (found == FOUND && (object.bytes.len > MAX_BYTES ||
				object.type < OBJECT_COMMIT || object.type > OBJECT_TAG)))
		abort();
	deflate_release(&repo);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct libdeflate_compressor *packer PACKER_CLEANUP = packer_new(PACKER_FAST);
	struct buf packed BUF_CLEANUP = BUF_INIT(1 << 24);
	struct str bytes = { (const char *)data, size };
	start(&arena);
	try_bytes(&arena, bytes);
	if (!packer_add(packer, bytes, &packed))
		abort();
	try_bytes(&arena, buf_str(&packed));
	return 0;
}
