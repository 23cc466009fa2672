/* SPDX-License-Identifier: MIT */
/* Label selectors as Kubernetes checks and applies them. */
#ifndef STAGE_DOCUMENT_SELECTOR_H
#define STAGE_DOCUMENT_SELECTOR_H

#include "stage/document/schema.h"

/* One entry of matchExpressions as it is written. */
struct selector_term {
	const char *key;
	const char *operator;
	struct strings values;
	struct place place; /* of the operator */
};

/* Takes the terms over into the selector, whose matchLabels are there already, and
 * refuses bad keys, operators and values with the reason InvalidPolicySelector. */
void selector_check(struct decode *d, struct label_selector *selector,
		    const struct selector_term *terms, size_t n);

#endif
