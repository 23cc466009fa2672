/* SPDX-License-Identifier: MIT */
/*
 * Reads a pattern just far enough to know what is an escape, a class, a quotation or a
 * group's head, and translates between the two dialects. Everything else is left to the
 * engine.
 */
#include "adapter/regex/pattern.h"
#include "base/cursor.h"

enum {
	GO_MAX_COUNT = 1000,
	/* from here on the engine takes the braces of a repetition for text */
	HUGE_DIGITS = 10
};

/* The offset behind `needle` at or after `off`; the end when it does not occur. */
static size_t skip_past(struct str text, size_t off, struct str needle)
{
	size_t at = off + str_find(str_from(text, off), needle) + needle.len;
	return at < text.len ? at : text.len;
}

/* The offset behind the character class that begins at `off`. */
static size_t skip_class(struct str text, size_t off)
{
	size_t at = off + 1;
	if (at < text.len && text.ptr[at] == '^')
		at++;
	/* a bracket that comes first does not close */
	for (bool first = true; at < text.len; first = false) {
		char c = text.ptr[at];
		if (c == ']' && !first)
			return at + 1;
		struct str rest = str_from(text, at);
		if (c == '\\')
			at += 2;
		else if (str_starts(rest, STR("[:")) &&
			 str_find(str_from(rest, 2), STR(":]")) + 2 < rest.len)
			at = skip_past(text, at + 2, STR(":]"));
		else
			at++;
	}
	return text.len;
}

static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!char_is_alnum(name.ptr[i]) && name.ptr[i] != '_')
			return false;
	return name.len > 0;
}

/* The length of `(?P<` or `(?<` at the front; 0 for anything else, and for what looks
 * behind, which the engine refuses by itself. */
static size_t count_group_head(struct str text)
{
	if (str_starts(text, STR("(?P<")))
		return text.len > 4 ? 4 : 0;
	if (!str_starts(text, STR("(?<")) || text.len < 4)
		return 0;
	return text.ptr[3] == '=' || text.ptr[3] == '!' ? 0 : 3;
}

/* Handles the named group that begins at `off`; returns the offset behind its head. */
static size_t rewrite_group(struct str pattern, size_t off, size_t head, struct buf *out,
			    struct pattern_fault *fault)
{
	struct str text = str_from(pattern, off);
	size_t end = str_find_char(text, '>');
	struct str name = str_slice(text, head, end - head);
	if (end == text.len || !is_name(name)) {
		fault->text = "invalid named capture";
		fault->fragment = str_slice(text, 0, end + 1);
		fault->off = off;
		return pattern.len;
	}
	(void)buf_printf(out, "(?P<%.*s>", STR_ARG(name));
	return off + end + 1;
}

/* Handles the escape that begins at `off`; returns the offset behind it. */
static size_t skip_escape(struct str pattern, size_t off, struct pattern_fault *fault)
{
	struct str letter = str_slice(pattern, off + 1, 1);
	struct str head = str_slice(pattern, off + 1, 2);
	if (str_is(letter, "Q"))
		return skip_past(pattern, off + 2, STR("\\E"));
	if (str_is(head, "p{") || str_is(head, "P{") || str_is(head, "x{"))
		return skip_past(pattern, off + 3, STR("}"));
	if (str_is(letter, "C")) {
		fault->text = "invalid escape sequence";
		fault->fragment = str_slice(pattern, off, 2);
		fault->off = off;
	}
	return off + 2 < pattern.len ? off + 2 : pattern.len;
}

/* A number of a repetition, which has no leading zero. */
static bool take_count(struct str *rest, size_t *digits)
{
	struct str number = cursor_while(rest, char_is_digit);
	if (number.len > *digits)
		*digits = number.len;
	return number.len == 1 || (number.len && number.ptr[0] != '0');
}

/* Handles the brace at `off`; returns the offset behind it. */
static size_t check_count(struct str pattern, size_t off, struct pattern_fault *fault)
{
	struct str rest = str_from(pattern, off + 1);
	size_t digits = 0;
	bool whole = take_count(&rest, &digits);
	if (whole && cursor_char(&rest, ',') && rest.len && rest.ptr[0] != '}')
		whole = take_count(&rest, &digits);
	if (whole && cursor_char(&rest, '}') && digits >= HUGE_DIGITS) {
		fault->text = "invalid repeat count";
		fault->fragment = str_slice(pattern, off, pattern.len - rest.len - off);
		fault->off = off;
	}
	return off + 1;
}

void pattern_rewrite(struct str pattern, struct buf *out, struct pattern_fault *fault)
{
	size_t off = 0;
	*fault = (struct pattern_fault){ NULL, { NULL, 0 }, 0 };
	while (off < pattern.len && !fault->text) {
		size_t begin = off;
		size_t head = count_group_head(str_from(pattern, off));
		if (head) {
			off = rewrite_group(pattern, off, head, out, fault);
			continue;
		}
		if (pattern.ptr[off] == '\\')
			off = skip_escape(pattern, off, fault);
		else if (pattern.ptr[off] == '[')
			off = skip_class(pattern, off);
		else if (pattern.ptr[off] == '{')
			off = check_count(pattern, off, fault);
		else
			off++;
		if (!fault->text)
			(void)buf_append(out, str_slice(pattern, begin, off - begin));
	}
}

bool pattern_bad_count(struct str operators, struct str *out)
{
	size_t at = str_rfind_char(operators, '{');
	struct str rest = str_from(operators, at);
	uint64_t least = 0;
	uint64_t most = 0;
	size_t end = str_find_char(rest, '}') + 1;
	*out = str_slice(rest, 0, end);
	if (!cursor_char(&rest, '{'))
		return false;
	/* a number that does not fit is too large as well */
	if (!cursor_number(&rest, GO_MAX_COUNT, &least))
		return true;
	most = least;
	if (cursor_char(&rest, ',') && rest.len && rest.ptr[0] == '}')
		return false;
	if (rest.len && rest.ptr[0] != '}' && !cursor_number(&rest, GO_MAX_COUNT, &most))
		return true;
	return least > most;
}

struct str pattern_last_hex(struct str pattern)
{
	for (size_t at = pattern.len; at-- > 0;)
		if (str_starts(str_from(pattern, at), STR("\\x")))
			return str_from(pattern, at);
	return pattern;
}
