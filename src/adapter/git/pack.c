/* SPDX-License-Identifier: MIT */
/*
 * Packs of the repository's own store (index version 2, deltas by offset or by id within
 * one pack), read without libgit2, whose start alone costs more than a warm run. Every
 * number is checked against what is mapped; whatever is odd, or elsewhere, is left to
 * libgit2.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	FANOUT_OFF = 8,
	FANOUT_BYTES = 1024,
	ROW_BYTES = RAW_OID_BYTES + 4 + 4, /* id, CRC, offset */
	TRAILERS_BYTES = 2 * RAW_OID_BYTES,
	PACK_OFS_DELTA = 6,
	PACK_REF_DELTA = 7,
	CHAIN_MAX = 256,
	PACKS_MAX = 1000,
	CACHE_SLOTS = 16384,
	CACHE_BYTES_MAX = 32 << 20,
	CACHE_OBJECT_MAX = 256 << 10
};

struct pack {
	struct str index;
	struct str data;
	char *path; /* of the pack, until it is mapped */
	uint32_t count;
};

/* A delta base that was unpacked already. */
struct slot {
	const struct pack *pack;
	uint64_t off;
	struct object object;
};

struct packs {
	struct pack *items;
	size_t len;
	struct slot *slots;
	size_t cached_bytes;
};

static uint32_t read_u32(struct str bytes, size_t off)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr + off;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static struct str map_file(const char *path)
{
	struct str none = { NULL, 0 };
	struct stat st;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return none;
	void *at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return none;
	return (struct str){ at, (size_t)st.st_size };
}

static void unmap(struct str bytes)
{
	if (bytes.ptr)
		(void)munmap((void *)(uintptr_t)bytes.ptr, bytes.len);
}

/* Whether an index is of version 2 and as long as its count says. */
static bool check_index(struct str index, uint32_t *count)
{
	if (index.len < FANOUT_OFF + FANOUT_BYTES + TRAILERS_BYTES ||
	    !str_starts(index, STR("\377tOc\0\0\0\2")))
		return false;
	*count = read_u32(index, FANOUT_OFF + FANOUT_BYTES - 4);
	return (uint64_t)*count * ROW_BYTES <=
	       index.len - FANOUT_OFF - FANOUT_BYTES - TRAILERS_BYTES;
}

static void close_folder(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static void add_pack(struct packs *packs, const char *folder, const char *name)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct pack pack = { .count = 0 };
	const char *path = file_join(&arena, folder, name);
	pack.index = map_file(path);
	if (!pack.index.ptr || !check_index(pack.index, &pack.count)) {
		unmap(pack.index);
		return;
	}
	pack.path =
	    xstrdup(arena_printf(&arena, "%.*s.pack", (int)(strlen(path) - 4), path));
	packs->items =
	    xrealloc_array(packs->items, packs->len + 1, sizeof(*packs->items));
	packs->items[packs->len++] = pack;
}

static struct packs *open_packs(const struct repo *repo)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct packs *packs = xcalloc(1, sizeof(*packs));
	const char *folder = file_join(&arena, repo->facts.git_dir, "objects/pack");
	DIR *dir CLEANUP(close_folder) = opendir(folder);
	for (const struct dirent *e = dir ? readdir(dir) : NULL;
	     e && packs->len < PACKS_MAX; e = readdir(dir))
		if (str_ends(str_of(e->d_name), STR(".idx")))
			add_pack(packs, folder, e->d_name);
	return packs;
}

void packs_free(struct packs *packs)
{
	if (!packs)
		return;
	for (size_t i = 0; i < packs->len; i++) {
		unmap(packs->items[i].index);
		unmap(packs->items[i].data);
		free(packs->items[i].path);
	}
	for (size_t i = 0; packs->slots && i < CACHE_SLOTS; i++)
		object_release(&packs->slots[i].object);
	free(packs->slots);
	free(packs->items);
	free(packs);
}

/* --- the index --- */

/* The offset of row `at`; UINT64_MAX when it points outside the index. */
static uint64_t row_offset(const struct pack *pack, uint32_t at)
{
	size_t offsets = FANOUT_OFF + FANOUT_BYTES + (size_t)pack->count * 24;
	uint32_t off = read_u32(pack->index, offsets + (size_t)at * 4);
	if (!(off & 0x80000000U))
		return off;
	size_t large =
	    offsets + (size_t)pack->count * 4 + (size_t)(off & 0x7fffffffU) * 8;
	if (large + 8 > pack->index.len - TRAILERS_BYTES)
		return UINT64_MAX;
	return (uint64_t)read_u32(pack->index, large) << 32 |
	       read_u32(pack->index, large + 4);
}

static bool find_offset(const struct pack *pack, const struct raw_oid *oid, uint64_t *out)
{
	size_t first = oid->bytes[0];
	uint32_t low = first ? read_u32(pack->index, FANOUT_OFF + (first - 1) * 4) : 0;
	uint32_t high = read_u32(pack->index, FANOUT_OFF + first * 4);
	if (high > pack->count)
		return false;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const char *row = pack->index.ptr + FANOUT_OFF + FANOUT_BYTES +
				  (size_t)middle * RAW_OID_BYTES;
		int order = memcmp(oid->bytes, row, RAW_OID_BYTES);
		if (order == 0) {
			*out = row_offset(pack, middle);
			return *out != UINT64_MAX;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* --- entries --- */

/* What stands at one offset of a pack. */
struct entry {
	unsigned type;
	uint64_t size; /* unpacked */
	uint64_t base_off;
	struct str packed; /* from the zlib stream to the pack's end */
};

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

static bool parse_entry(const struct pack *pack, uint64_t off, struct entry *out)
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
		if (!find_offset(pack, &base, &out->base_off))
			return false;
	}
	out->packed = rest;
	return true;
}

/* Unpacks exactly `size` bytes. */
static bool inflate_entry(const struct entry *entry, struct buf *out)
{
	buf_truncate(out, 0);
	out->max = (size_t)entry->size;
	char *at = buf_reserve(out, (size_t)entry->size);
	z_stream z = { .next_in = (Bytef *)(uintptr_t)entry->packed.ptr };
	z.avail_in =
	    (uInt)(entry->packed.len < UINT32_MAX ? entry->packed.len : UINT32_MAX);
	if (!at || inflateInit(&z) != Z_OK)
		return false;
	z.next_out = (Bytef *)at;
	z.avail_out = (uInt)entry->size + 1;
	int result = inflate(&z, Z_FINISH);
	bool whole = result == Z_STREAM_END && z.avail_out == 1;
	(void)inflateEnd(&z);
	if (!whole)
		return false;
	out->len = (size_t)entry->size;
	out->ptr[out->len] = '\0';
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

/* One instruction of a delta: copy from the base, or insert what follows. */
static bool apply_step(struct str *delta, struct str base, struct buf *out)
{
	unsigned op = 0;
	size_t off = 0;
	size_t len = 0;
	if (!take_byte(delta, &op) || op == 0)
		return false;
	if (!(op & 0x80)) {
		if (delta->len < op)
			return false;
		bool fits = buf_append(out, str_slice(*delta, 0, op));
		*delta = str_from(*delta, op);
		return fits;
	}
	if (!take_masked(delta, op, 4, &off) || !take_masked(delta, op >> 4, 3, &len))
		return false;
	if (len == 0)
		len = 0x10000;
	if (off > base.len || len > base.len - off)
		return false;
	return buf_append(out, str_slice(base, off, len));
}

static enum found apply_delta(struct str delta, struct str base, size_t max_bytes,
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
	while (delta.len)
		if (!apply_step(&delta, base, out))
			return FOUND_ODD;
	return out->len == size ? FOUND : FOUND_ODD;
}

/* --- chains --- */

static struct slot *slot_of(struct packs *packs, const struct pack *pack, uint64_t off)
{
	if (!packs->slots)
		packs->slots = xcalloc(CACHE_SLOTS, sizeof(*packs->slots));
	uint64_t key = (off + (uint64_t)(pack - packs->items)) * 0x9e3779b97f4a7c15U;
	return &packs->slots[key >> 50];
}

/* Keeps a copy of a delta base. */
static void keep_base(struct packs *packs, const struct pack *pack, uint64_t off,
		      const struct object *object)
{
	struct slot *slot = slot_of(packs, pack, off);
	if (object->bytes.len > CACHE_OBJECT_MAX)
		return;
	packs->cached_bytes -= slot->object.bytes.len;
	object_release(&slot->object);
	*slot = (struct slot){ .pack = NULL };
	if (packs->cached_bytes + object->bytes.len > CACHE_BYTES_MAX)
		return;
	slot->pack = pack;
	slot->off = off;
	slot->object.type = object->type;
	slot->object.bytes = (struct buf)BUF_INIT(object->bytes.len);
	(void)buf_append(&slot->object.bytes, buf_str(&object->bytes));
	packs->cached_bytes += object->bytes.len;
}

static bool recall_base(struct packs *packs, const struct pack *pack, uint64_t off,
			struct object *out)
{
	const struct slot *slot = slot_of(packs, pack, off);
	if (slot->pack != pack || slot->off != off)
		return false;
	out->type = slot->object.type;
	buf_truncate(&out->bytes, 0);
	out->bytes.max = slot->object.bytes.len;
	return buf_append(&out->bytes, buf_str(&slot->object.bytes));
}

/* The object at `off`. Recursion is bounded by CHAIN_MAX. */
static enum found read_at(struct packs *packs, const struct pack *pack, uint64_t off,
			  size_t max_bytes, unsigned depth, struct object *out)
{
	struct entry entry = { .type = 0 };
	struct object base OBJECT_CLEANUP = OBJECT_INIT;
	struct buf delta BUF_CLEANUP = BUF_INIT(0);
	if (depth > CHAIN_MAX || !parse_entry(pack, off, &entry))
		return FOUND_ODD;
	bool is_delta = entry.type == PACK_OFS_DELTA || entry.type == PACK_REF_DELTA;
	if (!is_delta && (entry.type < OBJECT_COMMIT || entry.type > OBJECT_TAG))
		return FOUND_ODD;
	if (entry.size > max_bytes)
		return is_delta ? FOUND_ODD : FOUND_TOO_LARGE;
	if (!is_delta) {
		out->type = (enum object_type)entry.type;
		return inflate_entry(&entry, &out->bytes) ? FOUND : FOUND_ODD;
	}
	if (!recall_base(packs, pack, entry.base_off, &base)) {
		enum found found = read_at(packs, pack, entry.base_off,
					   LIMIT_OBJECT_BYTES, depth + 1, &base);
		if (found != FOUND)
			return FOUND_ODD;
		keep_base(packs, pack, entry.base_off, &base);
	}
	if (!inflate_entry(&entry, &delta))
		return FOUND_ODD;
	out->type = base.type;
	return apply_delta(buf_str(&delta), buf_str(&base.bytes), max_bytes, &out->bytes);
}

enum found packs_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		      struct object *out)
{
	if (!repo->packs)
		repo->packs = open_packs(repo);
	if (max_bytes > UINT32_MAX / 2)
		return FOUND_ODD;
	for (size_t i = 0; i < repo->packs->len; i++) {
		struct pack *pack = &repo->packs->items[i];
		uint64_t off = 0;
		if (!find_offset(pack, oid, &off))
			continue;
		if (!pack->data.ptr)
			pack->data = map_file(pack->path);
		if (!str_starts(pack->data, STR("PACK\0\0\0\2")))
			return FOUND_ODD;
		return read_at(repo->packs, pack, off, max_bytes, 0, out);
	}
	return FOUND_NOT;
}
