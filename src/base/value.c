/* SPDX-License-Identifier: MIT */
/* Building, reading and comparing dynamic values. */
#include "base/value.h"

struct value *value_new(struct arena *arena, enum value_kind kind)
{
	struct value *value = ARENA_NEW(arena, struct value);
	value->kind = kind;
	return value;
}

struct value *value_string(struct arena *arena, struct str s)
{
	struct value *value = value_new(arena, VALUE_STRING);
	value->string = s;
	return value;
}

struct value *value_text(struct arena *arena, const char *text)
{
	return value_string(arena, arena_str(arena, str_of(text)));
}

struct value *value_int(struct arena *arena, int64_t n)
{
	struct value *value = value_new(arena, VALUE_INT);
	value->integer = n;
	return value;
}

struct value *value_bool(struct arena *arena, bool b)
{
	struct value *value = value_new(arena, VALUE_BOOL);
	value->boolean = b;
	return value;
}

void value_append(struct arena *arena, struct value *list, struct value *item)
{
	VEC_PUSH(arena, &list->list, item);
}

void value_set(struct arena *arena, struct value *map, const char *key,
	       struct value *item)
{
	for (size_t i = 0; i < map->map.len; i++) {
		if (str_is(map->map.items[i].key, key)) {
			map->map.items[i].value = item;
			return;
		}
	}
	struct value_entry *entry = VEC_ADD(arena, &map->map);
	entry->key = arena_str(arena, str_of(key));
	entry->value = item;
}

struct value *value_get_str(const struct value *map, struct str key)
{
	if (!map || map->kind != VALUE_MAP)
		return NULL;
	for (size_t i = 0; i < map->map.len; i++)
		if (str_eq(map->map.items[i].key, key))
			return map->map.items[i].value;
	return NULL;
}

struct value *value_get(const struct value *map, const char *key)
{
	return value_get_str(map, str_of(key));
}

const char *value_get_text(const struct value *map, const char *key, struct arena *arena)
{
	const struct value *value = value_get(map, key);
	if (!value || value->kind != VALUE_STRING)
		return NULL;
	if (value->string.len && memchr(value->string.ptr, '\0', value->string.len))
		return NULL;
	return arena_strndup(arena, value->string);
}

static bool lists_equal(const struct value *a, const struct value *b)
{
	if (a->list.len != b->list.len)
		return false;
	for (size_t i = 0; i < a->list.len; i++)
		if (!value_equal(a->list.items[i], b->list.items[i]))
			return false;
	return true;
}

/* Whether every key of a is in b, with an equal first value. */
static bool map_is_within(const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < a->map.len; i++) {
		struct str key = a->map.items[i].key;
		const struct value *other = value_get_str(b, key);
		if (!other || !value_equal(value_get_str(a, key), other))
			return false;
	}
	return true;
}

/* Of a key that stands twice the first counts, as for value_get(). */
static bool maps_equal(const struct value *a, const struct value *b)
{
	if (a->map.len != b->map.len || !map_is_within(a, b))
		return false;
	for (size_t i = 0; i < b->map.len; i++)
		if (!value_get_str(a, b->map.items[i].key))
			return false;
	return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (!a || !b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return a->boolean == b->boolean;
	case VALUE_INT:
		return a->integer == b->integer;
	case VALUE_FLOAT:
		return memcmp(&a->real, &b->real, sizeof(a->real)) == 0;
	case VALUE_STRING:
		return str_eq(a->string, b->string);
	case VALUE_LIST:
		return lists_equal(a, b);
	case VALUE_MAP:
		return maps_equal(a, b);
	}
	return false;
}

const char *value_kind_name(enum value_kind kind)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",     [VALUE_BOOL] = "bool",
		[VALUE_INT] = "integer",   [VALUE_FLOAT] = "number",
		[VALUE_STRING] = "string", [VALUE_LIST] = "list",
		[VALUE_MAP] = "map",
	};
	return names[kind];
}
