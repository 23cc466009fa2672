/* SPDX-License-Identifier: MIT */
/* Decides how values of any type turn into text and numbers: sprig's strval and the rules
 * of spf13/cast. */
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"
#include "lang/template/quote.h"
#include <math.h>

struct str convert_to_text(struct gctx *ctx, struct gval v)
{
	struct str text;
	if (gval_kind(v) == GKIND_STRING)
		return v.string;
	if (v.type && gval_stringer(ctx, v, &text))
		return text;
	if (!v.type)
		return STR("<nil>");
	return gfmt_text(ctx, v);
}

struct gval convert_to_strings(struct gctx *ctx, struct gval v)
{
	if (v.type == &gtype_strings)
		return v;
	bool is_list = gval_kind(v) == GKIND_SLICE;
	struct gval out = gval_list(ctx, &gtype_strings, is_list ? v.list.len : 1);
	if (!is_list) {
		if (gval_is_valid(gval_unbox(v)))
			gval_list_add(ctx, &out, gval_string(convert_to_text(ctx, v)));
		return out;
	}
	for (size_t i = 0; i < v.list.len && gctx_step(ctx, 1); i++) {
		struct gval item = gval_unbox(v.list.items[i]);
		if (item.type)
			gval_list_add(ctx, &out, gval_string(convert_to_text(ctx, item)));
	}
	return out;
}

static int digit_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	if (char_is_alpha(c))
		return char_lower(c) - 'a' + 10;
	return 99;
}

/* The base that a prefix names; moves *s behind it. */
static unsigned take_base(struct str *s, bool *prefixed)
{
	*prefixed = true;
	if (s->len > 2 && s->ptr[0] == '0') {
		char letter = char_lower(s->ptr[1]);
		unsigned base = letter == 'x'   ? 16
				: letter == 'o' ? 8
				: letter == 'b' ? 2
						: 0;
		if (base) {
			*s = str_from(*s, 2);
			return base;
		}
	}
	if (s->len > 1 && s->ptr[0] == '0') {
		*s = str_from(*s, 1);
		return 8;
	}
	*prefixed = false;
	return 10;
}

/* The digits of s without the sign; *overflow when too many. */
static bool read_digits(struct str s, unsigned base, bool underscores, uint64_t *out,
			bool *overflow)
{
	bool last_is_digit = underscores && base != 10;
	bool any = false;
	*out = 0;
	*overflow = false;
	for (size_t i = 0; i < s.len; i++) {
		if (underscores && s.ptr[i] == '_') {
			if (!last_is_digit && i > 0)
				return false;
			if (i == 0 && base == 10)
				return false;
			last_is_digit = false;
			continue;
		}
		int digit = digit_value(s.ptr[i]);
		if (digit >= (int)base)
			return false;
		if (*out > (UINT64_MAX - (unsigned)digit) / base)
			*overflow = true;
		else
			*out = *out * base + (unsigned)digit;
		last_is_digit = true;
		any = true;
	}
	return any && last_is_digit;
}

bool convert_parse_int(struct str s, unsigned base, int64_t *out)
{
	uint64_t n;
	bool overflow;
	bool prefixed = false;
	bool underscores = base == 0;
	*out = 0;
	if (s.len == 0)
		return false;
	bool negative = s.ptr[0] == '-';
	if (negative || s.ptr[0] == '+')
		s = str_from(s, 1);
	if (base == 0)
		base = take_base(&s, &prefixed);
	if (!read_digits(s, base, underscores, &n, &overflow))
		return false;
	uint64_t max = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	if (overflow || n > max) {
		*out = negative ? INT64_MIN : INT64_MAX;
		return false;
	}
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

/* cast drops `.000` behind a number and, in 1.7, zeros in front. */
static struct str trim_decimals(struct str s)
{
	bool has_zero = false;
	size_t i = s.len;
	while (i > 0) {
		char c = s.ptr[i - 1];
		if (c == '.')
			return has_zero ? str_slice(s, 0, i - 1) : s;
		if (c != '0')
			return s;
		has_zero = true;
		i--;
	}
	return s;
}

static int64_t text_to_int64(struct str s)
{
	int64_t n;
	return convert_parse_int(trim_decimals(s), 0, &n) ? n : 0;
}

/* A float as Go on amd64 converts it: out of range gives the smallest integer. */
static int64_t real_to_int64(double f)
{
	if (!(f > -9.3e18 && f < 9223372036854775808.0))
		return INT64_MIN;
	return f < -9223372036854775808.0 ? INT64_MIN : (int64_t)f;
}

int64_t convert_to_int64(struct gval v)
{
	switch (gval_kind(v)) {
	case GKIND_BOOL:
		return v.boolean ? 1 : 0;
	case GKIND_INT:
	case GKIND_INT64:
	case GKIND_UINT8:
	case GKIND_UINT64:
		return v.integer;
	case GKIND_FLOAT64:
		return real_to_int64(v.real);
	case GKIND_STRING:
		return text_to_int64(v.string);
	default:
		return 0;
	}
}

double convert_to_float(struct gval v)
{
	double f;
	bool overflow;
	switch (gval_kind(v)) {
	case GKIND_BOOL:
		return v.boolean ? 1 : 0;
	case GKIND_INT:
	case GKIND_INT64:
		return (double)v.integer;
	case GKIND_UINT8:
	case GKIND_UINT64:
		return (double)v.natural;
	case GKIND_FLOAT64:
		return v.real;
	case GKIND_STRING:
		return float_parse(v.string, true, &f, &overflow) && !overflow ? f : 0;
	default:
		return 0;
	}
}
