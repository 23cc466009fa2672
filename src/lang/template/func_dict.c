/* SPDX-License-Identifier: MIT */
/* sprig's dictionaries. Where Go's order is random, keys come sorted. */
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"

static struct gval fn_dict(struct gcall *call)
{
	struct gval map = gval_map(call->ctx, &gtype_map);
	for (size_t i = 0; i < call->n_args && !call->ctx->failed; i += 2) {
		struct str key = convert_to_text(call->ctx, call_arg(call, i));
		struct gval value =
		    i + 1 < call->n_args ? call_arg(call, i + 1) : gval_text("");
		gval_map_set(call->ctx, map, gval_string(key), value);
	}
	return map;
}

static struct gval fn_get(struct gcall *call)
{
	const struct gval *entry = gval_map_find(call->args[0], call->args[1]);
	return entry ? *entry : gval_text("");
}

static struct gval fn_set(struct gcall *call)
{
	if (!call->args[0].map)
		return call_fail(call, "assignment to entry in nil map");
	gval_map_set(call->ctx, call->args[0], call->args[1], call->args[2]);
	return call->args[0];
}

static struct gval fn_unset(struct gcall *call)
{
	gval_map_unset(call->args[0], call->args[1]);
	return call->args[0];
}

static struct gval fn_has_key(struct gcall *call)
{
	return gval_bool(gval_map_find(call->args[0], call->args[1]) != NULL);
}

static struct gval fn_pluck(struct gcall *call)
{
	struct gval out = gval_list(call->ctx, &gtype_list, 0);
	for (size_t i = 1; i < call->n_args && !call->ctx->failed; i++) {
		const struct gval *entry = gval_map_find(call->args[i], call->args[0]);
		if (entry)
			gval_list_add(call->ctx, &out, *entry);
	}
	return out;
}

static struct gval fn_keys(struct gcall *call)
{
	struct gval out = gval_list(call->ctx, &gtype_strings, 0);
	for (size_t i = 0; i < call->n_args; i++)
		for (size_t k = 0; k < gval_map_len(call->args[i]); k++)
			if (gctx_step(call->ctx, 1))
				gval_list_add(call->ctx, &out,
					      call->args[i].map->items[k].key);
	return out;
}

static struct gval fn_values(struct gcall *call)
{
	struct gval out = gval_list(call->ctx, &gtype_list, 0);
	for (size_t k = 0; k < gval_map_len(call->args[0]); k++)
		if (gctx_step(call->ctx, 1))
			gval_list_add(call->ctx, &out, call->args[0].map->items[k].value);
	return out;
}

static struct gval fn_pick(struct gcall *call)
{
	struct gval out = gval_map(call->ctx, &gtype_map);
	for (size_t i = 1; i < call->n_args && !call->ctx->failed; i++) {
		const struct gval *entry = gval_map_find(call->args[0], call->args[i]);
		if (entry)
			gval_map_set(call->ctx, out, call->args[i], *entry);
	}
	return out;
}

static struct gval fn_omit(struct gcall *call)
{
	struct gval out = gval_map(call->ctx, &gtype_map);
	for (size_t k = 0; k < gval_map_len(call->args[0]); k++) {
		const struct gmap_entry *entry = &call->args[0].map->items[k];
		bool drop = !gctx_step(call->ctx, call->n_args);
		for (size_t i = 1; i < call->n_args; i++)
			drop = drop || gval_identical(entry->key, call->args[i]);
		if (!drop)
			gval_map_set(call->ctx, out, entry->key, entry->value);
	}
	return out;
}

static void merge_maps(struct gctx *ctx, struct gval dst, struct gval src,
		       bool overwrite);

static void merge_entry(struct gctx *ctx, struct gval dst, const struct gmap_entry *from,
			bool overwrite)
{
	struct gval src = gval_unbox(from->value);
	struct gval *entry = gval_map_find(dst, from->key);
	struct gval old = entry ? gval_unbox(*entry) : gval_none();
	if (!src.type) {
		if (overwrite)
			gval_map_set(ctx, dst, from->key, from->value);
		return;
	}
	enum gkind kind = gval_kind(src);
	if (kind == GKIND_MAP && old.type == src.type && old.map && src.map) {
		merge_maps(ctx, old, src, overwrite);
		if (gval_map_len(old) > 0)
			return;
	}
	if (kind == GKIND_SLICE && overwrite && gval_map_len(dst) > 0) {
		gval_map_set(ctx, dst, from->key, from->value);
		return;
	}
	if (overwrite || !old.type || !gval_is_true(old))
		gval_map_set(ctx, dst, from->key, from->value);
}

static void merge_maps(struct gctx *ctx, struct gval dst, struct gval src, bool overwrite)
{
	if (dst.map == src.map || !gctx_enter(ctx))
		return;
	for (size_t i = 0; i < gval_map_len(src) && !ctx->failed; i++)
		merge_entry(ctx, dst, &src.map->items[i], overwrite);
	gctx_leave(ctx);
}

static struct gval merge_all(struct gcall *call, bool overwrite)
{
	struct gval dst = call->args[0];
	if (!dst.map && call->n_args > 1)
		dst = gval_map(call->ctx, &gtype_map);
	for (size_t i = 1; i < call->n_args && !call->ctx->failed; i++)
		merge_maps(call->ctx, dst, call->args[i], overwrite);
	return dst;
}

static struct gval fn_merge(struct gcall *call)
{
	return merge_all(call, false);
}

static struct gval fn_merge_overwrite(struct gcall *call)
{
	return merge_all(call, true);
}

static struct gval copy_deep(struct gctx *ctx, struct gval v)
{
	struct gval out = v;
	if (!gctx_enter(ctx))
		return v;
	if (gval_kind(v) == GKIND_SLICE && v.list.items) {
		out = gval_list(ctx, v.type, v.list.len);
		for (size_t i = 0; i < v.list.len && !ctx->failed; i++)
			gval_list_add(ctx, &out, copy_deep(ctx, v.list.items[i]));
	} else if (gval_kind(v) == GKIND_MAP && v.map) {
		out = gval_map(ctx, v.type);
		for (size_t i = 0; i < v.map->len && !ctx->failed; i++)
			gval_map_set(ctx, out, v.map->items[i].key,
				     copy_deep(ctx, v.map->items[i].value));
	}
	out.boxed = v.boxed;
	gctx_leave(ctx);
	return out;
}

static struct gval fn_deep_copy(struct gcall *call)
{
	struct gval v = call_arg(call, 0);
	if (!v.type)
		return call_fail(call,
				 "reflect: call of reflect.Value.Type on zero Value");
	return copy_deep(call->ctx, v);
}

static struct gval fail_conversion(struct gcall *call, struct gval v, const char *want)
{
	if (!v.type)
		return call_fail(
		    call, "interface conversion: interface {} is nil, not %s", want);
	return call_fail(call, "interface conversion: interface {} is %s, not %s",
			 v.type->name, want);
}

static struct gval fn_dig(struct gcall *call)
{
	if (call->n_args < 3)
		return call_fail(call, "dig needs at least three arguments");
	struct gval v = call_arg(call, call->n_args - 1);
	size_t n = call->n_args - 2;
	if (v.type != &gtype_map)
		return fail_conversion(call, v, gtype_map.name);
	for (size_t i = 0; i < n; i++)
		if (gval_kind(call_arg(call, i)) != GKIND_STRING)
			return fail_conversion(call, call_arg(call, i), "string");
	for (size_t i = 0; i < n; i++) {
		if (v.type != &gtype_map)
			return fail_conversion(call, v, gtype_map.name);
		const struct gval *entry = gval_map_find(v, call_arg(call, i));
		if (!entry)
			return call_arg(call, n);
		v = gval_unbox(*entry);
	}
	return v;
}

static const struct gfunc rows[] = {
	{ "dict", "a*:m", fn_dict },
	{ "get", "ms:a", fn_get },
	{ "set", "msa:m", fn_set },
	{ "unset", "ms:m", fn_unset },
	{ "hasKey", "ms:b", fn_has_key },
	{ "pluck", "sm*:L", fn_pluck },
	{ "keys", "m*:S", fn_keys },
	{ "values", "m:L", fn_values },
	{ "pick", "ms*:m", fn_pick },
	{ "omit", "ms*:m", fn_omit },
	{ "merge", "mm*:a", fn_merge },
	{ "mustMerge", "mm*:a", fn_merge },
	{ "mergeOverwrite", "mm*:a", fn_merge_overwrite },
	{ "mustMergeOverwrite", "mm*:a", fn_merge_overwrite },
	{ "deepCopy", "a:a", fn_deep_copy },
	{ "mustDeepCopy", "a:a", fn_deep_copy },
	{ "dig", "a*:a", fn_dig },
};

const struct gfunc_table functions_dict = FUNCTION_TABLE(rows);
