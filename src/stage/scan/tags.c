/* SPDX-License-Identifier: MIT */
/*
 * The tag list reader. Its own pass over the text, because a list of 100,000 tags as a
 * tree of values costs ten times as much; as strict as adapter/json, so that half a list
 * never passes.
 */
#include "stage/scan/tags.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "stage/scan/reference.h"

struct reader {
	struct str text;
	size_t off;
	struct arena *arena;
	struct tag_page *page;
	struct err *err;
	bool seen_tags;
	bool seen_errors;
};

static int fail(struct reader *reader, const char *text)
{
	return err_set(reader->err, ERR_INVALID, "malformed tag list at byte %zu: %s",
		       reader->off + 1, text);
}

static char peek(const struct reader *reader)
{
	return reader->off < reader->text.len ? reader->text.ptr[reader->off] : '\0';
}

static void skip_space(struct reader *reader)
{
	while (reader->off < reader->text.len &&
	       (peek(reader) == ' ' || peek(reader) == '\n' || peek(reader) == '\r' ||
		peek(reader) == '\t'))
		reader->off++;
}

static bool take(struct reader *reader, char c)
{
	if (reader->off >= reader->text.len || peek(reader) != c)
		return false;
	reader->off++;
	return true;
}

static bool take_word(struct reader *reader, const char *word)
{
	struct str rest = str_from(reader->text, reader->off);
	if (!cursor_text(&rest, word))
		return false;
	reader->off += strlen(word);
	return true;
}

static bool take_escape(struct reader *reader)
{
	char c = peek(reader);
	reader->off++;
	if (c && strchr("\"\\/bfnrt", c))
		return true;
	if (c != 'u')
		return false;
	for (int i = 0; i < 4; i++, reader->off++)
		if (!char_is_hex(peek(reader)))
			return false;
	return true;
}

/* The bytes between the quotes, escapes as they stand. */
static int take_string(struct reader *reader, struct str *out, bool *escaped)
{
	if (!take(reader, '"'))
		return fail(reader, "expected a string");
	size_t start = reader->off;
	*escaped = false;
	while (reader->off < reader->text.len) {
		char c = peek(reader);
		if (c == '"') {
			*out = str_slice(reader->text, start, reader->off - start);
			reader->off++;
			return 0;
		}
		if ((unsigned char)c < 0x20)
			return fail(reader, "control character in a string");
		reader->off++;
		if (c == '\\') {
			*escaped = true;
			if (!take_escape(reader))
				return fail(reader, "malformed escape");
		}
	}
	return fail(reader, "a string has no end");
}

static bool take_number(struct reader *reader)
{
	struct str rest = str_from(reader->text, reader->off);
	size_t before = rest.len;
	(void)cursor_char(&rest, '-');
	struct str whole = cursor_while(&rest, char_is_digit);
	if (whole.len == 0 || (whole.len > 1 && whole.ptr[0] == '0'))
		return false;
	if (cursor_char(&rest, '.') && cursor_while(&rest, char_is_digit).len == 0)
		return false;
	if (cursor_char(&rest, 'e') || cursor_char(&rest, 'E')) {
		if (!cursor_char(&rest, '-'))
			(void)cursor_char(&rest, '+');
		if (cursor_while(&rest, char_is_digit).len == 0)
			return false;
	}
	reader->off += before - rest.len;
	return true;
}

/* Whether what follows is `,` or `close`; *more tells which. */
static int take_separator(struct reader *reader, char close, bool *more)
{
	skip_space(reader);
	*more = take(reader, ',');
	if (!*more && !take(reader, close))
		return fail(reader, "expected ',' or the end of a list or map");
	skip_space(reader);
	return 0;
}

static int skip_scalar(struct reader *reader)
{
	struct str ignored;
	bool escaped;
	if (peek(reader) == '"')
		return take_string(reader, &ignored, &escaped);
	if (take_word(reader, "true") || take_word(reader, "false") ||
	    take_word(reader, "null") || take_number(reader))
		return 0;
	return fail(reader, "expected a value");
}

static int take_key(struct reader *reader, struct str *key)
{
	bool escaped;
	int code = take_string(reader, key, &escaped);
	if (code)
		return code;
	skip_space(reader);
	if (!take(reader, ':'))
		return fail(reader, "expected ':'");
	skip_space(reader);
	return 0;
}

/* Passes over one value; the open brackets stand in `closers`. */
static int skip_value(struct reader *reader)
{
	char closers[LIMIT_JSON_DEPTH];
	size_t depth = 0;
	struct str key;
	int code = 0;
	do {
		bool opens_map = peek(reader) == '{';
		if (opens_map || peek(reader) == '[') {
			if (depth == LIMIT_JSON_DEPTH)
				return err_set(reader->err, ERR_LIMIT, LIMIT_FMT,
					       LIMIT_ARG(LIMIT_JSON_DEPTH));
			reader->off++;
			skip_space(reader);
			closers[depth++] = opens_map ? '}' : ']';
			if (peek(reader) != closers[depth - 1]) {
				code = opens_map ? take_key(reader, &key) : 0;
				if (code)
					return code;
				continue;
			}
			reader->off++;
			depth--;
		} else {
			code = skip_scalar(reader);
			if (code)
				return code;
		}
		bool more = false;
		while (depth && !more && code == 0) {
			code = take_separator(reader, closers[depth - 1], &more);
			if (!more)
				depth--;
		}
		if (code == 0 && more && closers[depth - 1] == '}')
			code = take_key(reader, &key);
	} while (depth && code == 0);
	return code;
}

/* The text of a string with escapes; one that holds more than ASCII is no tag anyway and
 * stays as it stands. */
static struct str decode(struct reader *reader, struct str raw)
{
	static const char names[] = "\"\\/bfnrt";
	static const char means[] = "\"\\/\b\f\n\r\t";
	char *out = arena_strndup(reader->arena, raw);
	size_t len = 0;
	for (size_t i = 0; i < raw.len; i++) {
		unsigned code = 0;
		if (raw.ptr[i] != '\\') {
			out[len++] = raw.ptr[i];
			continue;
		}
		if (raw.ptr[++i] != 'u') {
			out[len++] = means[strchr(names, raw.ptr[i]) - names];
			continue;
		}
		for (int k = 0; k < 4; k++) {
			char c = char_lower(raw.ptr[++i]);
			code = code * 16 +
			       (unsigned)(char_is_digit(c) ? c - '0' : c - 'a' + 10);
		}
		if (code > 0x7f)
			return raw;
		out[len++] = (char)code;
	}
	return (struct str){ out, len };
}

static void add_tag(struct reader *reader, struct str raw, bool escaped)
{
	struct str tag = escaped ? decode(reader, raw) : raw;
	struct tag_page *page = reader->page;
	VEC_PUSH(reader->arena, reference_is_tag(tag) ? &page->tags : &page->invalid,
		 tag);
}

static int take_tags(struct reader *reader)
{
	bool more = true;
	reader->seen_tags = true;
	if (take_word(reader, "null"))
		return 0;
	if (!take(reader, '['))
		return fail(reader, "'tags' is not a list");
	skip_space(reader);
	if (take(reader, ']'))
		return 0;
	while (more) {
		struct str raw = { 0 };
		bool escaped = false;
		int code =
		    take_word(reader, "null") ? 0 : take_string(reader, &raw, &escaped);
		if (code == 0)
			add_tag(reader, raw, escaped);
		if (reader->page->tags.len + reader->page->invalid.len > LIMIT_TAGS)
			return err_set(reader->err, ERR_LIMIT, LIMIT_FMT,
				       LIMIT_ARG(LIMIT_TAGS));
		if (code == 0)
			code = take_separator(reader, ']', &more);
		if (code)
			return code;
	}
	return 0;
}

static int take_entry(struct reader *reader)
{
	struct str key;
	int code = take_key(reader, &key);
	if (code)
		return code;
	if (str_is(key, "errors") && peek(reader) != 'n')
		reader->seen_errors = true;
	if (!str_is(key, "tags"))
		return skip_value(reader);
	if (reader->seen_tags)
		return fail(reader, "'tags' stands twice");
	return take_tags(reader);
}

int tags_parse(struct str body, struct arena *arena, struct tag_page *out,
	       struct err *err)
{
	struct reader reader = {
		.text = arena_str(arena, body), .arena = arena, .page = out, .err = err
	};
	bool more = true;
	skip_space(&reader);
	if (!take(&reader, '{'))
		return fail(&reader, "expected a JSON object");
	skip_space(&reader);
	if (take(&reader, '}'))
		more = false;
	while (more) {
		int code = take_entry(&reader);
		if (code == 0)
			code = take_separator(&reader, '}', &more);
		if (code)
			return code;
	}
	skip_space(&reader);
	if (reader.off < reader.text.len)
		return fail(&reader, "text behind the end");
	if (reader.seen_errors && !reader.seen_tags)
		return fail(&reader, "it holds errors, not tags");
	return 0;
}

static int compare_descending(const void *a, const void *b)
{
	const struct str *left = a;
	const struct str *right = b;
	return str_cmp(*right, *left);
}

void tags_order(struct tag_list *tags)
{
	size_t kept = 0;
	VEC_SORT(tags, compare_descending);
	for (size_t i = 0; i < tags->len; i++)
		if (kept == 0 || !str_eq(tags->items[kept - 1], tags->items[i]))
			tags->items[kept++] = tags->items[i];
	tags->len = kept;
}
