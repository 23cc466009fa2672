/* SPDX-License-Identifier: MIT */
/*
 * A dynamic value: what a YAML document or a JSON text decodes to before its schema is
 * known. Everything lives in one arena. Map entries keep their order; duplicate keys are
 * kept too, and value_get() finds the first.
 */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_STRING,
	VALUE_LIST,
	VALUE_MAP
};

struct value_entry {
	struct str key;
	uint32_t line, col; /* of the key */
	struct value *value;
};

struct value {
	enum value_kind kind;
	uint32_t line, col; /* 1-based place in the text, 0 = none */
	/* The scalar as written (YAML), or as the number stood in JSON: `1.0`, `0x1F`,
	 * `yes`. */
	struct str raw;
	bool plain; /* a YAML scalar without quotes: a string only for lack of a better
		       type */

	union {
		bool boolean;
		int64_t integer;
		double real;
		struct str string; /* may hold NUL bytes */
		VEC_OF(struct value *) list;
		VEC_OF(struct value_entry) map;
	};
};

/* Makes a value in the arena: one of a kind with nothing in it, or a scalar. */
RETURNS_NONNULL struct value *value_new(struct arena *arena, enum value_kind kind);
RETURNS_NONNULL struct value *value_string(struct arena *arena,
					   struct str s); /* borrows the bytes */
RETURNS_NONNULL struct value *value_text(struct arena *arena,
					 const char *text); /* copies */
RETURNS_NONNULL struct value *value_int(struct arena *arena, int64_t n);
RETURNS_NONNULL struct value *value_bool(struct arena *arena, bool b);
/* Borrows the item. */
void value_append(struct arena *arena, struct value *list, struct value *item);
/* Adds or replaces the entry of that key; the key is copied. */
void value_set(struct arena *arena, struct value *map, const char *key,
	       struct value *item);
/* The entry's value, NULL when absent or when `map` is NULL or no map. */
struct value *value_get(const struct value *map, const char *key);
/* The same for a key that is a view. */
struct value *value_get_str(const struct value *map, struct str key);
/* value_get() that is a string without NUL, as a C string in the arena; else NULL. */
const char *value_get_text(const struct value *map, const char *key, struct arena *arena);
/* Deep; maps are equal whatever the order of their keys. NULL equals NULL alone. */
bool value_equal(const struct value *a, const struct value *b);
/* "null", "bool", "integer", "number", "string", "list", "map" for messages. */
const char *value_kind_name(enum value_kind kind);

#endif
