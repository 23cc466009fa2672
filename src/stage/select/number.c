/* SPDX-License-Identifier: MIT */
/*
 * Go's float syntax is checked here and the value left to strtod(), which by itself would
 * take blanks, hexadecimal without exponent and signed nan, and does not know `_`. The
 * program runs in the C locale, so the point is a point.
 */
#include "stage/select/number.h"
#include "base/buf.h"
#include "base/cursor.h"
#include <math.h>

enum {
	/* so many decimal digits are exact in a float64 and in an int64_t */
	EXACT_DIGITS = 15
};

/* Takes digits with single `_` between them and appends them without. `joined`: a digit
 * or a prefix stands before, so that `_` may come first. -1 for a misplaced `_`. */
static int take_digits(struct str *rest, bool hex, bool joined, struct buf *out)
{
	int n = 0;
	while (rest->len) {
		char c = rest->ptr[0];
		if (c == '_') {
			struct str next = str_from(*rest, 1);
			bool digit = next.len && (hex ? char_is_hex(next.ptr[0])
						      : char_is_digit(next.ptr[0]));
			if (!joined || !digit)
				return -1;
			*rest = next;
			continue;
		}
		if (hex ? !char_is_hex(c) : !char_is_digit(c))
			break;
		(void)buf_putc(out, c);
		*rest = str_from(*rest, 1);
		joined = true;
		n++;
	}
	return n;
}

static bool take_exponent(struct str *rest, bool hex, struct buf *out)
{
	if (rest->len == 0 || char_lower(rest->ptr[0]) != (hex ? 'p' : 'e'))
		return !hex;
	(void)buf_putc(out, rest->ptr[0]);
	*rest = str_from(*rest, 1);
	if (rest->len && (rest->ptr[0] == '+' || rest->ptr[0] == '-')) {
		(void)buf_putc(out, rest->ptr[0]);
		*rest = str_from(*rest, 1);
	}
	return take_digits(rest, false, false, out) > 0;
}

/* Takes an unsigned literal, appended in the form that strtod() reads. */
static bool take_literal(struct str *rest, struct buf *out)
{
	bool hex =
	    rest->len > 1 && rest->ptr[0] == '0' && char_lower(rest->ptr[1]) == 'x';
	if (hex) {
		(void)buf_puts(out, "0x");
		*rest = str_from(*rest, 2);
	}
	int whole = take_digits(rest, hex, hex, out);
	int part = 0;
	if (whole >= 0 && cursor_char(rest, '.')) {
		(void)buf_putc(out, '.');
		part = take_digits(rest, hex, false, out);
	}
	return whole >= 0 && part >= 0 && whole + part > 0 &&
	       take_exponent(rest, hex, out);
}

static bool is_word(struct str text, const char *word)
{
	size_t i = 0;
	for (; i < text.len && word[i]; i++)
		if (char_lower(text.ptr[i]) != word[i])
			return false;
	return i == text.len && !word[i];
}

static bool read_word(struct str text, bool is_signed, double *out)
{
	if (is_word(text, "inf") || is_word(text, "infinity"))
		*out = HUGE_VAL;
	else if (is_word(text, "nan") && !is_signed)
		*out = (double)NAN;
	else
		return false;
	return true;
}

/* Most tags that are numbers are short and whole. */
static bool read_short(struct str text, double *out)
{
	int64_t value = 0;
	if (text.len == 0 || text.len > EXACT_DIGITS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*out = (double)value;
	return true;
}

bool number_read(struct str text, double *out)
{
	if (read_short(text, out))
		return true;
	struct str rest = text;
	bool minus = cursor_char(&rest, '-');
	bool is_signed = minus || cursor_char(&rest, '+');
	double value = 0;
	if (!read_word(rest, is_signed, &value)) {
		struct buf literal BUF_CLEANUP = BUF_INIT(text.len + 1);
		if (!take_literal(&rest, &literal) || rest.len)
			return false;
		value = strtod(buf_cstr(&literal), NULL);
		if (isinf(value))
			return false;
	}
	*out = minus ? -value : value;
	return true;
}
