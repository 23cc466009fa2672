/* SPDX-License-Identifier: MIT */
/* sprig's functions that take a text apart into words: case styles, wrapping, initials.
 */
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/unicode.h"

#define TEXT_BUF BUF_INIT(LIMIT_TEMPLATE_STRING)

static void put_rune(struct buf *out, uint32_t c)
{
	char utf8[4];
	buf_append(out, (struct str){ utf8, str_utf8_encode(c, utf8) });
}

/* Bytes are taken for characters here, as the library behind sprig does. */
static struct gval fn_nospace(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	bool any = false;
	for (size_t i = 0; i < s.len && !out.full; i++) {
		uint32_t c = (unsigned char)s.ptr[i];
		if (unicode_is_space(c))
			any = true;
		else
			put_rune(&out, c);
	}
	return any ? call_string(call, &out) : gval_string(s);
}

static struct gval fn_initials(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	bool gap = true;
	for (size_t i = 0; i < s.len && !out.full; i++) {
		uint32_t c = (unsigned char)s.ptr[i];
		bool space = unicode_is_space(c);
		if (gap && !space)
			put_rune(&out, c);
		gap = space;
	}
	return call_string(call, &out);
}

static struct gval fn_swapcase(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct str s = call_str(call, 0);
	size_t width;
	bool gap = true;
	for (size_t i = 0; i < s.len && !out.full; i += width) {
		uint32_t c = unicode_decode(s, i, &width);
		if (unicode_is_upper(c)) {
			put_rune(&out, unicode_lower(c));
			gap = false;
		} else if (unicode_is_lower(c)) {
			put_rune(&out, gap ? unicode_title(c) : unicode_upper(c));
			gap = false;
		} else {
			put_rune(&out, c);
			gap = unicode_is_space(c);
		}
	}
	return call_string(call, &out);
}

static size_t find_last_blank(struct str s, size_t from, size_t end)
{
	for (size_t i = end; i > from; i--)
		if (s.ptr[i - 1] == ' ')
			return i - 1;
	return SIZE_MAX;
}

/* One line at `at`; the place where the next begins. */
static size_t wrap_line(struct buf *out, struct str s, size_t at, size_t width,
			struct str newline, bool cut)
{
	size_t blank = find_last_blank(s, at, at + width + 1);
	if (blank == SIZE_MAX && cut) {
		buf_append(out, str_slice(s, at, width));
		buf_append(out, newline);
		return at + width;
	}
	if (blank == SIZE_MAX) {
		struct str rest = str_from(s, at + width);
		size_t next = str_find_char(rest, ' ');
		if (next == rest.len) {
			buf_append(out, str_from(s, at));
			return s.len;
		}
		blank = at + width + next;
	}
	buf_append(out, str_slice(s, at, blank - at));
	buf_append(out, newline);
	return blank + 1;
}

static struct gval wrap_text(struct gcall *call, struct str s, struct str newline,
			     bool cut)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	int64_t wanted = call_int(call, 0);
	size_t width = wanted < 1 ? 1 : (size_t)wanted;
	size_t at = 0;
	if (newline.len == 0)
		newline = STR("\n");
	while (at < s.len && s.len - at > width && gctx_step(call->ctx, 1) && !out.full) {
		if (s.ptr[at] == ' ')
			at++;
		else
			at = wrap_line(&out, s, at, width, newline, cut);
	}
	buf_append(&out, str_from(s, at));
	return call_string(call, &out);
}

static struct gval fn_wrap(struct gcall *call)
{
	return wrap_text(call, call_str(call, 1), STR("\n"), false);
}

static struct gval fn_wrap_with(struct gcall *call)
{
	return wrap_text(call, call_str(call, 2), call_str(call, 1), true);
}

static bool is_connector(uint32_t c)
{
	return c == '-' || c == '_' || unicode_is_space(c);
}

/* The characters of a text, one by one. */
struct runes {
	struct str rest;
};

static bool next_rune(struct runes *runes, uint32_t *c)
{
	size_t width;
	if (runes->rest.len == 0)
		return false;
	*c = unicode_decode(runes->rest, 0, &width);
	runes->rest = str_from(runes->rest, width);
	return true;
}

/* HTTP_server -> HttpServer: connectors inside go, those around stay. */
static struct gval fn_camelcase(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct runes runes = { call_str(call, 0) };
	uint32_t c = 0;
	bool first_upper = false;
	bool found = false;
	while (!found && next_rune(&runes, &c)) {
		found = !is_connector(c);
		/* the last one is written at the end */
		if (!found && runes.rest.len > 0)
			put_rune(&out, c);
	}
	if (call_str(call, 0).len == 0)
		return gval_text("");
	if (found) {
		first_upper = unicode_is_upper(c);
		c = unicode_upper(c);
	} else {
		/* nothing but connectors: all of them, the last one twice */
		put_rune(&out, c);
	}
	uint32_t before = c;
	while (next_rune(&runes, &c) && !out.full) {
		if (is_connector(c) && is_connector(before)) {
			put_rune(&out, before);
		} else if (is_connector(before)) {
			first_upper = unicode_is_upper(c);
			c = unicode_upper(c);
		} else {
			if (first_upper && unicode_is_upper(c))
				c = unicode_lower(c);
			else
				first_upper = false;
			put_rune(&out, before);
		}
		before = c;
	}
	put_rune(&out, before);
	return call_string(call, &out);
}

enum word {
	WORD_NONE,
	WORD_NUMBER,
	WORD_UPPER,
	WORD_LOWER,
	WORD_CONNECTOR,
	WORD_PUNCT,
	WORD_OTHER
};

static bool is_punct(uint32_t c)
{
	if (c >= 0x80)
		return (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205E) ||
		       c == 0xA1 || c == 0xA7 || c == 0xAB || c == 0xB6 || c == 0xB7 ||
		       c == 0xBB || c == 0xBF || (c >= 0x3001 && c <= 0x3003);
	return c && strchr("!\"#%&'()*,-./:;?@[\\]_{}", (int)c);
}

static enum word classify(uint32_t c)
{
	if (is_connector(c))
		return WORD_CONNECTOR;
	if (is_punct(c))
		return WORD_PUNCT;
	if (unicode_is_upper(c))
		return WORD_UPPER;
	if (unicode_is_letter(c))
		return WORD_LOWER;
	return unicode_is_digit(c) ? WORD_NUMBER : WORD_OTHER;
}

static size_t run_end(struct str s, size_t at, enum word kind)
{
	size_t width;
	while (at < s.len && classify(unicode_decode(s, at, &width)) == kind)
		at += width;
	return at;
}

/* Behind an upper-case letter: HTTPServer is HTTP and Server. */
static size_t upper_end(struct str s)
{
	size_t width;
	unicode_decode(s, 0, &width);
	size_t end = run_end(s, width, WORD_UPPER);
	if (end == width)
		return run_end(s, width, WORD_LOWER);
	if (end < s.len && classify(unicode_decode(s, end, &width)) == WORD_LOWER) {
		while (((unsigned char)s.ptr[--end] & 0xC0) == 0x80)
			;
	}
	return end;
}

static enum word next_word(struct str *rest, struct str *word)
{
	size_t width;
	*word = STR("");
	if (rest->len == 0)
		return WORD_NONE;
	enum word kind = classify(unicode_decode(*rest, 0, &width));
	size_t end = kind == WORD_UPPER ? upper_end(*rest) : run_end(*rest, 0, kind);
	*word = str_slice(*rest, 0, end);
	*rest = str_from(*rest, end);
	return kind;
}

static void put_word(struct buf *out, enum word kind, struct str word, char connector)
{
	struct runes runes = { word };
	uint32_t c;
	if (kind != WORD_UPPER && kind != WORD_CONNECTOR) {
		buf_append(out, word);
		return;
	}
	while (next_rune(&runes, &c)) {
		if (is_connector(c))
			buf_putc(out, connector);
		else
			put_rune(out, unicode_lower(c));
	}
}

/* The state of a text that turns into snake_case. */
struct snake {
	struct buf *out;
	struct str rest;
	enum word kind;
	struct str word;
	char connector;
};

static void take_word(struct snake *s)
{
	s->kind = next_word(&s->rest, &s->word);
}

static bool joins(enum word kind)
{
	return kind == WORD_LOWER || kind == WORD_NUMBER;
}

static bool wants_connector(enum word kind)
{
	return kind != WORD_NONE && kind != WORD_PUNCT && kind != WORD_CONNECTOR;
}

static void put_joined(struct snake *s)
{
	while (joins(s->kind)) {
		put_word(s->out, s->kind, s->word, s->connector);
		take_word(s);
	}
	if (wants_connector(s->kind))
		buf_putc(s->out, s->connector);
}

/* A number behind a word belongs to it unless lower-case letters follow. */
static void put_number(struct snake *s)
{
	struct str number = s->word;
	if (s->rest.len == 0)
		return;
	take_word(s);
	if (s->kind != WORD_LOWER) {
		put_word(s->out, WORD_NUMBER, number, s->connector);
		if (s->kind != WORD_CONNECTOR && s->kind != WORD_PUNCT)
			buf_putc(s->out, s->connector);
		return;
	}
	buf_putc(s->out, s->connector);
	put_word(s->out, WORD_NUMBER, number, s->connector);
	put_joined(s);
}

static void step_snake(struct snake *s)
{
	enum word before = s->kind;
	struct str word = s->word;
	if (before != WORD_CONNECTOR)
		put_word(s->out, before, word, s->connector);
	take_word(s);
	if (before == WORD_NUMBER)
		put_joined(s);
	else if (before == WORD_CONNECTOR)
		put_word(s->out, before, word, s->connector);
	else if (before == WORD_PUNCT)
		return;
	else if (s->kind == WORD_NUMBER)
		put_number(s);
	else if (s->kind != WORD_CONNECTOR && s->kind != WORD_PUNCT)
		buf_putc(s->out, s->connector);
}

static struct gval connect_words(struct gcall *call, char connector)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct snake s = { .out = &out,
			   .rest = call_str(call, 0),
			   .connector = connector };
	take_word(&s);
	while (s.rest.len > 0 && gctx_step(call->ctx, 1) && !out.full)
		step_snake(&s);
	put_word(&out, s.kind, s.word, connector);
	return call_string(call, &out);
}

static struct gval fn_snakecase(struct gcall *call)
{
	return connect_words(call, '_');
}

static struct gval fn_kebabcase(struct gcall *call)
{
	return connect_words(call, '-');
}

static const struct gfunc rows[] = {
	{ "nospace", "s:s", fn_nospace },      { "initials", "s:s", fn_initials },
	{ "swapcase", "s:s", fn_swapcase },    { "wrap", "is:s", fn_wrap },
	{ "wrapWith", "iss:s", fn_wrap_with }, { "camelcase", "s:s", fn_camelcase },
	{ "snakecase", "s:s", fn_snakecase },  { "kebabcase", "s:s", fn_kebabcase },
};

const struct gfunc_table functions_words = FUNCTION_TABLE(rows);
