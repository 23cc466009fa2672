/* SPDX-License-Identifier: MIT */
/* The challenge parser. Decides what belongs to which challenge; not what to answer. */
#include "stage/scan/challenge.h"
#include "base/buf.h"
#include "base/cursor.h"
#include <strings.h>

enum {
	VALUE_MAX_BYTES = 8192
};

static bool is_token_char(char c)
{
	return char_is_alnum(c) || (c && strchr("!#$%&'*+-.^_`|~/", c));
}

static bool is_bare_value_char(char c)
{
	return c != ',' && c != ' ' && c != '\t';
}

static bool name_is(struct str name, const char *wanted)
{
	return name.len == strlen(wanted) && strncasecmp(name.ptr, wanted, name.len) == 0;
}

/* The value behind `=`; false when a quote has no end. */
static bool take_value(struct str *rest, struct arena *arena, const char **out)
{
	struct buf value BUF_CLEANUP = BUF_INIT(VALUE_MAX_BYTES);
	if (!cursor_char(rest, '"')) {
		*out = arena_strndup(arena, cursor_while(rest, is_bare_value_char));
		return true;
	}
	while (rest->len && rest->ptr[0] != '"') {
		if (rest->ptr[0] == '\\' && rest->len > 1)
			*rest = str_from(*rest, 1);
		(void)buf_putc(&value, rest->ptr[0]);
		*rest = str_from(*rest, 1);
	}
	*out = arena_strndup(arena, buf_str(&value));
	return cursor_char(rest, '"') && !value.full;
}

static void set_parameter(struct challenge *challenge, struct str name, const char *value)
{
	const char **field = NULL;
	if (name_is(name, "realm"))
		field = &challenge->realm;
	else if (name_is(name, "service"))
		field = &challenge->service;
	else if (name_is(name, "scope"))
		field = &challenge->scope;
	if (field && !*field)
		*field = value;
}

static enum challenge_scheme scheme_of(struct str name)
{
	if (name_is(name, "basic"))
		return CHALLENGE_BASIC;
	return name_is(name, "bearer") ? CHALLENGE_BEARER : CHALLENGE_OTHER;
}

/* One step: a scheme, a parameter of the last scheme, or its token68. */
static bool take_element(struct str *rest, struct arena *arena, struct challenges *out,
			 bool *behind_scheme)
{
	struct str word = cursor_while(rest, is_token_char);
	const char *value = NULL;
	struct str ahead = *rest;
	if (word.len == 0)
		return false;
	cursor_skip_blank(&ahead);
	if (cursor_char(&ahead, '=')) {
		if (out->len == 0)
			return false;
		*rest = ahead;
		while (*behind_scheme && cursor_char(rest, '='))
			; /* the padding of a token68 */
		cursor_skip_blank(rest);
		if (!take_value(rest, arena, &value))
			return false;
		set_parameter(&out->items[out->len - 1], word, value);
		*behind_scheme = false;
		return true;
	}
	if (*behind_scheme) { /* a token68 without padding */
		*behind_scheme = false;
		return true;
	}
	struct challenge challenge = { .scheme = scheme_of(word) };
	VEC_PUSH(arena, out, challenge);
	*behind_scheme = true;
	return true;
}

int challenge_parse(struct str header, struct arena *arena, struct challenges *out,
		    struct err *err)
{
	struct challenges found = { 0 };
	struct str rest = header;
	bool behind_scheme = false;
	for (;;) {
		cursor_skip_blank(&rest);
		while (cursor_char(&rest, ',')) {
			behind_scheme = false;
			cursor_skip_blank(&rest);
		}
		if (rest.len == 0)
			break;
		if (!take_element(&rest, arena, &found, &behind_scheme))
			return err_set(err, ERR_INVALID,
				       "malformed WWW-Authenticate at byte %zu",
				       header.len - rest.len + 1);
	}
	for (size_t i = 0; i < found.len; i++)
		VEC_PUSH(arena, out, found.items[i]);
	return 0;
}

const struct challenge *challenge_choose(const struct challenges *challenges)
{
	for (size_t i = 0; i < challenges->len; i++)
		if (challenges->items[i].scheme != CHALLENGE_OTHER)
			return &challenges->items[i];
	return NULL;
}
