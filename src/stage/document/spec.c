/* SPDX-License-Identifier: MIT */
/* A spec as a whole: counted, copied, and hashed in a form that does not depend on the
 * order of keys. Depth is the loader's limit. */
#include "adapter/crypto/crypto.h"
#include "adapter/json/json.h"
#include "stage/document/tree.h"

size_t spec_count(const struct value *value, size_t max)
{
	size_t n = 1;
	if (value->kind == VALUE_LIST)
		for (size_t i = 0; i < value->list.len && n <= max; i++)
			n += spec_count(value->list.items[i], max - n);
	if (value->kind == VALUE_MAP)
		for (size_t i = 0; i < value->map.len && n <= max; i++)
			n += spec_count(value->map.items[i].value, max - n);
	return n;
}

static void copy_list(const struct value *from, struct value *to, struct arena *arena)
{
	to->list.items = ARENA_ARRAY(arena, struct value *, from->list.len);
	to->list.len = to->list.cap = from->list.len;
	for (size_t i = 0; i < from->list.len; i++)
		to->list.items[i] = spec_copy(from->list.items[i], arena);
}

static void copy_map(const struct value *from, struct value *to, struct arena *arena)
{
	to->map.items = ARENA_ARRAY(arena, struct value_entry, from->map.len);
	to->map.len = to->map.cap = from->map.len;
	for (size_t i = 0; i < from->map.len; i++) {
		to->map.items[i] = from->map.items[i];
		to->map.items[i].key = arena_str(arena, from->map.items[i].key);
		to->map.items[i].value = spec_copy(from->map.items[i].value, arena);
	}
}

struct value *spec_copy(const struct value *value, struct arena *arena)
{
	struct value *copy = ARENA_NEW(arena, struct value);
	*copy = *value;
	copy->raw = arena_str(arena, value->raw);
	if (value->kind == VALUE_STRING)
		copy->string = value->string.ptr == value->raw.ptr
				   ? copy->raw
				   : arena_str(arena, value->string);
	else if (value->kind == VALUE_LIST)
		copy_list(value, copy, arena);
	else if (value->kind == VALUE_MAP)
		copy_map(value, copy, arena);
	return copy;
}

static int compare_entries(const void *a_ptr, const void *b_ptr)
{
	const struct value_entry *a = a_ptr;
	const struct value_entry *b = b_ptr;
	return str_cmp(a->key, b->key);
}

/* The same value with every map's keys in order; scalars are shared. */
static struct value *sort_keys(const struct value *value, struct arena *arena)
{
	struct value *sorted = ARENA_NEW(arena, struct value);
	*sorted = *value;
	if (value->kind == VALUE_LIST) {
		sorted->list.items = ARENA_ARRAY(arena, struct value *, value->list.len);
		for (size_t i = 0; i < value->list.len; i++)
			sorted->list.items[i] = sort_keys(value->list.items[i], arena);
	} else if (value->kind == VALUE_MAP) {
		sorted->map.items =
		    ARENA_ARRAY(arena, struct value_entry, value->map.len);
		for (size_t i = 0; i < value->map.len; i++) {
			sorted->map.items[i] = value->map.items[i];
			sorted->map.items[i].value =
			    sort_keys(value->map.items[i].value, arena);
		}
		VEC_SORT(&sorted->map, compare_entries);
	}
	return sorted;
}

void spec_hash(const struct value *value, char out[65])
{
	static const struct value nothing = { .kind = VALUE_NULL };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	char hex[HASH_MAX_HEX];
	json_write(&text, sort_keys(value ? value : &nothing, &arena), JSON_COMPACT);
	hash_hex(HASH_SHA256, buf_str(&text), hex);
	memcpy(out, hex, 64);
	out[64] = '\0';
}
