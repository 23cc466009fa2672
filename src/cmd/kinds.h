/* SPDX-License-Identifier: MIT */
/* The kinds that commands are about: the words that name them and their columns. */
#ifndef CMD_KINDS_H
#define CMD_KINDS_H

#include "app/view.h"

struct kind_column {
	const char *name;
	size_t off;     /* of a text in struct object_view */
	bool is_bool;   /* `suspended` instead */
	bool wide_only; /* with -o wide */
};

/* A line of `describe`: a label, and where the object has what stands behind it. */
struct kind_detail {
	const char *label;
	const char *path; /* keys with dots between them */
};

struct kind_row {
	const char *kind;  /* `ImagePolicy` */
	const char *lower; /* before a name where kinds are mixed */
	const char *human; /* in flux's dialogue */
	const struct kind_column *columns;
	size_t n;
	const struct kind_detail *details;
	size_t n_details;
	bool is_image;  /* its word stands behind `image` */
	bool is_source; /* or behind `source` */
	bool shortens;  /* commits to eight digits, as flux does */
};

/* What one call shows; the kinds stand side by side. */
struct kind_group {
	const struct kind_row *kinds;
	size_t n;
	const char *name; /* of what is not found: a kind, `image`, or NULL for all */
};

/* The kind's name for a word or a name in any of its forms, such as `ks`, `policies` or
 * `Kustomization`; NULL. */
const char *kinds_of_word(const char *word);
/* The nearest such word, for a hint; NULL. */
const char *kinds_nearest(const char *word);
/* Whether the kind is one of image automation. */
bool kinds_is_image(const char *kind);
/* Finds the kinds that the first words mean, such as `image policy` or `ks`; returns how
 * many words those are, 0 for none. */
size_t kinds_find(const struct strings *words, struct kind_group *out);
/* Runs of 40 to 128 hex digits cut to eight. */
const char *kinds_shorten(struct arena *arena, const char *text);

#endif
