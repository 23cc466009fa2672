/* SPDX-License-Identifier: MIT */
/* Decides how Go writes floating point numbers and what it reads as one. */
#include "base/cursor.h"
#include "lang/template/quote.h"
#include <math.h>

/* Decimal digits and the place of the point before them: 0.DIGITS * 10^point. */
struct digits {
	char text[820];
	int len;
	int point;
};

/* The digits of |v| by printf with `precision` digits behind the first. */
static void take_digits(double v, int precision, struct digits *out)
{
	char text[840];
	int len = snprintf(text, sizeof(text), "%.*e", precision, fabs(v));
	out->len = 0;
	int i = 0;
	for (; i < len && text[i] != 'e'; i++)
		if (text[i] != '.')
			out->text[out->len++] = text[i];
	bool negative = text[i + 1] == '-';
	int exponent = 0;
	for (i += 2; i < len; i++)
		exponent = exponent * 10 + (text[i] - '0');
	out->point = (negative ? -exponent : exponent) + 1;
}

/* The fewest digits that read back as v. */
static void take_shortest(double v, struct digits *out)
{
	char text[40];
	int precision = 0;
	for (; precision < 17; precision++) {
		(void)snprintf(text, sizeof(text), "%.*e", precision, fabs(v));
		if (strtod(text, NULL) == fabs(v))
			break;
	}
	take_digits(v, precision, out);
	while (out->len > 1 && out->text[out->len - 1] == '0')
		out->len--;
	if (v == 0) {
		out->len = 0;
		out->point = 0;
	}
}

static char digit_at(const struct digits *d, int i)
{
	return i >= 0 && i < d->len ? d->text[i] : '0';
}

static void write_exponent(struct buf *out, const struct digits *d, int precision, char e)
{
	buf_putc(out, digit_at(d, 0));
	if (precision > 0) {
		buf_putc(out, '.');
		for (int i = 1; i <= precision; i++)
			buf_putc(out, digit_at(d, i));
	}
	int exponent = d->len == 0 ? 0 : d->point - 1;
	buf_printf(out, "%c%c%02d", e, exponent < 0 ? '-' : '+', abs(exponent));
}

static void write_fixed(struct buf *out, const struct digits *d, int precision)
{
	if (d->point <= 0)
		buf_putc(out, '0');
	for (int i = 0; i < d->point; i++)
		buf_putc(out, digit_at(d, i));
	if (precision > 0) {
		buf_putc(out, '.');
		for (int i = 0; i < precision; i++)
			buf_putc(out, d->point + i < 0 ? '0' : digit_at(d, d->point + i));
	}
}

static void write_general(struct buf *out, double v, char verb, int precision)
{
	struct digits d;
	int limit;
	if (precision < 0) {
		take_shortest(v, &d);
		limit = 6;
		precision = d.len;
	} else {
		if (precision == 0)
			precision = 1;
		take_digits(v, precision > 800 ? 799 : precision - 1, &d);
		while (d.len > 0 && d.text[d.len - 1] == '0')
			d.len--;
		limit = precision;
		if (limit > d.len && d.len >= d.point)
			limit = d.len;
		if (v == 0)
			d.point = 0;
	}
	int exponent = d.point - 1;
	if (exponent < -4 || exponent >= limit) {
		int digits = precision > d.len ? d.len : precision;
		write_exponent(out, &d, digits - 1, verb == 'g' ? 'e' : 'E');
		return;
	}
	write_fixed(out, &d, d.len > d.point ? d.len - d.point : 0);
}

/* e and f: exact digits by printf, which rounds as Go does. */
static void write_precise(struct buf *out, double v, char verb, int precision)
{
	struct digits d;
	bool fixed = verb == 'f' || verb == 'F';
	if (precision < 0) {
		take_shortest(v, &d);
		precision = fixed ? (d.len > d.point ? d.len - d.point : 0) : d.len - 1;
		if (precision < 0)
			precision = 0;
		if (fixed)
			write_fixed(out, &d, precision);
		else
			write_exponent(out, &d, precision, verb);
		return;
	}
	if (fixed) {
		buf_printf(out, "%.*f", precision, fabs(v));
		return;
	}
	if (verb == 'E')
		buf_printf(out, "%.*E", precision, fabs(v));
	else
		buf_printf(out, "%.*e", precision, fabs(v));
}

/* 0x1.4p+01 */
static void write_hex(struct buf *out, double v, bool upper, int precision)
{
	char text[1200];
	int exponent;
	v = fabs(v);
	precision = precision > 1000 ? 1000 : precision;
	for (;;) {
		if (precision < 0)
			(void)snprintf(text, sizeof(text), upper ? "%A" : "%a", v);
		else
			(void)snprintf(text, sizeof(text), upper ? "%.*A" : "%.*a",
				       precision, v);
		if (text[2] != '2')
			break;
		/* rounded up to the next power, for which Go begins with 1 again */
		(void)frexp(v, &exponent);
		v = ldexp(1, exponent);
	}
	struct str s = str_of(text);
	size_t mark = str_find_char(s, upper ? 'P' : 'p');
	buf_append(out, str_slice(s, 0, mark + 2));
	if (s.len - mark == 3)
		buf_putc(out, '0');
	buf_append(out, str_from(s, mark + 2));
}

/* 5629499534213120p-51 */
static void write_binary(struct buf *out, double v)
{
	int exponent;
	double mantissa = ldexp(frexp(fabs(v), &exponent), 53);
	if (v == 0)
		exponent = -1021;
	if (exponent < -1021) { /* subnormal: the exponent stops */
		mantissa = ldexp(mantissa, exponent + 1021);
		exponent = -1021;
	}
	buf_printf(out, "%.0fp%+d", mantissa, exponent - 53);
}

void float_write(struct buf *out, double v, char verb, int precision)
{
	if (isnan(v)) {
		buf_puts(out, "NaN");
		return;
	}
	if (isinf(v)) {
		buf_puts(out, v < 0 ? "-Inf" : "+Inf");
		return;
	}
	if (signbit(v))
		buf_putc(out, '-');
	if (verb == 'g' || verb == 'G')
		write_general(out, v, verb, precision);
	else if (verb == 'x' || verb == 'X')
		write_hex(out, v, verb == 'X', precision);
	else if (verb == 'b')
		write_binary(out, v);
	else
		write_precise(out, v, verb, precision);
}

/* Whether every `_` stands between digits, or behind the base's prefix. */
static bool underscores_are_fine(struct str s)
{
	char last = '^';
	size_t i = 0;
	bool hex = false;
	if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-'))
		i++;
	if (i + 1 < s.len && s.ptr[i] == '0' && strchr("xXoObB", s.ptr[i + 1])) {
		hex = char_lower(s.ptr[i + 1]) == 'x';
		i += 2;
		last = '0';
	}
	for (; i < s.len; i++) {
		char c = s.ptr[i];
		if (char_is_digit(c) || (hex && char_is_hex(c))) {
			last = '0';
		} else if (c == '_') {
			if (last != '0')
				return false;
			last = '_';
		} else {
			if (last == '_')
				return false;
			last = '!';
		}
	}
	return last != '_';
}

static bool is_special(struct str s, double *out)
{
	static const char *const names[] = { "inf",       "+inf",      "-inf", "infinity",
					     "+infinity", "-infinity", "nan" };
	char lower[12] = "";
	if (s.len == 0 || s.len >= sizeof(lower))
		return false;
	for (size_t i = 0; i < s.len; i++)
		lower[i] = char_lower(s.ptr[i]);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(lower, names[i]) != 0)
			continue;
		*out = lower[0] == 'n' ? (double)NAN
				       : (double)(lower[0] == '-' ? -INFINITY : INFINITY);
		return true;
	}
	return false;
}

static bool skip_digits(const char *text, size_t *i, bool hex, bool *any)
{
	size_t from = *i;
	while (hex ? char_is_hex(text[*i]) : char_is_digit(text[*i]))
		(*i)++;
	*any = *any || *i > from;
	return *i > from;
}

/* The grammar of a float without underscores; strtod alone takes more. */
static bool is_float_syntax(const char *text)
{
	size_t i = 0;
	bool any = false;
	bool none = false;
	if (text[i] == '+' || text[i] == '-')
		i++;
	bool hex = text[i] == '0' && char_lower(text[i + 1]) == 'x';
	if (hex)
		i += 2;
	skip_digits(text, &i, hex, &any);
	if (text[i] == '.') {
		i++;
		skip_digits(text, &i, hex, &any);
	}
	if (!any)
		return false;
	if (char_lower(text[i]) == (hex ? 'p' : 'e')) {
		i++;
		if (text[i] == '+' || text[i] == '-')
			i++;
		if (!skip_digits(text, &i, false, &none))
			return false;
	} else if (hex) {
		return false;
	}
	return text[i] == '\0';
}

bool float_parse(struct str s, bool underscores, double *out, bool *overflow)
{
	char text[512] = "";
	size_t len = 0;
	*overflow = false;
	if (is_special(s, out))
		return true;
	if (s.len >= sizeof(text))
		return false;
	if (underscores && !underscores_are_fine(s))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\0' || (s.ptr[i] == '_' && !underscores))
			return false;
		if (s.ptr[i] != '_')
			text[len++] = s.ptr[i];
	}
	text[len] = '\0';
	if (!is_float_syntax(text))
		return false;
	*out = strtod(text, NULL);
	*overflow = isinf(*out);
	return true;
}
