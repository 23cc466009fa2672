/* SPDX-License-Identifier: MIT */
/* Flux's --label-selector and --status-selector. */
#ifndef CMD_GET_FILTER_H
#define CMD_GET_FILTER_H

#include "app/view.h"

struct get_filter {
	struct label_selector labels;
	const char *condition; /* NULL: any status */
	const char *status;
	bool status_differs; /* `type!=status` */
};

/*
 * Reads `a=b,c!=d,e,!f` and `type=status` or `type!=status`; either may be NULL.
 * ERR_INVALID.
 */
int get_filter_parse(const char *labels, const char *status, struct arena *arena,
		     struct get_filter *out, struct err *err) MUST_CHECK;
/* Whether the object has the labels and the status that are asked for. */
bool get_filter_takes(const struct get_filter *filter, const struct object_view *view);

#endif
