/* SPDX-License-Identifier: MIT */
/* eq, ne, lt, le, gt and ge: what Go compares and what it refuses to. */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"

enum basic {
	BASIC_NONE,
	BASIC_BOOL,
	BASIC_COMPLEX,
	BASIC_INT,
	BASIC_FLOAT,
	BASIC_STRING,
	BASIC_UINT
};

static enum basic classify(struct gval v)
{
	switch (gval_kind(v)) {
	case GKIND_BOOL:
		return BASIC_BOOL;
	case GKIND_INT:
	case GKIND_INT64:
		return BASIC_INT;
	case GKIND_UINT8:
	case GKIND_UINT64:
		return BASIC_UINT;
	case GKIND_FLOAT64:
		return BASIC_FLOAT;
	case GKIND_COMPLEX128:
		return BASIC_COMPLEX;
	case GKIND_STRING:
		return BASIC_STRING;
	default:
		return BASIC_NONE;
	}
}

static bool is_nil(struct gval v)
{
	switch (gval_kind(v)) {
	case GKIND_INVALID:
	case GKIND_INTERFACE:
		return true;
	case GKIND_MAP:
		return !v.map;
	case GKIND_SLICE:
		return !v.list.items;
	case GKIND_PTR:
		return !v.ptr;
	default:
		return false;
	}
}

static bool fail_incompatible(struct gcall *call)
{
	call_fail(call, "incompatible types for comparison");
	return false;
}

/* As fmt prints a reflect.Value with %s. */
static struct str show(struct gcall *call, struct gval v)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	gfmt_printf(call->ctx, &text, STR("%s"), &v, 1);
	text.full = false;
	return gctx_buf_str(call->ctx, &text);
}

static bool equal_other(struct gcall *call, struct gval a, struct gval b)
{
	bool a_nil = is_nil(a);
	bool b_nil = is_nil(b);
	if (a.type && b.type && gval_kind(a) != gval_kind(b)) {
		struct str text = show(call, a);
		struct str other = gfmt_text(call->ctx, b);
		call_fail(call, "non-comparable types %.*s: %s, %s: %.*s", STR_ARG(text),
			  a.type->name, b.type->name, STR_ARG(other));
		return false;
	}
	if (a_nil || b_nil)
		return a_nil == b_nil;
	if (!gtype_is_comparable(b.type)) {
		struct str text = show(call, b);
		call_fail(call, "non-comparable type %.*s: %s", STR_ARG(text),
			  b.type->name);
		return false;
	}
	return gval_identical(a, b);
}

static bool equal(struct gcall *call, struct gval a, struct gval b)
{
	enum basic x = classify(a);
	enum basic y = classify(b);
	if (x == BASIC_INT && y == BASIC_UINT)
		return a.integer >= 0 && (uint64_t)a.integer == b.natural;
	if (x == BASIC_UINT && y == BASIC_INT)
		return b.integer >= 0 && (uint64_t)b.integer == a.natural;
	if (x != y)
		return a.type && b.type ? fail_incompatible(call) : false;
	if (x == BASIC_NONE)
		return equal_other(call, a, b);
	b.type = a.type; /* int and int64 of one value are equal here */
	return gval_identical(a, b);
}

static bool less(struct gcall *call, struct gval a, struct gval b)
{
	enum basic x = classify(a);
	enum basic y = classify(b);
	if (x == BASIC_NONE || y == BASIC_NONE) {
		call_fail(call, "invalid type for comparison");
		return false;
	}
	if (x == BASIC_INT && y == BASIC_UINT)
		return a.integer < 0 || (uint64_t)a.integer < b.natural;
	if (x == BASIC_UINT && y == BASIC_INT)
		return b.integer >= 0 && a.natural < (uint64_t)b.integer;
	if (x != y)
		return fail_incompatible(call);
	if (x == BASIC_BOOL || x == BASIC_COMPLEX) {
		call_fail(call, "invalid type for comparison");
		return false;
	}
	if (x == BASIC_FLOAT)
		return a.real < b.real;
	b.type = a.type;
	return gval_compare(a, b) < 0;
}

static struct gval fn_eq(struct gcall *call)
{
	if (call->n_args < 2)
		return call_fail(call, "missing argument for comparison");
	for (size_t i = 1; i < call->n_args && !call->ctx->failed; i++)
		if (equal(call, call_arg(call, 0), call_arg(call, i)))
			return gval_bool(true);
	return gval_bool(false);
}

static struct gval fn_ne(struct gcall *call)
{
	return gval_bool(!equal(call, call_arg(call, 0), call_arg(call, 1)));
}

static struct gval fn_lt(struct gcall *call)
{
	return gval_bool(less(call, call_arg(call, 0), call_arg(call, 1)));
}

static bool less_or_equal(struct gcall *call)
{
	struct gval a = call_arg(call, 0);
	struct gval b = call_arg(call, 1);
	return less(call, a, b) || (!call->ctx->failed && equal(call, a, b));
}

static struct gval fn_le(struct gcall *call)
{
	return gval_bool(less_or_equal(call));
}

static struct gval fn_gt(struct gcall *call)
{
	return gval_bool(!less_or_equal(call));
}

static struct gval fn_ge(struct gcall *call)
{
	return gval_bool(!less(call, call_arg(call, 0), call_arg(call, 1)));
}

static const struct gfunc rows[] = {
	{ "eq", "vv*:b", fn_eq }, { "ne", "vv:b", fn_ne }, { "lt", "vv:b", fn_lt },
	{ "le", "vv:b", fn_le },  { "gt", "vv:b", fn_gt }, { "ge", "vv:b", fn_ge },
};

const struct gfunc_table functions_compare = FUNCTION_TABLE(rows);
