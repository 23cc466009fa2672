/* SPDX-License-Identifier: MIT */
/* What a registry says when it does not give what was asked for. */
#ifndef STAGE_SCAN_REFUSAL_H
#define STAGE_SCAN_REFUSAL_H

#include "base/arena.h"
#include "base/str.h"

struct refusal {
	const char *code; /* of the first error, `NAME_UNKNOWN`; "" when there is none */
	const char
	    *text; /* `CODE: message`, several joined, or plain text; "" for none */
};

/* Reads an error body of the distribution API, or of whoever stood in its place: made
 * safe to show, cut short, never an error itself. HTML gives nothing. */
void refusal_read(struct str body, struct arena *arena, struct refusal *out);
/* `Not Found` for 404; "" for a status without a name. */
const char *refusal_status_name(int status);

#endif
