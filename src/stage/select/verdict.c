/* SPDX-License-Identifier: MIT */
/* Settles what only all tags together can tell: repeats, shadows, and the chosen one. */
#include "stage/select/verdict.h"

static int compare_tags(const void *left, const void *right)
{
	const struct tag_verdict *a = left;
	const struct tag_verdict *b = right;
	return str_cmp(b->tag, a->tag);
}

/* By key, and within a key the byte-smallest tag, which keeps it, first. */
static int compare_keys(const void *left, const void *right)
{
	const struct tag_verdict *a = *(struct tag_verdict *const *)left;
	const struct tag_verdict *b = *(struct tag_verdict *const *)right;
	int order = str_cmp(a->key, b->key);
	return order != 0 ? order : str_cmp(a->tag, b->tag);
}

static void drop_repeats(struct tag_verdict_list *verdicts)
{
	size_t kept = 0;
	for (size_t i = 0; i < verdicts->len; i++)
		if (i == 0 ||
		    !str_eq(verdicts->items[i].tag, verdicts->items[kept - 1].tag))
			verdicts->items[kept++] = verdicts->items[i];
	verdicts->len = kept;
}

static void mark_shadows(struct tag_verdict_list *verdicts, struct arena *arena)
{
	struct tag_verdict **running =
	    ARENA_ARRAY(arena, struct tag_verdict *, verdicts->len + 1);
	size_t n = 0;
	for (size_t i = 0; i < verdicts->len; i++)
		if (verdicts->items[i].fate == TAG_OLDER)
			running[n++] = &verdicts->items[i];
	if (n > 1)
		qsort(running, n, sizeof(void *), compare_keys);
	for (size_t i = 1; i < n; i++) {
		const struct tag_verdict *before = running[i - 1];
		if (!str_eq(running[i]->key, before->key))
			continue;
		running[i]->fate = TAG_SHADOWED;
		running[i]->by = before->fate == TAG_SHADOWED ? before->by : before->tag;
	}
}

void verdict_settle(struct tag_verdict_list *verdicts, struct str chosen,
		    struct arena *arena)
{
	VEC_SORT(verdicts, compare_tags);
	drop_repeats(verdicts);
	mark_shadows(verdicts, arena);
	for (size_t i = 0; i < verdicts->len && chosen.ptr; i++)
		if (str_eq(verdicts->items[i].tag, chosen))
			verdicts->items[i].fate = TAG_CHOSEN;
}
