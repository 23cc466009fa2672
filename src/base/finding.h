/* SPDX-License-Identifier: MIT */
/*
 * What a stage has to say about the input without failing: every mistake of a push, not
 * the first. A finding is shown as `path:line:col: severity: text [id]`, with its hint on
 * a line of its own.
 */
#ifndef BASE_FINDING_H
#define BASE_FINDING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum severity {
	SEVERITY_INFO,
	SEVERITY_WARNING,
	SEVERITY_ERROR
};

struct place {
	struct str path; /* as in the repository; empty = no file */
	uint32_t line;   /* 1-based, 0 = unknown */
	uint32_t col;    /* 1-based in code points, 0 = unknown */
};

struct finding {
	enum severity severity;
	const char *id; /* stable, kebab-case: `unknown-policy` */
	struct place place;
	const char *text;
	const char *hint;   /* how to fix it, or NULL */
	const char *object; /* `Kind/namespace/name` it belongs to, or NULL */
};

struct finding_list {
	struct arena *arena; /* owns texts and items */
	struct finding *items;
	size_t len;
	size_t cap;
	size_t dropped; /* beyond LIMIT_FINDINGS */
};

#define FINDING_LIST_INIT(arena_ptr)       \
	{                                  \
		(arena_ptr), NULL, 0, 0, 0 \
	}

/* Adds a finding; the text is formatted into the list's arena, id and place.path are
 * borrowed. Returns it, so that the caller can set hint and object; beyond the limit a
 * scratch finding. */
struct finding *finding_add(struct finding_list *list, enum severity severity,
			    const char *id, struct place place, const char *fmt, ...)
    PRINTF_LIKE(5, 6);
/* Adds an error as a finding, with the position that it carries if it has one. */
struct finding *finding_add_err(struct finding_list *list, const char *id,
				struct place place, const struct err *err);
/* How many findings are at least so severe; those that were dropped do not count. */
size_t finding_count(const struct finding_list *list, enum severity at_least);
/* Orders by path, line, column, id. */
void finding_sort(struct finding_list *list);
/* The same, and keeps one of several that say the same of the same place. */
void finding_unique(struct finding_list *list);
const char *severity_name(enum severity severity); /* "info", "warning", "error" */

#endif
