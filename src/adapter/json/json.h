/* SPDX-License-Identifier: MIT */
/*
 * JSON in and out. Reading is strict where the library is not: UTF-8, no trailing text,
 * no NUL in strings, no duplicate keys, bounded depth and size. Writing is our own and
 * deterministic.
 */
#ifndef ADAPTER_JSON_JSON_H
#define ADAPTER_JSON_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

/*
 * Parses one JSON text (RFC 8259) into values in the arena. Whole numbers that fit become
 * VALUE_INT, others VALUE_FLOAT; `raw` keeps a number's text. A BOM is refused.
 *
 * Returns 0; ERR_INVALID with line and column; ERR_LIMIT. `name` stands in messages for
 * the text.
 */
int json_parse(struct str text, struct arena *arena, struct value **out,
	       struct err *err) MUST_CHECK;

enum json_style {
	JSON_COMPACT,
	JSON_PRETTY
};

/* Appends a value as JSON, keys in their order; PRETTY indents by two blanks. Control
 * characters are escaped, `<`, `>` and `&` are not. Ends without a line feed. */
void json_write(struct buf *out, const struct value *value, enum json_style style);
/* Appends a quoted JSON string; bytes that are not UTF-8 become U+FFFD. */
void json_write_string(struct buf *out, struct str s);
/* The same as Go's encoder writes it, whose bytes are signed and hashed: `<`, `>` and `&`
 * are escaped too, DEL is not. */
void json_write_string_go(struct buf *out, struct str s);

#endif
