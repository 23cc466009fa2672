/* SPDX-License-Identifier: MIT */
/*
 * Loose objects of the repository's own store, read and written without libgit2. Whatever
 * is odd about one that is read is left to libgit2, which also knows alternates.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <errno.h>
#include <sys/stat.h>

enum {
	HEADER_MAX = 32,
	SLACK_BYTES = 1 << 16 /* what packing may add to the contents */
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

enum found loose_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf packed BUF_CLEANUP = BUF_INIT(max_bytes + SLACK_BYTES);
	struct err ignored = ERR_INIT;
	struct oid hex;
	uint64_t size = 0;
	raw_oid_format(oid, &hex);
	const char *path = arena_printf(&arena, "%s/objects/%.2s/%s", repo->facts.git_dir,
					hex.hex, hex.hex + 2);
	int code = file_read(path, &packed, &ignored);
	if (code || max_bytes > UINT32_MAX / 2)
		return code == ERR_NOTFOUND ? FOUND_NOT : FOUND_ODD;
	enum found found = deflate_unpack_all(repo, buf_str(&packed),
					      max_bytes + HEADER_MAX, &out->bytes);
	if (found != FOUND)
		return found;
	size_t header_len = parse_header(buf_str(&out->bytes), &out->type, &size);
	if (header_len == 0 || out->bytes.len - header_len != size)
		return FOUND_ODD;
	if (size > max_bytes)
		return FOUND_TOO_LARGE;
	memmove(out->bytes.ptr, out->bytes.ptr + header_len, (size_t)size);
	buf_truncate(&out->bytes, (size_t)size);
	return FOUND;
}

static int write_one(struct repo *repo, struct libdeflate_compressor *packer,
		     const struct new_object *object, mode_t mode, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf plain BUF_CLEANUP = BUF_INIT(object->bytes.len + HEADER_MAX);
	struct buf packed BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
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
	if (plain.full || !packer_add(packer, buf_str(&plain), &packed))
		return err_set(err, ERR_INTERNAL, "cannot compress an object");
	return file_write_atomic(path, buf_str(&packed), mode, FILE_DURABLE, err);
}

int loose_write(struct repo *repo, const struct new_objects *objects, mode_t mode,
		struct err *err)
{
	struct libdeflate_compressor *packer PACKER_CLEANUP = packer_new(PACKER_DEFAULT);
	int code = 0;
	for (size_t i = 0; i < objects->len && !code; i++)
		code = write_one(repo, packer, &objects->items[i], mode, err);
	return code ? err_prefix(err, "cannot write an object") : 0;
}
