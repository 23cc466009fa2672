/* SPDX-License-Identifier: MIT */
/*
 * Decides when a new value needs quotes: more often than Flux, never less. A reader of
 * another YAML version, or one with smaller numbers, must not see another value.
 */
#include "stage/rewrite/quote.h"
#include "adapter/yaml/scalar.h"
#include "base/cursor.h"
#include "base/when.h"

static bool is_digit_or_line(char c)
{
	return char_is_digit(c) || c == '_';
}

static bool is_hex_or_line(char c)
{
	return char_is_hex(c) || c == '_';
}

static void skip_sign(struct str *rest)
{
	if (!cursor_char(rest, '-'))
		(void)cursor_char(rest, '+');
}

/* 0x, 0o, 0b with digits of any length. */
static bool is_based(struct str rest)
{
	skip_sign(&rest);
	if (!cursor_char(&rest, '0') || rest.len < 2)
		return false;
	char mark = char_lower(rest.ptr[0]);
	if (mark != 'x' && mark != 'o' && mark != 'b')
		return false;
	rest = str_from(rest, 1);
	struct str digits = cursor_while(&rest, is_hex_or_line);
	for (size_t i = 0; i < digits.len; i++)
		if ((mark == 'b' && digits.ptr[i] > '1' && digits.ptr[i] != '_') ||
		    (mark == 'o' && digits.ptr[i] > '7' && digits.ptr[i] != '_'))
			return false;
	return rest.len == 0;
}

/* Digits with `_`, a fraction, an exponent, of any size. */
static bool is_decimal(struct str rest)
{
	skip_sign(&rest);
	bool has_whole = rest.len && char_is_digit(rest.ptr[0]);
	(void)cursor_while(&rest, is_digit_or_line);
	bool has_point = cursor_char(&rest, '.');
	bool has_fraction = has_point && rest.len && char_is_digit(rest.ptr[0]);
	if (has_point)
		(void)cursor_while(&rest, is_digit_or_line);
	if (!has_whole && !has_fraction)
		return false;
	if (cursor_char(&rest, 'e') || cursor_char(&rest, 'E')) {
		skip_sign(&rest);
		struct str digits = cursor_while(&rest, is_digit_or_line);
		size_t lines = 0;
		while (lines < digits.len && digits.ptr[lines] == '_')
			lines++;
		if (lines == digits.len)
			return false;
	}
	return rest.len == 0;
}

/* 190:20:30, 1:30.5 */
static bool is_sexagesimal(struct str rest)
{
	skip_sign(&rest);
	if (rest.len == 0 || !char_is_digit(rest.ptr[0]))
		return false;
	(void)cursor_while(&rest, is_digit_or_line);
	size_t parts = 0;
	while (cursor_char(&rest, ':')) {
		struct str digits = cursor_while(&rest, char_is_digit);
		if (digits.len == 0 || digits.len > 2)
			return false;
		parts++;
	}
	if (cursor_char(&rest, '.'))
		(void)cursor_while(&rest, is_digit_or_line);
	return parts > 0 && rest.len == 0;
}

static bool is_date_rest_char(char c)
{
	return char_is_digit(c) || (c && strchr("Tt:.Zz+- ", c));
}

/* 2024-1-2, alone or with a time behind it. */
static bool is_date(struct str rest)
{
	static const unsigned days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t year = 0;
	uint64_t month = 0;
	uint64_t day = 0;
	struct str text = rest;
	if (!cursor_digits(&rest, 4, &year) || !cursor_char(&rest, '-') ||
	    !cursor_number(&rest, 99, &month) || !cursor_char(&rest, '-') ||
	    !cursor_number(&rest, 99, &day))
		return false;
	if (text.len - rest.len > 10 || month < 1 || month > 12 || day < 1 ||
	    day > days[month - 1])
		return false;
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (month == 2 && day == 29 && !is_leap)
		return false;
	if (rest.len == 0)
		return true;
	return str_find_char(rest, ':') < rest.len &&
	       cursor_while(&rest, is_date_rest_char).len && rest.len == 0;
}

bool quote_is_typed(struct str text)
{
	struct value value = { .kind = VALUE_NULL };
	scalar_resolve(text, &value);
	return value.kind != VALUE_STRING || is_based(text) || is_decimal(text) ||
	       is_sexagesimal(text) || is_date(text) || str_is(text, "=") ||
	       str_is(text, "<<");
}

bool quote_is_plain(struct str text, bool in_flow)
{
	if (text.len == 0 || text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ' ||
	    text.ptr[text.len - 1] == ':' ||
	    (text.ptr[0] && strchr("-?:,[]{}#&*!|>'\"%@`", text.ptr[0])) ||
	    str_starts(text, STR("...")))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c < 0x20 || c == 0x7f)
			return false;
		if (in_flow && strchr(":,[]{}?", c))
			return false;
		if ((c == ' ' && text.ptr[i + 1] == '#') ||
		    (c == ':' && text.ptr[i + 1] == ' '))
			return false;
	}
	return true;
}
