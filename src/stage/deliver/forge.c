/* SPDX-License-Identifier: MIT */
/* Addresses of repositories, as all forges understand them. */
#include "stage/deliver/forge.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"

static bool is_one_of(struct str text, const char *const *names)
{
	for (; *names; names++)
		if (str_is(text, *names))
			return true;
	return false;
}

static void set_path(struct deliver_state *state, struct forge *out, struct str path)
{
	struct str piece;
	while (str_starts(path, STR("/")))
		path = str_from(path, 1);
	while (str_ends(path, STR("/")))
		path.len--;
	if (str_ends(path, STR(".git")))
		path.len -= 4;
	out->path = arena_strndup(state->arena, path);
	out->n_parts = 0;
	struct str rest = str_of(out->path);
	while (rest.len && out->n_parts <= FORGE_PARTS && str_split(&rest, '/', &piece)) {
		if (out->n_parts < FORGE_PARTS)
			out->parts[out->n_parts] = piece;
		out->n_parts++;
	}
}

static struct str without_port(struct str host)
{
	size_t colon = str_rfind_char(host, ':');
	size_t bracket = str_rfind_char(host, ']');
	if (colon < host.len && (bracket == host.len || bracket < colon))
		host.len = colon;
	return host;
}

static void set_host(struct deliver_state *state, struct forge *out, const char *scheme,
		     struct str host)
{
	out->host = arena_str(state->arena, host);
	out->web = arena_printf(state->arena, "%s://%.*s", scheme, STR_ARG(host));
}

void forge_read(struct deliver_state *state, struct forge *out)
{
	static const char *const secure[] = { "ssh", "git+ssh", "https", NULL };
	struct str text = str_of(deliver_address(state));
	/* first of all, or they could hide another host: `https://granted?@other/` */
	text = str_slice(text, 0, str_find_char(text, '?'));
	text = str_slice(text, 0, str_find_char(text, '#'));
	size_t scheme_end = str_find(text, STR("://"));
	struct str scheme = str_slice(text, 0, scheme_end);
	struct str rest = str_from(text, scheme_end + 3);
	*out =
	    (struct forge){ .web = "", .path = "", .is_secret = state->secret->address };
	if (scheme_end < text.len) {
		struct str host = str_slice(rest, 0, str_find_char(rest, '/'));
		struct str path = str_from(rest, host.len);
		size_t at = str_rfind_char(host, '@');
		host = at < host.len ? str_from(host, at + 1) : host;
		if (str_ends(scheme, STR("ssh")))
			host = without_port(host);
		set_path(state, out, path);
		if (is_one_of(scheme, secure))
			set_host(state, out, "https", host);
		else if (str_is(scheme, "http"))
			set_host(state, out, "http", host);
		return;
	}
	size_t colon = str_find_char(text, ':');
	if (colon < text.len && colon < str_find_char(text, '/')) {
		struct str host = str_slice(text, 0, colon);
		size_t at = str_rfind_char(host, '@');
		set_path(state, out, str_from(text, colon + 1));
		set_host(state, out, "https",
			 at < host.len ? str_from(host, at + 1) : host);
		return;
	}
	set_path(state, out, text);
}

void forge_take_prefix(struct deliver_state *state, struct forge *forge,
		       const char *marker)
{
	const char *path = arena_printf(state->arena, "/%s/", forge->path);
	struct str text = str_of(path);
	size_t at = str_find(text, str_of(marker));
	if (at == text.len || !forge->web[0])
		return;
	forge->web = arena_printf(state->arena, "%s%.*s", forge->web,
				  STR_ARG(str_slice(text, 0, at)));
	set_path(state, forge, str_from(text, at + strlen(marker)));
}

int forge_refuse(const struct forge *forge, struct err *err)
{
	return err_set(err, ERR_INVALID, "invalid repository id: '%s'",
		       forge->is_secret ? DELIVER_MASKED : forge->path);
}

int forge_need_parts(const struct forge *forge, size_t n, struct err *err)
{
	if (!forge->web[0] || forge->n_parts != n)
		return forge_refuse(forge, err);
	for (size_t i = 0; i < n; i++)
		if (!forge->parts[i].len || str_is(forge->parts[i], ".") ||
		    str_is(forge->parts[i], ".."))
			return forge_refuse(forge, err);
	return 0;
}

const char *forge_escape(struct str piece, struct arena *arena)
{
	struct str plain;
	bool good = url_decode(piece, false, arena, &plain) && text_is_printable(plain) &&
		    !str_is(plain, ".") && !str_is(plain, "..");
	return url_segment(arena_strndup(arena, good ? plain : piece), arena);
}

const char *forge_part(const struct forge *forge, size_t i, struct arena *arena)
{
	return forge_escape(forge->parts[i], arena);
}

const char *forge_token(const struct deliver_state *state)
{
	if (state->secret->token && state->secret->token[0])
		return state->secret->token;
	return state->secret->password ? state->secret->password : "";
}

bool forge_has(const struct deliver_state *state, const struct value *map,
	       const char *key, const char *text)
{
	const char *found = value_get_text(map, key, state->arena);
	return strcmp(found ? found : "", text) == 0;
}
