/* SPDX-License-Identifier: MIT */
/* sprig's arithmetic on integers, which wraps as Go's does, and its rounding of floats.
 */
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"
#include <math.h>

/* Argument i as the bits of an int64, on which arithmetic wraps. */
static uint64_t take_bits(const struct gcall *call, size_t i)
{
	return (uint64_t)convert_to_int64(call_arg(call, i));
}

static struct gval fn_add(struct gcall *call)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < call->n_args; i++)
		sum += take_bits(call, i);
	return gval_int64((int64_t)sum);
}

static struct gval fn_add1(struct gcall *call)
{
	return gval_int64((int64_t)(take_bits(call, 0) + 1));
}

static struct gval fn_sub(struct gcall *call)
{
	return gval_int64((int64_t)(take_bits(call, 0) - take_bits(call, 1)));
}

static struct gval fn_mul(struct gcall *call)
{
	uint64_t product = take_bits(call, 0);
	for (size_t i = 1; i < call->n_args; i++)
		product *= take_bits(call, i);
	return gval_int64((int64_t)product);
}

static struct gval fn_div(struct gcall *call)
{
	int64_t a = (int64_t)take_bits(call, 0);
	int64_t b = (int64_t)take_bits(call, 1);
	if (b == 0)
		return call_fail(call, "runtime error: integer divide by zero");
	if (b == -1)
		return gval_int64((int64_t)(0 - (uint64_t)a));
	return gval_int64(a / b);
}

static struct gval fn_mod(struct gcall *call)
{
	int64_t a = (int64_t)take_bits(call, 0);
	int64_t b = (int64_t)take_bits(call, 1);
	if (b == 0)
		return call_fail(call, "runtime error: integer divide by zero");
	return gval_int64(b == -1 ? 0 : a % b);
}

static struct gval fn_max(struct gcall *call)
{
	int64_t best = (int64_t)take_bits(call, 0);
	for (size_t i = 1; i < call->n_args; i++)
		if ((int64_t)take_bits(call, i) > best)
			best = (int64_t)take_bits(call, i);
	return gval_int64(best);
}

static struct gval fn_min(struct gcall *call)
{
	int64_t best = (int64_t)take_bits(call, 0);
	for (size_t i = 1; i < call->n_args; i++)
		if ((int64_t)take_bits(call, i) < best)
			best = (int64_t)take_bits(call, i);
	return gval_int64(best);
}

static double take_real(const struct gcall *call, size_t i)
{
	return convert_to_float(call_arg(call, i));
}

static struct gval pick_real(struct gcall *call, bool greatest)
{
	double best = take_real(call, 0);
	for (size_t i = 1; i < call->n_args; i++) {
		double f = take_real(call, i);
		if (isnan(f) || isnan(best))
			best = (double)NAN;
		else if (greatest ? f > best : f < best)
			best = f;
	}
	return gval_float(best);
}

static struct gval fn_maxf(struct gcall *call)
{
	return pick_real(call, true);
}

static struct gval fn_minf(struct gcall *call)
{
	return pick_real(call, false);
}

static struct gval fn_ceil(struct gcall *call)
{
	return gval_float(ceil(take_real(call, 0)));
}

static struct gval fn_floor(struct gcall *call)
{
	return gval_float(floor(take_real(call, 0)));
}

static struct gval fn_round(struct gcall *call)
{
	double round_on = call->n_args > 2 ? call->args[2].real : 0.5;
	double scale = pow(10, (double)call_int(call, 1));
	double digit = scale * take_real(call, 0);
	double whole;
	double rest = modf(digit, &whole);
	return gval_float((rest >= round_on ? ceil(digit) : floor(digit)) / scale);
}

static struct gval fn_atoi(struct gcall *call)
{
	int64_t n;
	(void)convert_parse_int(call_str(call, 0), 10, &n);
	return gval_int(n);
}

static struct gval fn_int(struct gcall *call)
{
	return gval_int(convert_to_int64(call_arg(call, 0)));
}

static struct gval fn_int64(struct gcall *call)
{
	return gval_int64(convert_to_int64(call_arg(call, 0)));
}

static struct gval fn_float64(struct gcall *call)
{
	return gval_float(take_real(call, 0));
}

static struct gval fn_to_decimal(struct gcall *call)
{
	int64_t n;
	struct str text = gfmt_text(call->ctx, call_arg(call, 0));
	return gval_int64(convert_parse_int(text, 8, &n) ? n : 0);
}

static const struct gfunc rows[] = {
	{ "add", "a*:I", fn_add },
	{ "add1", "a:I", fn_add1 },
	{ "sub", "aa:I", fn_sub },
	{ "mul", "aa*:I", fn_mul },
	{ "div", "aa:I", fn_div },
	{ "mod", "aa:I", fn_mod },
	{ "max", "aa*:I", fn_max },
	{ "biggest", "aa*:I", fn_max },
	{ "min", "aa*:I", fn_min },
	{ "maxf", "aa*:f", fn_maxf },
	{ "minf", "aa*:f", fn_minf },
	{ "ceil", "a:f", fn_ceil },
	{ "floor", "a:f", fn_floor },
	{ "round", "aif*:f", fn_round },
	{ "atoi", "s:i", fn_atoi },
	{ "int", "a:i", fn_int },
	{ "int64", "a:I", fn_int64 },
	{ "float64", "a:f", fn_float64 },
	{ "toDecimal", "a:I", fn_to_decimal },
};

const struct gfunc_table functions_math = FUNCTION_TABLE(rows);
