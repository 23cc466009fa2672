/* SPDX-License-Identifier: MIT */
/* Requests from parts. URLs are cut here and not in the engine, because receivers are
 * addressed by pieces of what the document says. */
#include "stage/deliver/build.h"
#include "adapter/crypto/crypto.h"
#include "adapter/json/json.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"

enum {
	QUOTED_BYTES = 300
};

static bool is_scheme(struct str scheme, const char *name)
{
	size_t len = strlen(name);
	if (scheme.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (char_lower(scheme.ptr[i]) != name[i])
			return false;
	return true;
}

static bool is_url_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= 0x20 || text.ptr[i] == 0x7f)
			return false;
	return true;
}

bool url_cut(struct str text, struct deliver_url *out)
{
	struct deliver_url url = { 0 };
	size_t colon = str_find(text, STR("://"));
	if (colon == text.len || !is_url_text(text))
		return false;
	url.scheme = str_slice(text, 0, colon);
	if (!is_scheme(url.scheme, "http") && !is_scheme(url.scheme, "https"))
		return false;
	struct str rest = str_from(text, colon + 3);
	rest = str_slice(rest, 0, str_find_char(rest, '#'));
	size_t mark = str_find_char(rest, '?');
	url.has_query = mark < rest.len;
	url.query = str_from(rest, mark + 1);
	rest = str_slice(rest, 0, mark);
	size_t slash = str_find_char(rest, '/');
	url.path = str_from(rest, slash);
	rest = str_slice(rest, 0, slash);
	size_t at = str_rfind_char(rest, '@');
	if (at < rest.len) {
		url.user = str_slice(rest, 0, at);
		rest = str_from(rest, at + 1);
	}
	url.host = rest;
	size_t port = str_rfind_char(rest, ':');
	size_t bracket = str_rfind_char(rest, ']');
	url.name = rest;
	if (port < rest.len && (bracket == rest.len || bracket < port))
		url.name = str_slice(rest, 0, port);
	*out = url;
	return url.name.len > 0;
}

static const char *escape(const char *text, const char *plain, bool form,
			  struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	for (const char *c = text; *c; c++) {
		if (char_is_alnum(*c) || strchr(plain, *c))
			(void)buf_putc(&out, *c);
		else if (form && *c == ' ')
			(void)buf_putc(&out, '+');
		else
			(void)buf_printf(&out, "%%%02X", (unsigned char)*c);
	}
	return arena_strndup(arena, buf_str(&out));
}

const char *url_segment(const char *text, struct arena *arena)
{
	return escape(text, "-._~!$&'()*+,;=:@", false, arena);
}

const char *url_query(const char *text, struct arena *arena)
{
	return escape(text, "-._~", true, arena);
}

const char *deliver_address(const struct deliver_state *state)
{
	if (state->secret->address)
		return state->secret->address;
	return arena_strndup(state->arena,
			     str_trim(str_of(state->delivery->provider->address)));
}

const char *deliver_quote(const struct deliver_state *state, struct str text)
{
	if (state->secret->address)
		return DELIVER_MASKED;
	return text_clean(state->arena, text, QUOTED_BYTES);
}

bool deliver_has_basic(const struct deliver_state *state)
{
	return state->secret->username && state->secret->password;
}

const char *deliver_username(const struct deliver_state *state)
{
	if (deliver_has_basic(state))
		return state->secret->username;
	return state->delivery->provider->username;
}

const char *deliver_token(const struct deliver_state *state)
{
	return state->secret->token ? state->secret->token : "";
}

int deliver_hook(struct deliver_state *state, const char *what, const char *fallback,
		 const char **url, struct err *err)
{
	struct deliver_url parts;
	const char *address = deliver_address(state);
	const char *shown = deliver_quote(state, str_of(address));
	if (!address[0] && fallback)
		address = fallback;
	if (!address[0])
		return err_set(err, ERR_INVALID,
			       "invalid %s URL %s: 'parse \"\": empty url'", what, shown);
	if (!url_cut(str_of(address), &parts))
		return err_set(
		    err, ERR_INVALID,
		    "invalid %s URL %s: 'parse \"%s\": invalid URI for request'", what,
		    shown, shown);
	*url = address;
	return 0;
}

static int hex_value(char c)
{
	return char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10;
}

bool url_decode(struct str text, bool form, struct arena *arena, struct str *out)
{
	char *bytes = arena_strndup(arena, text);
	bool whole = true;
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++) {
		bool escaped = text.ptr[i] == '%';
		if (escaped && i + 2 < text.len && char_is_hex(text.ptr[i + 1]) &&
		    char_is_hex(text.ptr[i + 2])) {
			bytes[len++] = (char)(hex_value(text.ptr[i + 1]) * 16 +
					      hex_value(text.ptr[i + 2]));
			i += 2;
			continue;
		}
		whole = whole && !escaped;
		bytes[len++] = form && text.ptr[i] == '+' ? ' ' : text.ptr[i];
	}
	*out = (struct str){ bytes, len };
	return whole;
}

/* The engine takes no credentials in URLs: they travel as a header. */
static int take_user(struct deliver_state *state, const struct deliver_url *parts,
		     struct http_request *request, struct err *err)
{
	struct arena *arena = state->arena;
	size_t colon = str_find_char(parts->user, ':');
	struct str user;
	struct str password;
	(void)url_decode(str_slice(parts->user, 0, colon), false, arena, &user);
	(void)url_decode(str_from(parts->user, colon + 1), false, arena, &password);
	state->written_url = request->url;
	request->url = arena_printf(
	    arena, "%.*s://%.*s%.*s%s%.*s", STR_ARG(parts->scheme), STR_ARG(parts->host),
	    STR_ARG(parts->path), parts->has_query ? "?" : "", STR_ARG(parts->query));
	return deliver_basic(state, request, arena_strndup(arena, user),
			     arena_strndup(arena, password), err);
}

int deliver_begin(struct deliver_state *state, const char *method, const char *url,
		  struct http_request *request, struct err *err)
{
	struct deliver_url parts;
	*request = (struct http_request){ .method = method, .url = url, .use = "notify" };
	state->any_status = false;
	state->what = NULL;
	state->written_url = NULL;
	if (!url_cut(str_of(url), &parts))
		return err_set(err, ERR_INVALID, "'%s' is not an http or https URL",
			       deliver_quote(state, str_of(url)));
	request->insecure = is_scheme(parts.scheme, "http");
	return parts.user.len ? take_user(state, &parts, request, err) : 0;
}

int deliver_json(struct deliver_state *state, const char *method, const char *url,
		 const struct value *body, struct http_request *request, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	int code = deliver_begin(state, method, url, request, err);
	if (code)
		return code;
	json_write(&text, body, JSON_COMPACT);
	if (text.full)
		return err_set(err, ERR_LIMIT, LIMIT_FMT,
			       LIMIT_ARG(LIMIT_DELIVERY_BYTES));
	request->body = buf_to_arena(&text, state->arena);
	return deliver_header(state, request, "Content-Type", "application/json", err);
}

static bool equals_fold(const char *a, const char *b)
{
	for (; *a && char_lower(*a) == char_lower(*b); a++, b++)
		continue;
	return *a == *b;
}

int deliver_header(struct deliver_state *state, struct http_request *request,
		   const char *name, const char *value, struct err *err)
{
	struct http_headers rest = { 0 };
	for (size_t i = 0; i < request->headers.len; i++)
		if (!equals_fold(request->headers.items[i].name, name))
			VEC_PUSH(state->arena, &rest, request->headers.items[i]);
	int code = http_header_add(state->arena, &rest, name, value, err);
	if (code == 0)
		request->headers = rest;
	return code;
}

int deliver_auth(struct deliver_state *state, struct http_request *request,
		 const char *kind, const char *token, struct err *err)
{
	return deliver_header(state, request, "Authorization",
			      arena_printf(state->arena, "%s %s", kind, token), err);
}

int deliver_basic(struct deliver_state *state, struct http_request *request,
		  const char *user, const char *password, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES * 2);
	const char *pair = arena_printf(state->arena, "%s:%s", user, password);
	base64_encode(&text, str_of(pair), false);
	return deliver_auth(state, request, "Basic", buf_cstr(&text), err);
}

int deliver_skip(struct deliver_state *state, enum deliver_next *next)
{
	state->skipped = true;
	*next = DELIVER_DONE;
	return 0;
}

struct value *deliver_answer(const struct deliver_state *state,
			     const struct http_response *answer)
{
	struct value *value = NULL;
	struct err ignored = ERR_INIT;
	if (json_parse(answer->body, state->arena, &value, &ignored) != 0)
		return NULL;
	return value;
}

struct value *json_map(struct arena *arena)
{
	return value_new(arena, VALUE_MAP);
}

struct value *json_list(struct arena *arena)
{
	return value_new(arena, VALUE_LIST);
}

void json_text(struct arena *arena, struct value *map, const char *key, const char *text)
{
	value_set(arena, map, key, value_text(arena, text));
}

void json_unless_empty(struct arena *arena, struct value *map, const char *key,
		       const char *text)
{
	if (text[0])
		json_text(arena, map, key, text);
}

void json_null(struct arena *arena, struct value *map, const char *key)
{
	value_set(arena, map, key, value_new(arena, VALUE_NULL));
}

struct value *json_sub(struct arena *arena, struct value *map, const char *key)
{
	struct value *sub = json_map(arena);
	value_set(arena, map, key, sub);
	return sub;
}

struct value *json_item(struct arena *arena, struct value *list)
{
	struct value *item = json_map(arena);
	value_append(arena, list, item);
	return item;
}

struct value *json_labels(struct arena *arena, struct label_list labels)
{
	struct value *map = json_map(arena);
	for (size_t i = 0; i < labels.len; i++)
		json_text(arena, map, labels.items[i].key, labels.items[i].value);
	return map;
}
