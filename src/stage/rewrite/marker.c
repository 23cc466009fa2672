/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a comment is a marker, as Go's JSON decoder decides it for a map of
 * strings: exactly one object, white space around it, nothing else.
 */
#include "stage/rewrite/marker.h"
#include "base/buf.h"
#include "base/cursor.h"
#include "base/text.h"

#define MARKER_KEY "$imagepolicy"

struct json {
	struct str rest;
	struct arena *arena;
	const char *fault;
};

static bool fail(struct json *json, const char *fault)
{
	json->fault = fault;
	return false;
}

static void skip_white(struct json *json)
{
	while (json->rest.len && strchr(" \t\r\n", json->rest.ptr[0]) &&
	       json->rest.ptr[0])
		json->rest = str_from(json->rest, 1);
}

static int hex_digit(char c)
{
	if (char_is_digit(c))
		return c - '0';
	return char_is_hex(c) ? char_lower(c) - 'a' + 10 : -1;
}

static bool take_hex(struct str *rest, uint32_t *out)
{
	uint32_t unit = 0;
	if (rest->len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		int digit = hex_digit(rest->ptr[i]);
		if (digit < 0)
			return false;
		unit = (unit << 4) | (uint32_t)digit;
	}
	*rest = str_from(*rest, 4);
	*out = unit;
	return true;
}

/* Behind `\u`; a surrogate without its other half becomes U+FFFD, as in Go. */
static bool take_unicode(struct json *json, struct buf *out)
{
	uint32_t unit = 0;
	char bytes[4];
	if (!take_hex(&json->rest, &unit))
		return fail(json, "a malformed \\u escape");
	if (unit >= 0xd800 && unit < 0xdc00) {
		struct str rest = json->rest;
		uint32_t low = 0;
		if (cursor_text(&rest, "\\u") && take_hex(&rest, &low) && low >= 0xdc00 &&
		    low < 0xe000) {
			json->rest = rest;
			unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	if (unit >= 0xd800 && unit < 0xe000)
		unit = 0xfffd;
	size_t n = str_utf8_encode(unit, bytes);
	(void)buf_append(out, (struct str){ bytes, n });
	return true;
}

static bool take_escape(struct json *json, struct buf *out)
{
	static const char codes[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	if (cursor_char(&json->rest, 'u'))
		return take_unicode(json, out);
	const char *at =
	    json->rest.len && json->rest.ptr[0] ? strchr(codes, json->rest.ptr[0]) : NULL;
	if (!at)
		return fail(json, "an unknown escape");
	(void)buf_putc(out, bytes[at - codes]);
	json->rest = str_from(json->rest, 1);
	return true;
}

static bool take_string(struct json *json, const char *expected, struct str *out)
{
	struct buf text BUF_CLEANUP = BUF_INIT(json->rest.len * 3);
	if (!cursor_char(&json->rest, '"'))
		return fail(json, expected);
	while (!cursor_char(&json->rest, '"')) {
		if (json->rest.len == 0)
			return fail(json, "a string without an end");
		if (cursor_char(&json->rest, '\\')) {
			if (!take_escape(json, &text))
				return false;
			continue;
		}
		if ((unsigned char)json->rest.ptr[0] < 0x20)
			return fail(json, "a control character in a string");
		(void)buf_putc(&text, json->rest.ptr[0]);
		json->rest = str_from(json->rest, 1);
	}
	*out = buf_to_arena(&text, json->arena);
	return true;
}

/* One `"key": "value"`; the value of our key goes to *out, null as the empty text. */
static bool take_member(struct json *json, bool *has_key, struct str *out)
{
	struct str key;
	struct str value = { "", 0 };
	if (!take_string(json, "a key that is not in double quotes", &key))
		return false;
	skip_white(json);
	if (!cursor_char(&json->rest, ':'))
		return fail(json, "a key without a ':'");
	skip_white(json);
	if (!cursor_text(&json->rest, "null") &&
	    !take_string(json, "a value that is not a string in double quotes", &value))
		return false;
	if (str_is(key, MARKER_KEY)) {
		*has_key = true;
		*out = value;
	}
	return true;
}

static bool take_object(struct json *json, bool *has_key, struct str *out)
{
	skip_white(json);
	if (!cursor_char(&json->rest, '{'))
		return fail(json, "text before the '{'");
	skip_white(json);
	if (cursor_char(&json->rest, '}'))
		return true;
	for (;;) {
		skip_white(json);
		if (!take_member(json, has_key, out))
			return false;
		skip_white(json);
		if (cursor_char(&json->rest, '}'))
			return true;
		if (!cursor_char(&json->rest, ','))
			return fail(json, "members without a ',' between them");
	}
}

/* Whether the author had our key in mind, in whatever spelling. */
static bool mentions_key(struct str text)
{
	for (size_t i = 0; i + sizeof(MARKER_KEY) - 1 <= text.len; i++)
		if (strncasecmp(text.ptr + i, MARKER_KEY, sizeof(MARKER_KEY) - 1) == 0)
			return true;
	return false;
}

/* NAMESPACE:NAME[:SUFFIX], literally. */
static void split_setter(struct marker *marker, struct arena *arena)
{
	static const char *const parts[] = {
		[MARKER_WHOLE] = "",
		[MARKER_TAG] = "tag",
		[MARKER_NAME] = "name",
		[MARKER_DIGEST] = "digest",
	};
	struct str rest = str_of(marker->setter);
	struct str namespace = { NULL, 0 };
	struct str policy = { NULL, 0 };
	marker->kind = MARKER_FORMAT;
	if (!str_split(&rest, ':', &namespace) || !str_split(&rest, ':', &policy) ||
	    !text_is_dns_label(namespace) || policy.len == 0)
		return;
	marker->namespace = arena_strndup(arena, namespace);
	marker->policy = arena_strndup(arena, policy);
	marker->suffix = rest.ptr ? arena_strndup(arena, rest) : "";
	marker->kind = MARKER_SUFFIX;
	if (rest.ptr && rest.len == 0)
		return;
	/* without a suffix the whole reference is written */
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (strcmp(parts[i], marker->suffix) != 0)
			continue;
		marker->part = (enum marker_part)i;
		marker->kind = MARKER_GOOD;
	}
}

struct marker marker_parse(struct str comment, struct arena *arena)
{
	struct marker marker = { .kind = MARKER_NONE };
	struct json json = { .rest = comment, .arena = arena };
	bool has_key = false;
	struct str value = { NULL, 0 };
	while (cursor_char(&json.rest, '#'))
		;
	struct str text = json.rest;
	struct str trimmed = str_trim(text);
	marker.begins_as_object = trimmed.len && trimmed.ptr[0] == '{';
	if (!marker.begins_as_object && !mentions_key(text))
		return marker;
	bool good = take_object(&json, &has_key, &value);
	skip_white(&json);
	if (good && json.rest.len)
		good = fail(&json, "text behind the '}'");
	if (!good || (!has_key && mentions_key(text))) {
		marker.fault =
		    good ? "the key is not spelled \"" MARKER_KEY "\"" : json.fault;
		marker.kind = mentions_key(text) ? MARKER_BROKEN : MARKER_NONE;
		return marker;
	}
	if (!has_key)
		return marker;
	marker.setter = arena_strndup(arena, value);
	if (strlen(marker.setter) == value.len)
		split_setter(&marker, arena);
	else
		marker.kind = MARKER_FORMAT;
	return marker;
}
