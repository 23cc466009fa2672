/* SPDX-License-Identifier: MIT */
/* The admin's lists of hosts: `[USE=]HOST[:PORT][/PATH]`. */
#ifndef ADAPTER_HTTP_ALLOW_H
#define ADAPTER_HTTP_ALLOW_H

#include "base/err.h"
#include "base/vec.h"

/* What a request wants to reach. */
struct allow_target {
	const char *use; /* "scan", "notify" */
	struct str host; /* IPv6 in brackets; letter case and a last dot do not matter */
	unsigned port;
	struct str path; /* begins with '/' */
};

/* Whether an entry names the target: the use if it has one, the host by glob, the port if
 * it has one, and a path prefix that ends at a component. */
bool allow_matches(const struct strings *entries, const struct allow_target *target);
/* ERR_INVALID when the entry is not of the form. */
int allow_check(const char *text, struct err *err) MUST_CHECK;

#endif
