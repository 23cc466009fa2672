/* SPDX-License-Identifier: MIT */
/* What the documents of a file say about themselves. */
#ifndef STAGE_REWRITE_OBJECT_H
#define STAGE_REWRITE_OBJECT_H

#include "model/change.h"
#include "stage/rewrite/attach.h"

/* One document of a text. */
struct object {
	size_t first_event;
	struct object_id id; /* of the document, not of the items of a List */
	bool sealed;         /* SOPS signs its clear values too */
	uint32_t line, col;  /* of the key `sops` */
};

struct object_list {
	struct object *items; /* in order */
	size_t len;
	size_t cap;
};

/* Reads apiVersion, kind, metadata.name, metadata.namespace and `sops` of every document;
 * of equal keys the first counts. */
void object_read(const struct scan_events *events, struct arena *arena,
		 struct object_list *out);

/* The document that holds an event. */
const struct object *object_of(const struct object_list *objects, size_t event);

#endif
