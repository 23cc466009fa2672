/* SPDX-License-Identifier: MIT */
/* What the documents of a file say about themselves. */
#ifndef STAGE_REWRITE_SUBJECT_H
#define STAGE_REWRITE_SUBJECT_H

#include "model/change.h"
#include "stage/rewrite/attach.h"

/* One document of a text. */
struct subject {
	size_t first_event;
	struct object_id id; /* of the document, not of the items of a List */
	bool sealed;         /* SOPS signs its clear values too */
	uint32_t line, col;  /* of the key `sops` */
};

struct subject_list {
	struct subject *items; /* in order */
	size_t len;
	size_t cap;
};

/* Reads apiVersion, kind, metadata.name, metadata.namespace and `sops` of every document;
 * of equal keys the first counts. */
void subject_read(const struct scan_events *events, struct arena *arena,
		  struct subject_list *out);

/* The document that holds an event. */
const struct subject *subject_of(const struct subject_list *subjects, size_t event);

#endif
