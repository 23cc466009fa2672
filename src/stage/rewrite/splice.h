/* SPDX-License-Identifier: MIT */
/* The bytes that put a new value in the place of a scalar. */
#ifndef STAGE_REWRITE_SPLICE_H
#define STAGE_REWRITE_SPLICE_H

#include "adapter/yaml/scanner.h"
#include "base/arena.h"
#include "base/vec.h"

/* Replaces text[start..end) by `bytes`. */
struct splice {
	size_t start;
	size_t end;
	struct str bytes;
};

struct splice_list {
	struct splice *items; /* in order, without overlap */
	size_t len;
	size_t cap;
};

/* Adds the splices (one, or two for a block scalar) that make `scalar` read as `value`:
 * quotes stay as they are, a plain one gets them where it must, a core tag of another
 * type goes, a block or folded text becomes one line. The value is one line of text. */
void splice_scalar(struct str text, const struct scan_event *scalar, struct str value,
		   struct arena *arena, struct splice_list *out);

/* The text with all splices made. */
struct str splice_apply(struct str text, const struct splice_list *splices,
			struct arena *arena);

#endif
