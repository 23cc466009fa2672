/* SPDX-License-Identifier: MIT */
/* Object ids as hex and as bytes, and a set of them. */
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

static uint64_t first_number(const struct raw_oid *oid)
{
	uint64_t number = 0;
	for (size_t i = 0; i < sizeof(number); i++)
		number = number << 8 | oid->bytes[i];
	return number;
}

int raw_oid_cmp(const struct raw_oid *a, const struct raw_oid *b)
{
	uint64_t x = first_number(a);
	uint64_t y = first_number(b);
	if (x != y)
		return x < y ? -1 : 1;
	return memcmp(a->bytes, b->bytes, RAW_OID_BYTES);
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

/* The slot of `oid` or the free one where it belongs; cap is a power of two. No object
 * has the id zero, so that a zero is a free slot. */
static struct raw_oid *find_slot(struct raw_oid *ids, size_t cap,
				 const struct raw_oid *oid)
{
	size_t at = 0;
	memcpy(&at, oid->bytes, sizeof(at));
	for (at &= cap - 1; !raw_oid_is_zero(&ids[at]); at = (at + 1) & (cap - 1))
		if (raw_oid_eq(&ids[at], oid))
			break;
	return &ids[at];
}

static void grow_set(struct oid_set *set)
{
	size_t cap = set->cap ? set->cap * 2 : 256;
	struct raw_oid *ids = xcalloc(cap, sizeof(*ids));
	for (size_t i = 0; i < set->cap; i++)
		if (!raw_oid_is_zero(&set->ids[i]))
			*find_slot(ids, cap, &set->ids[i]) = set->ids[i];
	free(set->ids);
	set->ids = ids;
	set->cap = cap;
}

bool oid_set_add(struct oid_set *set, const struct raw_oid *oid)
{
	if (set->len * 2 >= set->cap)
		grow_set(set);
	struct raw_oid *slot = find_slot(set->ids, set->cap, oid);
	if (!raw_oid_is_zero(slot))
		return false;
	*slot = *oid;
	set->len++;
	return true;
}

void oid_set_release(struct oid_set *set)
{
	free(set->ids);
	*set = (struct oid_set){ NULL, 0, 0 };
}
