/* SPDX-License-Identifier: MIT */
/*
 * Git's configuration syntax, from bytes to a list of entries: what git-config(1) calls
 * SYNTAX. Includes are ordinary entries here: nobody follows them.
 */
#ifndef BASE_GITCONFIG_H
#define BASE_GITCONFIG_H

#include "base/err.h"
#include "base/vec.h"

struct gitconfig_entry {
	const char *section;    /* lower case */
	const char *subsection; /* as written, "" when there is none */
	const char *key;        /* lower case */
	const char *value;      /* bytes without NUL; NULL: written without `=` (true) */
	uint32_t line;          /* of the key, 1-based */
};

struct gitconfig {
	struct gitconfig_entry *items; /* in file order */
	size_t len;
	size_t cap;
};

/*
 * Appends every entry of `text` to *out, as git reads it: comments, quotes, escapes
 * (\" \\ \n \t \b), continued lines, CRLF, a UTF-8 mark at the start, `[a.b]` for
 * `[a "b"]` in lower case.
 *
 * Texts live in the arena. ERR_INVALID with the line for what git refuses, for NUL and
 * for a key that stands before any section; *out is then as it was.
 */
int gitconfig_parse(struct str text, struct arena *arena, struct gitconfig *out,
		    struct err *err) MUST_CHECK;

/* Whether the entry is `section.key` or `section.subsection.key`: section and key in any
 * case, the subsection (which may hold dots) exactly. */
bool gitconfig_is(const struct gitconfig_entry *entry, const char *name);

/* The last value of `name`; "true" for a key without `=`; NULL when unset. */
const char *gitconfig_get(const struct gitconfig *config, const char *name);

/* Git's booleans: true yes on 1, false no off 0 and the empty text, in any case, other
 * whole numbers by being zero; NULL is true. False when `value` is none. */
bool gitconfig_bool(const char *value, bool *out);

#endif
