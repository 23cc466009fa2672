/* SPDX-License-Identifier: MIT */
/*
 * cJSON behind a scan that closes its gaps: the scan walks the text once, refuses what
 * cJSON lets through, and keeps the text of every number, which cJSON holds as a double
 * only.
 */
#include "adapter/json/json.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include <cjson/cJSON.h>
#include <limits.h>
#include <math.h>

struct numbers {
	struct str *items;
	size_t len;
	size_t cap;
};

struct scan {
	struct str text;
	size_t off;
	size_t depth;
	struct numbers numbers;
	struct arena *arena;
};

static int fail_at(const struct scan *scan, int code, const char *text, struct err *err)
{
	uint32_t line = 1;
	uint32_t col = 1;
	for (size_t i = 0; i < scan->off && i < scan->text.len; i++) {
		if (scan->text.ptr[i] == '\n') {
			line++;
			col = 1;
		} else if (((unsigned char)scan->text.ptr[i] & 0xc0) != 0x80) {
			col++;
		}
	}
	(void)err_set(err, code, "%s", text);
	return err_at(err, NULL, line, col);
}

/* Moves behind a string that begins at off; refuses what cJSON would cut or let through.
 */
static int scan_string(struct scan *scan, struct err *err)
{
	for (scan->off++; scan->off < scan->text.len; scan->off++) {
		char c = scan->text.ptr[scan->off];
		if (c == '"') {
			scan->off++;
			return 0;
		}
		if ((unsigned char)c < 0x20)
			return fail_at(scan, ERR_INVALID, "control character in a string",
				       err);
		if (c != '\\')
			continue;
		if (str_starts(str_from(scan->text, scan->off + 1), STR("u0000")))
			return fail_at(scan, ERR_INVALID, "NUL in a string", err);
		scan->off++;
	}
	return fail_at(scan, ERR_INVALID, "a string has no end", err);
}

static int scan_number(struct scan *scan, struct err *err)
{
	struct str rest = str_from(scan->text, scan->off);
	const char *start = rest.ptr;
	bool bad = false;
	(void)cursor_char(&rest, '-');
	struct str whole = cursor_while(&rest, char_is_digit);
	bad = whole.len == 0 || (whole.len > 1 && whole.ptr[0] == '0');
	if (cursor_char(&rest, '.'))
		bad = cursor_while(&rest, char_is_digit).len == 0 || bad;
	if (cursor_char(&rest, 'e') || cursor_char(&rest, 'E')) {
		if (!cursor_char(&rest, '-'))
			(void)cursor_char(&rest, '+');
		bad = cursor_while(&rest, char_is_digit).len == 0 || bad;
	}
	if (bad)
		return fail_at(scan, ERR_INVALID, "malformed number", err);
	struct str number = { start, (size_t)(rest.ptr - start) };
	VEC_PUSH(scan->arena, &scan->numbers, number);
	scan->off += number.len;
	return 0;
}

static int scan_text(struct scan *scan, struct err *err)
{
	size_t bad_off = 0;
	if (!str_is_utf8(scan->text, &bad_off)) {
		scan->off = bad_off;
		return fail_at(scan, ERR_INVALID, "not UTF-8", err);
	}
	if (str_starts(scan->text, STR("\xef\xbb\xbf")))
		return fail_at(scan, ERR_INVALID, "begins with a byte order mark", err);
	while (scan->off < scan->text.len) {
		char c = scan->text.ptr[scan->off];
		int code = 0;
		if (c == '"') {
			code = scan_string(scan, err);
		} else if (c == '-' || char_is_digit(c)) {
			code = scan_number(scan, err);
		} else {
			if ((unsigned char)c < 0x20 && c != '\n' && c != '\r' &&
			    c != '\t')
				code =
				    fail_at(scan, ERR_INVALID, "control character", err);
			if (c == '[' || c == '{')
				scan->depth++;
			else if ((c == ']' || c == '}') && scan->depth)
				scan->depth--;
			if (scan->depth > LIMIT_JSON_DEPTH)
				code = fail_at(scan, ERR_LIMIT,
					       arena_printf(scan->arena, LIMIT_FMT,
							    LIMIT_ARG(LIMIT_JSON_DEPTH)),
					       err);
			scan->off++;
		}
		if (code)
			return code;
	}
	return 0;
}

static bool parse_whole(struct str raw, int64_t *out)
{
	return number_parse_signed(raw, INT64_MAX, out);
}

struct convert {
	struct arena *arena;
	const struct numbers *numbers;
	size_t next_number;
};

static struct value *convert_node(struct convert *convert, const cJSON *node,
				  struct err *err);

static struct value *convert_number(struct convert *convert, const cJSON *node,
				    struct err *err)
{
	struct str raw = convert->numbers->items[convert->next_number++];
	int64_t whole = 0;
	struct value *value = value_new(convert->arena, VALUE_FLOAT);
	value->raw = raw;
	value->real = node->valuedouble;
	if (parse_whole(raw, &whole)) {
		value->kind = VALUE_INT;
		value->integer = whole;
	} else if (isinf(node->valuedouble)) {
		(void)err_set(err, ERR_INVALID, "number '%.*s' is out of range",
			      STR_ARG(raw));
		return NULL;
	}
	return value;
}

static struct value *convert_children(struct convert *convert, const cJSON *node,
				      struct err *err)
{
	bool is_map = cJSON_IsObject(node);
	struct value *out = value_new(convert->arena, is_map ? VALUE_MAP : VALUE_LIST);
	for (const cJSON *child = node->child; child; child = child->next) {
		struct value *value = convert_node(convert, child, err);
		if (!value)
			return NULL;
		if (!is_map) {
			value_append(convert->arena, out, value);
			continue;
		}
		if (value_get(out, child->string)) {
			(void)err_set(err, ERR_INVALID, "key '%.200s' stands twice",
				      child->string);
			return NULL;
		}
		value_set(convert->arena, out, child->string, value);
	}
	return out;
}

/* cJSON numbers its nodes in text order, so the scan's numbers fit one by one. Depth is
 * bounded by the scan. */
static struct value *convert_node(struct convert *convert, const cJSON *node,
				  struct err *err)
{
	if (cJSON_IsBool(node))
		return value_bool(convert->arena, cJSON_IsTrue(node));
	if (cJSON_IsNumber(node))
		return convert_number(convert, node, err);
	if (cJSON_IsString(node))
		return value_text(convert->arena, node->valuestring);
	if (cJSON_IsArray(node) || cJSON_IsObject(node))
		return convert_children(convert, node, err);
	return value_new(convert->arena, VALUE_NULL);
}

static void delete_tree(cJSON *const *tree)
{
	cJSON_Delete(*tree);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Where cJSON expected a key it points behind the character that is none. */
static size_t place_of_error(const char *text, size_t off)
{
	if (off < 2 || is_blank(text[off - 1]) || strchr("\"[{", text[off - 1]))
		return off;
	size_t before = off - 2;
	while (before > 0 && is_blank(text[before]))
		before--;
	return text[before] == '{' || text[before] == ',' ? off - 1 : off;
}

int json_parse(struct str text, struct arena *arena, struct value **out, struct err *err)
{
	struct scan scan = { .text = text, .arena = arena };
	if (text.len > LIMIT_JSON_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_JSON_BYTES));
	int code = scan_text(&scan, err);
	if (code)
		return code;
	/* cJSON asks for a terminator to tell trailing text */
	const char *copy = arena_strndup(arena, text);
	const char *end = copy;
	cJSON *tree CLEANUP(delete_tree) =
	    cJSON_ParseWithLengthOpts(copy, text.len + 1, &end, 1);
	if (!tree) {
		scan.off = place_of_error(copy, (size_t)(end - copy));
		return fail_at(&scan, ERR_INVALID,
			       scan.off >= text.len ? "unexpected end of the text"
						    : "unexpected character",
			       err);
	}
	struct convert convert = { arena, &scan.numbers, 0 };
	struct value *value = convert_node(&convert, tree, err);
	if (!value)
		return err->code;
	*out = value;
	return 0;
}

/* What differs between the two ways to write a string. */
struct string_style {
	const char *escaped; /* characters with a letter of their own, then the letters */
	const char *letters;
	const char *by_code; /* ASCII that is written as its code */
	const char *bad;     /* for bytes that are not UTF-8 */
	bool hides;          /* what a terminal would obey is written as its code too */
};

/* Marks the bytes that stand for themselves. */
static void find_plain(const struct string_style *style, bool plain[UCHAR_MAX + 1])
{
	for (unsigned c = 0; c <= UCHAR_MAX; c++)
		plain[c] = c >= 0x20 && c < 0x80;
	for (const char *c = style->escaped; *c; c++)
		plain[(unsigned char)*c] = false;
	for (const char *c = style->by_code; *c; c++)
		plain[(unsigned char)*c] = false;
}

/* What stands at `off` and not for itself; how many bytes that are. */
static size_t write_special(struct buf *out, struct str s, size_t off,
			    const struct string_style *style)
{
	uint32_t c = 0;
	size_t n = str_utf8_decode(s, off, &c);
	const char *at = c && c < 0x80 ? strchr(style->escaped, (int)c) : NULL;
	if (n == 0)
		(void)buf_puts(out, style->bad);
	else if (at)
		(void)buf_printf(out, "\\%c", style->letters[at - style->escaped]);
	else if (c < 0x80 || c == 0x2028 || c == 0x2029 ||
		 (style->hides && text_is_hidden(c)))
		(void)buf_printf(out, "\\u%04x", c);
	else
		(void)buf_append(out, str_slice(s, off, n));
	return n ? n : 1;
}

static void write_string(struct buf *out, struct str s, const struct string_style *style)
{
	bool plain[UCHAR_MAX + 1];
	find_plain(style, plain);
	(void)buf_putc(out, '"');
	for (size_t off = 0; off < s.len;) {
		size_t end = off;
		while (end < s.len && plain[(unsigned char)s.ptr[end]])
			end++;
		(void)buf_append(out, str_slice(s, off, end - off));
		off = end < s.len ? end + write_special(out, s, end, style) : end;
	}
	(void)buf_putc(out, '"');
}

void json_write_string(struct buf *out, struct str s)
{
	static const struct string_style style = { "\"\\\n\r\t", "\"\\nrt", "\x7f",
						   "\xef\xbf\xbd", true };
	write_string(out, s, &style);
}

void json_write_string_go(struct buf *out, struct str s)
{
	static const struct string_style style = { "\"\\\b\f\n\r\t", "\"\\bfnrt", "<>&",
						   "\\ufffd", false };
	write_string(out, s, &style);
}

static void write_break(struct buf *out, enum json_style style, size_t depth)
{
	if (style == JSON_COMPACT)
		return;
	(void)buf_putc(out, '\n');
	for (size_t i = 0; i < depth; i++)
		(void)buf_puts(out, "  ");
}

static void write_value(struct buf *out, const struct value *value, enum json_style style,
			size_t depth);

static void write_list(struct buf *out, const struct value *value, enum json_style style,
		       size_t depth)
{
	(void)buf_putc(out, '[');
	for (size_t i = 0; i < value->list.len; i++) {
		if (i)
			(void)buf_putc(out, ',');
		write_break(out, style, depth + 1);
		write_value(out, value->list.items[i], style, depth + 1);
	}
	if (value->list.len)
		write_break(out, style, depth);
	(void)buf_putc(out, ']');
}

static void write_map(struct buf *out, const struct value *value, enum json_style style,
		      size_t depth)
{
	(void)buf_putc(out, '{');
	for (size_t i = 0; i < value->map.len; i++) {
		if (i)
			(void)buf_putc(out, ',');
		write_break(out, style, depth + 1);
		json_write_string(out, value->map.items[i].key);
		(void)buf_puts(out, style == JSON_PRETTY ? ": " : ":");
		write_value(out, value->map.items[i].value, style, depth + 1);
	}
	if (value->map.len)
		write_break(out, style, depth);
	(void)buf_putc(out, '}');
}

/* The shortest text that reads back as the same double. */
static void write_real(struct buf *out, double real)
{
	char text[40];
	if (!isfinite(real)) {
		(void)buf_puts(out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, real);
		double back = strtod(text, NULL);
		if (memcmp(&back, &real, sizeof(back)) == 0)
			break;
	}
	(void)buf_puts(out, text);
}

static void write_value(struct buf *out, const struct value *value, enum json_style style,
			size_t depth)
{
	switch (value->kind) {
	case VALUE_NULL:
		(void)buf_puts(out, "null");
		break;
	case VALUE_BOOL:
		(void)buf_puts(out, value->boolean ? "true" : "false");
		break;
	case VALUE_INT:
		(void)buf_printf(out, "%lld", (long long)value->integer);
		break;
	case VALUE_FLOAT:
		write_real(out, value->real);
		break;
	case VALUE_STRING:
		json_write_string(out, value->string);
		break;
	case VALUE_LIST:
		write_list(out, value, style, depth);
		break;
	case VALUE_MAP:
		write_map(out, value, style, depth);
		break;
	}
}

void json_write(struct buf *out, const struct value *value, enum json_style style)
{
	write_value(out, value, style, 0);
}
