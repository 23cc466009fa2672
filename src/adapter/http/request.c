/* SPDX-License-Identifier: MIT */
/*
 * What a request must be before it is queued: its URL, headers and method, and what the
 * policy says of its host by name. Addresses are judged in transfer.c.
 */
#include "adapter/http/engine.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"

int http_check_host_entry(const char *entry, struct err *err)
{
	return allow_check(entry, err);
}

int http_check_address_range(const char *range, struct err *err)
{
	struct address_range out;
	if (!address_range_parse(str_of(range), &out))
		return err_set(err, ERR_INVALID,
			       "'%s' is not an address range such as 192.0.2.0/24",
			       range);
	return 0;
}

int http_conceal(struct err *err, const char *host)
{
	return err_set(
	    err, ERR_NETWORK,
	    "no usable answer from '%s': check the name and whether it asks for "
	    "a secret; why is in the server's log, and shown here once the "
	    "admin lists the host in imagehook.allowHost",
	    host);
}

struct url {
	char *scheme, *host, *port, *path, *user;
};

static void free_url(struct url *url)
{
	curl_free(url->scheme);
	curl_free(url->host);
	curl_free(url->port);
	curl_free(url->path);
	curl_free(url->user);
}

static bool parse_url(const char *text, struct url *out)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= 0x20 || *c == 0x7f)
			return false;
	struct err err = ERR_INIT;
	if (libcurl_load(&err))
		return false;
	CURLU *handle = curl_url();
	bool ok = handle && curl_url_set(handle, CURLUPART_URL, text,
					 CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
	ok = ok && curl_url_get(handle, CURLUPART_SCHEME, &out->scheme, 0) == CURLUE_OK;
	ok = ok && curl_url_get(handle, CURLUPART_HOST, &out->host, 0) == CURLUE_OK;
	ok = ok && curl_url_get(handle, CURLUPART_PATH, &out->path, 0) == CURLUE_OK;
	if (ok) {
		(void)curl_url_get(handle, CURLUPART_PORT, &out->port,
				   CURLU_DEFAULT_PORT);
		(void)curl_url_get(handle, CURLUPART_USER, &out->user, 0);
	}
	curl_url_cleanup(handle);
	return ok;
}

static unsigned url_port(const struct url *url)
{
	uint64_t port = 0;
	(void)number_parse(str_of(url->port), 65535, &port);
	return (unsigned)port;
}

static bool is_listed(const struct strings *entries, const char *use,
		      const struct url *url, const char *path)
{
	struct allow_target target = { use, str_of(url->host), url_port(url),
				       str_of(path ? path : url->path) };
	return allow_matches(entries, &target);
}

bool http_is_listed(const struct http *http, const char *use, const char *text,
		    const char *path)
{
	struct url url CLEANUP(free_url) = { 0 };
	return parse_url(text, &url) &&
	       is_listed(&http->policy->allow_hosts, use, &url, path);
}

/* A literal that is never permitted, which matters where somebody else connects. */
static bool is_never(const struct http *http, const char *host)
{
	struct address address;
	return address_parse(str_of(host), &address) &&
	       address_judge(&address, &http->denied, &http->local) == ADDRESS_NEVER;
}

/* What the policy says before anything is resolved; NULL: go on. */
static const char *refuse(struct exchange *exchange, const struct url *url)
{
	const struct http *http = exchange->http;
	const struct http_request *request = &exchange->request;
	const char *proxy = request->connection.proxy_url;
	if (exchange->is_plain && !request->insecure)
		return "plain HTTP was not asked for";
	if (exchange->is_plain &&
	    !is_listed(&http->policy->insecure_hosts, request->use, url, request->path))
		return "plain HTTP is not permitted for it (imagehook.insecureHost)";
	if (proxy && proxy[0]) {
		struct url via CLEANUP(free_url) = { 0 };
		if (!parse_url(proxy, &via) || via.user ||
		    (strcmp(via.scheme, "http") != 0 &&
		     strcmp(via.scheme, "https") != 0 &&
		     strcmp(via.scheme, "socks5") != 0))
			return "the proxy is not an http, https or socks5 URL without "
			       "credentials";
		if (!exchange->listed || is_never(http, url->host))
			return "through a proxy only hosts in imagehook.allowHost are "
			       "permitted";
		exchange->proxy_listed =
		    is_listed(&http->policy->allow_hosts, request->use, &via, NULL);
		/* it reads all that is sent, credentials too */
		if (exchange->is_plain && !exchange->proxy_listed)
			return "plain HTTP goes only through a proxy in "
			       "imagehook.allowHost";
	} else if (!exchange->listed &&
		   exchange->port != (exchange->is_plain ? 80 : 443)) {
		return "its port is permitted only for hosts in imagehook.allowHost";
	}
	return NULL;
}

static struct target *target_of(struct http *http, struct exchange *exchange)
{
	const char *key = arena_printf(&exchange->own, "%s://%.*s:%u",
				       exchange->is_plain ? "http" : "https",
				       STR_ARG(exchange->host), exchange->port);
	for (struct target *at = http->targets; at; at = at->next)
		if (strcmp(at->key, key) == 0)
			return at;
	struct target *target = ARENA_NEW(&http->arena, struct target);
	target->key = arena_strdup(&http->arena, key);
	target->last = &target->first;
	target->next = http->targets;
	http->targets = target;
	return target;
}

static bool is_method(const char *method)
{
	struct str rest = str_of(method);
	(void)cursor_while(&rest, char_is_alpha);
	return method[0] && rest.len == 0;
}

static int check_headers(const struct http_headers *headers, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct http_headers copy = { 0 };
	for (size_t i = 0; i < headers->len; i++) {
		int code = http_header_add(&scratch, &copy, headers->items[i].name,
					   headers->items[i].value, err);
		if (code)
			return code;
	}
	return 0;
}

/* The URL as far as its host, without credentials: a path may be a secret. */
static const char *quote_url(const char *url, struct arena *arena)
{
	struct str text = str_of(url);
	size_t colon = str_find(text, STR("://"));
	size_t start = colon < text.len ? colon + 3 : 0;
	size_t end = start;
	while (end < text.len && !strchr("/?#\\", text.ptr[end]))
		end++;
	struct str host = str_slice(text, start, end - start);
	size_t at = str_rfind_char(host, '@');
	host = str_from(host, at < host.len ? at + 1 : 0);
	return text_clean(
	    arena,
	    str_of(arena_printf(arena, "%.*s%.*s", STR_ARG(str_slice(text, 0, start)),
				STR_ARG(host))),
	    200);
}

int http_start(struct http *http, const struct http_request *request, struct arena *arena,
	       http_done *done, void *ctx, struct err *err)
{
	struct url url CLEANUP(free_url) = { 0 };
	int code = check_headers(&request->headers, err);
	if (code)
		return code;
	if (!is_method(request->method) || !parse_url(request->url, &url) || url.user ||
	    (strcmp(url.scheme, "https") != 0 && strcmp(url.scheme, "http") != 0))
		return err_set(err, ERR_INVALID,
			       "'%s' is not an https URL without credentials",
			       quote_url(request->url, arena));
	struct exchange *exchange = xcalloc(1, sizeof(*exchange));
	size_t max = request->max_response_bytes;
	exchange->http = http;
	exchange->request = *request;
	exchange->arena = arena;
	exchange->done = done;
	exchange->ctx = ctx;
	exchange->body = (struct buf)BUF_INIT(max ? max : LIMIT_RESPONSE_BYTES);
	exchange->host = arena_str(&exchange->own, str_of(url.host));
	exchange->port = url_port(&url);
	exchange->is_plain = strcmp(url.scheme, "http") == 0;
	exchange->listed =
	    is_listed(&http->policy->allow_hosts, request->use, &url, request->path);
	exchange->response.listed = exchange->listed;
	exchange->target = target_of(http, exchange);
	exchange->refusal = refuse(exchange, &url);
	if (request->delay_ms > 0)
		exchange->not_before_ms = when_monotonic_ms() + request->delay_ms;
	http->pending++;
	if (exchange->refusal) {
		exchange->next = http->refused;
		http->refused = exchange;
	} else if (exchange->not_before_ms) {
		exchange->next = http->delayed;
		http->delayed = exchange;
	} else {
		exchange_enqueue(exchange);
	}
	return 0;
}
