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
	/* imagehook.allowHost: `[USE=]HOST[:PORT][/PATH]`. USE is `scan` or `notify`,
	 * without it both; HOST may hold `*` (`*` alone: any host); without PORT every
	 * port of that host; PATH is a prefix that ends at a component. */
	struct strings allow_hosts;
	struct strings deny_addresses; /* CIDR ranges beside the built-in ones */
	struct strings insecure_hosts; /* where plain HTTP is permitted; same form */
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
	bool ca_alone;      /* in their place */
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
	const char *path;   /* judged against an entry's PATH; NULL: the URL's own. A scan
			       gives `/repository`, as `/v2/` stands before it in URLs */
	int64_t delay_ms;   /* not before so long from now */
	int64_t timeout_ms; /* whole exchange; 0: 60 s */
	int64_t deadline_ms; /* monotonic; counts the wait in the queue too; 0: none */
	size_t max_response_bytes; /* 0: LIMIT_RESPONSE_BYTES */
	bool status_suffices; /* a status is an answer, whatever becomes of the body: what
				 was taken must not be sent again */
	bool insecure; /* plain http:// is wanted; the policy must permit the host too */
};

/* Why there is no answer, for who wants to try another way. */
enum http_fault {
	HTTP_FAULT_NONE,
	HTTP_FAULT_DENIED,      /* by the policy */
	HTTP_FAULT_RESOLVE,     /* the host has no address */
	HTTP_FAULT_CONNECT,     /* refused, unreachable, or no connection in time */
	HTTP_FAULT_HANDSHAKE,   /* the other side does not speak TLS, or not ours */
	HTTP_FAULT_CERTIFICATE, /* it does, but is not trusted, or our files are bad */
	HTTP_FAULT_PROXY,
	HTTP_FAULT_BROKEN, /* connected, then lost or malformed */
	HTTP_FAULT_TIMEOUT,
	HTTP_FAULT_LIMIT
};

struct http_response {
	int status;                  /* 0: no answer */
	struct http_headers headers; /* names as sent; use http_header_get() */
	struct str body;
	int64_t elapsed_ms;
	enum http_fault fault;
	/* Whether allow_hosts names the host. Of an unlisted one a pusher learns nothing
	 * (TRUST 23): `err` then has the one text of http_conceal(). */
	bool listed;
	const char
	    *detail; /* the whole story of a failure, for the admin's log; else NULL */
};

/* Called once per exchange, from within http_run(); may start further ones. code 0 when
 * there was an answer of any status, or the error of the exchange (ERR_NETWORK,
 * ERR_TIMEOUT, ERR_LIMIT, ERR_DENIED, ERR_INVALID for unusable TLS files); the response,
 * never NULL, has its contents in `arena`. */
typedef void http_done(void *ctx, int code, const struct err *err,
		       const struct http_response *response);

/* An engine under that policy, which it borrows; http_free() it. ERR_INVALID for a
 * malformed policy. */
int http_new(const struct http_policy *policy, struct http **out,
	     struct err *err) MUST_CHECK;
/* Another policy from now on, borrowed, also for what was started. ERR_INVALID. */
int http_set_policy(struct http *http, const struct http_policy *policy,
		    struct err *err) MUST_CHECK;
/* Drops what is under way without calling `done`; NULL is fine. */
void http_free(struct http *http);
/* Queues an exchange. Request texts must live until `done`; the struct itself is copied.
 * ERR_INVALID for a malformed URL, method or header; what the policy refuses is told by
 * `done`. */
int http_start(struct http *http, const struct http_request *request, struct arena *arena,
	       http_done *done, void *ctx, struct err *err) MUST_CHECK;
/* Drives everything that was started, and what that starts, to its end. */
int http_run(struct http *http, struct err *err) MUST_CHECK;
/* The first header of that name, letter case ignored; NULL when absent. */
const char *http_header_get(const struct http_headers *headers, const char *name);
/* Adds a header; ERR_INVALID when name or value has a line break or control character. */
int http_header_add(struct arena *arena, struct http_headers *headers, const char *name,
		    const char *value, struct err *err) MUST_CHECK;
/* Whether allow_hosts names the host of a URL for that use; `path` as in a request. */
bool http_is_listed(const struct http *http, const char *use, const char *url,
		    const char *path);
/* The one text for every failure of an unlisted host; returns its one code. */
int http_conceal(struct err *err, const char *host);
/* Calls `tick` about every `interval_ms` from within http_run(), for progress. */
void http_on_tick(struct http *http, int64_t interval_ms, void (*tick)(void *ctx),
		  void *ctx);
/* Whether an entry of allow_hosts or insecure_hosts, or of deny_addresses, is one.
 * ERR_INVALID. */
int http_check_host_entry(const char *entry, struct err *err) MUST_CHECK;
/* The same for an entry of deny_addresses. */
int http_check_address_range(const char *range, struct err *err) MUST_CHECK;
/* Hosts that were contacted, for the log; in the arena. */
void http_contacted(const struct http *http, struct arena *arena, struct strings *out);

#endif
