/* SPDX-License-Identifier: MIT */
/*
 * zlib's format (RFC 1950) over whole buffers, by libdeflate: objects are small and their
 * sizes known, so that nothing has to stream.
 */
#include "adapter/git/internal.h"
#include <libdeflate.h>

enum {
	GUESS = 4 /* how many times its packed size an object has, to begin with */
};

static struct libdeflate_decompressor *unpacker(struct repo *repo)
{
	if (!repo->unpacker)
		repo->unpacker = libdeflate_alloc_decompressor();
	if (!repo->unpacker)
		die_out_of_memory();
	return repo->unpacker;
}

void deflate_release(struct repo *repo)
{
	libdeflate_free_decompressor(repo->unpacker);
	repo->unpacker = NULL;
}

bool deflate_unpack(struct repo *repo, struct str packed, size_t size, struct buf *out)
{
	buf_truncate(out, 0);
	out->max = size;
	char *at = buf_reserve(out, size);
	size_t used = 0;
	/* without a place for the size, less than all is an error too */
	if (!at ||
	    libdeflate_zlib_decompress_ex(unpacker(repo), packed.ptr, packed.len, at,
					  size, &used, NULL) != LIBDEFLATE_SUCCESS)
		return false;
	out->len = size;
	at[size] = '\0';
	return true;
}

enum found deflate_unpack_all(struct repo *repo, struct str packed, size_t max_bytes,
			      struct buf *out)
{
	size_t room = packed.len < max_bytes / GUESS ? packed.len * GUESS : max_bytes;
	enum libdeflate_result result = LIBDEFLATE_INSUFFICIENT_SPACE;
	size_t used = 0;
	for (;; room = room < max_bytes / 2 ? room * 2 : max_bytes) {
		buf_truncate(out, 0);
		out->max = room;
		char *at = buf_reserve(out, room);
		size_t len = 0;
		result = libdeflate_zlib_decompress_ex(unpacker(repo), packed.ptr,
						       packed.len, at, room, &used, &len);
		if (result == LIBDEFLATE_SUCCESS) {
			out->len = len;
			at[len] = '\0';
			return used == packed.len ? FOUND : FOUND_ODD;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return FOUND_ODD;
		if (room == max_bytes)
			return FOUND_TOO_LARGE;
	}
}

struct libdeflate_compressor *packer_new(int level)
{
	struct libdeflate_compressor *packer = libdeflate_alloc_compressor(level);
	if (!packer)
		die_out_of_memory();
	return packer;
}

void packer_free(struct libdeflate_compressor *const *packer)
{
	libdeflate_free_compressor(*packer);
}

bool packer_add(struct libdeflate_compressor *packer, struct str bytes, struct buf *out)
{
	size_t bound = libdeflate_zlib_compress_bound(packer, bytes.len);
	char *at = buf_reserve(out, bound);
	size_t len =
	    at ? libdeflate_zlib_compress(packer, bytes.ptr, bytes.len, at, bound) : 0;
	if (len == 0)
		return false;
	out->len += len;
	out->ptr[out->len] = '\0';
	return true;
}

uint32_t packer_crc(struct str bytes)
{
	return libdeflate_crc32(0, bytes.ptr, bytes.len);
}
