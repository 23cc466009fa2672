/* SPDX-License-Identifier: MIT */
/* Escaping, name rules and globs. */
#include "base/text.h"
#include "base/cursor.h"

enum {
	LABEL_BYTES = 63
};

bool text_is_hidden(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return true;
	/* line separators and bidirectional controls, which reorder or break what is
	 * shown */
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	       c == 0xfeff;
}

void text_escape(struct buf *out, struct str s, bool keep_lines)
{
	size_t off = 0;
	while (off < s.len) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(s, off, &c);
		if (n == 0) {
			(void)buf_printf(out, "\\x%02x",
					 (unsigned)(unsigned char)s.ptr[off]);
			off++;
			continue;
		}
		if (keep_lines && (c == '\n' || c == '\t'))
			(void)buf_putc(out, (char)c);
		else if (c < 0x100 && text_is_hidden(c))
			(void)buf_printf(out, "\\x%02x", c);
		else if (text_is_hidden(c))
			(void)buf_printf(out, "\\u{%04x}", c);
		else
			(void)buf_append(out, str_slice(s, off, n));
		off += n;
	}
}

const char *text_clean(struct arena *arena, struct str s, size_t max_bytes)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	text_escape(&out, str_slice(s, 0, max_bytes * 2), false);
	if (out.len <= max_bytes && s.len <= max_bytes * 2)
		return arena_strndup(arena, buf_str(&out));
	size_t end = max_bytes < out.len ? max_bytes : out.len;
	end = end > 3 ? end - 3 : 0;
	while (end > 0 && ((unsigned char)out.ptr[end] & 0xc0) == 0x80)
		end--;
	buf_truncate(&out, end);
	(void)buf_puts(&out, "...");
	return arena_strndup(arena, buf_str(&out));
}

struct wrap {
	struct buf *out;
	size_t columns, col; /* col 0: no line is begun */
	const char *indent;
};

static void wrap_word(struct wrap *wrap, struct str word)
{
	bool fits = wrap->col && wrap->col + 1 + word.len <= wrap->columns;
	if (fits) {
		(void)buf_putc(wrap->out, ' ');
		wrap->col++;
	} else {
		(void)buf_printf(wrap->out, "%s%s", wrap->col ? "\n" : "", wrap->indent);
		wrap->col = strlen(wrap->indent);
	}
	(void)buf_append(wrap->out, word);
	wrap->col += word.len;
}

static void end_line(struct wrap *wrap)
{
	if (wrap->col)
		(void)buf_putc(wrap->out, '\n');
	wrap->col = 0;
}

void text_wrap(struct buf *out, const char *text, size_t columns, const char *indent)
{
	struct wrap wrap = { out, columns, 0, indent };
	struct str rest = str_of(text);
	struct str line;
	struct str word;
	while (str_line(&rest, &line)) {
		if (line.len == 0) {
			end_line(&wrap);
			(void)buf_putc(out, '\n');
		}
		while (str_split(&line, ' ', &word))
			if (word.len)
				wrap_word(&wrap, word);
	}
	end_line(&wrap);
}

bool text_is_printable(struct str s)
{
	size_t off = 0;
	while (off < s.len) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(s, off, &c);
		if (n == 0 ||
		    ((c < 0x20 || (c >= 0x7f && c < 0xa0)) && c != '\n' && c != '\t'))
			return false;
		off += n;
	}
	return true;
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || char_is_digit(c);
}

bool text_is_dns_label(struct str s)
{
	if (s.len == 0 || s.len > LABEL_BYTES || !is_name_char(s.ptr[0]) ||
	    !is_name_char(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_name_char(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

bool text_is_dns_subdomain(struct str s)
{
	if (s.len == 0 || s.len > 253)
		return false;
	struct str label;
	while (str_split(&s, '.', &label)) {
		if (label.len == 0 || !is_name_char(label.ptr[0]) ||
		    !is_name_char(label.ptr[label.len - 1]))
			return false;
		for (size_t i = 0; i < label.len; i++)
			if (!is_name_char(label.ptr[i]) && label.ptr[i] != '-')
				return false;
	}
	return true;
}

static bool is_label_name(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (!char_is_alnum(c) && c != '-' && c != '_' && c != '.')
			return false;
	}
	return s.len > 0 && s.len <= LABEL_BYTES && char_is_alnum(s.ptr[0]) &&
	       char_is_alnum(s.ptr[s.len - 1]);
}

bool text_is_label_key(struct str s)
{
	size_t slash = str_find_char(s, '/');
	if (slash == s.len)
		return is_label_name(s);
	return text_is_dns_subdomain(str_slice(s, 0, slash)) &&
	       is_label_name(str_from(s, slash + 1));
}

bool text_is_label_value(struct str s)
{
	return s.len == 0 || is_label_name(s);
}

/* Matches `[...]` at the front of *pattern against c and moves behind it; a class without
 * an end is the character '['. */
static bool match_class(struct str *pattern, char c)
{
	struct str rest = str_from(*pattern, 1);
	bool negated = cursor_char(&rest, '!') || cursor_char(&rest, '^');
	bool hit = false;
	bool first = true;
	while (rest.len && (first || rest.ptr[0] != ']')) {
		char low = rest.ptr[0];
		char high = low;
		size_t used = 1;
		if (rest.len > 2 && rest.ptr[1] == '-' && rest.ptr[2] != ']') {
			high = rest.ptr[2];
			used = 3;
		}
		hit = hit || ((unsigned char)c >= (unsigned char)low &&
			      (unsigned char)c <= (unsigned char)high);
		rest = str_from(rest, used);
		first = false;
	}
	if (!cursor_char(&rest, ']')) {
		*pattern = str_from(*pattern, 1);
		return c == '[';
	}
	*pattern = rest;
	return hit != negated && c != '/';
}

/* Matches one pattern element that is no star against the first byte of s. */
static bool match_one(struct str *pattern, char c)
{
	char p = pattern->ptr[0];
	if (p == '[')
		return match_class(pattern, c);
	if (p == '\\' && pattern->len > 1) {
		p = pattern->ptr[1];
		*pattern = str_from(*pattern, 2);
		return p == c;
	}
	*pattern = str_from(*pattern, 1);
	return p == '?' ? c != '/' : p == c;
}

bool text_glob(struct str pattern, struct str s)
{
	/* Where to go on when a star must swallow one byte more; deep stars win over
	 * earlier ones. A `*` that meets `/` falls back to the last `**`. */
	struct str star = { NULL, 0 };
	struct str star_at = { NULL, 0 };
	struct str deep = { NULL, 0 };
	struct str deep_at = { NULL, 0 };
	while (s.len || pattern.len) {
		if (cursor_text(&pattern, "**")) {
			deep = pattern;
			deep_at = s;
			star.ptr = NULL;
			continue;
		}
		if (cursor_char(&pattern, '*')) {
			star = pattern;
			star_at = s;
			continue;
		}
		struct str next = pattern;
		if (s.len && pattern.len && match_one(&next, s.ptr[0])) {
			pattern = next;
			s = str_from(s, 1);
			continue;
		}
		if (star.ptr && star_at.len && star_at.ptr[0] != '/') {
			star_at = str_from(star_at, 1);
			s = star_at;
			pattern = star;
			continue;
		}
		if (deep.ptr && deep_at.len) {
			deep_at = str_from(deep_at, 1);
			s = deep_at;
			pattern = deep;
			star.ptr = NULL;
			continue;
		}
		return false;
	}
	return true;
}
