/* SPDX-License-Identifier: MIT */
/* Decides what the format text of printf asks for and what it says about its own
 * mistakes. */
#include "lang/template/gfmt.h"
#include "lang/template/gfmt_state.h"

static void clear_flags(struct gfmt *f)
{
	*f = (struct gfmt){ .ctx = f->ctx, .out = f->out };
}

static void put_char(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

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
		gfmt_arg(&p->f, p->args[p->next++], verb);
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
			gfmt_arg(&p->f, p->args[i], 'v');
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
