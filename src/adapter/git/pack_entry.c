/* SPDX-License-Identifier: MIT */
/* One entry of a pack: its head, and a delta applied to its base. */
#include "adapter/git/pack.h"

static bool take_byte(struct str *rest, unsigned *byte)
{
	if (rest->len == 0)
		return false;
	*byte = (unsigned char)rest->ptr[0];
	*rest = str_from(*rest, 1);
	return true;
}

/* 7 bits a byte, least first, below a shift that fits. */
static bool take_size(struct str *rest, unsigned shift, uint64_t *size)
{
	unsigned byte = 0x80;
	for (; byte & 0x80; shift += 7) {
		if (shift > 56 || !take_byte(rest, &byte))
			return false;
		*size |= (uint64_t)(byte & 0x7f) << shift;
	}
	return true;
}

/* How far before `off` the base stands: 7 bits a byte, most first, each plus one. */
static bool take_base_offset(struct str *rest, uint64_t off, uint64_t *base)
{
	unsigned byte = 0;
	if (!take_byte(rest, &byte))
		return false;
	uint64_t back = byte & 0x7f;
	while (byte & 0x80) {
		if (back > UINT64_MAX >> 8 || !take_byte(rest, &byte))
			return false;
		back = (back + 1) << 7 | (byte & 0x7f);
	}
	*base = off - back;
	return back > 0 && back < off;
}

bool pack_entry_read(const struct pack *pack, uint64_t off, struct pack_entry *out)
{
	unsigned byte = 0;
	struct raw_oid base;
	if (off >= pack->data.len || pack->data.len - off < RAW_OID_BYTES)
		return false;
	struct str rest =
	    str_slice(pack->data, off, pack->data.len - off - RAW_OID_BYTES);
	if (!take_byte(&rest, &byte))
		return false;
	out->type = byte >> 4 & 7;
	out->size = byte & 15;
	if ((byte & 0x80) && !take_size(&rest, 4, &out->size))
		return false;
	if (out->type == PACK_OFS_DELTA && !take_base_offset(&rest, off, &out->base_off))
		return false;
	if (out->type == PACK_REF_DELTA) {
		if (rest.len < RAW_OID_BYTES)
			return false;
		memcpy(base.bytes, rest.ptr, RAW_OID_BYTES);
		rest = str_from(rest, RAW_OID_BYTES);
		if (!pack_find(pack, &base, &out->base_off))
			return false;
	}
	out->packed = rest;
	return true;
}

/* Up to `bytes` little-endian bytes that a bit mask selects. */
static bool take_masked(struct str *rest, unsigned mask, unsigned bytes, size_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < bytes; i++) {
		unsigned byte = 0;
		if (!(mask >> i & 1))
			continue;
		if (!take_byte(rest, &byte))
			return false;
		*out |= (size_t)byte << (8 * i);
	}
	return true;
}

/* What a delta makes, while it is made: `room` bytes are left behind `at`. */
struct patch {
	struct str delta;
	struct str base;
	char *at;
	size_t room;
};

static bool put(struct patch *patch, struct str bytes)
{
	if (bytes.len > patch->room)
		return false;
	memcpy(patch->at, bytes.ptr, bytes.len);
	patch->at += bytes.len;
	patch->room -= bytes.len;
	return true;
}

/* One instruction: copy from the base, or insert what follows. */
static bool apply_step(struct patch *patch)
{
	unsigned op = 0;
	size_t off = 0;
	size_t len = 0;
	if (!take_byte(&patch->delta, &op) || op == 0)
		return false;
	if (!(op & 0x80)) {
		if (patch->delta.len < op || !put(patch, str_slice(patch->delta, 0, op)))
			return false;
		patch->delta = str_from(patch->delta, op);
		return true;
	}
	if (!take_masked(&patch->delta, op, 4, &off) ||
	    !take_masked(&patch->delta, op >> 4, 3, &len))
		return false;
	if (len == 0)
		len = 0x10000;
	return off <= patch->base.len && len <= patch->base.len - off &&
	       put(patch, str_slice(patch->base, off, len));
}

enum found pack_apply(struct str delta, struct str base, size_t max_bytes,
		      struct buf *out)
{
	uint64_t base_size = 0;
	uint64_t size = 0;
	if (!take_size(&delta, 0, &base_size) || !take_size(&delta, 0, &size) ||
	    base_size != base.len)
		return FOUND_ODD;
	if (size > max_bytes)
		return FOUND_TOO_LARGE;
	buf_truncate(out, 0);
	out->max = (size_t)size;
	struct patch patch = { delta, base, buf_reserve(out, (size_t)size),
			       (size_t)size };
	while (patch.delta.len)
		if (!apply_step(&patch))
			return FOUND_ODD;
	if (patch.room)
		return FOUND_ODD;
	out->len = (size_t)size;
	out->ptr[out->len] = '\0';
	return FOUND;
}

bool pack_entry_is_delta(const struct pack_entry *entry)
{
	return entry->type == PACK_OFS_DELTA || entry->type == PACK_REF_DELTA;
}
