/* SPDX-License-Identifier: MIT */
/* The image objects of a repository with their state, as `get`, `explain` and `reconcile`
 * show them. */
#ifndef APP_VIEW_H
#define APP_VIEW_H

#include "app/load.h"
#include "model/record.h"

/* One object in the terms of Flux's tables. */
struct object_view {
	const struct object_meta *meta;
	bool suspended;
	bool ready;
	const char *message;
	struct condition condition;
	const char *image;    /* repository: spec.image; policy: latestRef.name */
	const char *tag;      /* policy */
	const char *last;     /* RFC 3339 of the last scan or run, "" for none */
	size_t tags;          /* repository: tags after exclusion */
	bool has_tags;        /* it was scanned */
	struct value *object; /* Flux's object shape with status */
};

struct object_views {
	struct object_view *items;
	size_t len;
	size_t cap;
};

/* Every object of a kind (`ImagePolicy`), ordered by namespace and name. `namespace` or
 * `name` NULL: any. */
int view_list(struct session *session, const struct loaded *loaded, const char *kind,
	      const char *namespace, const char *name, struct object_views *out,
	      struct err *err) MUST_CHECK;
/* Loads the documents and finds one. ERR_NOTFOUND in flux's words. */
int view_find(struct session *session, const char *kind, const char *namespace,
	      const char *name, struct object_view *out, struct err *err) MUST_CHECK;

#endif
