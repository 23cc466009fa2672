/* SPDX-License-Identifier: MIT */
/* Decides what encoding/json makes of a text. */
#include "lang/template/jsonread.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

struct reader {
	struct gctx *ctx;
	struct str text;
	size_t at;
	struct buf *error;
};

static struct gval read_value(struct reader *r);

/* "invalid character 'x' CONTEXT", or the end of the text. */
static struct gval fail(struct reader *r, const char *context)
{
	if (r->error->len > 0)
		return gval_none();
	/* inside a word or number Go puts a blank behind the end */
	bool ends = r->at >= r->text.len;
	if (ends && !strstr(context, "literal ") && !strstr(context, "numeric")) {
		buf_puts(r->error, "unexpected end of JSON input");
		return gval_none();
	}
	char c = ends ? ' ' : r->text.ptr[r->at];
	buf_puts(r->error, "invalid character ");
	if (c == '\'')
		buf_puts(r->error, "'\\''");
	else if (c == '"')
		buf_puts(r->error, "'\"'");
	else
		quote_char(r->error, (unsigned char)c, false);
	buf_printf(r->error, " %s", context);
	return gval_none();
}

static void skip_space(struct reader *r)
{
	while (r->at < r->text.len && strchr(" \t\r\n", r->text.ptr[r->at]) &&
	       r->text.ptr[r->at])
		r->at++;
}

static char look(const struct reader *r)
{
	return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static bool read_hex(struct reader *r, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, r->at++) {
		char c = look(r);
		if (!char_is_hex(c)) {
			fail(r, "in \\u hexadecimal character escape");
			return false;
		}
		*out = *out * 16 +
		       (uint32_t)(char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10);
	}
	return true;
}

static void put_rune(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

/* Behind `\u`; two halves of a pair make one character. */
static bool read_unicode(struct reader *r, struct buf *out)
{
	uint32_t c;
	uint32_t low;
	if (!read_hex(r, &c))
		return false;
	if (c >= 0xD800 && c < 0xDC00 &&
	    str_starts(str_from(r->text, r->at), STR("\\u"))) {
		size_t mark = r->at;
		r->at += 2;
		if (!read_hex(r, &low))
			return false;
		if (low >= 0xDC00 && low < 0xE000)
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		else
			r->at = mark;
	}
	put_rune(out, c >= 0xD800 && c < 0xE000 ? UNICODE_BAD : c);
	return true;
}

static bool read_escape(struct reader *r, struct buf *out)
{
	static const char plain[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	char c = look(r);
	for (size_t i = 0; i + 1 < sizeof(plain); i += 2) {
		if (c == plain[i]) {
			r->at++;
			return buf_putc(out, plain[i + 1]);
		}
	}
	if (c != 'u') {
		fail(r, "in string escape code");
		return false;
	}
	r->at++;
	return read_unicode(r, out);
}

/* At the opening quote. */
static bool read_string(struct reader *r, struct str *out)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	size_t width;
	r->at++;
	for (;;) {
		if (r->at >= r->text.len || (unsigned char)look(r) < ' ') {
			fail(r, "in string literal");
			return false;
		}
		char c = look(r);
		if (c == '"')
			break;
		if (c == '\\') {
			r->at++;
			if (!read_escape(r, &text))
				return false;
			continue;
		}
		uint32_t rune = unicode_decode(r->text, r->at, &width);
		put_rune(&text, rune);
		r->at += width;
	}
	r->at++;
	*out = gctx_buf_str(r->ctx, &text);
	return !r->ctx->failed;
}

static bool read_digits(struct reader *r, const char *context)
{
	if (!char_is_digit(look(r))) {
		fail(r, context);
		return false;
	}
	while (char_is_digit(look(r)))
		r->at++;
	return true;
}

static struct gval read_number(struct reader *r)
{
	size_t from = r->at;
	double f;
	bool overflow;
	if (look(r) == '-')
		r->at++;
	if (look(r) == '0')
		r->at++;
	else if (!read_digits(r, "in numeric literal"))
		return gval_none();
	if (look(r) == '.') {
		r->at++;
		if (!read_digits(r, "after decimal point in numeric literal"))
			return gval_none();
	}
	if (look(r) == 'e' || look(r) == 'E') {
		r->at++;
		if (look(r) == '+' || look(r) == '-')
			r->at++;
		if (!read_digits(r, "in exponent of numeric literal"))
			return gval_none();
	}
	struct str text = str_slice(r->text, from, r->at - from);
	if (float_parse(text, false, &f, &overflow) && !overflow)
		return gval_float(f);
	buf_printf(r->error,
		   "json: cannot unmarshal number %.*s into Go value of type float64",
		   STR_ARG(text));
	return gval_none();
}

static struct gval read_word(struct reader *r, const char *word, struct gval v)
{
	for (size_t i = 1; word[i]; i++) {
		r->at++;
		if (look(r) != word[i]) {
			char context[60];
			(void)snprintf(context, sizeof(context),
				       "in literal %s (expecting '%c')", word, word[i]);
			return fail(r, context);
		}
	}
	r->at++;
	return v;
}

static struct gval read_list(struct reader *r)
{
	struct gval out = gval_list(r->ctx, &gtype_list, 0);
	r->at++;
	skip_space(r);
	if (look(r) == ']') {
		r->at++;
		return out;
	}
	while (r->error->len == 0 && !r->ctx->failed) {
		gval_list_add(r->ctx, &out, read_value(r));
		skip_space(r);
		if (r->error->len > 0)
			break;
		if (look(r) == ']') {
			r->at++;
			return out;
		}
		if (look(r) != ',')
			return fail(r, "after array element");
		r->at++;
	}
	return out;
}

/* One `"key": value`. */
static bool read_entry(struct reader *r, struct gval map)
{
	struct str key;
	skip_space(r);
	if (look(r) != '"') {
		fail(r, "looking for beginning of object key string");
		return false;
	}
	if (!read_string(r, &key))
		return false;
	skip_space(r);
	if (look(r) != ':') {
		fail(r, "after object key");
		return false;
	}
	r->at++;
	gval_map_set(r->ctx, map, gval_string(key), read_value(r));
	return r->error->len == 0;
}

static struct gval read_map(struct reader *r)
{
	struct gval out = gval_map(r->ctx, &gtype_map);
	r->at++;
	skip_space(r);
	if (look(r) == '}') {
		r->at++;
		return out;
	}
	while (!r->ctx->failed && read_entry(r, out)) {
		skip_space(r);
		if (look(r) == '}') {
			r->at++;
			return out;
		}
		if (look(r) != ',')
			return fail(r, "after object key:value pair");
		r->at++;
	}
	return out;
}

static struct gval read_by_first(struct reader *r)
{
	struct str text;
	char c = look(r);
	switch (c) {
	case '{':
		return read_map(r);
	case '[':
		return read_list(r);
	case '"':
		return read_string(r, &text) ? gval_string(text) : gval_none();
	case 't':
		return read_word(r, "true", gval_bool(true));
	case 'f':
		return read_word(r, "false", gval_bool(false));
	case 'n':
		return read_word(r, "null", gval_none());
	default:
		if (c == '-' || char_is_digit(c))
			return read_number(r);
		return fail(r, "looking for beginning of value");
	}
}

static struct gval read_value(struct reader *r)
{
	if (!gctx_enter(r->ctx))
		return gval_none();
	skip_space(r);
	struct gval v = read_by_first(r);
	gctx_leave(r->ctx);
	return v;
}

struct gval jsonread(struct gctx *ctx, struct str text, struct buf *error)
{
	struct reader r = { .ctx = ctx, .text = text, .error = error };
	struct gval v = read_value(&r);
	skip_space(&r);
	if (error->len == 0 && r.at < text.len)
		fail(&r, "after top-level value");
	return v;
}
