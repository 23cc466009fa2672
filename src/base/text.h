/* SPDX-License-Identifier: MIT */
/* Making text from outside safe to show: terminal, log and pusher see no control
 * characters. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"
#include "base/str.h"

/* Whether a character is a C0, DEL, C1 or bidirectional control, or a line separator:
 * what a terminal obeys instead of showing it. */
bool text_is_hidden(uint32_t c);
/*
 * Appends `s` with every C0, DEL, C1 and bidirectional control and every byte that is not
 * UTF-8 written as \xNN or \u{NNNN}; LF and tab stay when `keep_lines`. A backslash stays
 * as it is.
 */
void text_escape(struct buf *out, struct str s, bool keep_lines);
/* The same as a NUL-terminated text in the arena, cut to max_bytes with `...`. */
const char *text_clean(struct arena *arena, struct str s, size_t max_bytes);
/* Whether the text is UTF-8 without NUL and, but for LF and tab, without control
 * characters. */
bool text_is_printable(struct str s);
/* RFC 1123 subdomain: at most 253 bytes of labels `[a-z0-9]([-a-z0-9]*[a-z0-9])?` with
 * dots. */
bool text_is_dns_subdomain(struct str s);
/* RFC 1123 label, at most 63 bytes: what a namespace is. */
bool text_is_dns_label(struct str s);
/* A label's key in Kubernetes: a name of at most 63 bytes `[A-Za-z0-9._-]` between
 * alphanumerics, behind an optional `subdomain/`. */
bool text_is_label_key(struct str s);
/* Its value: such a name, or nothing. */
bool text_is_label_value(struct str s);
/* Appends `text` in lines of at most `columns` (but for longer words), each behind
 * `indent` and ended by LF. A line end in the text is a blank, an empty line ends a
 * paragraph. */
void text_wrap(struct buf *out, const char *text, size_t columns, const char *indent);
/* Shell-like glob over a whole text: `*` any bytes but `/`, `**` any bytes, `?` one byte
 * but `/`,
 * `[a-z]` classes, `\` escapes. */
bool text_glob(struct str pattern, struct str s);

#endif
