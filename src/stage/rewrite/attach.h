/* SPDX-License-Identifier: MIT */
/* Which value a comment belongs to, as Flux's YAML library sees it. */
#ifndef STAGE_REWRITE_ATTACH_H
#define STAGE_REWRITE_ATTACH_H

#include "stage/rewrite/page.h"

enum attach_fate {
	ATTACH_COUNTS,  /* the one comment that is examined for `target` */
	ATTACH_ALIAS,   /* belongs to an alias */
	ATTACH_NULL,    /* belongs to a value that is not written */
	ATTACH_CROWDED, /* belongs to a value that has other comments as well */
	ATTACH_NOWHERE  /* belongs to a key or a collection, or to nothing */
};

struct attachment {
	size_t comment; /* index of the event */
	size_t target;  /* index of the scalar or alias; with ATTACH_NOWHERE nothing */
	enum attach_fate fate;
};

struct attachment_list {
	struct attachment *items; /* one per comment, in their order */
	size_t len;
	size_t cap;
};

/* Judges every comment of a text by its events. Pure, linear. */
void attach_comments(struct str text, const struct scan_events *events,
		     struct arena *arena, struct attachment_list *out);

#endif
