/* SPDX-License-Identifier: MIT */
/* What the files of adapter/http share: the engine, its hosts and exchanges. */
#ifndef ADAPTER_HTTP_ENGINE_H
#define ADAPTER_HTTP_ENGINE_H

#include "adapter/http/address.h"
#include "adapter/http/allow.h"
#include "adapter/http/http.h"
#include "adapter/http/libcurl.h"

struct exchange {
	struct http *http;
	struct http_request request;
	struct arena *arena; /* the caller's, for the response */
	http_done *done;
	void *ctx;

	struct target *target;
	struct str host; /* of the URL, as libcurl normalises it */
	unsigned port;
	bool is_plain; /* http:// */
	bool listed;
	bool proxy_listed;
	const char *refusal; /* what the policy said before anything was sent */
	struct arena own;    /* texts of the exchange itself */

	CURL *easy;
	struct curl_slist *header_list;
	char curl_text[CURL_ERROR_SIZE];
	bool http1_only;
	int64_t not_before_ms;
	int64_t started_ms;

	struct buf body;
	size_t header_bytes;
	size_t header_lines;
	bool headers_too_large;
	char denied[64]; /* the address that was refused, "" none */
	struct http_response response;
	struct exchange *next;
};

/* One scheme, host and port. */
struct target {
	char *key;
	struct exchange *first; /* waiting, in order */
	struct exchange **last;
	size_t active;
	unsigned failures; /* connect failures in a row */
	int64_t rest_until_ms;
	struct target *next;
};

struct http {
	const struct http_policy *policy;
	CURLM *multi; /* NULL until the first exchange */
	CURLSH *share;
	struct arena arena;
	struct target *targets;
	struct exchange *delayed;
	struct exchange *refused;
	struct exchange *running;
	size_t pending; /* started and not told yet */
	size_t active;
	CURL **idle; /* handles to use again */
	size_t idle_len;
	struct address_ranges denied;
	struct address_ranges local;
	bool local_known;
	const char *ca_folder; /* NULL: none with hashed names */
	bool ca_looked_for;
	struct strings contacted;
	int64_t next_check_ms;
	int64_t tick_interval_ms;
	int64_t next_tick_ms;
	void (*tick)(void *ctx);
	void *tick_ctx;
};

/* Puts an exchange at the end of its target's queue. */
void exchange_enqueue(struct exchange *exchange);
/* Sets every option of a transfer. ERR_INTERNAL when libcurl refuses one. */
int transfer_prepare(struct exchange *exchange, struct err *err) MUST_CHECK;
/* Turns libcurl's result into code, texts and fault of the response. */
int transfer_result(struct exchange *exchange, CURLcode result, struct err *err);
/* Parses one header line into the response; false when it breaks a limit. */
bool headers_take(struct exchange *exchange, struct str line);

#endif
