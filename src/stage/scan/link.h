/* SPDX-License-Identifier: MIT */
/* The next page of a list, from its Link headers (RFC 8288). */
#ifndef STAGE_SCAN_LINK_H
#define STAGE_SCAN_LINK_H

#include "adapter/http/http.h"

/*
 * Finds the link with relation `next`, or the first one when no link names a relation,
 * and gives its query alone: scheme, host and path of a link are the server's wish, not
 * ours.
 *
 * out      without '?'; "" for a link without a query; NULL: this was the last page
 *
 * Returns 0 or ERR_INVALID for a malformed header or a query with characters that a URL
 * cannot have.
 */
int link_next(const struct http_headers *headers, struct arena *arena, const char **out,
	      struct err *err) MUST_CHECK;

#endif
