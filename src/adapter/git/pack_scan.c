/* SPDX-License-Identifier: MIT */
/*
 * Many blobs of one pack, each object of it unpacked once: the chains of deltas are laid
 * out as trees first, then visited from their roots in the order of the pack, so that a
 * base is at hand when its deltas need it. What is odd, or would take too much memory, is
 * left to who asked.
 */
#include "adapter/git/pack.h"

enum {
	LIVE_BYTES_MAX = 64 << 20, /* of one chain while it is visited */
	FORGET_BYTES = 8 << 20     /* packed bytes, before their pages are given back */
};

#define NONE UINT32_MAX

/* A place in the pack that is wanted, or that a wanted one needs. */
struct node {
	uint64_t off;
	uint64_t base_off; /* 0: no delta */
	uint32_t blob;     /* which of the asked ones; NONE */
	uint32_t next;     /* delta of the same base; NONE */
	uint32_t deltas;   /* the first that has this for its base; NONE */
};

struct nodes {
	struct node *items;
	size_t len;
	size_t cap;
};

/* An unpacked object on the way from a root to what is visited. */
struct frame {
	struct buf bytes;
	uint32_t deltas; /* those not visited yet */
};

struct pack_scan {
	struct repo *repo;
	const struct pack *pack;
	const struct blob_reader *reader;
	struct nodes nodes;
	uint32_t *slots; /* places known, a hash table of indexes into nodes */
	size_t n_slots;
	struct frame frames[PACK_CHAIN_MAX + 1];
	size_t live_bytes;
	uint64_t passed; /* packed bytes since the last pages were given back */
	struct buf delta;
};

/* --- laying out --- */

static uint32_t *slot_of(const struct pack_scan *scan, uint64_t off)
{
	size_t at = (size_t)((off * 0x9e3779b97f4a7c15U) >> 20) & (scan->n_slots - 1);
	while (scan->slots[at] != NONE && scan->nodes.items[scan->slots[at]].off != off)
		at = (at + 1) & (scan->n_slots - 1);
	return &scan->slots[at];
}

static void make_slots(struct pack_scan *scan, size_t n)
{
	scan->n_slots = n;
	scan->slots = xrealloc_array(scan->slots, n, sizeof(*scan->slots));
	memset(scan->slots, 0xff, n * sizeof(*scan->slots));
	for (size_t i = 0; i < scan->nodes.len; i++)
		*slot_of(scan, scan->nodes.items[i].off) = (uint32_t)i;
}

/* The node at an offset, made when there is none. */
static struct node *add_node(struct pack_scan *scan, uint64_t off)
{
	if (scan->nodes.len * 2 >= scan->n_slots)
		make_slots(scan, scan->n_slots * 2);
	uint32_t *slot = slot_of(scan, off);
	if (*slot != NONE)
		return &scan->nodes.items[*slot];
	*slot = (uint32_t)scan->nodes.len;
	if (scan->nodes.len == scan->nodes.cap) {
		scan->nodes.cap = scan->nodes.cap ? scan->nodes.cap * 2 : 1024;
		scan->nodes.items = xrealloc_array(scan->nodes.items, scan->nodes.cap,
						   sizeof(*scan->nodes.items));
	}
	struct node *node = &scan->nodes.items[scan->nodes.len++];
	*node = (struct node){ off, 0, NONE, NONE, NONE };
	return node;
}

/* Every node's base becomes a node too; the list grows while it is walked. */
static void add_bases(struct pack_scan *scan)
{
	for (size_t i = 0; i < scan->nodes.len; i++) {
		struct pack_entry entry = { .type = 0 };
		if (!pack_entry_read(scan->pack, scan->nodes.items[i].off, &entry) ||
		    !pack_entry_is_delta(&entry))
			continue;
		scan->nodes.items[i].base_off = entry.base_off;
		(void)add_node(scan, entry.base_off);
	}
}

static int compare_nodes(const void *a_ptr, const void *b_ptr)
{
	const struct node *a = a_ptr;
	const struct node *b = b_ptr;
	return (a->off > b->off) - (a->off < b->off);
}

/* Orders the nodes by their places and hangs each below its base. */
static void link_nodes(struct pack_scan *scan)
{
	struct nodes *nodes = &scan->nodes;
	VEC_SORT(nodes, compare_nodes);
	make_slots(scan, scan->n_slots);
	for (size_t i = nodes->len; i-- > 0;) {
		struct node *node = &nodes->items[i];
		if (node->base_off == 0)
			continue;
		struct node *base = &nodes->items[*slot_of(scan, node->base_off)];
		node->next = base->deltas;
		base->deltas = (uint32_t)i;
	}
}

/* --- visiting --- */

static void forget_passed(struct pack_scan *scan, size_t packed_bytes)
{
	scan->passed += packed_bytes;
	if (scan->passed < FORGET_BYTES)
		return;
	scan->passed = 0;
	pack_forget_pages(scan->pack);
}

/* Unpacks a node into the frame at `depth`, its base standing in the one below. */
static bool unpack_node(struct pack_scan *scan, const struct node *node, size_t depth)
{
	struct frame *frame = &scan->frames[depth];
	struct pack_entry entry = { .type = 0 };
	size_t had = frame->bytes.cap;
	bool done = false;
	if (!pack_entry_read(scan->pack, node->off, &entry) ||
	    entry.size > LIVE_BYTES_MAX)
		return false;
	if (depth == 0) {
		done = entry.type == OBJECT_BLOB &&
		       deflate_unpack(scan->repo, entry.packed, (size_t)entry.size,
				      &frame->bytes);
	} else {
		done = deflate_unpack(scan->repo, entry.packed, (size_t)entry.size,
				      &scan->delta) &&
		       pack_apply(buf_str(&scan->delta),
				  buf_str(&scan->frames[depth - 1].bytes), LIVE_BYTES_MAX,
				  &frame->bytes) == FOUND;
	}
	scan->live_bytes += frame->bytes.cap - had;
	frame->deltas = node->deltas;
	forget_passed(scan, (size_t)entry.size);
	return done;
}

/* Frames keep their memory for the next chain, unless they grew too large. */
static bool is_within_memory(struct pack_scan *scan)
{
	if (scan->live_bytes <= LIVE_BYTES_MAX)
		return true;
	for (size_t i = 0; i <= PACK_CHAIN_MAX; i++)
		buf_release(&scan->frames[i].bytes);
	scan->live_bytes = 0;
	return false;
}

static int visit_node(struct pack_scan *scan, const struct node *node,
		      const struct frame *frame, struct err *err)
{
	const struct blob_reader *reader = scan->reader;
	if (node->blob == NONE)
		return 0;
	reader->done[node->blob] = true;
	return reader->blob(reader->ctx, node->blob, buf_str(&frame->bytes), err);
}

/* A root and all that hangs below it, depth first. */
static int visit_tree(struct pack_scan *scan, const struct node *root, struct err *err)
{
	const struct node *node = root;
	size_t depth = 0;
	for (;;) {
		bool known = unpack_node(scan, node, depth);
		if (!is_within_memory(scan))
			return 0;
		int code = known ? visit_node(scan, node, &scan->frames[depth], err) : 0;
		if (code)
			return code;
		if (known && depth < PACK_CHAIN_MAX)
			depth++;
		else if (depth == 0)
			return 0;
		while (scan->frames[depth - 1].deltas == NONE)
			if (--depth == 0)
				return 0;
		node = &scan->nodes.items[scan->frames[depth - 1].deltas];
		scan->frames[depth - 1].deltas = node->next;
	}
}

static void scan_release(struct pack_scan *scan)
{
	for (size_t i = 0; i <= PACK_CHAIN_MAX; i++)
		buf_release(&scan->frames[i].bytes);
	buf_release(&scan->delta);
	free(scan->nodes.items);
	free(scan->slots);
}

static int scan_pack(struct repo *repo, const struct pack *pack,
		     const struct blob_reader *reader, struct err *err)
{
	struct pack_scan scan CLEANUP(
	    scan_release) = { .repo = repo, .pack = pack, .reader = reader };
	int code = 0;
	make_slots(&scan, 1024);
	for (size_t i = 0; i < reader->len; i++) {
		uint64_t off = 0;
		if (!reader->done[i] && pack_find(pack, &reader->ids[i], &off))
			add_node(&scan, off)->blob = (uint32_t)i;
	}
	add_bases(&scan);
	link_nodes(&scan);
	for (size_t i = 0; i < scan.nodes.len && !code; i++)
		if (scan.nodes.items[i].base_off == 0)
			code = visit_tree(&scan, &scan.nodes.items[i], err);
	pack_forget_pages(pack);
	return code;
}

int packs_scan(struct repo *repo, const struct blob_reader *reader, struct err *err)
{
	struct packs *packs = packs_open(repo);
	int code = 0;
	for (size_t i = 0; i < packs->len && !code; i++)
		if (pack_map(&packs->items[i]))
			code = scan_pack(repo, &packs->items[i], reader, err);
	return code;
}
