/* SPDX-License-Identifier: MIT */
/*
 * Puts new objects into the store: who may, under which umask, loose or as one pack. The
 * pack's bytes are made here and indexed by libgit2.
 */
#include "adapter/git/internal.h"
#include "base/cursor.h"
#include <git2.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	PACK_FROM = 100, /* objects; git's own receive.unpackLimit */
	PACK_BYTES_MAX = 1 << 30
};

int repo_check_writable(struct repo *repo, struct err *err)
{
	const struct repo_facts *facts = &repo->facts;
	if (repo_in_quarantine(facts->git_dir))
		return err_set(err, ERR_DENIED,
			       "nothing is written while a push is still being judged "
			       "(quarantine)");
	if (getenv("GIT_NAMESPACE"))
		return err_set(err, ERR_DENIED, "nothing is written under GIT_NAMESPACE");
	if (facts->mirror)
		return err_set(err, ERR_DENIED,
			       "the repository is a mirror: the next fetch would undo "
			       "the commit");
	if (facts->unsupported)
		return err_set(err, ERR_UNSUPPORTED,
			       "the repository uses '%s', which is not supported",
			       facts->unsupported);
	if (geteuid() != facts->owner_uid)
		return err_set(err, ERR_DENIED,
			       "user %u does not own the repository, user %u does",
			       (unsigned)geteuid(), facts->owner_uid);
	return 0;
}

/* The permissions that core.sharedRepository names, 0 for none of its own. */
static mode_t shared_mode(const char *shared, bool *replaces)
{
	static const struct {
		const char *word;
		mode_t mode;
	} words[] = { { "umask", 0 },
		      { "group", 0070 },
		      { "all", 0075 },
		      { "world", 0075 },
		      { "everybody", 0075 } };

	bool yes = false;
	uint32_t mode = 0;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(shared, words[i].word) == 0)
			return words[i].mode;
	if (strcmp(shared, "1") == 0)
		return 0070;
	if (strcmp(shared, "2") == 0)
		return 0075;
	if (gitconfig_bool(shared, &yes) && !char_is_digit(shared[0]))
		return yes ? 0070 : 0;
	for (const char *c = shared; *c; c++) {
		if (*c < '0' || *c > '7' || mode > 0777)
			return 0;
		mode = mode * 8 + (uint32_t)(*c - '0');
	}
	if ((mode & 0600) != 0600)
		return 0;
	*replaces = true;
	mode &= 0666;
	return mode | (mode & 0444) >> 2;
}

mode_t repo_umask(const struct repo *repo, mode_t current)
{
	bool replaces = false;
	if (!repo->facts.shared)
		return current;
	mode_t mode = shared_mode(repo->facts.shared, &replaces);
	return replaces ? 0777 & ~mode : current & ~mode;
}

static git_object_t library_type(enum object_type type)
{
	return (git_object_t)type;
}

static int write_loose(struct repo *repo, const struct new_objects *objects,
		       struct err *err)
{
	for (size_t i = 0; i < objects->len; i++) {
		const struct new_object *object = &objects->items[i];
		git_oid id;
		int result = git_odb_write(&id, repo->odb, object->bytes.ptr,
					   object->bytes.len, library_type(object->type));
		if (result)
			return library_err(err, result, "cannot write an object");
		if (memcmp(id.id, object->oid.bytes, RAW_OID_BYTES) != 0)
			return err_set(err, ERR_INTERNAL, "an object got another id");
	}
	return 0;
}

/* Type and size in front of a packed object: 4 bits, then 7 a byte. */
static void put_pack_header(struct buf *pack, const struct new_object *object)
{
	size_t size = object->bytes.len;
	unsigned byte = (unsigned)object->type << 4 | (unsigned)(size & 15);
	for (size >>= 4; size; size >>= 7) {
		(void)buf_putc(pack, (char)(unsigned char)(byte | 0x80));
		byte = (unsigned)(size & 0x7f);
	}
	(void)buf_putc(pack, (char)(unsigned char)byte);
}

static int put_deflated(struct buf *pack, struct str bytes, struct err *err)
{
	uLong bound = compressBound((uLong)bytes.len);
	uLongf size = bound;
	char *at = buf_reserve(pack, bound);
	if (!at)
		return err_set(err, ERR_LIMIT, "the new objects have more than %d bytes",
			       PACK_BYTES_MAX);
	/* zlib takes bytes that are unsigned, we keep them as char */
	int result = compress2((Bytef *)at, &size, (const Bytef *)bytes.ptr,
			       (uLong)bytes.len, Z_DEFAULT_COMPRESSION);
	if (result != Z_OK)
		return err_set(err, ERR_INTERNAL, "zlib failed (%d)", result);
	pack->len += size;
	return 0;
}

static void put_number(struct buf *pack, uint32_t number)
{
	for (unsigned shift = 32; shift; shift -= 8)
		(void)buf_putc(pack, (char)(unsigned char)(number >> (shift - 8) & 0xff));
}

static int build_pack(const struct new_objects *objects, struct buf *pack,
		      struct err *err)
{
	struct sha1 sha;
	struct raw_oid trailer;
	(void)buf_puts(pack, "PACK");
	put_number(pack, 2);
	put_number(pack, (uint32_t)objects->len);
	for (size_t i = 0; i < objects->len; i++) {
		put_pack_header(pack, &objects->items[i]);
		int code = put_deflated(pack, objects->items[i].bytes, err);
		if (code)
			return code;
	}
	sha1_init(&sha);
	sha1_update(&sha, buf_str(pack));
	sha1_final(&sha, &trailer);
	(void)buf_append(pack,
			 (struct str){ (const char *)trailer.bytes, RAW_OID_BYTES });
	if (pack->full)
		return err_set(err, ERR_LIMIT, "the new objects have more than %d bytes",
			       PACK_BYTES_MAX);
	return 0;
}

static void free_indexer(git_indexer **indexer)
{
	git_indexer_free(*indexer);
}

static int write_pack(struct repo *repo, const struct new_objects *objects,
		      struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf pack BUF_CLEANUP = BUF_INIT(PACK_BYTES_MAX);
	git_indexer *indexer CLEANUP(free_indexer) = NULL;
	git_indexer_progress progress = { .total_objects = 0 };
	int code = build_pack(objects, &pack, err);
	if (code)
		return code;
	const char *folder = arena_printf(&arena, "%s/objects/pack", repo->facts.git_dir);
	int result = git_indexer_new(&indexer, folder, 0, repo->odb, NULL);
	if (!result)
		result = git_indexer_append(indexer, pack.ptr, pack.len, &progress);
	if (!result)
		result = git_indexer_commit(indexer, &progress);
	if (!result)
		result = git_odb_refresh(repo->odb);
	return result ? library_err(err, result, "cannot write a pack") : 0;
}

int objects_write(struct repo *repo, const struct new_objects *objects, struct err *err)
{
	int code = repo_check_writable(repo, err);
	if (!code)
		code = library_open(repo, err);
	if (code)
		return code;
	mode_t old = umask(077);
	(void)umask(repo_umask(repo, old));
	git_error_clear();
	code = objects->len < PACK_FROM ? write_loose(repo, objects, err)
					: write_pack(repo, objects, err);
	(void)umask(old);
	return code;
}
