/* SPDX-License-Identifier: MIT */
/* The kinds that `get` shows: their words and their columns. */
#ifndef CMD_GET_KINDS_H
#define CMD_GET_KINDS_H

#include "app/view.h"

struct get_column {
	const char *name;
	size_t off;     /* of a text in struct object_view */
	bool is_bool;   /* `suspended` instead */
	bool wide_only; /* with -o wide */
};

struct get_kind {
	const char *kind;  /* `ImagePolicy` */
	const char *lower; /* before a name where kinds are mixed */
	const struct get_column *columns;
	size_t n;
	bool shortens; /* commits to eight digits, as flux does */
};

/* What one call shows; the kinds stand side by side. */
struct get_group {
	const struct get_kind *kinds;
	size_t n;
};

/* Finds the kinds that the first words mean; returns how many words those are, 0 for
 * none. */
size_t get_group_find(const struct strings *words, struct get_group *out);
/* Runs of 40 to 128 hex digits cut to eight. */
const char *get_shorten(struct arena *arena, const char *text);

#endif
