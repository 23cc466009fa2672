/* SPDX-License-Identifier: MIT */
/*
 * Many HTTP exchanges at once on one curl multi handle. The address is judged on the
 * socket after resolution (TRUST 22), no redirect is followed here, answers are bounded,
 * connections are kept.
 */
#ifndef ADAPTER_HTTP_HTTP_H
#define ADAPTER_HTTP_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

struct http; /* one engine: connections, DNS, TLS sessions */

/* What the admin permits; borrowed for the engine's life. */
struct http_policy {
	/* imagehook.allowHost: `host[:port][/path]`, may name a use: `scan=host`; `*` any
	 * host */
	struct strings allow_hosts;
	struct strings deny_addresses; /* CIDR ranges beside the built-in ones */
	struct strings insecure_hosts; /* hosts for which plain HTTP is permitted */
	size_t connections_per_host;   /* 0: 8 */
	size_t connections;            /* 0: 64 */
	const char *user_agent;        /* NULL: imagehook/VERSION */
};

struct http_header {
	const char *name;
	const char *value;
};

struct http_headers {
	struct http_header *items;
	size_t len;
	size_t cap;
};

/* TLS and proxy of one exchange; all NULL by default. PEM texts. */
struct http_connection {
	const char *ca_pem; /* added to the system's */
	const char *cert_pem, *key_pem;
	const char *proxy_url, *proxy_username, *proxy_password;
};

struct http_request {
	const char *method;
	const char *url;
	const char *use; /* "scan" or "notify": which allowHost entries count */
	struct http_headers headers;
	struct str body;
	struct http_connection connection;
	int64_t timeout_ms;        /* whole exchange; 0: 60 s */
	size_t max_response_bytes; /* 0: LIMIT_RESPONSE_BYTES */
	bool insecure; /* plain http:// is wanted; the policy must permit the host too */
};

struct http_response {
	int status;                  /* 0: no answer */
	struct http_headers headers; /* names as sent; use http_header_get() */
	struct str body;
	int64_t elapsed_ms;
};

/* Called once per exchange, from within http_run(); may start further ones. code 0 or the
 * error of the exchange (ERR_NETWORK, ERR_TIMEOUT, ERR_LIMIT, ERR_DENIED); the response
 * lives in `arena`. */
typedef void http_done(void *ctx, int code, const struct err *err,
		       const struct http_response *response);

int http_new(const struct http_policy *policy, struct http **out,
	     struct err *err) MUST_CHECK;
void http_free(struct http *http);
/* Queues an exchange not before `delay_ms` from now. Request texts must live until
 * `done`. */
int http_start(struct http *http, const struct http_request *request, struct arena *arena,
	       int64_t delay_ms, http_done *done, void *ctx, struct err *err) MUST_CHECK;
/* Drives everything that was started, and what that starts, to its end. */
int http_run(struct http *http, struct err *err) MUST_CHECK;
/* The first header of that name, letter case ignored; NULL when absent. */
const char *http_header_get(const struct http_headers *headers, const char *name);
/* Adds a header; ERR_INVALID when name or value has a line break or control character. */
int http_header_add(struct arena *arena, struct http_headers *headers, const char *name,
		    const char *value, struct err *err) MUST_CHECK;
/* Hosts that were contacted, for the log; in the arena. */
void http_contacted(const struct http *http, struct arena *arena, struct strings *out);

#endif
