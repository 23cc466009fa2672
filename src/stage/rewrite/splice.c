/* SPDX-License-Identifier: MIT */
/*
 * Decides which bytes change for one value, and touches no others: the style of the
 * scalar, its anchor, its comment and its line end stay.
 */
#include "stage/rewrite/splice.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "stage/rewrite/quote.h"

#define CORE_TAG "tag:yaml.org,2002:"

static struct str doubled(struct str value, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(value.len * 4 + 2);
	(void)buf_putc(&out, '"');
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c == '"' || c == '\\')
			(void)buf_putc(&out, '\\');
		if (c < 0x20 || c == 0x7f)
			(void)buf_printf(&out, "\\x%02x", (unsigned)c);
		else
			(void)buf_putc(&out, (char)c);
	}
	(void)buf_putc(&out, '"');
	return buf_to_arena(&out, arena);
}

static struct str singled(struct str value, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(value.len * 2 + 2);
	(void)buf_putc(&out, '\'');
	for (size_t i = 0; i < value.len; i++) {
		if (value.ptr[i] == '\'')
			(void)buf_putc(&out, '\'');
		(void)buf_putc(&out, value.ptr[i]);
	}
	(void)buf_putc(&out, '\'');
	return buf_to_arena(&out, arena);
}

/* How the value is written where `scalar` stood, but for block scalars. */
static struct str written(const struct scan_event *scalar, struct str value,
			  struct arena *arena)
{
	if (scalar->style == SCAN_DOUBLE_QUOTED)
		return doubled(value, arena);
	if (scalar->style == SCAN_SINGLE_QUOTED)
		return singled(value, arena);
	if (quote_is_typed(value) || !quote_is_plain(value, false))
		return doubled(value, arena);
	if (scalar->in_flow && !quote_is_plain(value, true))
		return singled(value, arena);
	return arena_str(arena, value);
}

/* A core tag of another type than string, which the new value would contradict. */
static bool has_wrong_tag(const struct scan_event *scalar)
{
	return str_starts(scalar->tag, STR(CORE_TAG)) &&
	       !str_is(scalar->tag, CORE_TAG "str");
}

/* Removes the tag between the scalar's start and its text, with the blanks behind it. */
static void cut_tag(struct str text, const struct scan_event *scalar,
		    struct splice_list *out, struct arena *arena)
{
	size_t at = scalar->start;
	while (at < scalar->text && text.ptr[at] != '!')
		at++;
	size_t end = at;
	while (end < scalar->text && !strchr(" \t\r\n", text.ptr[end]))
		end++;
	while (end < scalar->text && (text.ptr[end] == ' ' || text.ptr[end] == '\t'))
		end++;
	struct splice cut = { at, end, { "", 0 } };
	if (at < end)
		VEC_PUSH(arena, out, cut);
}

static size_t line_end(struct str text, size_t at, size_t end)
{
	while (at < end && !scanner_break_len(text, at))
		at++;
	return at;
}

/* Blanks at the front of the line at `at`. */
static size_t count_blanks(struct str text, size_t at)
{
	size_t n = 0;
	while (at + n < text.len && text.ptr[at + n] == ' ')
		n++;
	return n;
}

/* Where a block's body would stand when it has no line to tell: two columns right of the
 * key, or as deep as the scalar itself behind dashes. */
static size_t empty_body_indent(struct str text, const struct scan_event *scalar)
{
	size_t from = scalar->start;
	while (from > 0) {
		bool is_break = false;
		for (size_t n = 1; n <= 3 && n <= from; n++)
			is_break = is_break || scanner_break_len(text, from - n) == n;
		if (is_break)
			break;
		from--;
	}
	size_t at = from;
	while (at < scalar->start &&
	       (text.ptr[at] == ' ' ||
		(strchr("-?:", text.ptr[at]) && text.ptr[at + 1] == ' ')))
		at++;
	size_t indent = at - from;
	return at == scalar->start && indent > 0 ? indent : indent + 2;
}

struct body {
	size_t start;  /* the first line behind the header */
	size_t end;    /* of its last line that is not blank, without the break */
	size_t indent; /* of the text */
	bool empty;
};

/* The lines of a block scalar. Its text tells how many of the first line's blanks are
 * indentation. */
static struct body body_of(struct str text, const struct scan_event *scalar)
{
	size_t header_end = line_end(text, scalar->text, text.len);
	size_t at = header_end + scanner_break_len(text, header_end);
	struct body body = { at, at, 0, true };
	struct str content = scalar->content;
	while (content.len && content.ptr[0] == '\n')
		content = str_from(content, 1);
	while (at < scalar->end) {
		size_t end = line_end(text, at, scalar->end);
		size_t blanks = count_blanks(text, at);
		bool is_blank =
		    at + blanks >= end && (body.empty || blanks <= body.indent);
		if (!is_blank && body.empty) {
			size_t own = count_blanks(content, 0);
			body.indent = blanks > own ? blanks - own : blanks;
			body.empty = false;
		}
		if (!is_blank)
			body.end = end;
		size_t n = scanner_break_len(text, end);
		at = end + (n ? n : 1);
	}
	if (body.empty)
		body.indent = empty_body_indent(text, scalar);
	return body;
}

/* `|` or `>` keeps its kind and its comment; the body becomes one line. */
static void splice_block(struct str text, const struct scan_event *scalar,
			 struct str value, struct arena *arena, struct splice_list *out)
{
	struct body body = body_of(text, scalar);
	size_t at = scalar->text + 1;
	while (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-' ||
				 char_is_digit(text.ptr[at])))
		at++;
	struct splice header = { scalar->text + 1, at, STR("-") };
	VEC_PUSH(arena, out, header);
	struct buf line BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	/* a header without a line end is the end of the text */
	size_t header_end = line_end(text, scalar->text, text.len);
	if (scanner_break_len(text, header_end) == 0)
		(void)buf_putc(&line, '\n');
	for (size_t i = 0; i < body.indent; i++)
		(void)buf_putc(&line, ' ');
	(void)buf_append(&line, value);
	if (body.empty && scanner_break_len(text, header_end))
		(void)buf_append(&line, str_slice(text, header_end,
						  scanner_break_len(text, header_end)));
	struct splice lines = { body.start, body.end, buf_to_arena(&line, arena) };
	VEC_PUSH(arena, out, lines);
}

void splice_scalar(struct str text, const struct scan_event *scalar, struct str value,
		   struct arena *arena, struct splice_list *out)
{
	if (has_wrong_tag(scalar))
		cut_tag(text, scalar, out, arena);
	if (scalar->style == SCAN_LITERAL || scalar->style == SCAN_FOLDED) {
		splice_block(text, scalar, value, arena, out);
		return;
	}
	struct splice splice = { scalar->text, scalar->end,
				 written(scalar, value, arena) };
	VEC_PUSH(arena, out, splice);
}

struct str splice_apply(struct str text, const struct splice_list *splices,
			struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	size_t at = 0;
	for (size_t i = 0; i < splices->len; i++) {
		const struct splice *splice = &splices->items[i];
		(void)buf_append(&out, str_slice(text, at, splice->start - at));
		(void)buf_append(&out, splice->bytes);
		at = splice->end;
	}
	(void)buf_append(&out, str_from(text, at));
	return buf_to_arena(&out, arena);
}
