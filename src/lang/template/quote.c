/* SPDX-License-Identifier: MIT */
/* Decides how Go quotes and unquotes text. */
#include "lang/template/quote.h"
#include "base/cursor.h"
#include "lang/template/unicode.h"

static void write_escape(struct buf *out, uint32_t c)
{
	static const char letters[] = "\aa\bb\ff\nn\rr\tt\vv";
	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (c == (unsigned char)letters[i]) {
			buf_printf(out, "\\%c", letters[i + 1]);
			return;
		}
	}
	if (c < ' ' || c == 0x7F)
		buf_printf(out, "\\x%02x", c);
	else if (c < 0x10000)
		buf_printf(out, "\\u%04x", c);
	else
		buf_printf(out, "\\U%08x", c);
}

static void write_quoted_char(struct buf *out, uint32_t c, char quote, bool ascii)
{
	char utf8[4];
	if (c == (unsigned char)quote || c == '\\')
		buf_printf(out, "\\%c", (char)c);
	else if (c < 0x80 ? unicode_is_print(c) : !ascii && unicode_is_print(c))
		buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
	else
		write_escape(out, c);
}

void quote_text(struct buf *out, struct str s, bool ascii)
{
	size_t width;
	buf_putc(out, '"');
	for (size_t i = 0; i < s.len && !out->full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		if (c == UNICODE_BAD && width == 1)
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)s.ptr[i]);
		else
			write_quoted_char(out, c, '"', ascii);
	}
	buf_putc(out, '"');
}

void quote_char(struct buf *out, uint32_t c, bool ascii)
{
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		c = UNICODE_BAD;
	buf_putc(out, '\'');
	write_quoted_char(out, c, '\'', ascii);
	buf_putc(out, '\'');
}

void quote_code_point(struct buf *out, uint32_t c, bool show)
{
	char utf8[4];
	buf_printf(out, "U+%04X", c);
	if (show && c <= 0x10FFFF && unicode_is_print(c)) {
		buf_puts(out, " '");
		buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
		buf_putc(out, '\'');
	}
}

bool quote_can_backquote(struct str s)
{
	size_t width;
	for (size_t i = 0; i < s.len; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		if ((c == UNICODE_BAD && width == 1) || c == 0xFEFF ||
		    (c < ' ' && c != '\t') || c == '`' || c == 0x7F)
			return false;
	}
	return true;
}

static int hex_digit(char c)
{
	if (char_is_digit(c))
		return c - '0';
	return char_is_hex(c) ? char_lower(c) - 'a' + 10 : -1;
}

static bool take_hex(struct str s, size_t *i, size_t digits, uint32_t *out)
{
	uint32_t n = 0;
	for (size_t k = 0; k < digits; k++, (*i)++) {
		int digit = *i < s.len ? hex_digit(s.ptr[*i]) : -1;
		if (digit < 0)
			return false;
		n = n * 16 + (uint32_t)digit;
	}
	*out = n;
	return true;
}

static bool take_octal(struct str s, size_t *i, uint32_t *out)
{
	uint32_t n = 0;
	for (size_t k = 0; k < 3; k++, (*i)++) {
		if (*i >= s.len || s.ptr[*i] < '0' || s.ptr[*i] > '7')
			return false;
		n = n * 8 + (uint32_t)(s.ptr[*i] - '0');
	}
	*out = n;
	return n <= 255;
}

static void put_code_point(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

/* The escape behind a backslash at s.ptr[*i - 1]; *i moves behind it. */
static bool undo_escape(struct buf *out, struct str s, size_t *i, char quote)
{
	static const char plain[] = "a\ab\bf\fn\nr\rt\tv\v\\\\";
	uint32_t c;
	if (*i >= s.len)
		return false;
	char letter = s.ptr[*i];
	for (size_t k = 0; k + 1 < sizeof(plain); k += 2)
		if (letter == plain[k]) {
			(*i)++;
			return buf_putc(out, plain[k + 1]);
		}
	if (letter == quote) {
		(*i)++;
		return buf_putc(out, quote);
	}
	if (letter >= '0' && letter <= '7')
		return take_octal(s, i, &c) && buf_putc(out, (char)c);
	(*i)++;
	if (letter == 'x')
		return take_hex(s, i, 2, &c) && buf_putc(out, (char)c);
	if (letter != 'u' && letter != 'U')
		return false;
	if (!take_hex(s, i, letter == 'u' ? 4 : 8, &c) || c > 0x10FFFF ||
	    (c >= 0xD800 && c < 0xE000))
		return false;
	put_code_point(out, c);
	return true;
}

bool quote_undo(struct buf *out, struct str literal)
{
	if (literal.len < 2 || literal.ptr[0] != literal.ptr[literal.len - 1])
		return false;
	char quote = literal.ptr[0];
	struct str s = str_slice(literal, 1, literal.len - 2);
	if (quote == '`') {
		for (size_t i = 0; i < s.len; i++)
			if (s.ptr[i] != '\r')
				buf_putc(out, s.ptr[i]);
		return !out->full;
	}
	for (size_t i = 0; i < s.len;) {
		if (s.ptr[i] == quote || s.ptr[i] == '\n')
			return false;
		if (s.ptr[i] != '\\') {
			buf_putc(out, s.ptr[i++]);
			continue;
		}
		i++;
		if (!undo_escape(out, s, &i, quote))
			return false;
	}
	return !out->full;
}
