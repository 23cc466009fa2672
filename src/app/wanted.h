/* SPDX-License-Identifier: MIT */
/* Which object of a repository somebody means, in every command that takes a name. */
#ifndef APP_WANTED_H
#define APP_WANTED_H

#include "app/load.h"

struct wanted {
	const char *kind;      /* `ImagePolicy`; NULL: any */
	const char *cluster;   /* a folder of imagehook.path; NULL: any */
	const char *namespace; /* NULL: imagehook.namespace, unless any_namespace */
	const char *name;      /* NULL: any */
	bool any_namespace;
};

/* Takes the words `NS/NAME` or `NAME`. */
void wanted_take_name(struct wanted *wanted, const char *word, struct arena *arena);
/* Cleans the cluster and fills in the namespace. ERR_NOTFOUND, with those that there are,
 * when imagehook.path has no such cluster. */
int wanted_begin(struct session *session, struct wanted *wanted,
		 struct err *err) MUST_CHECK;
/* Whether it is of that kind, cluster, namespace and name; what is NULL is any. */
bool wanted_is(const struct wanted *wanted, const struct object_meta *meta);
/* Whether an answer has to tell clusters apart: there are several, and none is named. */
bool wanted_is_across_clusters(struct session *session, const struct wanted *wanted);
/* The error for nothing found, in flux's words. */
int wanted_none(const struct wanted *wanted, struct err *err);

/* Metas of a set, borrowed. */
struct metas {
	const struct object_meta **items;
	size_t len;
	size_t cap;
};

/* Every such object. */
void wanted_list(const struct wanted *wanted, const struct document_set *set,
		 struct metas *out);
/* Whether there is such an object. */
bool wanted_any(const struct wanted *wanted, const struct document_set *set);
/*
 * Finds the one object of wanted->kind. ERR_NOTFOUND in flux's words; ERR_INVALID, with
 * the clusters that have one, when it is in several.
 */
int wanted_one(const struct wanted *wanted, const struct document_set *set,
	       const struct object_meta **out, struct err *err) MUST_CHECK;

/* The document of a meta: every kind of document begins with its meta. */
#define WANTED_AS(type, meta) ((const type *)(const void *)(meta))

#endif
