/* SPDX-License-Identifier: MIT */
/*
 * The index as a file: a header, fixed rows, one table of paths, and a checksum over all
 * of it. It holds nothing that cannot be made anew, so every doubt refuses it whole.
 */
#include "base/limits.h"
#include "stage/snapshot/snapshot.h"

#define FORMAT "IHINDEX4" /* and the needles it was judged by */

enum {
	BYTE_ORDER_MARK = 0x01020304,
	HEX_BYTES = 40
};

struct header {
	char format[8];
	uint64_t checksum; /* of everything behind this field */
	uint32_t byte_order;
	uint32_t rows;
	uint64_t names_bytes;
	char commit[HEX_BYTES];
	char tree[HEX_BYTES];
};

struct row {
	uint32_t name_off;
	uint32_t name_len;
	uint32_t flags;
	char blob[HEX_BYTES];
};

/* FNV-1a over 64 bits: finds damage, guards against nobody. */
static uint64_t checksum(struct str bytes)
{
	uint64_t sum = 0xcbf29ce484222325U;
	for (size_t i = 0; i < bytes.len; i++)
		sum = (sum ^ (unsigned char)bytes.ptr[i]) * 0x100000001b3U;
	return sum;
}

static struct str bytes_of(const void *data, size_t len)
{
	return (struct str){ data, len };
}

void snapshot_encode(const struct snapshot *snapshot, struct buf *out)
{
	struct header header = { .format = { 0 },
				 .byte_order = BYTE_ORDER_MARK,
				 .rows = (uint32_t)snapshot->len };
	size_t start = out->len;
	memcpy(header.format, FORMAT, sizeof(header.format));
	memcpy(header.commit, snapshot->commit.hex, HEX_BYTES);
	memcpy(header.tree, snapshot->tree.hex, HEX_BYTES);
	for (size_t i = 0; i < snapshot->len; i++)
		header.names_bytes += snapshot->items[i].path.len;
	(void)buf_append(out, bytes_of(&header, sizeof(header)));
	uint32_t off = 0;
	for (size_t i = 0; i < snapshot->len; i++) {
		const struct snapshot_file *file = &snapshot->items[i];
		struct row row = { off, (uint32_t)file->path.len, file->flags, { 0 } };
		memcpy(row.blob, file->blob.hex, HEX_BYTES);
		(void)buf_append(out, bytes_of(&row, sizeof(row)));
		off += row.name_len;
	}
	for (size_t i = 0; i < snapshot->len; i++)
		(void)buf_append(out, snapshot->items[i].path);
	if (out->full)
		return;
	size_t covered = offsetof(struct header, byte_order);
	uint64_t sum = checksum(str_from(buf_str(out), start + covered));
	memcpy(out->ptr + start + offsetof(struct header, checksum), &sum, sizeof(sum));
}

static bool take_oid(const char *hex, struct oid *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < HEX_BYTES; i++) {
		if (!((hex[i] >= '0' && hex[i] <= '9') ||
		      (hex[i] >= 'a' && hex[i] <= 'f')))
			return false;
		out->hex[i] = hex[i];
	}
	return true;
}

static bool check_header(struct str bytes, struct header *header)
{
	size_t covered = offsetof(struct header, byte_order);
	if (bytes.len < sizeof(*header))
		return false;
	memcpy(header, bytes.ptr, sizeof(*header));
	uint64_t want = sizeof(*header) + (uint64_t)header->rows * sizeof(struct row);
	return memcmp(header->format, FORMAT, sizeof(header->format)) == 0 &&
	       header->byte_order == BYTE_ORDER_MARK && header->rows <= LIMIT_FILES &&
	       bytes.len >= want && bytes.len - want == header->names_bytes &&
	       checksum(str_from(bytes, covered)) == header->checksum;
}

/* A row whose path stands where it should, in order and inside the table. */
static bool take_row(const struct row *row, struct str names, struct snapshot *out,
		     struct arena *arena)
{
	const struct snapshot_file *last = out->len ? &out->items[out->len - 1] : NULL;
	if (row->name_len == 0 || row->name_off > names.len ||
	    row->name_len > names.len - row->name_off || row->flags == 0 ||
	    row->flags >
		(SNAPSHOT_HAS_MARKER | SNAPSHOT_HAS_DOCUMENT | SNAPSHOT_IS_KUSTOMIZATION))
		return false;
	struct snapshot_file file = { .flags = row->flags };
	file.path = str_slice(names, row->name_off, row->name_len);
	if ((last && str_cmp(last->path, file.path) >= 0) ||
	    !take_oid(row->blob, &file.blob))
		return false;
	VEC_PUSH(arena, out, file);
	return true;
}

int snapshot_decode(struct str bytes, struct arena *arena, struct snapshot *out,
		    struct err *err)
{
	struct header header;
	struct snapshot read = { .len = 0 };
	bool good = check_header(bytes, &header) &&
		    take_oid(header.commit, &read.commit) &&
		    take_oid(header.tree, &read.tree);
	if (good) {
		struct str copy = arena_str(arena, bytes);
		size_t names_off = sizeof(header) + header.rows * sizeof(struct row);
		struct str names = str_from(copy, names_off);
		for (uint32_t i = 0; good && i < header.rows; i++) {
			struct row row;
			memcpy(&row, copy.ptr + sizeof(header) + i * sizeof(row),
			       sizeof(row));
			good = take_row(&row, names, &read, arena);
		}
	}
	if (!good)
		return err_set(err, ERR_INVALID, "no index of this version, or damaged");
	*out = read;
	return 0;
}
