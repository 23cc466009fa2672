/* SPDX-License-Identifier: MIT */
/*
 * YAML texts by libyaml's events: as values with places, and as a scanner that knows the
 * exact bytes of every scalar. Depth, nodes, anchors and size are bounded; UTF-16 is
 * refused.
 */
#ifndef ADAPTER_YAML_LOADER_H
#define ADAPTER_YAML_LOADER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

/* One document of a multi-document text. */
struct yaml_document {
	struct value *root; /* NULL for an empty document */
	uint32_t line;      /* 1-based, where its content begins */
};

struct yaml_documents {
	struct yaml_document *items;
	size_t len;
	size_t cap;
};

/* A key that stands twice in one mapping. */
struct yaml_duplicate {
	struct str key;
	uint32_t line, col; /* of the second */
};

struct yaml_duplicates {
	struct yaml_duplicate *items;
	size_t len;
	size_t cap;
};

/*
 * Loads every document of a text. Plain scalars are typed as YAML 1.1 does for Kubernetes
 * (null, bool, integer, number), keep `raw` and `plain`; anchors and aliases are expanded
 * within LIMIT_YAML_NODES, `<<` merges. Keys are strings. A duplicate key is recorded,
 * the first value stays.
 *
 * Returns 0; ERR_INVALID with line and column of the first error (documents before it are
 * in `out`), err->quotes when the text shows a piece of the input; ERR_LIMIT naming the
 * limit.
 */
int yaml_load(struct str text, struct arena *arena, struct yaml_documents *out,
	      struct yaml_duplicates *duplicates, struct err *err) MUST_CHECK;

/* Appends a value as block YAML, two blanks a level, strings quoted where they must be.
 */
void yaml_write(struct buf *out, const struct value *value, size_t indent);

#endif
