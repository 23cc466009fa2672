/* SPDX-License-Identifier: MIT */
/* The fates of all tags, put in order for a reader. */
#ifndef STAGE_SELECT_VERDICT_H
#define STAGE_SELECT_VERDICT_H

#include "model/image.h"

/* Orders the verdicts by descending bytes of the tag, drops repeated tags, marks `chosen`
 * (ptr NULL: none was) and every tag whose key another one took. O(n log n). */
void verdict_settle(struct tag_verdict_list *verdicts, struct str chosen,
		    struct arena *arena);

#endif
