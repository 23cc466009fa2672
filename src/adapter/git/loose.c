/* SPDX-License-Identifier: MIT */
/*
 * Loose objects of the repository's own store, read and written without libgit2. Whatever
 * is odd about one that is read is left to libgit2, which also knows alternates.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
	HEADER_MAX = 32,
	SLACK_BYTES = 1 << 16 /* zlib's own, on top of the contents */
};

/* `TYPE SIZE NUL`; the length with the NUL, 0 when malformed. */
static size_t parse_header(struct str bytes, enum object_type *type, uint64_t *size)
{
	static const enum object_type types[] = { OBJECT_COMMIT, OBJECT_TREE, OBJECT_BLOB,
						  OBJECT_TAG };

	size_t nul = str_find_char(bytes, '\0');
	size_t space = str_find_char(bytes, ' ');
	if (nul == bytes.len || space > nul)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!str_is(str_slice(bytes, 0, space), object_type_name(types[i])))
			continue;
		*type = types[i];
		struct str digits = str_slice(bytes, space + 1, nul - space - 1);
		return number_parse(digits, SIZE_MAX / 4, size) ? nul + 1 : 0;
	}
	return 0;
}

/* Unpacks `packed` behind its header into out->bytes. */
static enum found unpack(z_stream *z, struct object *out, size_t max_bytes)
{
	char head[HEADER_MAX];
	uint64_t size = 0;
	z->next_out = (Bytef *)head;
	z->avail_out = sizeof(head);
	int result = inflate(z, Z_SYNC_FLUSH);
	size_t have = sizeof(head) - z->avail_out;
	if (result != Z_OK && result != Z_STREAM_END)
		return FOUND_ODD;
	size_t header_len = parse_header((struct str){ head, have }, &out->type, &size);
	if (header_len == 0 || have - header_len > size)
		return FOUND_ODD;
	if (size > max_bytes)
		return FOUND_TOO_LARGE;
	buf_truncate(&out->bytes, 0);
	out->bytes.max = max_bytes;
	(void)buf_append(&out->bytes,
			 (struct str){ head + header_len, have - header_len });
	size_t left = (size_t)size - out->bytes.len;
	char *at = buf_reserve(&out->bytes, left);
	if (!at)
		return FOUND_ODD;
	/* one byte more than fits shows a stream that goes on */
	z->next_out = (Bytef *)at;
	z->avail_out = (uInt)left + 1;
	if (result != Z_STREAM_END)
		result = inflate(z, Z_FINISH);
	if (result != Z_STREAM_END || z->avail_out != 1)
		return FOUND_ODD;
	at[left] = '\0';
	out->bytes.len += left;
	return FOUND;
}

enum found loose_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf packed BUF_CLEANUP = BUF_INIT(max_bytes + SLACK_BYTES);
	struct err ignored = ERR_INIT;
	struct oid hex;
	raw_oid_format(oid, &hex);
	const char *path = arena_printf(&arena, "%s/objects/%.2s/%s", repo->facts.git_dir,
					hex.hex, hex.hex + 2);
	int code = file_read(path, &packed, &ignored);
	if (code || packed.len > UINT32_MAX / 2 || max_bytes > UINT32_MAX / 2)
		return code == ERR_NOTFOUND ? FOUND_NOT : FOUND_ODD;
	z_stream z = { .next_in = (Bytef *)packed.ptr, .avail_in = (uInt)packed.len };
	if (inflateInit(&z) != Z_OK)
		return FOUND_ODD;
	enum found found = unpack(&z, out, max_bytes);
	(void)inflateEnd(&z);
	return found;
}

static int write_one(struct repo *repo, const struct new_object *object, mode_t mode,
		     struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf plain BUF_CLEANUP = BUF_INIT(object->bytes.len + HEADER_MAX);
	struct oid hex;
	raw_oid_format(&object->oid, &hex);
	const char *dir =
	    arena_printf(&arena, "%s/objects/%.2s", repo->facts.git_dir, hex.hex);
	const char *path = file_join(&arena, dir, hex.hex + 2);
	if (file_exists(path))
		return 0;
	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return err_errno(err, "cannot make '%s'", dir);
	(void)buf_printf(&plain, "%s %zu", object_type_name(object->type),
			 object->bytes.len);
	(void)buf_putc(&plain, '\0');
	(void)buf_append(&plain, object->bytes);
	uLongf size = compressBound((uLong)plain.len);
	char *packed = arena_alloc(&arena, size, 1);
	if (plain.full || compress2((Bytef *)packed, &size, (const Bytef *)plain.ptr,
				    (uLong)plain.len, Z_DEFAULT_COMPRESSION) != Z_OK)
		return err_set(err, ERR_INTERNAL, "zlib failed");
	return file_write_atomic(path, (struct str){ packed, size }, mode, FILE_DURABLE,
				 err);
}

int loose_write(struct repo *repo, const struct new_objects *objects, mode_t mode,
		struct err *err)
{
	int code = 0;
	for (size_t i = 0; i < objects->len && !code; i++)
		code = write_one(repo, &objects->items[i], mode, err);
	return code ? err_prefix(err, "cannot write an object") : 0;
}
