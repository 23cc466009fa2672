/* SPDX-License-Identifier: MIT */
/* What Go takes and the engine does not, and the other way round; private to this folder.
 */
#ifndef ADAPTER_REGEX_PATTERN_H
#define ADAPTER_REGEX_PATTERN_H

#include "base/buf.h"

/* The first thing in a pattern that Go refuses and the engine would take. */
struct pattern_fault {
	const char *text;    /* Go's text for it, NULL when there is none */
	struct str fragment; /* what Go shows with it */
	size_t off;          /* where it stands */
};

/* Appends the pattern with every `(?<name>` as `(?P<name>`, up to the first fault. */
void pattern_rewrite(struct str pattern, struct buf *out, struct pattern_fault *fault);

/* Whether the last of some repetition operators (`*{2,1}`) has a count that Go refuses;
 * *out is that count, without the operators around it. */
bool pattern_bad_count(struct str operators, struct str *out);
/* The pattern from its last `\x` on. */
struct str pattern_last_hex(struct str pattern);

/* Whether a code point above ASCII is a letter or a decimal digit. */
bool pattern_is_word(uint32_t code_point);

#endif
