/* SPDX-License-Identifier: MIT */
/* The text of a marker: a comment that is one JSON object with the key `$imagepolicy`. */
#ifndef STAGE_REWRITE_MARKER_H
#define STAGE_REWRITE_MARKER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum marker_part {
	MARKER_WHOLE, /* name:tag[@digest] */
	MARKER_TAG,
	MARKER_NAME,
	MARKER_DIGEST
};

enum marker_kind {
	MARKER_NONE,   /* a comment like any other */
	MARKER_BROKEN, /* meant as a marker, but Flux would not read it as one: JSON */
	MARKER_FORMAT, /* a marker whose value is not NAMESPACE:NAME[:tag|name|digest] */
	MARKER_SUFFIX, /* likewise, for its last part */
	MARKER_GOOD
};

struct marker {
	enum marker_kind kind;
	const char *setter;    /* the value as it is decoded */
	const char *namespace; /* with MARKER_SUFFIX and MARKER_GOOD */
	const char *policy;    /* likewise */
	const char *suffix;    /* likewise, "" for none */
	enum marker_part part;
	const char *fault;     /* what is wrong with MARKER_BROKEN */
	bool begins_as_object; /* the comment's text begins with `{` */
};

/* Reads a comment with its `#`. Members must be strings or null, the last of two equal
 * keys counts. Pure. */
struct marker marker_parse(struct str comment, struct arena *arena);

#endif
