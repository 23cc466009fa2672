/* SPDX-License-Identifier: MIT */
/*
 * Single objects of the repository's own packs, read without libgit2, whose start alone
 * costs more than a warm run. Whatever is odd, or elsewhere, is left to libgit2.
 */
#include "adapter/git/pack.h"

enum {
	CACHE_SLOTS = 4096,
	CACHE_BYTES_MAX = 2 << 20,
	CACHE_OBJECT_MAX = 256 << 10
};

/* A delta base that was unpacked already. */
struct pack_slot {
	const struct pack *pack;
	uint64_t off;
	struct object object;
};

void pack_cache_free(struct packs *packs)
{
	for (size_t i = 0; packs->slots && i < CACHE_SLOTS; i++)
		object_release(&packs->slots[i].object);
	free(packs->slots);
	packs->slots = NULL;
	packs->cached_bytes = 0;
}

static struct pack_slot *slot_of(struct packs *packs, const struct pack *pack,
				 uint64_t off)
{
	if (!packs->slots)
		packs->slots = xcalloc(CACHE_SLOTS, sizeof(*packs->slots));
	uint64_t key = (off + (uint64_t)(pack - packs->items)) * 0x9e3779b97f4a7c15U;
	return &packs->slots[key >> 52];
}

/* Keeps a copy of a delta base. A full cache is emptied: who reads one object after
 * another stays near one place. */
static void keep_base(struct packs *packs, const struct pack *pack, uint64_t off,
		      const struct object *object)
{
	if (object->bytes.len > CACHE_OBJECT_MAX)
		return;
	if (packs->cached_bytes + object->bytes.len > CACHE_BYTES_MAX)
		pack_cache_free(packs);
	struct pack_slot *slot = slot_of(packs, pack, off);
	packs->cached_bytes -= slot->object.bytes.len;
	buf_truncate(&slot->object.bytes, 0);
	slot->pack = pack;
	slot->off = off;
	slot->object.type = object->type;
	slot->object.bytes.max = object->bytes.len;
	(void)buf_append(&slot->object.bytes, buf_str(&object->bytes));
	packs->cached_bytes += object->bytes.len;
}

static bool recall_base(struct packs *packs, const struct pack *pack, uint64_t off,
			struct object *out)
{
	const struct pack_slot *slot = slot_of(packs, pack, off);
	if (slot->pack != pack || slot->off != off)
		return false;
	out->type = slot->object.type;
	buf_truncate(&out->bytes, 0);
	out->bytes.max = slot->object.bytes.len;
	return buf_append(&out->bytes, buf_str(&slot->object.bytes));
}

/* The object at `off`. Recursion is bounded by PACK_CHAIN_MAX. */
static enum found read_at(struct repo *repo, const struct pack *pack, uint64_t off,
			  size_t max_bytes, unsigned depth, struct object *out)
{
	struct pack_entry entry = { .type = 0 };
	struct object base OBJECT_CLEANUP = OBJECT_INIT;
	struct buf delta BUF_CLEANUP = BUF_INIT(0);
	if (depth > PACK_CHAIN_MAX || !pack_entry_read(pack, off, &entry))
		return FOUND_ODD;
	bool is_delta = pack_entry_is_delta(&entry);
	if (!is_delta && (entry.type < OBJECT_COMMIT || entry.type > OBJECT_TAG))
		return FOUND_ODD;
	if (entry.size > max_bytes)
		return is_delta ? FOUND_ODD : FOUND_TOO_LARGE;
	if (!is_delta) {
		out->type = (enum object_type)entry.type;
		return deflate_unpack(repo, entry.packed, (size_t)entry.size, &out->bytes)
			   ? FOUND
			   : FOUND_ODD;
	}
	if (!recall_base(repo->packs, pack, entry.base_off, &base)) {
		enum found found = read_at(repo, pack, entry.base_off, LIMIT_OBJECT_BYTES,
					   depth + 1, &base);
		if (found != FOUND)
			return FOUND_ODD;
		keep_base(repo->packs, pack, entry.base_off, &base);
	}
	if (!deflate_unpack(repo, entry.packed, (size_t)entry.size, &delta))
		return FOUND_ODD;
	out->type = base.type;
	return pack_apply(buf_str(&delta), buf_str(&base.bytes), max_bytes, &out->bytes);
}

/* libgit2 would follow deltas that lead back to themselves for ever. */
static bool is_circle(const struct pack *pack, uint64_t off)
{
	struct pack_entry entry = { .type = 0 };
	for (uint32_t i = 0; i <= pack->count; i++, off = entry.base_off)
		if (!pack_entry_read(pack, off, &entry) || !pack_entry_is_delta(&entry))
			return false;
	return true;
}

enum found packs_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out)
{
	struct packs *packs = packs_open(repo);
	if (max_bytes > UINT32_MAX / 2)
		return FOUND_ODD;
	for (size_t i = 0; i < packs->len; i++) {
		struct pack *pack = &packs->items[i];
		uint64_t off = 0;
		if (!pack_find(pack, oid, &off))
			continue;
		if (!pack_map(pack))
			return FOUND_ODD;
		enum found found = read_at(repo, pack, off, max_bytes, 0, out);
		return found == FOUND_ODD && is_circle(pack, off) ? FOUND_CIRCLE : found;
	}
	return FOUND_NOT;
}
