/* SPDX-License-Identifier: MIT */
/* Go's strconv: quoting, unquoting and the text of floating point numbers. */
#ifndef LANG_TEMPLATE_QUOTE_H
#define LANG_TEMPLATE_QUOTE_H

#include "base/buf.h"
#include "base/str.h"

/* Appends a Go string literal in double quotes; `ascii` escapes all that is not ASCII. */
void quote_text(struct buf *out, struct str s, bool ascii);
/* Appends a Go character literal in single quotes. */
void quote_char(struct buf *out, uint32_t c, bool ascii);
/* `U+0041`, with the character behind it in quotes when `show` and it is printable. */
void quote_code_point(struct buf *out, uint32_t c, bool show);
/* Whether the text can stand in backquotes unchanged. */
bool quote_can_backquote(struct str s);
/* The text of a Go literal in ", ` or '; false when it is malformed. */
bool quote_undo(struct buf *out, struct str literal);

/* Appends v as Go's strconv.FormatFloat(v, verb, precision, 64): verb b, e, E, f, g, G, x
 * or X; precision below 0: as many digits as tell it from every other number. */
void float_write(struct buf *out, double v, char verb, int precision);
/* Go's strconv.ParseFloat on a decimal or hexadecimal text, with `_` when `underscores`;
 * false when malformed; *overflow when the text is out of range. */
bool float_parse(struct str s, bool underscores, double *out, bool *overflow);

#endif
