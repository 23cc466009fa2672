/* SPDX-License-Identifier: MIT */
/* An ordered array: texts have few anchors, and hostile ones at most a thousand. */
#include "adapter/yaml/anchors.h"

static int order_name(const void *key, const void *item)
{
	return str_cmp(*(const struct str *)key, ((const struct anchor *)item)->name);
}

/* Where a name is, or would be. */
static size_t find_slot(const struct anchors *anchors, struct str name, bool *found)
{
	return vec_search(anchors->items, anchors->len, sizeof(*anchors->items), &name,
			  order_name, found);
}

struct anchor *anchors_find(const struct anchors *anchors, struct str name)
{
	bool found = false;
	size_t at = find_slot(anchors, name, &found);
	return found ? &anchors->items[at] : NULL;
}

struct anchor *anchors_add(struct anchors *anchors, struct arena *arena, struct str name)
{
	bool found = false;
	size_t at = find_slot(anchors, name, &found);
	if (found)
		return &anchors->items[at];
	(void)VEC_ADD(arena, anchors);
	memmove(anchors->items + at + 1, anchors->items + at,
		(anchors->len - 1 - at) * sizeof(*anchors->items));
	anchors->items[at] = (struct anchor){ .name = arena_str(arena, name) };
	return &anchors->items[at];
}

int anchors_fail(struct str name, const char *fault, uint32_t line, uint32_t col,
		 struct err *err)
{
	(void)err_set(err, ERR_INVALID, "alias '*%.*s' %s", STR_ARG(name), fault);
	err->quotes = true;
	return err_at(err, NULL, line, col);
}
