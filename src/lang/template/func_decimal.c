/* SPDX-License-Identifier: MIT */
/* sprig's addf, subf, mulf and divf: exact decimal arithmetic on the shortest digits of
 * the operands, with 16 digits behind the point for a quotient. */
#include "lang/template/functions.h"
#include "lang/template/quote.h"
#include <math.h>

enum {
	DIGITS_MAX = 2400,
	DIVISION_PLACES = 16
};

/* (-1)^negative * DIGITS * 10^exponent; most significant digit first. */
struct decimal {
	unsigned char digits[DIGITS_MAX];
	int len;
	int exponent;
	bool negative;
	bool broken; /* too many digits */
};

static void normalize(struct decimal *d)
{
	int zeros = 0;
	while (zeros < d->len && d->digits[zeros] == 0)
		zeros++;
	d->len -= zeros;
	memmove(d->digits, d->digits + zeros, (size_t)d->len);
	if (d->len == 0) {
		d->exponent = 0;
		d->negative = false;
	}
}

static void from_real(double f, struct decimal *out)
{
	BUF_CLEANUP struct buf text = BUF_INIT(64);
	*out = (struct decimal){ .len = 0 };
	if (isnan(f) || isinf(f)) {
		out->broken = true;
		return;
	}
	float_write(&text, f, 'e', -1);
	struct str s = buf_str(&text);
	size_t e = str_find_char(s, 'e');
	int places = 0;
	bool behind_point = false;
	for (size_t i = 0; i < e; i++) {
		if (s.ptr[i] == '-')
			out->negative = true;
		else if (s.ptr[i] == '.')
			behind_point = true;
		else {
			out->digits[out->len++] = (unsigned char)(s.ptr[i] - '0');
			places += behind_point ? 1 : 0;
		}
	}
	int64_t exponent = 0;
	(void)convert_parse_int(str_from(s, e + 1), 10, &exponent);
	out->exponent = (int)exponent - places;
	normalize(out);
}

/* Appends zeros until the exponent is `exponent`. */
static void lower_exponent(struct decimal *d, int exponent)
{
	if (d->len == 0) {
		d->exponent = exponent;
		return;
	}
	while (d->exponent > exponent && !d->broken) {
		if (d->len == DIGITS_MAX) {
			d->broken = true;
			return;
		}
		d->digits[d->len++] = 0;
		d->exponent--;
	}
}

static int digit_from_end(const struct decimal *d, int i)
{
	return i < d->len ? d->digits[d->len - 1 - i] : 0;
}

static int compare_size(const struct decimal *a, const struct decimal *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->digits, b->digits, (size_t)a->len);
}

/* |a| + |b| or, with `minus`, |a| - |b| where |a| >= |b|; equal exponents. */
static void combine(const struct decimal *a, const struct decimal *b, bool minus,
		    struct decimal *out)
{
	int len = (a->len > b->len ? a->len : b->len) + 1;
	int carry = 0;
	*out = (struct decimal){ .exponent = a->exponent, .len = len };
	if (len > DIGITS_MAX) {
		out->broken = true;
		return;
	}
	for (int i = 0; i < len; i++) {
		int n = digit_from_end(a, i) + carry;
		n += minus ? -digit_from_end(b, i) : digit_from_end(b, i);
		carry = n < 0 ? -1 : n / 10;
		out->digits[len - 1 - i] = (unsigned char)((n + 10) % 10);
	}
}

static void add(struct decimal *a, struct decimal *b, struct decimal *out)
{
	int exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
	bool broken = a->broken || b->broken;
	lower_exponent(a, exponent);
	lower_exponent(b, exponent);
	if (a->negative == b->negative) {
		combine(a, b, false, out);
		out->negative = a->negative;
	} else if (compare_size(a, b) >= 0) {
		combine(a, b, true, out);
		out->negative = a->negative;
	} else {
		combine(b, a, true, out);
		out->negative = b->negative;
	}
	out->broken = out->broken || broken || a->broken || b->broken;
	normalize(out);
}

static void subtract(struct decimal *a, struct decimal *b, struct decimal *out)
{
	b->negative = !b->negative && b->len > 0;
	add(a, b, out);
}

static void multiply(struct decimal *a, struct decimal *b, struct decimal *out)
{
	*out = (struct decimal){ .len = a->len + b->len,
				 .exponent = a->exponent + b->exponent,
				 .negative = a->negative != b->negative,
				 .broken = a->broken || b->broken };
	if (out->len > DIGITS_MAX) {
		*out = (struct decimal){ .broken = true };
		return;
	}
	for (int i = 0; i < a->len; i++) {
		int carry = 0;
		for (int k = 0; k < b->len || carry; k++) {
			unsigned char *cell = &out->digits[out->len - 1 - i - k];
			int n =
			    *cell + carry + digit_from_end(a, i) * digit_from_end(b, k);
			*cell = (unsigned char)(n % 10);
			carry = n / 10;
		}
	}
	normalize(out);
}

/* rest = rest * 10 + digit */
static void shift_in(struct decimal *rest, unsigned char digit)
{
	if (rest->len < DIGITS_MAX)
		rest->digits[rest->len++] = digit;
	normalize(rest);
}

static int take_quotient_digit(struct decimal *rest, const struct decimal *b)
{
	int n = 0;
	while (compare_size(rest, b) >= 0) {
		struct decimal less;
		combine(rest, b, true, &less);
		normalize(&less);
		*rest = less;
		n++;
	}
	return n;
}

static void round_up(struct decimal *d)
{
	struct decimal one = { .digits = { 1 }, .len = 1, .exponent = d->exponent };
	struct decimal sum;
	combine(d, &one, false, &sum);
	sum.negative = d->negative;
	*d = sum;
}

/* a / b to 16 places, half away from zero. */
static void divide(struct decimal *a, struct decimal *b, struct decimal *out)
{
	bool broken = a->broken || b->broken;
	int places = a->exponent - b->exponent + DIVISION_PLACES;
	*out = (struct decimal){ .exponent = -DIVISION_PLACES,
				 .negative = a->negative != b->negative,
				 .broken = broken };
	if (broken || a->len + places > DIGITS_MAX / 2) {
		out->broken = true;
		return;
	}
	struct decimal rest = { .len = 0 };
	for (int i = 0; i < a->len + places; i++) {
		shift_in(&rest, i < a->len ? a->digits[i] : 0);
		out->digits[out->len++] = (unsigned char)take_quotient_digit(&rest, b);
	}
	if (a->len + places < 0) {
		normalize(out);
		return;
	}
	shift_in(&rest, places < 0 ? a->digits[a->len + places] : 0);
	if (take_quotient_digit(&rest, b) >= 5)
		round_up(out);
	normalize(out);
}

static double to_real(const struct decimal *d)
{
	BUF_CLEANUP struct buf text = BUF_INIT(DIGITS_MAX + 40);
	if (d->broken)
		return (double)NAN;
	buf_putc(&text, d->negative ? '-' : '+');
	for (int i = 0; i < d->len; i++)
		buf_putc(&text, (char)('0' + d->digits[i]));
	buf_printf(&text, "%se%d", d->len ? "" : "0", d->exponent);
	return strtod(buf_cstr(&text), NULL);
}

typedef void operation(struct decimal *a, struct decimal *b, struct decimal *out);

static struct gval fold(struct gcall *call, struct decimal *a, size_t first,
			operation *run)
{
	struct decimal b;
	struct decimal out;
	for (size_t i = first; i < call->n_args; i++) {
		if (!gctx_step(call->ctx, 1 + (size_t)a->len * (size_t)a->len / 256))
			return gval_none();
		from_real(convert_to_float(call_arg(call, i)), &b);
		if (run == divide && b.len == 0 && !b.broken)
			return call_fail(call, "decimal division by 0");
		run(a, &b, &out);
		*a = out;
	}
	return gval_float(to_real(a));
}

static struct gval fn_addf(struct gcall *call)
{
	struct decimal zero = { .len = 0 };
	return fold(call, &zero, 0, add);
}

static struct gval fn_add1f(struct gcall *call)
{
	struct decimal one = { .digits = { 1 }, .len = 1 };
	return fold(call, &one, 0, add);
}

static struct gval fold_from_first(struct gcall *call, operation *run)
{
	struct decimal a;
	from_real(convert_to_float(call_arg(call, 0)), &a);
	return fold(call, &a, 1, run);
}

static struct gval fn_subf(struct gcall *call)
{
	return fold_from_first(call, subtract);
}

static struct gval fn_mulf(struct gcall *call)
{
	return fold_from_first(call, multiply);
}

static struct gval fn_divf(struct gcall *call)
{
	return fold_from_first(call, divide);
}

static const struct gfunc rows[] = {
	{ "addf", "a*:f", fn_addf },  { "add1f", "a:f", fn_add1f },
	{ "subf", "aa*:f", fn_subf }, { "mulf", "aa*:f", fn_mulf },
	{ "divf", "aa*:f", fn_divf },
};

const struct gfunc_table functions_decimal = FUNCTION_TABLE(rows);
