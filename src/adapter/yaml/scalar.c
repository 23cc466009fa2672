/* SPDX-License-Identifier: MIT */
/* Decides what a plain scalar means, in the order in which Kubernetes' YAML library asks.
 */
#include "adapter/yaml/scalar.h"
#include "base/cursor.h"
#include <math.h>

enum {
	NUMBER_BYTES = 128 /* no number is longer; what is longer stays a string */
};

static const struct {
	const char *text;
	enum value_kind kind;
	bool boolean;
	double real;
} words[] = {
	{ "", VALUE_NULL, false, 0 },
	{ "~", VALUE_NULL, false, 0 },
	{ "null", VALUE_NULL, false, 0 },
	{ "Null", VALUE_NULL, false, 0 },
	{ "NULL", VALUE_NULL, false, 0 },
	{ "y", VALUE_BOOL, true, 0 },
	{ "Y", VALUE_BOOL, true, 0 },
	{ "yes", VALUE_BOOL, true, 0 },
	{ "Yes", VALUE_BOOL, true, 0 },
	{ "YES", VALUE_BOOL, true, 0 },
	{ "true", VALUE_BOOL, true, 0 },
	{ "True", VALUE_BOOL, true, 0 },
	{ "TRUE", VALUE_BOOL, true, 0 },
	{ "on", VALUE_BOOL, true, 0 },
	{ "On", VALUE_BOOL, true, 0 },
	{ "ON", VALUE_BOOL, true, 0 },
	{ "n", VALUE_BOOL, false, 0 },
	{ "N", VALUE_BOOL, false, 0 },
	{ "no", VALUE_BOOL, false, 0 },
	{ "No", VALUE_BOOL, false, 0 },
	{ "NO", VALUE_BOOL, false, 0 },
	{ "false", VALUE_BOOL, false, 0 },
	{ "False", VALUE_BOOL, false, 0 },
	{ "FALSE", VALUE_BOOL, false, 0 },
	{ "off", VALUE_BOOL, false, 0 },
	{ "Off", VALUE_BOOL, false, 0 },
	{ "OFF", VALUE_BOOL, false, 0 },
	{ ".nan", VALUE_FLOAT, false, (double)NAN },
	{ ".NaN", VALUE_FLOAT, false, (double)NAN },
	{ ".NAN", VALUE_FLOAT, false, (double)NAN },
	{ ".inf", VALUE_FLOAT, false, (double)INFINITY },
	{ ".Inf", VALUE_FLOAT, false, (double)INFINITY },
	{ ".INF", VALUE_FLOAT, false, (double)INFINITY },
	{ "+.inf", VALUE_FLOAT, false, (double)INFINITY },
	{ "+.Inf", VALUE_FLOAT, false, (double)INFINITY },
	{ "+.INF", VALUE_FLOAT, false, (double)INFINITY },
	{ "-.inf", VALUE_FLOAT, false, -(double)INFINITY },
	{ "-.Inf", VALUE_FLOAT, false, -(double)INFINITY },
	{ "-.INF", VALUE_FLOAT, false, -(double)INFINITY },
};

static bool resolve_word(struct str content, struct value *value)
{
	if (content.len > 5)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_is(content, words[i].text))
			continue;
		value->kind = words[i].kind;
		if (words[i].kind == VALUE_BOOL)
			value->boolean = words[i].boolean;
		else if (words[i].kind == VALUE_FLOAT)
			value->real = words[i].real;
		return true;
	}
	return false;
}

static int digit_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	char low = char_lower(c);
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : 99;
}

/* The base that a prefix names, taken from the front: 0x, 0o, 0b, a bare leading 0. */
static int take_base(struct str *rest)
{
	if (rest->len < 2 || rest->ptr[0] != '0')
		return 10;
	char mark = char_lower(rest->ptr[1]);
	int base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
	*rest = str_from(*rest, base ? 2 : 1);
	return base ? base : 8;
}

static bool resolve_whole(struct str text, struct value *value)
{
	bool negative = cursor_char(&text, '-');
	if (!negative)
		(void)cursor_char(&text, '+');
	int base = take_base(&text);
	uint64_t n = 0;
	if (text.len == 0)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_value(text.ptr[i]);
		if (digit >= base || __builtin_mul_overflow(n, (uint64_t)base, &n) ||
		    __builtin_add_overflow(n, (uint64_t)digit, &n))
			return false;
	}
	if (negative && n > (uint64_t)INT64_MAX + 1)
		return false;
	if (n > INT64_MAX && !negative) {
		value->kind = VALUE_FLOAT;
		value->real = (double)n;
		return true;
	}
	value->kind = VALUE_INT;
	value->integer = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

/* [-+]? (. digits | digits (. digits?)?) (e [-+]? digits)? */
static bool is_float(struct str rest)
{
	if (!cursor_char(&rest, '-'))
		(void)cursor_char(&rest, '+');
	size_t whole = cursor_while(&rest, char_is_digit).len;
	if (cursor_char(&rest, '.')) {
		size_t fraction = cursor_while(&rest, char_is_digit).len;
		if (whole == 0 && fraction == 0)
			return false;
	} else if (whole == 0) {
		return false;
	}
	if (cursor_char(&rest, 'e') || cursor_char(&rest, 'E')) {
		if (!cursor_char(&rest, '-'))
			(void)cursor_char(&rest, '+');
		if (cursor_while(&rest, char_is_digit).len == 0)
			return false;
	}
	return rest.len == 0;
}

static bool resolve_float(const char *text, struct value *value)
{
	if (!is_float(str_of(text)))
		return false;
	double real = strtod(text, NULL);
	if (!isfinite(real))
		return false;
	value->kind = VALUE_FLOAT;
	value->real = real;
	return true;
}

static void resolve_string(struct str content, struct value *value)
{
	value->kind = VALUE_STRING;
	value->string = content;
}

void scalar_resolve(struct str content, struct value *value)
{
	char text[NUMBER_BYTES];
	size_t n = 0;
	if (resolve_word(content, value))
		return;
	char first = content.ptr[0];
	bool is_number = char_is_digit(first) || first == '+' || first == '-';
	if ((!is_number && first != '.') || content.len >= sizeof(text)) {
		resolve_string(content, value);
		return;
	}
	for (size_t i = 0; i < content.len; i++)
		if (content.ptr[i] != '_')
			text[n++] = content.ptr[i];
	text[n] = '\0';
	if (is_number && resolve_whole((struct str){ text, n }, value))
		return;
	if (strlen(text) != n || !resolve_float(text, value))
		resolve_string(content, value);
}
