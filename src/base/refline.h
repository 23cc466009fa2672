/* SPDX-License-Identifier: MIT */
/* The lines that git feeds to its receive hooks: `OLD SP NEW SP REF LF`. */
#ifndef BASE_REFLINE_H
#define BASE_REFLINE_H

#include "base/str.h"

struct refline {
	struct str
	    old_oid; /* lower-case hex, 40 or 64 digits; zeros: the ref is created */
	struct str new_oid; /* the same width; zeros: the ref is deleted */
	struct str ref;     /* full name: any bytes but NUL and LF, blanks included */
};

/*
 * Takes the next line from *rest. True with a good line in *out; false at the end of the
 * input, where *bad tells how many lines before it were none of git's and were skipped.
 * `bad` counts on and may not be NULL. Views point into *rest. O(line).
 */
bool refline_next(struct str *rest, struct refline *out, size_t *bad);

#endif
