/* SPDX-License-Identifier: MIT */
/*
 * Commits and tags that somebody pushed: the input is one of each, stored under its true
 * id. What is read of them is text that may be shown and stored.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[64] = "/dev/shm/imagehook-fuzz-XXXXXX";

static void start(struct arena *arena)
{
	static bool started;
	struct err err = ERR_INIT;
	if (started)
		return;
	started = true;
	if (!mkdtemp(dir) ||
	    file_make_dirs(arena_printf(arena, "%s/objects", dir), 0700, &err))
		abort();
}

static void forget(struct arena *arena, const struct oid *id)
{
	const char *folder = arena_printf(arena, "%s/objects/%.2s", dir, id->hex);
	(void)unlink(arena_printf(arena, "%s/%s", folder, id->hex + 2));
	(void)rmdir(folder);
}

static void check_text(const char *text)
{
	if (!str_is_utf8(str_of(text), NULL))
		abort();
}

static void read_it(struct repo *repo, const struct raw_oid *raw, const struct oid *id,
		    struct arena *arena)
{
	struct repo_commit commit = { .parents = { 0 } };
	struct raw_oid peeled;
	struct oid tree;
	struct err err = ERR_INIT;
	(void)!repo_commit_tree(repo, id, &tree, &err);
	if (repo_read_commit(repo, id, arena, &commit, &err) == 0) {
		check_text(commit.author.name);
		check_text(commit.author.email);
		check_text(commit.committer.name);
		check_text(commit.message);
	}
	(void)!object_peel(repo, raw, &peeled, &err);
}

static void try_as(enum object_type type, struct str bytes)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct repo repo = { .facts.git_dir = dir };
	struct new_object object = { .type = type, .bytes = bytes };
	struct new_objects objects = { &object, 1, 1 };
	struct err err = ERR_INIT;
	struct oid id;
	start(&arena);
	object_id(type, bytes, &object.oid);
	raw_oid_format(&object.oid, &id);
	if (loose_write(&repo, &objects, 0600, &err))
		abort();
	read_it(&repo, &object.oid, &id, &arena);
	library_close(&repo);
	packs_free(repo.packs);
	deflate_release(&repo);
	arena_clear(&repo.arena);
	forget(&arena, &id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = { (const char *)data, size };
	try_as(OBJECT_COMMIT, bytes);
	try_as(OBJECT_TAG, bytes);
	return 0;
}
