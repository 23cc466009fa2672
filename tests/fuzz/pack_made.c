/* SPDX-License-Identifier: MIT */
/*
 * Packs that are whole but lie: the input is a list of entries, which are compressed and
 * indexed here, so that what is wrong about them stands behind every checksum: chains,
 * circles, sizes, types and deltas. An entry is its type, its claimed size less the true
 * one, its base, the length of its bytes, and its bytes.
 */
#include "tests/fuzz/pack_try.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	HEAD_BYTES = 4,
	OFFSET_DIGITS = 5
};

struct made {
	struct buf pack;
	uint64_t offs[TRY_IDS_MAX];
	size_t len;
	struct libdeflate_compressor *packer;
};

static void put_u32(struct buf *out, uint64_t number)
{
	for (unsigned shift = 32; shift; shift -= 8)
		(void)buf_putc(out, (char)(unsigned char)(number >> (shift - 8) & 0xff));
}

static struct raw_oid id_of(size_t at)
{
	struct raw_oid id = { { (unsigned char)(at * 256 / TRY_IDS_MAX) } };
	return id;
}

static void put_base(struct made *made, unsigned type, unsigned pick)
{
	size_t at = pick % TRY_IDS_MAX;
	if (type == PACK_REF_DELTA) {
		struct raw_oid id = id_of(at);
		(void)buf_append(&made->pack, (struct str){ (const char *)id.bytes,
							    sizeof(id.bytes) });
	} else if (type == PACK_OFS_DELTA) {
		uint64_t back = made->len && pick < 0x80
				    ? made->pack.len - made->offs[at % made->len]
				    : pick;
		unsigned char digits[OFFSET_DIGITS];
		size_t n = OFFSET_DIGITS;
		digits[--n] = back & 0x7f;
		while (back >>= 7)
			digits[--n] = 0x80 | (--back & 0x7f);
		(void)buf_append(&made->pack, (struct str){ (const char *)digits + n,
							    OFFSET_DIGITS - n });
	}
}

static void add_entry(struct made *made, const uint8_t *head, struct str bytes)
{
	unsigned type = head[0] & 7;
	uint64_t size = bytes.len + (head[1] & 0x7f);
	if (head[1] & 0x80)
		size <<= head[1] & 0x1f;
	uint64_t off = made->pack.len;
	uint64_t rest = size >> 4;
	(void)buf_putc(&made->pack, (char)(unsigned char)((rest ? 0x80U : 0) | type << 4 |
							  (unsigned)(size & 15)));
	for (; rest; rest >>= 7)
		(void)buf_putc(
		    &made->pack,
		    (char)(unsigned char)((rest & 0x7f) | (rest >> 7 ? 0x80 : 0)));
	put_base(made, type, head[2]);
	if (!packer_add(made->packer, bytes, &made->pack))
		abort();
	made->offs[made->len++] = off;
}

static void make_index(const struct made *made, struct buf *out)
{
	size_t at = 0;
	(void)buf_append(out, STR("\377tOc\0\0\0\2"));
	for (size_t first = 0; first < 256; first++) {
		while (at < made->len && id_of(at).bytes[0] <= first)
			at++;
		put_u32(out, at);
	}
	for (size_t i = 0; i < made->len; i++) {
		struct raw_oid id = id_of(i);
		(void)buf_append(
		    out, (struct str){ (const char *)id.bytes, sizeof(id.bytes) });
	}
	for (size_t i = 0; i < made->len; i++)
		put_u32(out, 0);
	for (size_t i = 0; i < made->len; i++)
		put_u32(out, made->offs[i]);
	for (size_t i = 0; i < 10; i++)
		put_u32(out, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct libdeflate_compressor *packer PACKER_CLEANUP = packer_new(PACKER_FAST);
	struct made made = { .pack = BUF_INIT(1 << 24), .packer = packer };
	struct buf index BUF_CLEANUP = BUF_INIT(1 << 20);
	struct str rest = { (const char *)data, size };
	(void)buf_append(&made.pack, STR("PACK\0\0\0\2\0\0\0\0"));
	while (rest.len >= HEAD_BYTES && made.len < TRY_IDS_MAX) {
		const uint8_t *head = (const uint8_t *)rest.ptr;
		struct str bytes = str_slice(rest, HEAD_BYTES, head[3]);
		add_entry(&made, head, bytes);
		rest = str_from(rest, HEAD_BYTES + bytes.len);
	}
	for (size_t i = 0; i < 5; i++)
		put_u32(&made.pack, 0);
	make_index(&made, &index);
	try_pack(buf_str(&index), buf_str(&made.pack));
	buf_release(&made.pack);
	return 0;
}
