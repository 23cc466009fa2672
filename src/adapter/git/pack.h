/* SPDX-License-Identifier: MIT */
/* Packs of the repository's own store, as the files that read them share them. Nobody
 * outside the folder includes it. */
#ifndef ADAPTER_GIT_PACK_H
#define ADAPTER_GIT_PACK_H

#include "adapter/git/internal.h"

enum {
	PACK_OFS_DELTA = 6,
	PACK_REF_DELTA = 7,
	PACK_CHAIN_MAX = 256 /* deltas on top of one another */
};

struct pack {
	struct str index;
	struct str data; /* once it is mapped */
	char *path;      /* of the pack */
	uint32_t count;
};

struct pack_slot;

struct packs {
	struct pack *items;
	size_t len;
	struct pack_slot *slots; /* of the single reader's cache */
	size_t cached_bytes;
};

/* The packs of the repository, found and their indexes mapped at the first call. */
struct packs *packs_open(struct repo *repo);
/* Maps a pack's data; false when it cannot be read or is of an unknown version. */
bool pack_map(struct pack *pack);
/* Gives back the memory of what was read so far; it is mapped still. */
void pack_forget_pages(const struct pack *pack);
/* Where an object stands in a pack; false when it is not there. O(log n). */
bool pack_find(const struct pack *pack, const struct raw_oid *oid, uint64_t *out);

/* Frees the single reader's cache of delta bases. */
void pack_cache_free(struct packs *packs);

/* What stands at one offset of a pack. */
struct pack_entry {
	unsigned type;
	uint64_t size;     /* unpacked */
	uint64_t base_off; /* of a delta */
	struct str packed; /* from the zlib stream to the pack's end */
};

/* Every number is checked against what is mapped; false for whatever is odd. */
bool pack_entry_read(const struct pack *pack, uint64_t off, struct pack_entry *out);
/* Whether the entry has to be applied to another one, its base. */
bool pack_entry_is_delta(const struct pack_entry *entry);
/* Applies a delta. FOUND_ODD for a malformed one; FOUND_TOO_LARGE beyond max_bytes. */
enum found pack_apply(struct str delta, struct str base, size_t max_bytes,
		      struct buf *out);

#endif
