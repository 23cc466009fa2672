/* SPDX-License-Identifier: MIT */
/* Collecting findings; printing them is left to the commands and to the hook's output. */
#include "base/finding.h"
#include "base/limits.h"

static struct finding *add_slot(struct finding_list *list)
{
	if (list->len >= LIMIT_FINDINGS) {
		list->dropped++;
		return ARENA_NEW(list->arena, struct finding);
	}
	return VEC_ADD(list->arena, list);
}

struct finding *finding_add(struct finding_list *list, enum severity severity,
			    const char *id, struct place place, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* the cut may have split a character */
	size_t bad = 0;
	if (n >= (int)sizeof(text) && !str_is_utf8(str_of(text), &bad) &&
	    bad + 4 > strlen(text))
		text[bad] = '\0';
	struct finding *finding = add_slot(list);
	finding->severity = severity;
	finding->id = id;
	finding->place = place;
	finding->text = arena_strdup(list->arena, text);
	return finding;
}

struct finding *finding_add_err(struct finding_list *list, const char *id,
				struct place place, const struct err *err)
{
	if (err->line) {
		place.line = err->line;
		place.col = err->col;
	}
	if (err->path[0] && place.path.len == 0)
		place.path = arena_str(list->arena, str_of(err->path));
	return finding_add(list, SEVERITY_ERROR, id, place, "%s", err->text);
}

size_t finding_count(const struct finding_list *list, enum severity at_least)
{
	size_t n = 0;
	for (size_t i = 0; i < list->len; i++)
		n += list->items[i].severity >= at_least;
	return n;
}

static int compare_findings(const void *a_ptr, const void *b_ptr)
{
	const struct finding *a = a_ptr;
	const struct finding *b = b_ptr;
	int order = str_cmp(a->place.path, b->place.path);
	if (order)
		return order;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.col != b->place.col)
		return a->place.col < b->place.col ? -1 : 1;
	order = strcmp(a->id, b->id);
	return order ? order : strcmp(a->text, b->text);
}

void finding_sort(struct finding_list *list)
{
	VEC_SORT(list, compare_findings);
}

void finding_unique(struct finding_list *list)
{
	size_t kept = 0;
	finding_sort(list);
	for (size_t i = 0; i < list->len; i++)
		if (kept == 0 ||
		    compare_findings(&list->items[kept - 1], &list->items[i]) != 0)
			list->items[kept++] = list->items[i];
	list->len = kept;
}

const char *severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "error",
	};
	return names[severity];
}
