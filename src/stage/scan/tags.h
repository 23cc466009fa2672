/* SPDX-License-Identifier: MIT */
/* One page of a tag list: `{"name":...,"tags":[...]}`. */
#ifndef STAGE_SCAN_TAGS_H
#define STAGE_SCAN_TAGS_H

#include "base/err.h"
#include "model/image.h"

struct tag_page {
	struct tag_list tags;    /* valid by the OCI grammar, as they stand, copied */
	struct tag_list invalid; /* what else stood in the list, for the count */
};

/*
 * Appends the tags of one answer in one pass. `tags` null or missing is an empty list;
 * other keys are ignored but must be JSON. Bytes of the answer are copied.
 *
 * Returns 0; ERR_INVALID when the text is not one JSON object, or `tags` not a list of
 * strings and nulls; ERR_LIMIT beyond LIMIT_TAGS or LIMIT_JSON_DEPTH; *out may then hold
 * a part.
 */
int tags_parse(struct str body, struct arena *arena, struct tag_page *out,
	       struct err *err) MUST_CHECK;
/* Sorts by bytes, greatest first, and drops what stands twice. */
void tags_order(struct tag_list *tags);

#endif
