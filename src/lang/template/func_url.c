/* SPDX-License-Identifier: MIT */
/* sprig's urlParse and urlJoin: what net/url takes an address apart into. */
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/quote.h"

#define TEXT_BUF BUF_INIT(LIMIT_TEMPLATE_STRING)

/* An address in parts, each decoded but the query. */
struct url {
	struct str scheme, opaque, host, path, query, fragment, user, password;
	bool has_user, has_password;
};

struct url_reader {
	struct gcall *call;
	struct str text; /* whole, for errors */
	const char *what;
};

static bool fail(struct url_reader *r, const char *fmt, struct str part)
{
	BUF_CLEANUP struct buf whole = BUF_INIT(ERR_TEXT_BYTES);
	BUF_CLEANUP struct buf quoted = BUF_INIT(ERR_TEXT_BYTES);
	quote_text(&whole, r->text, false);
	if (part.ptr)
		quote_text(&quoted, part, false);
	call_fail(r->call, "%s: parse %s: %s%s%s", r->what, buf_cstr(&whole), fmt,
		  part.ptr ? " " : "", buf_cstr(&quoted));
	return false;
}

static const struct str nothing = { NULL, 0 };

static int hex_value(char c)
{
	return char_is_digit(c) ? c - '0' : char_lower(c) - 'a' + 10;
}

/* Decodes %XX. */
static bool unescape(struct url_reader *r, struct str s, struct str *out)
{
	BUF_CLEANUP struct buf text = TEXT_BUF;
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] != '%') {
			buf_putc(&text, s.ptr[i]);
			continue;
		}
		if (i + 2 >= s.len || !char_is_hex(s.ptr[i + 1]) ||
		    !char_is_hex(s.ptr[i + 2]))
			return fail(r, "invalid URL escape", str_slice(s, i, 3));
		buf_putc(&text,
			 (char)(hex_value(s.ptr[i + 1]) * 16 + hex_value(s.ptr[i + 2])));
		i += 2;
	}
	*out = gctx_buf_str(r->call->ctx, &text);
	return !r->call->ctx->failed;
}

/* `http:`; an address without a scheme stays as it is. */
static bool take_scheme(struct url_reader *r, struct str *rest, struct str *scheme)
{
	*scheme = STR("");
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->ptr[i];
		if (char_is_alpha(c) || (i > 0 && (char_is_digit(c) || strchr("+-.", c))))
			continue;
		if (c != ':')
			return true;
		if (i == 0)
			return fail(r, "missing protocol scheme", nothing);
		char *lower = gctx_alloc(r->call->ctx, i, 1);
		for (size_t k = 0; lower && k < i; k++)
			lower[k] = char_lower(rest->ptr[k]);
		*scheme = (struct str){ lower, lower ? i : 0 };
		*rest = str_from(*rest, i + 1);
		return true;
	}
	return true;
}

static bool is_user_char(char c)
{
	return char_is_alnum(c) || (c && strchr("-._:~!$&'()*+,;=%@", c));
}

static bool take_user(struct url_reader *r, struct str s, struct url *url)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_user_char(s.ptr[i]))
			return fail(r, "net/url: invalid userinfo", nothing);
	size_t colon = str_find_char(s, ':');
	url->has_user = true;
	url->has_password = colon < s.len;
	return unescape(r, str_slice(s, 0, colon), &url->user) &&
	       unescape(r, str_from(s, colon + 1), &url->password);
}

static bool take_host(struct url_reader *r, struct str s, struct url *url)
{
	struct str port = STR("");
	if (str_starts(s, STR("["))) {
		size_t close = str_rfind_char(s, ']');
		if (close == s.len)
			return fail(r, "missing ']' in host", nothing);
		port = str_from(s, close + 1);
	} else {
		port = str_from(s, str_rfind_char(s, ':'));
	}
	for (size_t i = 0; i < port.len; i++)
		if (i == 0 ? port.ptr[i] != ':' : !char_is_digit(port.ptr[i])) {
			BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
			quote_text(&text, port, false);
			buf_puts(&text, " after host");
			BUF_CLEANUP struct buf whole = BUF_INIT(ERR_TEXT_BYTES);
			quote_text(&whole, r->text, false);
			call_fail(r->call, "%s: parse %s: invalid port %s", r->what,
				  buf_cstr(&whole), buf_cstr(&text));
			return false;
		}
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == ' ')
			return fail(r, "invalid character \" \" in host name", nothing);
	return unescape(r, s, &url->host);
}

static bool take_authority(struct url_reader *r, struct str *rest, struct url *url)
{
	struct str authority =
	    str_slice(*rest, 2, str_find_char(str_from(*rest, 2), '/'));
	*rest = str_from(*rest, 2 + authority.len);
	size_t at = str_rfind_char(authority, '@');
	if (at == authority.len)
		return take_host(r, authority, url);
	return take_host(r, str_from(authority, at + 1), url) &&
	       take_user(r, str_slice(authority, 0, at), url);
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7F)
			return true;
	return false;
}

static bool parse_url(struct url_reader *r, struct url *url)
{
	struct str rest = r->text;
	size_t hash = str_find_char(rest, '#');
	struct str fragment = str_from(rest, hash + 1);
	rest = str_slice(rest, 0, hash);
	*url = (struct url){ .scheme = STR("") };
	if (has_control(r->text))
		return fail(r, "net/url: invalid control character in URL", nothing);
	if (!take_scheme(r, &rest, &url->scheme))
		return false;
	size_t mark = str_find_char(rest, '?');
	url->query = str_from(rest, mark + 1);
	rest = str_slice(rest, 0, mark);
	if (!str_starts(rest, STR("/"))) {
		struct str first = str_slice(rest, 0, str_find_char(rest, '/'));
		if (url->scheme.len > 0) {
			url->opaque = rest;
			return unescape(r, fragment, &url->fragment);
		}
		if (str_find_char(first, ':') < first.len)
			return fail(r, "first path segment in URL cannot contain colon",
				    nothing);
	}
	bool has_authority = str_starts(rest, STR("//")) &&
			     (url->scheme.len > 0 || !str_starts(rest, STR("///")));
	if (has_authority && !take_authority(r, &rest, url))
		return false;
	return unescape(r, rest, &url->path) && unescape(r, fragment, &url->fragment);
}

/* Escapes all but letters, digits, -_.~ and what `also` allows. */
static void put_escaped(struct buf *out, struct str s, const char *also)
{
	for (size_t i = 0; i < s.len && !out->full; i++) {
		char c = s.ptr[i];
		if (char_is_alnum(c) || (c && strchr("-_.~", c)) ||
		    (c && strchr(also, c)))
			buf_putc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

static void put_user(struct buf *out, const struct url *url)
{
	put_escaped(out, url->user, "$&+,;=");
	if (url->has_password) {
		buf_putc(out, ':');
		put_escaped(out, url->password, "$&+,;=");
	}
}

static struct str host_name(struct str host)
{
	size_t colon = str_rfind_char(host, ':');
	bool has_port = colon < host.len;
	for (size_t i = colon + 1; i < host.len; i++)
		has_port = has_port && char_is_digit(host.ptr[i]);
	if (has_port)
		host = str_slice(host, 0, colon);
	if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = str_slice(host, 1, host.len - 2);
	return host;
}

static struct gval fn_parse(struct gcall *call)
{
	struct url url;
	struct url_reader r = { call, call_str(call, 0), "unable to parse url" };
	BUF_CLEANUP struct buf user = TEXT_BUF;
	if (!parse_url(&r, &url))
		return gval_none();
	put_user(&user, &url);
	struct gval map = gval_map(call->ctx, &gtype_map);
	gval_map_put(call->ctx, map, "scheme", gval_string(url.scheme));
	gval_map_put(call->ctx, map, "host", gval_string(url.host));
	gval_map_put(call->ctx, map, "hostname", gval_string(host_name(url.host)));
	gval_map_put(call->ctx, map, "path", gval_string(url.path));
	gval_map_put(call->ctx, map, "query", gval_string(url.query));
	gval_map_put(call->ctx, map, "opaque", gval_string(url.opaque));
	gval_map_put(call->ctx, map, "fragment", gval_string(url.fragment));
	gval_map_put(call->ctx, map, "userinfo", call_string(call, &user));
	return map;
}

static bool take_part(struct gcall *call, const char *key, struct str *out)
{
	const struct gval *entry = gval_map_get(call->args[0], key);
	*out = STR("");
	if (!entry)
		return true;
	struct gval v = gval_unbox(*entry);
	if (!v.type) {
		call_fail(call, "runtime error: invalid memory address or nil pointer "
				"dereference");
		return false;
	}
	if (gval_kind(v) != GKIND_STRING) {
		call_fail(call,
			  "unable to parse %s key, must be of type string, but %s found",
			  key, gkind_name(gval_kind(v)));
		return false;
	}
	*out = v.string;
	return true;
}

static void put_url(struct buf *out, const struct url *url)
{
	if (url->scheme.len > 0) {
		buf_append(out, url->scheme);
		buf_putc(out, ':');
	}
	if (url->opaque.len > 0) {
		buf_append(out, url->opaque);
	} else {
		if (url->host.len > 0 || url->has_user ||
		    (url->scheme.len > 0 && url->path.len > 0))
			buf_puts(out, "//");
		if (url->has_user) {
			put_user(out, url);
			buf_putc(out, '@');
		}
		put_escaped(out, url->host, "!$&'()*+,;=:[]<>\"");
		if (url->path.len > 0 && url->path.ptr[0] != '/' && url->host.len > 0)
			buf_putc(out, '/');
		struct str first = str_slice(url->path, 0, str_find_char(url->path, '/'));
		if (out->len == 0 && str_find_char(first, ':') < first.len)
			buf_puts(out, "./");
		if (str_is(url->path, "*"))
			buf_putc(out, '*');
		else
			put_escaped(out, url->path, "$&+,/:;=@");
	}
	if (url->query.len > 0) {
		buf_putc(out, '?');
		buf_append(out, url->query);
	}
	if (url->fragment.len > 0) {
		buf_putc(out, '#');
		put_escaped(out, url->fragment, "$&+,/:;=?@!()*");
	}
}

static struct gval fn_join(struct gcall *call)
{
	BUF_CLEANUP struct buf out = TEXT_BUF;
	struct url url = { .has_user = false };
	struct str user;
	if (!take_part(call, "scheme", &url.scheme) ||
	    !take_part(call, "host", &url.host) || !take_part(call, "path", &url.path) ||
	    !take_part(call, "query", &url.query) ||
	    !take_part(call, "opaque", &url.opaque) ||
	    !take_part(call, "fragment", &url.fragment) ||
	    !take_part(call, "userinfo", &user))
		return gval_none();
	if (user.len > 0) {
		struct url_reader r = { call, user, "unable to parse userinfo in dict" };
		if (!take_user(&r, user, &url))
			return gval_none();
	}
	put_url(&out, &url);
	return call_string(call, &out);
}

static const struct gfunc rows[] = {
	{ "urlParse", "s:m", fn_parse },
	{ "urlJoin", "m:s", fn_join },
};

const struct gfunc_table functions_url = FUNCTION_TABLE(rows);
