/* SPDX-License-Identifier: MIT */
/* sprig's lists: making them, taking their ends, adding to them. */
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"

/* Argument i as a list; false, with sprig's text, when it is none. */
static bool take_list(struct gcall *call, size_t i, const char *what, struct gval *out)
{
	*out = call_arg(call, i);
	if (gval_kind(*out) == GKIND_SLICE)
		return true;
	if (!out->type)
		call_fail(
		    call,
		    "runtime error: invalid memory address or nil pointer dereference");
	else
		call_fail(call, "Cannot %s type %s", what, gkind_name(gval_kind(*out)));
	return false;
}

/* A list[]interface{} with the same elements. */
static struct gval copy_list(struct gcall *call, struct gval list, size_t from, size_t to)
{
	struct gval out = gval_list(call->ctx, &gtype_list, to - from);
	for (size_t i = from; i < to && !call->ctx->failed; i++)
		gval_list_add(call->ctx, &out, list.list.items[i]);
	gctx_step(call->ctx, (to - from) / 16);
	return out;
}

static struct gval fn_list(struct gcall *call)
{
	struct gval out = gval_list(call->ctx, &gtype_list, call->n_args);
	for (size_t i = 0; i < call->n_args; i++)
		gval_list_add(call->ctx, &out, call->args[i]);
	return out;
}

static struct gval fn_append(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "push on", &list))
		return gval_none();
	struct gval out = copy_list(call, list, 0, list.list.len);
	gval_list_add(call->ctx, &out, call->args[1]);
	return out;
}

static struct gval fn_prepend(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "prepend on", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_list, list.list.len + 1);
	gval_list_add(call->ctx, &out, call->args[1]);
	for (size_t i = 0; i < list.list.len && !call->ctx->failed; i++)
		gval_list_add(call->ctx, &out, list.list.items[i]);
	gctx_step(call->ctx, list.list.len / 16);
	return out;
}

static struct gval fn_first(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find first on", &list) || list.list.len == 0)
		return gval_none();
	return list.list.items[0];
}

static struct gval fn_last(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find last on", &list) || list.list.len == 0)
		return gval_none();
	return list.list.items[list.list.len - 1];
}

static struct gval fn_rest(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find rest on", &list))
		return gval_none();
	if (list.list.len == 0)
		return gval_zero(&gtype_list);
	return copy_list(call, list, 1, list.list.len);
}

static struct gval fn_initial(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find initial on", &list))
		return gval_none();
	if (list.list.len == 0)
		return gval_zero(&gtype_list);
	struct gval out = copy_list(call, list, 0, list.list.len - 1);
	/* sprig leaves the slot of the last element in place */
	return out;
}

static struct gval fn_reverse(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find reverse on", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_list, list.list.len);
	for (size_t i = list.list.len; i > 0 && !call->ctx->failed; i--)
		gval_list_add(call->ctx, &out, list.list.items[i - 1]);
	gctx_step(call->ctx, list.list.len / 16);
	return out;
}

static struct gval fn_compact(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "compact on", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_list, 0);
	for (size_t i = 0; i < list.list.len && gctx_step(call->ctx, 1); i++)
		if (gval_is_true(gval_unbox(list.list.items[i])))
			gval_list_add(call->ctx, &out, list.list.items[i]);
	return out;
}

static bool list_holds(struct gctx *ctx, const struct gval *items, size_t n,
		       struct gval v)
{
	for (size_t i = 0; i < n && !ctx->failed; i++)
		if (gval_deep_equal(ctx, gval_unbox(items[i]), gval_unbox(v)))
			return true;
	return false;
}

static struct gval fn_uniq(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find uniq on", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_list, 0);
	for (size_t i = 0; i < list.list.len && gctx_step(call->ctx, 1); i++)
		if (!list_holds(call->ctx, out.list.items, out.list.len,
				list.list.items[i]))
			gval_list_add(call->ctx, &out, list.list.items[i]);
	return out;
}

static struct gval fn_without(struct gcall *call)
{
	struct gval list;
	if (!take_list(call, 0, "find without on", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_list, 0);
	for (size_t i = 0; i < list.list.len && gctx_step(call->ctx, 1); i++)
		if (!list_holds(call->ctx, call->args + 1, call->n_args - 1,
				list.list.items[i]))
			gval_list_add(call->ctx, &out, list.list.items[i]);
	return out;
}

static struct gval fn_has(struct gcall *call)
{
	struct gval list;
	if (!call_arg(call, 1).type)
		return gval_bool(false);
	if (!take_list(call, 1, "find has on", &list))
		return gval_none();
	return gval_bool(
	    list_holds(call->ctx, list.list.items, list.list.len, call->args[0]));
}

static struct gval fn_slice(struct gcall *call)
{
	struct gval list = call_arg(call, 0);
	if (list.type && gval_kind(list) != GKIND_SLICE)
		return call_fail(call, "list should be type of slice or array but %s",
				 gkind_name(gval_kind(list)));
	if (!take_list(call, 0, "slice", &list) || list.list.len == 0)
		return gval_none();
	int64_t from = call->n_args > 1 ? convert_to_int64(call_arg(call, 1)) : 0;
	int64_t to = call->n_args > 2 ? convert_to_int64(call_arg(call, 2))
				      : (int64_t)list.list.len;
	if (from < 0 || from > to || to > (int64_t)list.list.cap)
		return call_fail(call, "reflect.Value.Slice: slice index out of bounds");
	return gval_list_slice(list, (size_t)from, (size_t)to);
}

static struct gval fn_concat(struct gcall *call)
{
	struct gval out = gval_zero(&gtype_list);
	for (size_t i = 0; i < call->n_args && !call->ctx->failed; i++) {
		struct gval list = call_arg(call, i);
		if (list.type && gval_kind(list) != GKIND_SLICE)
			return call_fail(call, "Cannot concat type %s as list",
					 gkind_name(gval_kind(list)));
		if (!take_list(call, i, "concat", &list))
			return gval_none();
		for (size_t k = 0; k < list.list.len && gctx_step(call->ctx, 1); k++)
			gval_list_add(call->ctx, &out, list.list.items[k]);
	}
	return out;
}

static struct gval fn_chunk(struct gcall *call)
{
	struct gval list;
	int64_t size = call_int(call, 0);
	if (!take_list(call, 1, "chunk", &list))
		return gval_none();
	struct gval out = gval_list(call->ctx, &gtype_chunks, 0);
	if (size <= 0)
		return call_fail(call, "runtime error: makeslice: len out of range");
	for (size_t at = 0; at < list.list.len && gctx_step(call->ctx, 1);) {
		size_t end = list.list.len - at > (uint64_t)size ? at + (size_t)size
								 : list.list.len;
		gval_list_add(call->ctx, &out, copy_list(call, list, at, end));
		at = end;
	}
	return out;
}

static const struct gfunc rows[] = {
	{ "list", "a*:L", fn_list },         { "tuple", "a*:L", fn_list },
	{ "append", "aa:L", fn_append },     { "push", "aa:L", fn_append },
	{ "mustAppend", "aa:L", fn_append }, { "mustPush", "aa:L", fn_append },
	{ "prepend", "aa:L", fn_prepend },   { "mustPrepend", "aa:L", fn_prepend },
	{ "first", "a:a", fn_first },        { "mustFirst", "a:a", fn_first },
	{ "last", "a:a", fn_last },          { "mustLast", "a:a", fn_last },
	{ "rest", "a:L", fn_rest },          { "mustRest", "a:L", fn_rest },
	{ "initial", "a:L", fn_initial },    { "mustInitial", "a:L", fn_initial },
	{ "reverse", "a:L", fn_reverse },    { "mustReverse", "a:L", fn_reverse },
	{ "compact", "a:L", fn_compact },    { "mustCompact", "a:L", fn_compact },
	{ "uniq", "a:L", fn_uniq },          { "mustUniq", "a:L", fn_uniq },
	{ "without", "aa*:L", fn_without },  { "mustWithout", "aa*:L", fn_without },
	{ "has", "aa:b", fn_has },           { "mustHas", "aa:b", fn_has },
	{ "slice", "aa*:a", fn_slice },      { "mustSlice", "aa*:a", fn_slice },
	{ "concat", "a*:a", fn_concat },     { "chunk", "ia:C", fn_chunk },
	{ "mustChunk", "ia:C", fn_chunk },
};

const struct gfunc_table functions_list = FUNCTION_TABLE(rows);
