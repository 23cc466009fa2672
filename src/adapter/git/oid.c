/* SPDX-License-Identifier: MIT */
/* Object ids as hex and as bytes, and a map keyed by them. */
#include "adapter/git/internal.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool raw_oid_parse(struct str hex, struct raw_oid *out)
{
	struct raw_oid raw;
	if (hex.len != OID_HEX_LEN)
		return false;
	for (size_t i = 0; i < RAW_OID_BYTES; i++) {
		int high = hex_value(hex.ptr[2 * i]);
		int low = hex_value(hex.ptr[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		raw.bytes[i] = (unsigned char)(high << 4 | low);
	}
	*out = raw;
	return true;
}

void raw_oid_format(const struct raw_oid *raw, struct oid *out)
{
	static const char digits[] = "0123456789abcdef";
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < RAW_OID_BYTES; i++) {
		out->hex[2 * i] = digits[raw->bytes[i] >> 4];
		out->hex[2 * i + 1] = digits[raw->bytes[i] & 15];
	}
}

bool raw_oid_eq(const struct raw_oid *a, const struct raw_oid *b)
{
	return memcmp(a->bytes, b->bytes, RAW_OID_BYTES) == 0;
}

bool raw_oid_is_zero(const struct raw_oid *a)
{
	static const struct raw_oid zero;
	return raw_oid_eq(a, &zero);
}

int raw_oid_of(const struct oid *oid, struct raw_oid *out, struct err *err)
{
	if (memchr(oid->hex, '\0', sizeof(oid->hex)) &&
	    raw_oid_parse(str_of(oid->hex), out))
		return 0;
	return err_set(err, ERR_INVALID, "'%.*s' is not a full object id",
		       (int)sizeof(oid->hex), oid->hex);
}

void oid_map_release(struct oid_map *map)
{
	free(map->rows);
	*map = (struct oid_map){ NULL, 0, 0 };
}

/* The slot of `oid` or the free one where it belongs; cap is a power of two. */
static struct oid_map_row *find_slot(struct oid_map_row *rows, size_t cap,
				     const struct raw_oid *oid)
{
	size_t at = 0;
	memcpy(&at, oid->bytes, sizeof(at));
	for (at &= cap - 1; rows[at].used; at = (at + 1) & (cap - 1))
		if (raw_oid_eq(&rows[at].oid, oid))
			break;
	return &rows[at];
}

static void grow_map(struct oid_map *map)
{
	size_t cap = map->cap ? map->cap * 2 : 256;
	struct oid_map_row *rows = xcalloc(cap, sizeof(*rows));
	for (size_t i = 0; i < map->cap; i++)
		if (map->rows[i].used)
			*find_slot(rows, cap, &map->rows[i].oid) = map->rows[i];
	free(map->rows);
	map->rows = rows;
	map->cap = cap;
}

struct oid_map_row *oid_map_row(struct oid_map *map, const struct raw_oid *oid,
				bool *is_new)
{
	if (map->len * 2 >= map->cap)
		grow_map(map);
	struct oid_map_row *row = find_slot(map->rows, map->cap, oid);
	*is_new = !row->used;
	if (!row->used) {
		row->used = true;
		row->oid = *oid;
		map->len++;
	}
	return row;
}
