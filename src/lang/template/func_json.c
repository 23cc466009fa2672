/* SPDX-License-Identifier: MIT */
/* sprig's JSON: values written as encoding/json does. */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/gtime.h"
#include "lang/template/jsonread.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"
#include <math.h>

struct writer {
	struct gctx *ctx;
	struct buf *out;
	bool pretty, escape_html;
	int depth;
	char error[200]; /* Go's text, "" while all is well */
};

static void put_value(struct writer *w, struct gval v);

static void put_char(struct writer *w, uint32_t c, struct str bytes)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if (c == (unsigned char)letters[i]) {
			buf_putc(w->out, '\\');
			buf_putc(w->out, letters[i + 1]);
			return;
		}
	}
	bool html = w->escape_html && (c == '<' || c == '>' || c == '&');
	if (c < ' ' || html || c == 0x2028 || c == 0x2029)
		buf_printf(w->out, "\\u%04x", c);
	else if (c == UNICODE_BAD && bytes.len == 1)
		buf_puts(w->out, "\\ufffd");
	else
		buf_append(w->out, bytes);
}

static void put_text(struct writer *w, struct str s)
{
	size_t width;
	buf_putc(w->out, '"');
	for (size_t i = 0; i < s.len && !w->out->full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		put_char(w, c, str_slice(s, i, width));
	}
	buf_putc(w->out, '"');
}

static void put_break(struct writer *w)
{
	if (!w->pretty)
		return;
	buf_putc(w->out, '\n');
	for (int i = 0; i < w->depth; i++)
		buf_puts(w->out, "  ");
}

static void fail(struct writer *w, const char *what, const char *name)
{
	if (!w->error[0])
		(void)snprintf(w->error, sizeof(w->error), "json: unsupported %s: %s",
			       what, name);
}

static void put_real(struct writer *w, double f)
{
	if (isnan(f) || isinf(f)) {
		fail(w, "value", isnan(f) ? "NaN" : f > 0 ? "+Inf" : "-Inf");
		return;
	}
	double size = fabs(f);
	if (size == 0 || (size >= 1e-6 && size < 1e21)) {
		float_write(w->out, f, 'f', -1);
		return;
	}
	size_t from = w->out->len;
	float_write(w->out, f, 'e', -1);
	/* e-09 is written e-9 */
	struct str text = str_from(buf_str(w->out), from);
	if (text.len >= 4 && str_is(str_slice(text, text.len - 4, 3), "e-0")) {
		char digit = text.ptr[text.len - 1];
		buf_truncate(w->out, w->out->len - 2);
		buf_putc(w->out, digit);
	}
}

static void put_key(struct writer *w, struct str key, bool *first)
{
	if (!*first)
		buf_putc(w->out, ',');
	*first = false;
	put_break(w);
	put_text(w, key);
	buf_puts(w->out, w->pretty ? ": " : ":");
}

static void put_fields(struct writer *w, struct gval v, bool *first)
{
	for (size_t i = 0; i < v.type->n_fields; i++) {
		const struct gfield *field = &v.type->fields[i];
		if (field->hidden || (field->omit_empty && !gval_is_true(v.fields[i])))
			continue;
		if (field->embedded) {
			put_fields(w, v.fields[i], first);
			continue;
		}
		put_key(w, str_of(field->json ? field->json : field->name), first);
		put_value(w, v.fields[i]);
	}
}

static void put_map(struct writer *w, struct gval v, bool *first)
{
	for (size_t i = 0; i < v.map->len && !w->out->full && !w->error[0]; i++) {
		put_key(w, v.map->items[i].key.string, first);
		put_value(w, v.map->items[i].value);
	}
}

static void put_object(struct writer *w, struct gval v)
{
	bool first = true;
	if (v.type->kind == GKIND_MAP && v.type->key->kind != GKIND_STRING) {
		fail(w, "type", v.type->name);
		return;
	}
	if (v.type->kind == GKIND_MAP && !v.map) {
		buf_puts(w->out, "null");
		return;
	}
	buf_putc(w->out, '{');
	w->depth++;
	if (v.type->kind == GKIND_MAP)
		put_map(w, v, &first);
	else
		put_fields(w, v, &first);
	w->depth--;
	if (!first)
		put_break(w);
	buf_putc(w->out, '}');
}

static void put_list(struct writer *w, struct gval v)
{
	if (!v.list.items) {
		buf_puts(w->out, "null");
		return;
	}
	buf_putc(w->out, '[');
	w->depth++;
	for (size_t i = 0; i < v.list.len && !w->out->full && !w->error[0]; i++) {
		if (i > 0)
			buf_putc(w->out, ',');
		put_break(w);
		put_value(w, v.list.items[i]);
	}
	w->depth--;
	if (v.list.len > 0)
		put_break(w);
	buf_putc(w->out, ']');
}

static void put_time(struct writer *w, struct gval v)
{
	BUF_CLEANUP struct buf text = BUF_INIT(64);
	gtime_format(&text, STR("2006-01-02T15:04:05.999999999Z07:00"), gtime_of(v));
	put_text(w, buf_str(&text));
}

static void put_by_kind(struct writer *w, struct gval v)
{
	struct str text;
	switch (gval_kind(v)) {
	case GKIND_INVALID:
	case GKIND_INTERFACE:
		buf_puts(w->out, "null");
		break;
	case GKIND_BOOL:
		buf_puts(w->out, v.boolean ? "true" : "false");
		break;
	case GKIND_INT:
	case GKIND_INT64:
		buf_printf(w->out, "%lld", (long long)v.integer);
		break;
	case GKIND_UINT8:
	case GKIND_UINT64:
		buf_printf(w->out, "%llu", (unsigned long long)v.natural);
		break;
	case GKIND_FLOAT64:
		put_real(w, v.real);
		break;
	case GKIND_COMPLEX128:
		fail(w, "type", v.type->name);
		break;
	case GKIND_STRING:
		put_text(w, v.string);
		break;
	case GKIND_SLICE:
		put_list(w, v);
		break;
	case GKIND_MAP:
		put_object(w, v);
		break;
	case GKIND_STRUCT:
		if (v.type == &gtime_type)
			put_time(w, v);
		else
			put_object(w, v);
		break;
	case GKIND_PTR:
		if (gval_stringer(w->ctx, v, &text))
			put_text(w, text);
		else
			buf_puts(w->out, "null");
		break;
	}
}

static void put_value(struct writer *w, struct gval v)
{
	if (w->out->full || w->error[0] || !gctx_enter(w->ctx))
		return;
	put_by_kind(w, v);
	gctx_leave(w->ctx);
}

static struct gval write_json(struct gcall *call, bool pretty, bool raw, bool must)
{
	BUF_CLEANUP struct buf out = BUF_INIT(LIMIT_TEMPLATE_STRING);
	struct writer w = {
		.ctx = call->ctx, .out = &out, .pretty = pretty, .escape_html = !raw
	};
	put_value(&w, call_arg(call, 0));
	if (!w.error[0])
		return call_string(call, &out);
	return must || raw ? call_fail(call, "%s", w.error) : gval_text("");
}

static struct gval fn_to_json(struct gcall *call)
{
	return write_json(call, false, false, false);
}

static struct gval fn_must_to_json(struct gcall *call)
{
	return write_json(call, false, false, true);
}

static struct gval fn_to_pretty(struct gcall *call)
{
	return write_json(call, true, false, false);
}

static struct gval fn_must_to_pretty(struct gcall *call)
{
	return write_json(call, true, false, true);
}

static struct gval fn_to_raw(struct gcall *call)
{
	return write_json(call, false, true, true);
}

static struct gval fn_must_from_json(struct gcall *call)
{
	BUF_CLEANUP struct buf error = BUF_INIT(ERR_TEXT_BYTES);
	struct gval v = jsonread(call->ctx, call_str(call, 0), &error);
	if (error.len > 0)
		return call_fail(call, "%s", buf_cstr(&error));
	return v;
}

static struct gval fn_from_json(struct gcall *call)
{
	BUF_CLEANUP struct buf error = BUF_INIT(ERR_TEXT_BYTES);
	struct gval v = jsonread(call->ctx, call_str(call, 0), &error);
	return error.len > 0 ? gval_none() : v;
}

static const struct gfunc rows[] = {
	{ "toJson", "a:s", fn_to_json },
	{ "mustToJson", "a:s", fn_must_to_json },
	{ "toPrettyJson", "a:s", fn_to_pretty },
	{ "mustToPrettyJson", "a:s", fn_must_to_pretty },
	{ "toRawJson", "a:s", fn_to_raw },
	{ "mustToRawJson", "a:s", fn_to_raw },
	{ "fromJson", "s:a", fn_from_json },
	{ "mustFromJson", "s:a", fn_must_from_json },
};

const struct gfunc_table functions_json = FUNCTION_TABLE(rows);
