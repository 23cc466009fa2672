/* SPDX-License-Identifier: MIT */
/* Decides how values of every kind print, which verbs they take and when their String
 * method is asked. */
#include "lang/template/gfmt.h"
#include "base/limits.h"
#include "lang/template/gfmt_state.h"

static void print_value(struct gfmt *f, struct gval v, uint32_t verb, int depth);

const char *gfmt_type_name(struct gval v)
{
	return !v.type || v.type->kind == GKIND_INTERFACE ? "<nil>" : v.type->name;
}

static void put_char(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

/* `%!d(string=x)`; nil shows as <nil>. */
static void put_bad_verb(struct gfmt *f, struct gval v, uint32_t verb)
{
	f->erroring = true;
	buf_puts(f->out, "%!");
	put_char(f->out, verb);
	buf_putc(f->out, '(');
	if (!v.type || v.type->kind == GKIND_INTERFACE) {
		buf_puts(f->out, "<nil>");
	} else {
		buf_puts(f->out, v.type->name);
		buf_putc(f->out, '=');
		print_value(f, v, 'v', 0);
	}
	buf_putc(f->out, ')');
	f->erroring = false;
}

static void print_integer(struct gfmt *f, struct gval v, uint32_t verb)
{
	bool is_signed = gkind_is_int(gval_kind(v));
	uint64_t u = v.natural;
	switch (verb) {
	case 'v':
		if (f->sharp_v && !is_signed) {
			bool sharp = f->sharp;
			f->sharp = true;
			gfmt_integer(f, u, 16, false, 'v');
			f->sharp = sharp;
			return;
		}
		gfmt_integer(f, u, 10, is_signed, verb);
		return;
	case 'd':
		gfmt_integer(f, u, 10, is_signed, verb);
		return;
	case 'b':
		gfmt_integer(f, u, 2, is_signed, verb);
		return;
	case 'o':
	case 'O':
		gfmt_integer(f, u, 8, is_signed, verb);
		return;
	case 'x':
	case 'X':
		gfmt_integer(f, u, 16, is_signed, verb);
		return;
	case 'c':
		gfmt_char(f, u);
		return;
	case 'q':
		gfmt_quoted_char(f, u);
		return;
	case 'U':
		gfmt_unicode(f, u);
		return;
	default:
		put_bad_verb(f, v, verb);
	}
}

static bool is_float_verb(uint32_t verb)
{
	return verb && verb < 128 && strchr("vgGeEfFxXb", (int)verb);
}

static void print_real(struct gfmt *f, struct gval v, uint32_t verb)
{
	if (!is_float_verb(verb)) {
		put_bad_verb(f, v, verb);
		return;
	}
	char letter = verb == 'v' ? 'g' : (char)verb;
	if (letter == 'F')
		letter = 'f';
	if (v.type->kind == GKIND_COMPLEX128)
		gfmt_complex(f, v.complex.re, v.complex.im, letter);
	else
		gfmt_float(f, v.real, letter, strchr("gGxXb", letter) ? -1 : 6);
}

static void print_map(struct gfmt *f, struct gval v, uint32_t verb, int depth)
{
	if (f->sharp_v) {
		buf_puts(f->out, v.type->name);
		if (!v.map) {
			buf_puts(f->out, "(nil)");
			return;
		}
		buf_putc(f->out, '{');
	} else {
		buf_puts(f->out, "map[");
	}
	for (size_t i = 0; v.map && i < v.map->len && !f->ctx->failed; i++) {
		if (i > 0)
			buf_puts(f->out, f->sharp_v ? ", " : " ");
		print_value(f, v.map->items[i].key, verb, depth + 1);
		buf_putc(f->out, ':');
		print_value(f, v.map->items[i].value, verb, depth + 1);
	}
	buf_putc(f->out, f->sharp_v ? '}' : ']');
}

static void print_struct(struct gfmt *f, struct gval v, uint32_t verb, int depth)
{
	bool first = true;
	if (f->sharp_v)
		buf_puts(f->out, v.type->name);
	buf_putc(f->out, '{');
	for (size_t i = 0; i < v.type->n_fields; i++) {
		if (v.type->fields[i].hidden)
			continue;
		if (!first)
			buf_puts(f->out, f->sharp_v ? ", " : " ");
		first = false;
		if (f->plus_v || f->sharp_v) {
			buf_puts(f->out, v.type->fields[i].name);
			buf_putc(f->out, ':');
		}
		print_value(f, v.fields[i], verb, depth + 1);
	}
	buf_putc(f->out, '}');
}

static void print_list(struct gfmt *f, struct gval v, uint32_t verb, int depth)
{
	if (f->sharp_v) {
		buf_puts(f->out, v.type->name);
		if (!v.list.items) {
			buf_puts(f->out, "(nil)");
			return;
		}
		buf_putc(f->out, '{');
	} else {
		buf_putc(f->out, '[');
	}
	for (size_t i = 0; i < v.list.len && !f->ctx->failed; i++) {
		if (i > 0)
			buf_puts(f->out, f->sharp_v ? ", " : " ");
		print_value(f, v.list.items[i], verb, depth + 1);
	}
	buf_putc(f->out, f->sharp_v ? '}' : ']');
}

/* The String method where the verb asks for a text; true when that printed it. */
static bool print_by_method(struct gfmt *f, struct gval v, uint32_t verb)
{
	struct str text;
	if (f->erroring || f->sharp_v || !verb || verb >= 128 ||
	    !strchr("vsxXq", (int)verb))
		return false;
	if (!gval_stringer(f->ctx, v, &text))
		return false;
	gfmt_string(f, text, verb);
	return true;
}

static void print_by_kind(struct gfmt *f, struct gval v, uint32_t verb, int depth)
{
	switch (v.type->kind) {
	case GKIND_BOOL:
		if (verb == 't' || verb == 'v')
			gfmt_bool(f, v.boolean);
		else
			put_bad_verb(f, v, verb);
		break;
	case GKIND_INT:
	case GKIND_INT64:
	case GKIND_UINT8:
	case GKIND_UINT64:
		print_integer(f, v, verb);
		break;
	case GKIND_FLOAT64:
	case GKIND_COMPLEX128:
		print_real(f, v, verb);
		break;
	case GKIND_STRING:
		if (!gfmt_string(f, v.string, verb))
			put_bad_verb(f, v, verb);
		break;
	case GKIND_SLICE:
		print_list(f, v, verb, depth);
		break;
	case GKIND_MAP:
		print_map(f, v, verb, depth);
		break;
	case GKIND_STRUCT:
		print_struct(f, v, verb, depth);
		break;
	case GKIND_PTR:
		gfmt_pad(f, v.ptr ? STR("0xc000000000") : STR("<nil>"));
		break;
	case GKIND_INTERFACE:
		if (f->sharp_v)
			buf_puts(f->out, "interface {}(nil)");
		else
			buf_puts(f->out, "<nil>");
		break;
	case GKIND_INVALID:
		break;
	}
}

static void print_value(struct gfmt *f, struct gval v, uint32_t verb, int depth)
{
	if (f->out->full || !gctx_enter(f->ctx))
		return;
	if (!v.type)
		buf_puts(f->out, "<nil>");
	else if (!print_by_method(f, v, verb))
		print_by_kind(f, v, verb, depth);
	gctx_leave(f->ctx);
}

void gfmt_arg(struct gfmt *f, struct gval v, uint32_t verb)
{
	if (!v.type || v.type->kind == GKIND_INTERFACE) {
		if (verb == 'T' || verb == 'v')
			gfmt_pad(f, STR("<nil>"));
		else
			put_bad_verb(f, gval_none(), verb);
		return;
	}
	if (verb == 'T')
		gfmt_string(f, str_of(v.type->name), 's');
	else if (verb == 'p' || verb == 'w')
		put_bad_verb(f, v, verb);
	else
		print_value(f, v, verb, 0);
}

static bool is_text(struct gval v)
{
	return v.type && v.type->kind == GKIND_STRING;
}

void gfmt_value(struct gctx *ctx, struct buf *out, struct gval v)
{
	gfmt_print(ctx, out, &v, 1);
}

struct str gfmt_text(struct gctx *ctx, struct gval v)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	gfmt_value(ctx, &text, v);
	return gctx_buf_str(ctx, &text);
}

void gfmt_print(struct gctx *ctx, struct buf *out, const struct gval *args, size_t n)
{
	struct gfmt f = { .ctx = ctx, .out = out };
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && !is_text(args[i]) && !is_text(args[i - 1]))
			buf_putc(out, ' ');
		gfmt_arg(&f, args[i], 'v');
	}
}

void gfmt_println(struct gctx *ctx, struct buf *out, const struct gval *args, size_t n)
{
	struct gfmt f = { .ctx = ctx, .out = out };
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ' ');
		gfmt_arg(&f, args[i], 'v');
	}
	buf_putc(out, '\n');
}
