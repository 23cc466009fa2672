/* SPDX-License-Identifier: MIT */
/* Arena-backed arrays. */
#include "base/vec.h"

void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t size)
{
	if (len < *cap)
		return items;
	size_t grown_cap = *cap ? *cap * 2 : 8;
	void *grown = arena_alloc(arena, grown_cap, size);
	if (len)
		memcpy(grown, items, len * size);
	*cap = grown_cap;
	return grown;
}

bool strings_contain(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void strings_add(struct arena *arena, struct strings *list, const char *text)
{
	VEC_PUSH(arena, list, arena_strdup(arena, text));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void strings_sort(struct strings *list)
{
	VEC_SORT(list, compare_texts);
}
