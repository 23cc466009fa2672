/* SPDX-License-Identifier: MIT */
/* sprig's lists of texts and numbers: splitting, joining, sorting, counting. */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"
#include "lang/template/unicode.h"

/* The next piece of *rest up to `sep`; an empty `sep` gives characters. */
static struct str next_piece(struct str *rest, struct str sep, bool *more)
{
	size_t at;
	if (sep.len == 0) {
		unicode_decode(*rest, 0, &at);
		struct str piece = str_slice(*rest, 0, at);
		*rest = str_from(*rest, at);
		*more = rest->len > 0;
		return piece;
	}
	at = str_find(*rest, sep);
	struct str piece = str_slice(*rest, 0, at);
	*more = at < rest->len;
	*rest = str_from(*rest, at + sep.len);
	return piece;
}

/* strings.SplitN: n below 0 means all. */
static struct gval split_text(struct gctx *ctx, struct str sep, struct str s, int64_t n)
{
	struct gval out = gval_list(ctx, &gtype_strings, 0);
	bool more = n != 0 && (sep.len > 0 || s.len > 0);
	while (more && gctx_step(ctx, 1)) {
		if (n > 0 && (int64_t)out.list.len == n - 1) {
			gval_list_add(ctx, &out, gval_string(s));
			break;
		}
		gval_list_add(ctx, &out, gval_string(next_piece(&s, sep, &more)));
	}
	return out;
}

/* {"_0": "a", "_1": "b"} */
static struct gval number_pieces(struct gctx *ctx, struct gval list)
{
	struct gval map = gval_map(ctx, &gtype_string_map);
	for (size_t i = 0; i < list.list.len && !ctx->failed; i++) {
		char key[24];
		int len = snprintf(key, sizeof(key), "_%zu", i);
		gval_map_set(ctx, map,
			     gval_string(gctx_str(ctx, (struct str){ key, (size_t)len })),
			     list.list.items[i]);
	}
	return map;
}

static struct gval fn_split(struct gcall *call)
{
	return number_pieces(
	    call->ctx, split_text(call->ctx, call_str(call, 0), call_str(call, 1), -1));
}

static struct gval fn_splitn(struct gcall *call)
{
	return number_pieces(call->ctx, split_text(call->ctx, call_str(call, 0),
						   call_str(call, 2), call_int(call, 1)));
}

static struct gval fn_split_list(struct gcall *call)
{
	return split_text(call->ctx, call_str(call, 0), call_str(call, 1), -1);
}

static struct gval fn_join(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct gval list = convert_to_strings(call->ctx, call_arg(call, 1));
	for (size_t i = 0; i < list.list.len && gctx_step(call->ctx, 1); i++) {
		if (i > 0)
			buf_append(&out, call_str(call, 0));
		buf_append(&out, list.list.items[i].string);
	}
	return call_string(call, &out);
}

static struct gval fn_to_strings(struct gcall *call)
{
	return convert_to_strings(call->ctx, call_arg(call, 0));
}

static int compare_text(const void *a, const void *b)
{
	const struct gval *x = a;
	const struct gval *y = b;
	return str_cmp(x->string, y->string);
}

/* A []string is sorted where it is, as Go does; anything else in a copy. What is no list
 * is the only text of one, nil too. */
static struct gval fn_sort_alpha(struct gcall *call)
{
	struct gval list = convert_to_strings(call->ctx, call_arg(call, 0));
	if (!call_arg(call, 0).type)
		gval_list_add(call->ctx, &list, gval_text("<nil>"));
	if (list.list.len > 1 && gctx_step(call->ctx, list.list.len))
		qsort(list.list.items, list.list.len, sizeof(*list.list.items),
		      compare_text);
	return list;
}

static struct gval count_up(struct gctx *ctx, int64_t from, int64_t to, int64_t step)
{
	struct gval out = gval_list(ctx, &gtype_ints, 0);
	if ((to < from && step >= 0) || (to >= from && step <= 0))
		return out;
	for (int64_t i = from; step > 0 ? i < to : i > to;) {
		if (!gctx_step(ctx, 1))
			break;
		gval_list_add(ctx, &out, gval_int(i));
		if (__builtin_add_overflow(i, step, &i))
			break;
	}
	return out;
}

static struct gval fn_until(struct gcall *call)
{
	int64_t n = call_int(call, 0);
	return count_up(call->ctx, 0, n, n < 0 ? -1 : 1);
}

static struct gval fn_until_step(struct gcall *call)
{
	return count_up(call->ctx, call_int(call, 0), call_int(call, 1),
			call_int(call, 2));
}

static struct gval put_numbers(struct gcall *call, int64_t from, int64_t step,
			       int64_t last)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	int64_t end;
	if (__builtin_add_overflow(last, last < from ? -1 : 1, &end))
		return gval_text("");
	struct gval list = count_up(call->ctx, from, end, step);
	for (size_t i = 0; i < list.list.len && !out.full; i++)
		buf_printf(&out, "%s%lld", i > 0 ? " " : "",
			   (long long)list.list.items[i].integer);
	return call_string(call, &out);
}

static struct gval fn_seq(struct gcall *call)
{
	int64_t from = 1;
	int64_t step;
	if (call->n_args == 0 || call->n_args > 3)
		return gval_text("");
	int64_t last = call_int(call, call->n_args - 1);
	if (call->n_args > 1)
		from = call_int(call, 0);
	step = last < from ? -1 : 1;
	if (call->n_args == 3) {
		step = call_int(call, 1);
		if (last < from && step > 0)
			return gval_text("");
	}
	return put_numbers(call, from, step, last);
}

static const struct gfunc rows[] = {
	{ "split", "ss:M", fn_split },
	{ "splitn", "sis:M", fn_splitn },
	{ "splitList", "ss:S", fn_split_list },
	{ "join", "sa:s", fn_join },
	{ "toStrings", "a:S", fn_to_strings },
	{ "sortAlpha", "a:S", fn_sort_alpha },
	{ "until", "i:N", fn_until },
	{ "untilStep", "iii:N", fn_until_step },
	{ "seq", "i*:s", fn_seq },
};

const struct gfunc_table functions_listmore = FUNCTION_TABLE(rows);
