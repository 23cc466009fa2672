/* SPDX-License-Identifier: MIT */
/* The cursor functions: bounded numbers and ASCII classes without a locale. */
#include "base/cursor.h"

bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool char_is_hex(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool char_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool char_is_alnum(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool cursor_char(struct str *rest, char c)
{
	if (rest->len == 0 || rest->ptr[0] != c)
		return false;
	*rest = str_from(*rest, 1);
	return true;
}

bool cursor_text(struct str *rest, const char *text)
{
	struct str wanted = str_of(text);
	if (!str_starts(*rest, wanted))
		return false;
	*rest = str_from(*rest, wanted.len);
	return true;
}

bool cursor_number(struct str *rest, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	size_t n = 0;
	while (n < rest->len && char_is_digit(rest->ptr[n])) {
		uint64_t digit = (uint64_t)(rest->ptr[n] - '0');
		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
		n++;
	}
	if (n == 0)
		return false;
	*rest = str_from(*rest, n);
	*out = value;
	return true;
}

bool cursor_digits(struct str *rest, size_t digits, uint64_t *out)
{
	if (rest->len < digits)
		return false;
	struct str piece = str_slice(*rest, 0, digits);
	if (!cursor_number(&piece, UINT64_MAX / 10, out) || piece.len)
		return false;
	*rest = str_from(*rest, digits);
	return true;
}

struct str cursor_while(struct str *rest, bool (*accept)(char c))
{
	size_t n = 0;
	while (n < rest->len && accept(rest->ptr[n]))
		n++;
	struct str taken = { rest->ptr, n };
	*rest = str_from(*rest, n);
	return taken;
}

void cursor_skip_blank(struct str *rest)
{
	while (rest->len && (rest->ptr[0] == ' ' || rest->ptr[0] == '\t'))
		*rest = str_from(*rest, 1);
}

bool number_parse(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	if (!cursor_number(&s, max, &value) || s.len)
		return false;
	*out = value;
	return true;
}

bool number_parse_signed(struct str s, int64_t max, int64_t *out)
{
	bool negative = cursor_char(&s, '-');
	if (!negative)
		(void)cursor_char(&s, '+');
	uint64_t value = 0;
	if (!number_parse(s, (uint64_t)max, &value))
		return false;
	*out = negative ? -(int64_t)value : (int64_t)value;
	return true;
}
