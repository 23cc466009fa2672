/* SPDX-License-Identifier: MIT */
/* The functions that Go's engine itself has, but for the comparisons. */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"
#include "lang/template/unicode.h"

static struct gval fn_lazy(struct gcall *call)
{
	return call_fail(call, "evaluated elsewhere");
}

static struct gval fn_not(struct gcall *call)
{
	return gval_bool(!gval_is_true(call_arg(call, 0)));
}

static struct gval fn_call(struct gcall *call)
{
	struct gval v = call_arg(call, 0);
	if (!v.type)
		return call_fail(call, "call of nil");
	return call_fail(call, "non-function %s of type %s", call->first, v.type->name);
}

static struct gval fn_len(struct gcall *call)
{
	struct gval v = call_arg(call, 0);
	switch (gval_kind(v)) {
	case GKIND_STRING:
		return gval_int((int64_t)v.string.len);
	case GKIND_SLICE:
		return gval_int((int64_t)v.list.len);
	case GKIND_MAP:
		return gval_int((int64_t)gval_map_len(v));
	case GKIND_INVALID:
		/* a nil interface is a nil pointer, no value at all makes reflect panic
		 */
		if (call->args[0].type)
			return call_fail(call, "len of nil pointer");
		return call_fail(call,
				 "reflect: call of reflect.Value.Type on zero Value");
	default:
		return call_fail(call, "len of type %s", v.type->name);
	}
}

/* An index into something of `len`; false when it failed. */
static bool take_index(struct gcall *call, struct gval index, size_t len, size_t *out)
{
	enum gkind kind = gval_kind(index);
	if (kind == GKIND_INVALID) {
		call_fail(call, "cannot index slice/array with nil");
		return false;
	}
	if (!gkind_is_int(kind) && !gkind_is_uint(kind)) {
		call_fail(call, "cannot index slice/array with type %s",
			  index.type->name);
		return false;
	}
	if (index.integer < 0 || (uint64_t)index.integer > len) {
		call_fail(call, "index out of range: %lld", (long long)index.integer);
		return false;
	}
	*out = (size_t)index.integer;
	return true;
}

static struct gval index_map(struct gcall *call, struct gval map, struct gval key)
{
	const struct gtype *want = map.type->key;
	if (!key.type)
		return call_fail(call, "value is nil; should be of type %s", want->name);
	if (key.type != want)
		return call_fail(call, "value has type %s; should be %s", key.type->name,
				 want->name);
	const struct gval *entry = gval_map_find(map, key);
	return entry ? *entry : gval_zero(map.type->elem);
}

static struct gval index_one(struct gcall *call, struct gval v, struct gval index)
{
	size_t at;
	if (!v.type)
		return call_fail(call, "index of nil pointer");
	switch (v.type->kind) {
	case GKIND_STRING:
		if (!take_index(call, index, v.string.len, &at))
			return gval_none();
		if (at == v.string.len)
			return call_fail(call, "reflect: string index out of range");
		return (struct gval){ .type = &gtype_uint8,
				      .natural = (unsigned char)v.string.ptr[at] };
	case GKIND_SLICE:
		if (!take_index(call, index, v.list.len, &at))
			return gval_none();
		if (at == v.list.len)
			return call_fail(call, "reflect: slice index out of range");
		return v.list.items[at];
	case GKIND_MAP:
		return index_map(call, v, index);
	default:
		return call_fail(call, "can't index item of type %s", v.type->name);
	}
}

static struct gval fn_index(struct gcall *call)
{
	struct gval v = call_arg(call, 0);
	if (!v.type)
		return call_fail(call, "index of untyped nil");
	for (size_t i = 1; i < call->n_args && !call->ctx->failed; i++)
		v = index_one(call, gval_unbox(v), call_arg(call, i));
	return v;
}

static bool take_bounds(struct gcall *call, size_t cap, size_t bounds[3])
{
	for (size_t i = 1; i < call->n_args; i++) {
		/* Go's slice, unlike its index, does not look into an interface */
		struct gval bound =
		    call->args[i].boxed ? gval_nil_iface() : call->args[i];
		if (!take_index(call, bound, cap, &bounds[i - 1]))
			return false;
	}
	if (bounds[0] > bounds[1]) {
		call_fail(call, "invalid slice index: %zu > %zu", bounds[0], bounds[1]);
		return false;
	}
	if (call->n_args == 4 && bounds[1] > bounds[2]) {
		call_fail(call, "invalid slice index: %zu > %zu", bounds[1], bounds[2]);
		return false;
	}
	return true;
}

static struct gval fn_slice(struct gcall *call)
{
	struct gval v = call_arg(call, 0);
	size_t bounds[3] = { 0, 0, 0 };
	if (!v.type)
		return call_fail(call, "slice of untyped nil");
	if (call->n_args > 4)
		return call_fail(call, "too many slice indexes: %zu", call->n_args - 1);
	if (v.type->kind == GKIND_STRING) {
		if (call->n_args == 4)
			return call_fail(call, "cannot 3-index slice a string");
		bounds[1] = v.string.len;
		if (!take_bounds(call, v.string.len, bounds))
			return gval_none();
		return gval_string(str_slice(v.string, bounds[0], bounds[1] - bounds[0]));
	}
	if (v.type->kind != GKIND_SLICE)
		return call_fail(call, "can't slice item of type %s", v.type->name);
	bounds[1] = v.list.len;
	if (!take_bounds(call, v.list.len, bounds))
		return gval_none();
	struct gval part = gval_list_slice(v, bounds[0], bounds[1]);
	part.boxed = false;
	return part;
}

static struct gval fn_print(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	gfmt_print(call->ctx, &text, call->args, call->n_args);
	return call_string(call, &text);
}

static struct gval fn_println(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	gfmt_println(call->ctx, &text, call->args, call->n_args);
	return call_string(call, &text);
}

static struct gval fn_printf(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	gfmt_printf(call->ctx, &text, call_str(call, 0), call->args + 1,
		    call->n_args - 1);
	return call_string(call, &text);
}

/* The arguments as one text: a single string as it is, else as print has them. */
static struct str join_args(struct gcall *call)
{
	struct gval first = call_arg(call, 0);
	if (call->n_args == 1 && gval_kind(first) == GKIND_STRING)
		return first.string;
	for (size_t i = 0; i < call->n_args; i++)
		if (!call_arg(call, i).type)
			call->args[i] = gval_text("<no value>");
	struct gval text = fn_print(call);
	return text.type ? text.string : STR("");
}

static struct gval fn_html(struct gcall *call)
{
	static const char *const names[128] = {
		['"'] = "&#34;", ['\''] = "&#39;", ['&'] = "&amp;",
		['<'] = "&lt;",  ['>'] = "&gt;",
	};
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct str s = join_args(call);
	for (size_t i = 0; i < s.len && !out.full; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c == 0)
			buf_puts(&out, "\xEF\xBF\xBD");
		else if (c < 128 && names[c])
			buf_puts(&out, names[c]);
		else
			buf_putc(&out, s.ptr[i]);
	}
	return call_string(call, &out);
}

static void escape_js(struct buf *out, uint32_t c, struct str bytes)
{
	switch (c) {
	case '\\':
		buf_puts(out, "\\\\");
		return;
	case '\'':
		buf_puts(out, "\\'");
		return;
	case '"':
		buf_puts(out, "\\\"");
		return;
	case '<':
	case '>':
	case '&':
	case '=':
		buf_printf(out, "\\u%04X", c);
		return;
	default:
		if (c >= ' ' && (c < 128 || unicode_is_print(c)))
			buf_append(out, bytes);
		else
			buf_printf(out, "\\u%04X", c);
	}
}

static struct gval fn_js(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct str s = join_args(call);
	size_t width;
	for (size_t i = 0; i < s.len && !out.full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		escape_js(&out, c, str_slice(s, i, width));
	}
	return call_string(call, &out);
}

static struct gval fn_urlquery(struct gcall *call)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct str s = join_args(call);
	for (size_t i = 0; i < s.len && !out.full; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		bool plain = (c >= '0' && c <= '9') ||
			     ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
			     c == '_' || c == '.' || c == '~';
		if (plain)
			buf_putc(&out, s.ptr[i]);
		else if (c == ' ')
			buf_putc(&out, '+');
		else
			buf_printf(&out, "%%%02X", c);
	}
	return call_string(call, &out);
}

static const struct gfunc rows[] = {
	{ "and", "?v*:v", fn_lazy },
	{ "or", "?v*:v", fn_lazy },
	{ "not", "v:b", fn_not },
	{ "call", "vv*:v", fn_call },
	{ "len", "v:i", fn_len },
	{ "index", "vv*:v", fn_index },
	{ "slice", "vv*:v", fn_slice },
	{ "print", "a*:s", fn_print },
	{ "println", "a*:s", fn_println },
	{ "printf", "sa*:s", fn_printf },
	{ "html", "a*:s", fn_html },
	{ "js", "a*:s", fn_js },
	{ "urlquery", "a*:s", fn_urlquery },
};

const struct gfunc_table functions_builtin = FUNCTION_TABLE(rows);
