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

static void print_bad_verb(struct gfmt *f, struct gval v, uint32_t verb)
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
		print_bad_verb(f, v, verb);
	}
}

static bool is_float_verb(uint32_t verb)
{
	return verb && verb < 128 && strchr("vgGeEfFxXb", (int)verb);
}

static void print_real(struct gfmt *f, struct gval v, uint32_t verb)
{
	if (!is_float_verb(verb)) {
		print_bad_verb(f, v, verb);
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
			print_bad_verb(f, v, verb);
		break;
	case GKIND_INT:
	case GKIND_INT32:
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
			print_bad_verb(f, v, verb);
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

static void print_arg(struct gfmt *f, struct gval v, uint32_t verb)
{
	if (!v.type || v.type->kind == GKIND_INTERFACE) {
		if (verb == 'T' || verb == 'v')
			gfmt_pad(f, STR("<nil>"));
		else
			print_bad_verb(f, gval_none(), verb);
		return;
	}
	if (verb == 'T')
		gfmt_string(f, str_of(v.type->name), 's');
	else if (verb == 'p' || verb == 'w')
		print_bad_verb(f, v, verb);
	else
		print_value(f, v, verb, 0);
}

static void clear_flags(struct gfmt *f)
{
	*f = (struct gfmt){ .ctx = f->ctx, .out = f->out };
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
		print_arg(&f, args[i], 'v');
	}
}

void gfmt_println(struct gctx *ctx, struct buf *out, const struct gval *args, size_t n)
{
	struct gfmt f = { .ctx = ctx, .out = out };
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(out, ' ');
		print_arg(&f, args[i], 'v');
	}
	buf_putc(out, '\n');
}

/* --- the format text of printf --- */

struct format {
	struct gfmt f;
	struct str text;
	size_t at;
	const struct gval *args;
	size_t n_args;
	size_t next;    /* argument */
	bool reordered; /* an explicit index was used anywhere */
	bool good_index;
	bool after_index; /* `[n]` stands right before */
};

enum {
	FORMAT_NUMBER_MAX = 1000000
};

/* Digits at the position; *is_number tells whether there were any. */
static int take_number(struct format *p, bool *is_number)
{
	int n = 0;
	*is_number = false;
	while (p->at < p->text.len && p->text.ptr[p->at] >= '0' &&
	       p->text.ptr[p->at] <= '9') {
		if (n > FORMAT_NUMBER_MAX) {
			*is_number = false;
			return 0;
		}
		n = n * 10 + (p->text.ptr[p->at++] - '0');
		*is_number = true;
	}
	return n;
}

/* `[3]`: the argument that comes next. */
static void take_index(struct format *p)
{
	if (p->at >= p->text.len || p->text.ptr[p->at] != '[')
		return;
	p->reordered = true;
	struct str rest = str_from(p->text, p->at);
	size_t close = str_find_char(rest, ']');
	if (close == rest.len) {
		p->good_index = false;
		p->at++;
		return;
	}
	size_t from = p->at;
	bool is_number;
	p->at++;
	int n = take_number(p, &is_number);
	bool whole = is_number && p->at == from + close;
	p->at = from + close + 1;
	if (!whole || n < 1 || (size_t)n > p->n_args) {
		p->good_index = false;
		return;
	}
	p->next = (size_t)n - 1;
	p->after_index = true;
}

static bool int_from_arg(struct format *p, int *out)
{
	if (p->next >= p->n_args)
		return false;
	struct gval v = p->args[p->next++];
	enum gkind kind = gval_kind(v);
	if (!gkind_is_int(kind) && !gkind_is_uint(kind))
		return false;
	if (gkind_is_uint(kind)
		? v.natural > FORMAT_NUMBER_MAX
		: v.integer > FORMAT_NUMBER_MAX || v.integer < -FORMAT_NUMBER_MAX)
		return false;
	*out = (int)v.integer;
	return true;
}

static bool take_flag(struct format *p)
{
	switch (p->at < p->text.len ? p->text.ptr[p->at] : '\0') {
	case '#':
		p->f.sharp = true;
		return true;
	case '0':
		p->f.zero = true;
		return true;
	case '+':
		p->f.plus = true;
		return true;
	case '-':
		p->f.minus = true;
		return true;
	case ' ':
		p->f.space = true;
		return true;
	default:
		return false;
	}
}

static bool at_char(const struct format *p, char c)
{
	return p->at < p->text.len && p->text.ptr[p->at] == c;
}

static void take_width(struct format *p)
{
	take_index(p);
	if (at_char(p, '*')) {
		p->at++;
		p->f.has_width = int_from_arg(p, &p->f.width);
		if (!p->f.has_width)
			buf_puts(p->f.out, "%!(BADWIDTH)");
		if (p->f.width < 0) {
			p->f.width = -p->f.width;
			p->f.minus = true;
			p->f.zero = false;
		}
		p->after_index = false;
		return;
	}
	size_t from = p->at;
	p->f.width = take_number(p, &p->f.has_width);
	if (p->after_index && (p->f.has_width || p->at > from))
		p->good_index = false;
}

static void take_precision(struct format *p)
{
	if (p->at + 1 >= p->text.len || !at_char(p, '.'))
		return;
	p->at++;
	if (p->after_index)
		p->good_index = false;
	take_index(p);
	if (at_char(p, '*')) {
		p->at++;
		p->f.has_precision = int_from_arg(p, &p->f.precision);
		if (p->f.precision < 0) {
			p->f.precision = 0;
			p->f.has_precision = false;
		}
		if (!p->f.has_precision)
			buf_puts(p->f.out, "%!(BADPREC)");
		p->after_index = false;
		return;
	}
	p->f.precision = take_number(p, &p->f.has_precision);
	if (!p->f.has_precision) {
		p->f.precision = 0;
		p->f.has_precision = true;
	}
}

/* The verb with its argument; the flags are taken. */
static void print_verb(struct format *p, uint32_t verb)
{
	struct buf *out = p->f.out;
	if (verb == '%') {
		buf_putc(out, '%');
	} else if (!p->good_index) {
		buf_puts(out, "%!");
		put_char(out, verb);
		buf_puts(out, "(BADINDEX)");
	} else if (p->next >= p->n_args) {
		buf_puts(out, "%!");
		put_char(out, verb);
		buf_puts(out, "(MISSING)");
	} else {
		if (verb == 'v' || verb == 'w') {
			p->f.sharp_v = p->f.sharp;
			p->f.sharp = false;
			p->f.plus_v = p->f.plus;
			p->f.plus = false;
		}
		print_arg(&p->f, p->args[p->next++], verb);
	}
}

/* Behind a `%`; false at the end of the format. */
static bool print_directive(struct format *p)
{
	clear_flags(&p->f);
	p->good_index = true;
	p->after_index = false;
	while (take_flag(p))
		p->at++;
	take_width(p);
	take_precision(p);
	if (!p->after_index)
		take_index(p);
	if (p->at >= p->text.len) {
		buf_puts(p->f.out, "%!(NOVERB)");
		return false;
	}
	uint32_t verb;
	size_t width = str_utf8_decode(p->text, p->at, &verb);
	if (width == 0) {
		verb = 0xFFFD;
		width = 1;
	}
	p->at += width;
	print_verb(p, verb);
	return true;
}

static void print_extra(struct format *p)
{
	struct buf *out = p->f.out;
	clear_flags(&p->f);
	buf_puts(out, "%!(EXTRA ");
	for (size_t i = p->next; i < p->n_args; i++) {
		if (i > p->next)
			buf_puts(out, ", ");
		buf_puts(out, gfmt_type_name(p->args[i]));
		if (p->args[i].type && p->args[i].type->kind != GKIND_INTERFACE) {
			buf_putc(out, '=');
			print_arg(&p->f, p->args[i], 'v');
		}
	}
	buf_putc(out, ')');
}

void gfmt_printf(struct gctx *ctx, struct buf *out, struct str format,
		 const struct gval *args, size_t n)
{
	struct format p = {
		.f = { .ctx = ctx, .out = out }, .text = format, .args = args, .n_args = n
	};
	while (p.at < format.len && !out->full && gctx_step(ctx, 1)) {
		size_t plain = str_find_char(str_from(format, p.at), '%');
		buf_append(out, str_slice(format, p.at, plain));
		p.at += plain + 1;
		if (p.at > format.len || !print_directive(&p))
			break;
	}
	if (!p.reordered && p.next < n && !ctx->failed)
		print_extra(&p);
}
