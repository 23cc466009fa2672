/* SPDX-License-Identifier: MIT */
/* The objects of a repository with their state, as `get` and `reconcile` show them. */
#ifndef APP_VIEW_H
#define APP_VIEW_H

#include "app/wanted.h"
#include "model/record.h"

/* One object in the terms of Flux's tables; texts are "" where the kind has no such
 * cell. */
struct object_view {
	const struct object_meta *meta;
	bool suspended;
	struct condition condition;
	const char *ready; /* `True`, `False`, `Unknown` */
	const char *message;
	const char *image;    /* repository: spec.image; policy: latestRef.name */
	const char *tag;      /* policy */
	const char *last;     /* RFC 3339 of the last scan, run or delivery */
	const char *tags;     /* repository: how many after exclusion */
	const char *revision; /* source, Kustomization, HelmRelease */
	const char *waiting;  /* provider, alert: deliveries */
	const char *error;    /* provider, alert: of the newest that failed */
	struct value *object; /* Flux's object shape with status */
};

struct object_views {
	struct object_view *items;
	size_t len;
	size_t cap;
};

/* Every such object of wanted->kind, ordered by namespace, name and cluster. Reads
 * secrets for providers and alerts, the tree for Kustomizations; contacts nobody. */
int view_list(struct session *session, const struct loaded *loaded,
	      const struct wanted *wanted, struct object_views *out,
	      struct err *err) MUST_CHECK;
/* The one that is meant; the errors of wanted_one(). */
int view_one(struct session *session, const struct loaded *loaded,
	     const struct wanted *wanted, struct object_view *out,
	     struct err *err) MUST_CHECK;
/* The same after loading the documents. */
int view_find(struct session *session, const struct wanted *wanted,
	      struct object_view *out, struct err *err) MUST_CHECK;

#endif
