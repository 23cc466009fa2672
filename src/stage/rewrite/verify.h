/* SPDX-License-Identifier: MIT */
/* The proof that an edit did what was meant and nothing else. */
#ifndef STAGE_REWRITE_VERIFY_H
#define STAGE_REWRITE_VERIFY_H

#include "base/err.h"
#include "stage/rewrite/attach.h"
#include "stage/rewrite/splice.h"

/* A scalar that was given a new value. */
struct edit {
	size_t event; /* its index */
	struct str value;
};

struct edit_list {
	struct edit *items; /* in the order of the text */
	size_t len;
	size_t cap;
};

/*
 * Compares `after` with `before`: every byte outside the splices equal; read again, the
 * same events, but for the edited scalars, which hold their new value as a string.
 * ERR_INVALID with the place in `after` where they part.
 */
int verify_edit(struct str before, struct str after, const struct scan_events *events,
		const struct edit_list *edits, const struct splice_list *splices,
		struct err *err) MUST_CHECK;

#endif
