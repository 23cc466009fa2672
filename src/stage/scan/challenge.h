/* SPDX-License-Identifier: MIT */
/* What a registry asks for in WWW-Authenticate (RFC 9110 11.6.1). */
#ifndef STAGE_SCAN_CHALLENGE_H
#define STAGE_SCAN_CHALLENGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

enum challenge_scheme {
	CHALLENGE_OTHER, /* Negotiate, Digest, ...: never answered */
	CHALLENGE_BASIC,
	CHALLENGE_BEARER
};

struct challenge {
	enum challenge_scheme scheme;
	const char *realm; /* NULL: not given */
	const char *service;
	const char *scope; /* as sent: scopes separated by blanks */
};

struct challenges {
	struct challenge *items;
	size_t len;
	size_t cap;
};

/* Appends the challenges of one header value. More lenient than the RFC: blanks around
 * `=`, unquoted URLs, empty elements. ERR_INVALID when a quote has no end or a parameter
 * no scheme; *out is then as it was. */
int challenge_parse(struct str header, struct arena *arena, struct challenges *out,
		    struct err *err) MUST_CHECK;
/* The first Basic or Bearer one; NULL when there is none. */
const struct challenge *challenge_choose(const struct challenges *challenges);

#endif
