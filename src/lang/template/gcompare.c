/* SPDX-License-Identifier: MIT */
/* Decides when Go values are equal, in which order map keys stand and what counts as
 * true. */
#include "lang/template/gval.h"

static int compare_real(double a, double b)
{
	if (a != a || b != b) /* NaN sorts before all others */
		return (b != b ? 1 : 0) - (a != a ? 1 : 0);
	return (a > b) - (a < b);
}

int gval_compare(struct gval a, struct gval b)
{
	if (a.type != b.type && gval_kind(a) != gval_kind(b))
		return gval_kind(a) < gval_kind(b) ? -1 : 1;
	switch (gval_kind(a)) {
	case GKIND_BOOL:
		return (int)a.boolean - (int)b.boolean;
	case GKIND_INT:
	case GKIND_INT64:
		return (a.integer > b.integer) - (a.integer < b.integer);
	case GKIND_UINT8:
	case GKIND_UINT64:
		return (a.natural > b.natural) - (a.natural < b.natural);
	case GKIND_FLOAT64:
		return compare_real(a.real, b.real);
	case GKIND_COMPLEX128: {
		int order = compare_real(a.complex.re, b.complex.re);
		return order ? order : compare_real(a.complex.im, b.complex.im);
	}
	case GKIND_STRING:
		return str_cmp(a.string, b.string);
	case GKIND_STRUCT:
		for (size_t i = 0; i < a.type->n_fields; i++) {
			int order = gval_compare(a.fields[i], b.fields[i]);
			if (order)
				return order;
		}
		return 0;
	case GKIND_PTR:
		return (a.ptr > b.ptr) - (a.ptr < b.ptr);
	case GKIND_INVALID:
	case GKIND_INTERFACE:
	case GKIND_SLICE:
	case GKIND_MAP:
		return 0;
	}
	return 0;
}

bool gval_identical(struct gval a, struct gval b)
{
	if (a.type != b.type)
		return false;
	if (gval_kind(a) == GKIND_FLOAT64)
		return a.real == b.real;
	if (gval_kind(a) == GKIND_COMPLEX128)
		return a.complex.re == b.complex.re && a.complex.im == b.complex.im;
	return gval_compare(a, b) == 0;
}

bool gtype_is_comparable(const struct gtype *type)
{
	if (type->kind == GKIND_SLICE || type->kind == GKIND_MAP)
		return false;
	for (size_t i = 0; i < type->n_fields; i++)
		if (!gtype_is_comparable(type->fields[i].type))
			return false;
	return true;
}

static bool lists_equal(struct gctx *ctx, struct glist a, struct glist b)
{
	if (!a.items != !b.items || a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len && a.items != b.items; i++)
		if (!gval_deep_equal(ctx, a.items[i], b.items[i]))
			return false;
	return true;
}

static bool maps_equal(struct gctx *ctx, const struct gmap *a, const struct gmap *b)
{
	if (!a != !b)
		return false;
	if (a == b)
		return true;
	if (!a || !b || a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		if (!gval_identical(a->items[i].key, b->items[i].key) ||
		    !gval_deep_equal(ctx, a->items[i].value, b->items[i].value))
			return false;
	}
	return true;
}

static bool contents_equal(struct gctx *ctx, struct gval a, struct gval b)
{
	switch (gval_kind(a)) {
	case GKIND_SLICE:
		return lists_equal(ctx, a.list, b.list);
	case GKIND_MAP:
		return maps_equal(ctx, a.map, b.map);
	case GKIND_STRUCT:
		for (size_t i = 0; i < a.type->n_fields; i++)
			if (!gval_deep_equal(ctx, a.fields[i], b.fields[i]))
				return false;
		return true;
	case GKIND_PTR: {
		struct str x;
		struct str y;
		return a.ptr == b.ptr || (gval_stringer(ctx, a, &x) &&
					  gval_stringer(ctx, b, &y) && str_eq(x, y));
	}
	default:
		return gval_identical(a, b);
	}
}

bool gval_deep_equal(struct gctx *ctx, struct gval a, struct gval b)
{
	if (a.type != b.type || !gctx_enter(ctx))
		return false;
	bool equal = contents_equal(ctx, a, b);
	gctx_leave(ctx);
	return equal;
}

bool gval_is_true(struct gval v)
{
	switch (gval_kind(v)) {
	case GKIND_INVALID:
	case GKIND_INTERFACE:
		return false;
	case GKIND_BOOL:
		return v.boolean;
	case GKIND_INT:
	case GKIND_INT64:
		return v.integer != 0;
	case GKIND_UINT8:
	case GKIND_UINT64:
		return v.natural != 0;
	case GKIND_FLOAT64:
		return v.real != 0;
	case GKIND_COMPLEX128:
		return v.complex.re != 0 || v.complex.im != 0;
	case GKIND_STRING:
		return v.string.len > 0;
	case GKIND_SLICE:
		return v.list.len > 0;
	case GKIND_MAP:
		return gval_map_len(v) > 0;
	case GKIND_STRUCT:
		return true;
	case GKIND_PTR:
		return v.ptr != NULL;
	}
	return false;
}
