/* SPDX-License-Identifier: MIT */
/* Values as block YAML, for people to read: strings are quoted only where another type or
 * another structure would be read. */
#include "adapter/yaml/loader.h"
#include "adapter/yaml/scalar.h"
#include "base/cursor.h"
#include "base/text.h"
#include <math.h>

/* YAML 1.2.2, 7.4.2: what a reader looks ahead for the colon of a key without '?'. */
enum {
	IMPLICIT_KEY_MAX = 1024
};

static void write_indent(struct buf *out, size_t indent)
{
	for (size_t i = 0; i < indent; i++)
		(void)buf_putc(out, ' ');
}

/* Whether a text without quotes reads back as a string: not as a number, a bool or a
 * null, and not as what older readers take for a date or a number in base 60. */
static bool is_string_plain(struct str s)
{
	struct value value = { .kind = VALUE_NULL };
	if (s.len == 0)
		return false;
	scalar_resolve(s, &value);
	bool is_digits = char_is_digit(s.ptr[0]) &&
			 (memchr(s.ptr, ':', s.len) || memchr(s.ptr, '-', s.len));
	return value.kind == VALUE_STRING && !is_digits;
}

/* What a scalar without quotes cannot begin with. */
static bool is_indicator(struct str s)
{
	if (strchr(",[]{}#&*!|>'\"%@`=", s.ptr[0]) || str_starts(s, STR("<<")) ||
	    str_starts(s, STR("...")) || str_starts(s, STR("---")))
		return true;
	return strchr("-?:", s.ptr[0]) && (s.len == 1 || s.ptr[1] == ' ');
}

/* Whether a text stands as a plain scalar of a block and reads back as itself. */
static bool is_plain_safe(struct str s)
{
	if (s.len == 0 || s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ' ||
	    s.ptr[s.len - 1] == ':' || is_indicator(s))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if (c < 0x20 || c >= 0x7f)
			return false;
		if (c == ' ' && s.ptr[i + 1] == '#')
			return false;
		if (c == ':' && s.ptr[i + 1] == ' ')
			return false;
	}
	return is_string_plain(s);
}

/* Whether single quotes hold a text as it is; where they stand only against another type,
 * double ones are customary. */
static bool is_single_quotable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || (unsigned char)s.ptr[i] >= 0x7f)
			return false;
	return is_string_plain(s);
}

static void write_single_quoted(struct buf *out, struct str s)
{
	(void)buf_putc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\'')
			(void)buf_putc(out, '\'');
		(void)buf_putc(out, s.ptr[i]);
	}
	(void)buf_putc(out, '\'');
}

static void write_quoted(struct buf *out, struct str s)
{
	(void)buf_putc(out, '"');
	for (size_t off = 0; off < s.len;) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(s, off, &c);
		if (n == 0) {
			c = 0xfffd;
			n = 1;
		}
		if (c == '"' || c == '\\')
			(void)buf_printf(out, "\\%c", (char)c);
		else if (c == '\n')
			(void)buf_puts(out, "\\n");
		else if (c == '\t')
			(void)buf_puts(out, "\\t");
		else if (c < 0xa0 && text_is_hidden(c))
			(void)buf_printf(out, "\\x%02x", c);
		else if ((c >= 0xfffd && c <= 0xffff) || text_is_hidden(c))
			(void)buf_printf(out, "\\u%04x", c);
		else
			(void)buf_append(out, str_slice(s, off, n));
		off += n;
	}
	(void)buf_putc(out, '"');
}

/* Several lines of ordinary text, which a literal block shows as they are. */
static bool is_block_text(struct str s)
{
	if (s.len < 2 || s.ptr[0] == ' ' || s.ptr[0] == '\n' || s.ptr[0] == '\t' ||
	    !memchr(s.ptr, '\n', s.len - 1))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];
		if ((c < 0x20 && c != '\n') || c >= 0x7f)
			return false;
		if (c == '\n' && i > 0 && s.ptr[i - 1] == ' ')
			return false;
	}
	return !(s.ptr[s.len - 1] == '\n' && s.ptr[s.len - 2] == '\n') &&
	       s.ptr[s.len - 1] != ' ';
}

static void write_block(struct buf *out, struct str s, size_t indent)
{
	struct str line;
	(void)buf_puts(out, s.ptr[s.len - 1] == '\n' ? "|" : "|-");
	while (str_line(&s, &line)) {
		(void)buf_putc(out, '\n');
		if (line.len)
			write_indent(out, indent);
		(void)buf_append(out, line);
	}
}

static void write_text(struct buf *out, struct str s, size_t indent)
{
	if (is_plain_safe(s))
		(void)buf_append(out, s);
	else if (is_block_text(s))
		write_block(out, s, indent);
	else if (is_single_quotable(s))
		write_single_quoted(out, s);
	else
		write_quoted(out, s);
}

static void write_real(struct buf *out, double real)
{
	char text[40];
	if (isnan(real)) {
		(void)buf_puts(out, ".nan");
		return;
	}
	if (isinf(real)) {
		(void)buf_puts(out, real < 0 ? "-.inf" : ".inf");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, real);
		double back = strtod(text, NULL);
		if (back == real)
			break;
	}
	(void)buf_puts(out, text);
	if (!strpbrk(text, ".e"))
		(void)buf_puts(out, ".0");
}

static bool is_block(const struct value *value)
{
	return (value->kind == VALUE_LIST && value->list.len) ||
	       (value->kind == VALUE_MAP && value->map.len);
}

static void write_scalar(struct buf *out, const struct value *value, size_t indent)
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
		write_text(out, value->string, indent);
		break;
	case VALUE_LIST:
		(void)buf_puts(out, "[]");
		break;
	case VALUE_MAP:
		(void)buf_puts(out, "{}");
		break;
	}
}

/* A key and its colon, at whose column the value of a long key begins anew. */
static void write_key(struct buf *out, struct str key, size_t indent)
{
	BUF_CLEANUP struct buf text = BUF_INIT(out->max);
	if (is_plain_safe(key))
		(void)buf_append(&text, key);
	else
		write_quoted(&text, key);
	out->full = out->full || text.full;
	bool is_explicit = text.len > IMPLICIT_KEY_MAX;
	if (is_explicit)
		(void)buf_puts(out, "? ");
	(void)buf_append(out, buf_str(&text));
	if (is_explicit) {
		(void)buf_putc(out, '\n');
		write_indent(out, indent);
	}
	(void)buf_putc(out, ':');
}

/* Writes a value whose first line has been indented already. */
static void write_value(struct buf *out, const struct value *value, size_t indent)
{
	if (!is_block(value)) {
		write_scalar(out, value, indent);
		(void)buf_putc(out, '\n');
		return;
	}
	bool is_map = value->kind == VALUE_MAP;
	size_t len = is_map ? value->map.len : value->list.len;
	for (size_t i = 0; i < len; i++) {
		if (i)
			write_indent(out, indent);
		if (!is_map) {
			(void)buf_puts(out, "- ");
			write_value(out, value->list.items[i], indent + 2);
			continue;
		}
		const struct value_entry *entry = &value->map.items[i];
		write_key(out, entry->key, indent);
		if (!is_block(entry->value)) {
			(void)buf_putc(out, ' ');
			write_value(out, entry->value, indent + 2);
			continue;
		}
		/* as kubectl does: items of a list stand at the key's own column */
		size_t inner = entry->value->kind == VALUE_LIST ? indent : indent + 2;
		(void)buf_putc(out, '\n');
		write_indent(out, inner);
		write_value(out, entry->value, inner);
	}
}

void yaml_write(struct buf *out, const struct value *value, size_t indent)
{
	write_indent(out, indent);
	/* a block's text stands deeper than its header, also at the root */
	write_value(out, value, is_block(value) ? indent : indent + 2);
}
