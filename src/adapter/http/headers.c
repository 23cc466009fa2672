/* SPDX-License-Identifier: MIT */
/* Header lists: what may be sent, and how received lines are read and bounded. */
#include "adapter/http/engine.h"
#include "base/cursor.h"
#include "base/limits.h"
#include <strings.h>

enum {
	HEADER_LINES_MAX = 200
};

static bool is_token_char(char c)
{
	return char_is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

const char *http_header_get(const struct http_headers *headers, const char *name)
{
	for (size_t i = 0; i < headers->len; i++)
		if (strcasecmp(headers->items[i].name, name) == 0)
			return headers->items[i].value;
	return NULL;
}

int http_header_add(struct arena *arena, struct http_headers *headers, const char *name,
		    const char *value, struct err *err)
{
	struct str rest = str_of(name);
	(void)cursor_while(&rest, is_token_char);
	if (name[0] == '\0' || rest.len)
		return err_set(err, ERR_INVALID, "a header name is not a token");
	for (const char *c = value; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return err_set(err, ERR_INVALID,
				       "header '%s' has a control character", name);
	struct http_header header = { arena_strdup(arena, name),
				      arena_strdup(arena, value) };
	VEC_PUSH(arena, headers, header);
	return 0;
}

bool headers_take(struct exchange *exchange, struct str line)
{
	struct http_headers *headers = &exchange->response.headers;
	exchange->header_bytes += line.len;
	if (exchange->header_bytes > LIMIT_HEADER_BYTES ||
	    ++exchange->header_lines > HEADER_LINES_MAX)
		return false;
	if (str_starts(line, STR("HTTP/"))) {
		headers->len = 0; /* the answer behind an interim one */
		return true;
	}
	size_t colon = str_find_char(line, ':');
	if (colon == line.len)
		return true;
	struct str name = str_trim(str_slice(line, 0, colon));
	struct str value = str_trim(str_from(line, colon + 1));
	if (memchr(line.ptr, '\0', line.len))
		return true;
	struct http_header header = { arena_strndup(exchange->arena, name),
				      arena_strndup(exchange->arena, value) };
	VEC_PUSH(exchange->arena, headers, header);
	return true;
}
