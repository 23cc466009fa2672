/* SPDX-License-Identifier: MIT */
/* Decides how one number, truth value or text comes out of a verb with its flags. */
#include "lang/template/gfmt_state.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

static void put_padding(struct gfmt *f, int n)
{
	char pad = f->zero && !f->minus ? '0' : ' ';
	for (int i = 0; i < n && !f->out->full; i++)
		buf_putc(f->out, pad);
}

void gfmt_pad(struct gfmt *f, struct str text)
{
	size_t count = f->has_width && f->width > 0 ? unicode_count(text) : 0;
	int missing = 0;
	if (f->has_width && (size_t)f->width > count)
		missing = f->width - (int)count;
	if (!f->minus)
		put_padding(f, missing);
	buf_append(f->out, text);
	if (f->minus)
		put_padding(f, missing);
}

void gfmt_bool(struct gfmt *f, bool b)
{
	gfmt_pad(f, b ? STR("true") : STR("false"));
}

/* Pads with blanks whatever the zero flag says. */
static void pad_blank(struct gfmt *f, struct str text)
{
	bool zero = f->zero;
	f->zero = false;
	gfmt_pad(f, text);
	f->zero = zero;
}

/* The digits of u, at least `least`, into the end of text; returns their start. */
static size_t put_digits(char *text, size_t end, uint64_t u, unsigned base, bool upper,
			 int least)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	size_t i = end;
	do {
		text[--i] = digits[u % base];
		u /= base;
	} while (u > 0);
	while (i > 0 && (int)(end - i) < least)
		text[--i] = '0';
	return i;
}

/* How many digits the flags ask for at least; negative: print nothing at all. */
static int least_digits(const struct gfmt *f, uint64_t u, bool negative)
{
	if (f->has_precision)
		return f->precision == 0 && u == 0 ? -1 : f->precision;
	if (f->zero && !f->minus && f->has_width)
		return f->width - (negative || f->plus || f->space ? 1 : 0);
	return 0;
}

static void put_prefix(const struct gfmt *f, struct buf *text, int base, uint32_t verb,
		       char first_digit)
{
	if (verb == 'O')
		buf_puts(text, "0o");
	if (f->sharp && base == 2)
		buf_puts(text, "0b");
	else if (f->sharp && base == 8 && first_digit != '0')
		buf_putc(text, '0');
	else if (f->sharp && base == 16)
		buf_puts(text, verb == 'X' ? "0X" : "0x");
}

void gfmt_integer(struct gfmt *f, uint64_t u, int base, bool is_signed, uint32_t verb)
{
	bool negative = is_signed && (int64_t)u < 0;
	if (negative)
		u = -u;
	int least = least_digits(f, u, negative);
	if (least < 0) {
		bool zero = f->zero;
		f->zero = false;
		put_padding(f, f->has_width ? f->width : 0);
		f->zero = zero;
		return;
	}
	char digits[64];
	size_t from =
	    put_digits(digits, sizeof(digits), u, (unsigned)base, verb == 'X', 0);
	BUF_CLEANUP struct buf text = BUF_INIT(f->out->max);
	int zeros = least - (int)(sizeof(digits) - from);
	if (negative)
		buf_putc(&text, '-');
	else if (f->plus)
		buf_putc(&text, '+');
	else if (f->space)
		buf_putc(&text, ' ');
	put_prefix(f, &text, base, verb, zeros > 0 ? '0' : digits[from]);
	for (int i = 0; i < zeros && !text.full; i++)
		buf_putc(&text, '0');
	buf_append(&text, (struct str){ digits + from, sizeof(digits) - from });
	f->out->full = f->out->full || text.full;
	pad_blank(f, buf_str(&text));
}

/* What `#` adds to a float: a point, and for g the zeros up to the precision. */
static void add_sharp(struct buf *num, char verb, int precision)
{
	int digits = 0;
	bool saw_point = false;
	bool saw_digit = false;
	bool hex = verb == 'x' || verb == 'X';
	if (verb == 'g' || verb == 'G' || verb == 'x')
		digits = precision < 0 ? 6 : precision;
	BUF_CLEANUP struct buf tail = BUF_INIT(16);
	struct str s = buf_str(num);
	size_t len = s.len;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '.') {
			saw_point = true;
		} else if (c == 'p' || c == 'P' || ((c == 'e' || c == 'E') && !hex)) {
			buf_append(&tail, str_from(s, i));
			len = i;
			break;
		} else {
			saw_digit = saw_digit || c != '0';
			if (saw_digit)
				digits--;
		}
	}
	buf_truncate(num, len);
	if (!saw_point) {
		if (len == 2 && num->ptr[1] == '0')
			digits--;
		buf_putc(num, '.');
	}
	for (; digits > 0; digits--)
		buf_putc(num, '0');
	buf_append(num, buf_str(&tail));
}

void gfmt_float(struct gfmt *f, double v, char verb, int precision)
{
	BUF_CLEANUP struct buf num = BUF_INIT(f->out->max);
	if (f->has_precision)
		precision = f->precision;
	float_write(&num, v, verb, precision);
	if (num.full) {
		f->out->full = true;
		return;
	}
	bool negative = num.ptr[0] == '-';
	bool special = v != v || v - v != 0;
	BUF_CLEANUP struct buf text = BUF_INIT(f->out->max);
	buf_putc(&text, negative ? '-' : f->space && !f->plus ? ' ' : '+');
	buf_append(&text,
		   str_from(buf_str(&num), num.ptr[0] == '-' || num.ptr[0] == '+'));
	struct str unsigned_text = str_from(buf_str(&text), 1);
	if (special) {
		bool bare = v != v && !f->space && !f->plus;
		bool show = f->plus || f->space || negative || v == v;
		pad_blank(f, bare || !show ? unsigned_text : buf_str(&text));
		return;
	}
	if (f->sharp && verb != 'b')
		add_sharp(&text, verb, precision);
	unsigned_text = str_from(buf_str(&text), 1);
	f->out->full = f->out->full || text.full;
	if (!f->plus && text.ptr[0] == '+') {
		gfmt_pad(f, unsigned_text);
		return;
	}
	if (f->zero && !f->minus && f->has_width && (size_t)f->width > text.len) {
		buf_putc(f->out, text.ptr[0]);
		put_padding(f, f->width - (int)text.len);
		buf_append(f->out, unsigned_text);
		return;
	}
	gfmt_pad(f, buf_str(&text));
}

void gfmt_complex(struct gfmt *f, double re, double im, char verb)
{
	bool plus = f->plus;
	int precision = strchr("eEfF", verb) ? 6 : -1;
	buf_putc(f->out, '(');
	gfmt_float(f, re, verb, precision);
	f->plus = true;
	gfmt_float(f, im, verb, precision);
	buf_puts(f->out, "i)");
	f->plus = plus;
}

void gfmt_char(struct gfmt *f, uint64_t c)
{
	char utf8[4];
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		c = UNICODE_BAD;
	gfmt_pad(f, (struct str){ utf8, str_utf8_encode((uint32_t)c, utf8) });
}

void gfmt_quoted_char(struct gfmt *f, uint64_t c)
{
	BUF_CLEANUP struct buf text = BUF_INIT(32);
	quote_char(&text, c > 0x10FFFF ? UNICODE_BAD : (uint32_t)c, f->plus);
	gfmt_pad(f, buf_str(&text));
}

void gfmt_unicode(struct gfmt *f, uint64_t c)
{
	BUF_CLEANUP struct buf text = BUF_INIT(f->out->max);
	char digits[64];
	int least = f->has_precision && f->precision > 4 ? f->precision : 4;
	size_t from = put_digits(digits, sizeof(digits), c, 16, true, 0);
	buf_puts(&text, "U+");
	for (int i = (int)(sizeof(digits) - from); i < least && !text.full; i++)
		buf_putc(&text, '0');
	buf_append(&text, (struct str){ digits + from, sizeof(digits) - from });
	if (f->sharp && c <= 0x10FFFF && unicode_is_print((uint32_t)c)) {
		char utf8[4];
		buf_puts(&text, " '");
		buf_append(&text,
			   (struct str){ utf8, str_utf8_encode((uint32_t)c, utf8) });
		buf_putc(&text, '\'');
	}
	f->out->full = f->out->full || text.full;
	pad_blank(f, buf_str(&text));
}

/* The text cut to the precision, which counts characters. */
static struct str cut_text(const struct gfmt *f, struct str s)
{
	size_t width;
	int n = f->precision;
	if (!f->has_precision)
		return s;
	for (size_t i = 0; i < s.len; i += width) {
		if (n-- <= 0)
			return str_slice(s, 0, i);
		unicode_decode(s, i, &width);
	}
	return s;
}

static void write_hex(struct gfmt *f, struct str s, bool upper)
{
	BUF_CLEANUP struct buf text = BUF_INIT(f->out->max);
	if (f->has_precision && (size_t)f->precision < s.len)
		s.len = (size_t)f->precision;
	for (size_t i = 0; i < s.len && !text.full; i++) {
		if (f->space && i > 0)
			buf_putc(&text, ' ');
		if (f->sharp && (f->space || i == 0))
			buf_puts(&text, upper ? "0X" : "0x");
		buf_printf(&text, upper ? "%02X" : "%02x",
			   (unsigned)(unsigned char)s.ptr[i]);
	}
	f->out->full = f->out->full || text.full;
	gfmt_pad(f, buf_str(&text));
}

static void write_quoted(struct gfmt *f, struct str s)
{
	BUF_CLEANUP struct buf text = BUF_INIT(f->out->max);
	s = cut_text(f, s);
	if (f->sharp && quote_can_backquote(s)) {
		buf_putc(&text, '`');
		buf_append(&text, s);
		buf_putc(&text, '`');
	} else {
		quote_text(&text, s, f->plus);
	}
	f->out->full = f->out->full || text.full;
	gfmt_pad(f, buf_str(&text));
}

bool gfmt_string(struct gfmt *f, struct str s, uint32_t verb)
{
	switch (verb) {
	case 'v':
		if (f->sharp_v)
			write_quoted(f, s);
		else
			gfmt_pad(f, cut_text(f, s));
		return true;
	case 's':
		gfmt_pad(f, cut_text(f, s));
		return true;
	case 'x':
	case 'X':
		write_hex(f, s, verb == 'X');
		return true;
	case 'q':
		write_quoted(f, s);
		return true;
	default:
		return false;
	}
}
