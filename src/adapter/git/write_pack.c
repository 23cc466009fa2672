/* SPDX-License-Identifier: MIT */
/*
 * Writes new objects as one pack and its index (version 2), durably: the pack first, so
 * that an index never names what is not there. No deltas: the next gc makes them.
 */
#include "adapter/git/internal.h"
#include "base/file.h"

enum {
	PACK_BYTES_MAX = 1 << 30,
	FANOUT_ROWS = 256
};

/* Where one object stands in the pack. */
struct placed {
	const struct raw_oid *oid;
	uint32_t crc;
	uint32_t off;
};

static void put_number(struct buf *out, uint32_t number)
{
	for (unsigned shift = 32; shift; shift -= 8)
		(void)buf_putc(out, (char)(unsigned char)(number >> (shift - 8) & 0xff));
}

static void put_oid(struct buf *out, const struct raw_oid *oid)
{
	(void)buf_append(out, (struct str){ (const char *)oid->bytes, RAW_OID_BYTES });
}

/* The SHA-1 of all before it. */
static void put_seal(struct buf *out, struct raw_oid *seal)
{
	struct sha1 sha;
	sha1_init(&sha);
	sha1_update(&sha, buf_str(out));
	sha1_final(&sha, seal);
	put_oid(out, seal);
}

/* Type and size in front of a packed object: 4 bits, then 7 a byte. */
static void put_header(struct buf *pack, const struct new_object *object)
{
	size_t size = object->bytes.len;
	unsigned byte = (unsigned)object->type << 4 | (unsigned)(size & 15);
	for (size >>= 4; size; size >>= 7) {
		(void)buf_putc(pack, (char)(unsigned char)(byte | 0x80));
		byte = (unsigned)(size & 0x7f);
	}
	(void)buf_putc(pack, (char)(unsigned char)byte);
}

static int refuse_size(struct err *err)
{
	return err_set(err, ERR_LIMIT, "the new objects have more than %d bytes",
		       PACK_BYTES_MAX);
}

static int build_pack(const struct new_objects *objects, struct placed *placed,
		      struct buf *pack, struct raw_oid *seal, struct err *err)
{
	struct libdeflate_compressor *packer PACKER_CLEANUP = packer_new(PACKER_FAST);
	(void)buf_puts(pack, "PACK");
	put_number(pack, 2);
	put_number(pack, (uint32_t)objects->len);
	for (size_t i = 0; i < objects->len; i++) {
		size_t off = pack->len;
		put_header(pack, &objects->items[i]);
		if (!packer_add(packer, objects->items[i].bytes, pack))
			return refuse_size(err);
		placed[i].oid = &objects->items[i].oid;
		placed[i].off = (uint32_t)off;
		placed[i].crc = packer_crc(str_from(buf_str(pack), off));
	}
	put_seal(pack, seal);
	return pack->full ? refuse_size(err) : 0;
}

static int compare_placed(const void *a_ptr, const void *b_ptr)
{
	const struct placed *a = a_ptr;
	const struct placed *b = b_ptr;
	return memcmp(a->oid->bytes, b->oid->bytes, RAW_OID_BYTES);
}

/* `placed` in order of the ids. Offsets below 2 GiB need no table of their own. */
static void build_index(const struct placed *placed, size_t n, const struct raw_oid *seal,
			struct buf *index)
{
	struct raw_oid own;
	size_t at = 0;
	(void)buf_append(index, STR("\377tOc"));
	put_number(index, 2);
	for (unsigned first = 0; first < FANOUT_ROWS; first++) {
		while (at < n && placed[at].oid->bytes[0] <= first)
			at++;
		put_number(index, (uint32_t)at);
	}
	for (size_t i = 0; i < n; i++)
		put_oid(index, placed[i].oid);
	for (size_t i = 0; i < n; i++)
		put_number(index, placed[i].crc);
	for (size_t i = 0; i < n; i++)
		put_number(index, placed[i].off);
	put_oid(index, seal);
	put_seal(index, &own);
}

int pack_write(struct repo *repo, const struct new_objects *objects, mode_t mode,
	       struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf pack BUF_CLEANUP = BUF_INIT(PACK_BYTES_MAX);
	struct buf index BUF_CLEANUP = BUF_INIT(PACK_BYTES_MAX);
	struct placed *placed = ARENA_ARRAY(&arena, struct placed, objects->len + 1);
	struct raw_oid seal;
	struct oid hex;
	int code = build_pack(objects, placed, &pack, &seal, err);
	if (code)
		return code;
	qsort(placed, objects->len, sizeof(*placed), compare_placed);
	build_index(placed, objects->len, &seal, &index);
	if (index.full)
		return refuse_size(err);
	raw_oid_format(&seal, &hex);
	const char *stem =
	    arena_printf(&arena, "%s/objects/pack/pack-%s", repo->facts.git_dir, hex.hex);
	code = file_write_atomic(arena_printf(&arena, "%s.pack", stem), buf_str(&pack),
				 mode, FILE_DURABLE, err);
	if (!code)
		code = file_write_atomic(arena_printf(&arena, "%s.idx", stem),
					 buf_str(&index), mode, FILE_DURABLE, err);
	return code ? err_prefix(err, "cannot write a pack") : 0;
}
