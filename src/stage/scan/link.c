/* SPDX-License-Identifier: MIT */
/* Link headers: several a header, several headers, with and without relation. */
#include "stage/scan/link.h"
#include "base/cursor.h"
#include "base/text.h"
#include <strings.h>

struct found {
	struct str first; /* target of the first link, ptr NULL: none */
	struct str next;
	bool any_rel;
};

static bool is_name_char(char c)
{
	return char_is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_value_char(char c)
{
	return c != ',' && c != ';' && c != ' ' && c != '\t';
}

/* A quoted or bare value as it stands, without its quotes. */
static struct str take_value(struct str *rest)
{
	if (!cursor_char(rest, '"'))
		return cursor_while(rest, is_value_char);
	const char *start = rest->ptr;
	while (rest->len && rest->ptr[0] != '"')
		*rest = str_from(*rest, rest->ptr[0] == '\\' && rest->len > 1 ? 2 : 1);
	struct str value = { start, (size_t)(rest->ptr - start) };
	(void)cursor_char(rest, '"');
	return value;
}

static bool has_next(struct str relations)
{
	struct str word;
	while (str_split(&relations, ' ', &word))
		if (word.len == 4 && strncasecmp(word.ptr, "next", 4) == 0)
			return true;
	return false;
}

static void take_parameters(struct str *rest, struct str target, struct found *found)
{
	for (;;) {
		cursor_skip_blank(rest);
		if (!cursor_char(rest, ';'))
			return;
		cursor_skip_blank(rest);
		struct str name = cursor_while(rest, is_name_char);
		struct str value = { 0 };
		cursor_skip_blank(rest);
		if (cursor_char(rest, '=')) {
			cursor_skip_blank(rest);
			value = take_value(rest);
		}
		if (name.len != 3 || strncasecmp(name.ptr, "rel", 3) != 0)
			continue;
		found->any_rel = true;
		if (!found->next.ptr && has_next(value))
			found->next = target;
	}
}

static int parse_header(struct str header, struct arena *arena, struct found *found,
			struct err *err)
{
	struct str rest = header;
	for (;;) {
		cursor_skip_blank(&rest);
		while (cursor_char(&rest, ','))
			cursor_skip_blank(&rest);
		if (rest.len == 0)
			return 0;
		size_t end = str_find_char(rest, '>');
		if (rest.ptr[0] != '<' || end == rest.len)
			return err_set(err, ERR_INVALID,
				       "failed to parse link header: missing '%c' in: %s",
				       rest.ptr[0] == '<' ? '>' : '<',
				       text_clean(arena, header, 200));
		struct str target = str_slice(rest, 1, end - 1);
		rest = str_from(rest, end + 1);
		if (!found->first.ptr)
			found->first = target;
		take_parameters(&rest, target, found);
		cursor_skip_blank(&rest);
		if (rest.len && rest.ptr[0] != ',')
			return err_set(
			    err, ERR_INVALID,
			    "failed to parse link header: unexpected '%c' in: "
			    "%s",
			    rest.ptr[0] > 0x20 && rest.ptr[0] < 0x7f ? rest.ptr[0] : '?',
			    text_clean(arena, header, 200));
	}
}

static bool is_query_char(char c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '#';
}

int link_next(const struct http_headers *headers, struct arena *arena, const char **out,
	      struct err *err)
{
	struct found found = { 0 };
	for (size_t i = 0; i < headers->len; i++) {
		if (strcasecmp(headers->items[i].name, "Link") != 0)
			continue;
		int code =
		    parse_header(str_of(headers->items[i].value), arena, &found, err);
		if (code)
			return code;
	}
	struct str target = found.any_rel ? found.next : found.first;
	*out = NULL;
	if (target.len == 0)
		return 0;
	target = str_slice(target, 0, str_find_char(target, '#'));
	struct str query = str_from(target, str_find_char(target, '?'));
	(void)cursor_char(&query, '?');
	struct str rest = query;
	(void)cursor_while(&rest, is_query_char);
	if (rest.len)
		return err_set(err, ERR_INVALID,
			       "the link to the next page has a character that a URL "
			       "cannot have");
	*out = arena_strndup(arena, query);
	return 0;
}
