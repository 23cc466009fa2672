/* SPDX-License-Identifier: MIT */
/* Go's unicode package as far as templates need it. */
#ifndef LANG_TEMPLATE_UNICODE_H
#define LANG_TEMPLATE_UNICODE_H

#include "base/str.h"

#define UNICODE_BAD 0xFFFDu

/* The code point at `off` (inside the text) and its width; a byte that is not UTF-8 is
 * UNICODE_BAD of width 1. */
uint32_t unicode_decode(struct str s, size_t off, size_t *width);
/* As many code points as Go's utf8.RuneCountInString finds. */
size_t unicode_count(struct str s);
/* By Unicode's categories: letters and digits, L, Nd, Lu, Ll, and White_Space. */
bool unicode_is_alnum(uint32_t c);
bool unicode_is_letter(uint32_t c);
bool unicode_is_digit(uint32_t c);
bool unicode_is_upper(uint32_t c);
bool unicode_is_lower(uint32_t c);
bool unicode_is_space(uint32_t c);
/* Letters, marks, numbers, punctuation, symbols and the ASCII blank. */
bool unicode_is_print(uint32_t c);
/* The simple mapping of one code point. */
uint32_t unicode_upper(uint32_t c);
uint32_t unicode_lower(uint32_t c);
/* The upper case that a word begins with; another one for digraphs such as U+01C6 alone.
 */
uint32_t unicode_title(uint32_t c);

#endif
