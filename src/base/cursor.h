/* SPDX-License-Identifier: MIT */
/*
 * Parsing by a moving view: each function takes what it understands from the front of
 * *rest, moves *rest behind it and returns true, or returns false and leaves *rest as it
 * was.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/str.h"

/* Takes that character, or that text, if it comes next; false, and *rest unchanged, if
 * not. */
bool cursor_char(struct str *rest, char c);
bool cursor_text(struct str *rest, const char *text);
/* Decimal digits up to `max`; false when there is none or the value exceeds max. */
bool cursor_number(struct str *rest, uint64_t max, uint64_t *out);
/* Exactly `digits` decimal digits. */
bool cursor_digits(struct str *rest, size_t digits, uint64_t *out);
/* The longest run of bytes for which `accept` holds; may be empty. */
struct str cursor_while(struct str *rest, bool (*accept)(char c));
/* Takes blanks and tabs, if there are any. */
void cursor_skip_blank(struct str *rest);

/* A whole text as one number: no sign, no blanks, nothing behind it. */
bool number_parse(struct str s, uint64_t max, uint64_t *out);
/* As number_parse() with an optional sign and a symmetric bound. */
bool number_parse_signed(struct str s, int64_t max, int64_t *out);

/* Classes and lower case of ASCII, whatever the locale says. */
bool char_is_digit(char c);
bool char_is_hex(char c);
bool char_is_alpha(char c); /* ASCII letters */
bool char_is_alnum(char c);
char char_lower(char c);

#endif
