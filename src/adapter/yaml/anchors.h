/* SPDX-License-Identifier: MIT */
/* The anchors of one document, by name. Nobody outside the folder includes it. */
#ifndef ADAPTER_YAML_ANCHORS_H
#define ADAPTER_YAML_ANCHORS_H

#include "base/err.h"
#include "base/value.h"
#include "base/vec.h"

struct anchor {
	struct str name;
	struct value *value; /* of who loads; the rest is too */
	size_t nodes;        /* expanded */
	bool complete;       /* false while its own content is read */
};

struct anchors {
	struct anchor *items; /* ordered by name */
	size_t len;
	size_t cap;
};

/* NULL when there is none. Valid until the next is added, as that of anchors_add() is.
 * O(log n). */
struct anchor *anchors_find(const struct anchors *anchors, struct str name);
/* The anchor of that name, made zeroed when there is none; the name is copied then. */
struct anchor *anchors_add(struct anchors *anchors, struct arena *arena, struct str name);
/* An alias that cannot be followed, at its line and column. Returns ERR_INVALID. */
int anchors_fail(struct str name, const char *fault, uint32_t line, uint32_t col,
		 struct err *err);

#endif
