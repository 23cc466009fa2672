/* SPDX-License-Identifier: MIT */
/*
 * A view of bytes that somebody else owns. Git paths and file contents are bytes, so they
 * are struct str; a `const char *` elsewhere is NUL-terminated UTF-8 without embedded
 * NUL.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/attr.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *ptr;
	size_t len;
};

/* A string literal as a view. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

/* `%.*s` argument pair; a view longer than INT_MAX is shown cut. */
#define STR_ARG(s) str_int_len(s), (s).ptr ? (s).ptr : ""

/* The length for `%.*s`, at most INT_MAX. */
int str_int_len(struct str s);
/* The view of a NUL-terminated text; NULL gives the empty view. */
struct str str_of(const char *text);
/* Byte for byte, also against a NUL-terminated text. */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *text);
/* str_eq() whatever the case of ASCII letters. */
bool str_eq_nocase(struct str a, struct str b);
/* Orders by unsigned bytes, shorter first on a tie: negative, 0 or positive. */
int str_cmp(struct str a, struct str b);
/* Whether `s` begins or ends so; with the empty view everything does. */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* The part of `s` from `off`; empty when off is beyond the end. */
struct str str_from(struct str s, size_t off);
/* The part from `off`, at most `len` long; cut where `s` ends. */
struct str str_slice(struct str s, size_t off, size_t len);
/* Offset of the first or last `c`, or of `needle`; s.len when there is none. */
size_t str_find_char(struct str s, char c);
size_t str_rfind_char(struct str s, char c);
size_t str_find(struct str s, struct str needle);
/* Without leading and trailing blanks, tabs, CR and LF. */
struct str str_trim(struct str s);
/* Cuts the next piece up to `sep` from *rest; false when *rest.ptr is NULL (all pieces
 * taken). */
bool str_split(struct str *rest, char sep, struct str *piece);
/* The line up to and without LF; advances *rest behind it; false at the end. */
bool str_line(struct str *rest, struct str *line);
/* Whether the bytes are UTF-8 as RFC 3629 has it; *bad_off (may be NULL) is the first bad
 * byte. */
bool str_is_utf8(struct str s, size_t *bad_off);
/* Decodes one code point at `off`; returns its length in bytes, 0 when malformed or at
 * the end. */
size_t str_utf8_decode(struct str s, size_t off, uint32_t *code_point);
/* Writes a code point as UTF-8 into out[4]; returns the number of bytes. */
size_t str_utf8_encode(uint32_t code_point, char out[4]);
/* Levenshtein distance capped at 63 bytes a side, for "did you mean". */
size_t str_distance(struct str a, struct str b);
/* The candidate that is at most about a third of its length away from `name`, else NULL.
 */
const char *str_nearest(const char *name, const char *const *candidates, size_t n);

#endif
