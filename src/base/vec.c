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

size_t vec_search(const void *items, size_t n, size_t size, const void *key,
		  vec_order *order, bool *found)
{
	size_t low = 0;
	size_t high = n;
	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int which = order(key, (const char *)items + middle * size);
		if (which > 0)
			low = middle + 1;
		else
			high = middle;
		*found = which == 0;
	}
	return high;
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

static int order_text(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, str_of(*(const char *const *)item));
}

bool strings_sorted_contain(const struct strings *list, struct str text)
{
	bool found = false;
	(void)vec_search(list->items, list->len, sizeof(*list->items), &text, order_text,
			 &found);
	return found;
}
