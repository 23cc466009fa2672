/* SPDX-License-Identifier: MIT */
/*
 * Growing arrays that live in an arena. A typed vector is any struct that begins with
 * `TYPE *items; size_t len; size_t cap;`, declared with VEC_OF(); growth copies within
 * the arena.
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC_OF(type)         \
	struct {             \
		type *items; \
		size_t len;  \
		size_t cap;  \
	}

/* Grows *items to hold len + 1 elements; not for direct use. */
RETURNS_NONNULL void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap,
			       size_t size);

/* Appends a zeroed element and gives its address, valid until the next append. */
#define VEC_ADD(arena, vec)                                                      \
	((vec)->items = vec_grow((arena), (vec)->items, (vec)->len, &(vec)->cap, \
				 sizeof(*(vec)->items)),                         \
	 &(vec)->items[(vec)->len++])

/* Appends a value. */
#define VEC_PUSH(arena, vec, value) (*VEC_ADD(arena, vec) = (value))

#define VEC_SORT(vec, compare)                                                           \
	do {                                                                             \
		if ((vec)->len > 1)                                                      \
			qsort((vec)->items, (vec)->len, sizeof(*(vec)->items), compare); \
	} while (0)

/* As for bsearch(): negative when `key` stands before `item`. */
typedef int vec_order(const void *key, const void *item);

/* The index of `key` in an ordered array, or where it would stand; *found tells which.
 * O(log n). */
size_t vec_search(const void *items, size_t n, size_t size, const void *key,
		  vec_order *order, bool *found);

/* A list of NUL-terminated texts, used throughout the model. */
struct strings {
	const char **items;
	size_t len;
	size_t cap;
};

/* O(n). */
bool strings_contain(const struct strings *list, const char *text);
/* Adds a copy in the arena. */
void strings_add(struct arena *arena, struct strings *list, const char *text);
/* Orders the texts by their bytes. */
void strings_sort(struct strings *list);
/* strings_contain() for a list in that order. O(log n). */
bool strings_sorted_contain(const struct strings *list, struct str text);

#endif
