/* SPDX-License-Identifier: MIT */
/*
 * The engine: who waits, who runs, and when a caller is told. One queue per target, so
 * that a dead host holds only its own; what the policy refuses is told like any other
 * end, so that a caller has one path.
 */
#include "adapter/http/engine.h"
#include "base/when.h"
#include <signal.h>

enum {
	CONNECTIONS_PER_HOST = 8,
	CONNECTIONS = 64,
	FAILURES_TO_REST = 5,
	REST_FIRST_MS = 10000,
	REST_MAX_MS = 300000,
	CHECK_INTERVAL_MS = 50,
	POLL_MS = 1000,
	GO_ON_AFTER = 4 /* exchanges that were begun */
};

static size_t per_host(const struct http *http)
{
	size_t n = http->policy->connections_per_host;
	return n ? n : CONNECTIONS_PER_HOST;
}

static size_t in_all(const struct http *http)
{
	size_t n = http->policy->connections;
	return n ? n : CONNECTIONS;
}

int http_set_policy(struct http *http, const struct http_policy *policy, struct err *err)
{
	struct address_ranges denied = { 0 };
	for (size_t i = 0; i < policy->deny_addresses.len; i++) {
		const char *text = policy->deny_addresses.items[i];
		if (!address_range_parse(str_of(text), VEC_ADD(&http->arena, &denied)))
			return http_check_address_range(text, err);
	}
	http->policy = policy;
	http->denied = denied;
	return 0;
}

int http_new(const struct http_policy *policy, struct http **out, struct err *err)
{
	struct http *http = xcalloc(1, sizeof(*http));
	int code = http_set_policy(http, policy, err);
	if (code)
		http_free(http);
	else
		*out = http;
	return code;
}

static int start_curl(struct http *http, struct err *err)
{
	if (http->multi)
		return 0;
	if (libcurl_load(err))
		return err->code;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_INTERNAL, "libcurl does not start");
	http->multi = curl_multi_init();
	http->share = curl_share_init();
	if (!http->multi || !http->share)
		return err_set(err, ERR_INTERNAL, "libcurl does not start");
	http->idle = xcalloc(in_all(http), sizeof(CURL *));
	(void)curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	(void)curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
				(long)per_host(http));
	(void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
				(long)in_all(http) * 2);
	return 0;
}

/* The handle goes back to the pool with its connection kept by the multi handle. */
static void park_handle(struct exchange *exchange)
{
	struct http *http = exchange->http;
	if (!exchange->easy)
		return;
	(void)curl_multi_remove_handle(http->multi, exchange->easy);
	curl_easy_reset(exchange->easy);
	if (http->idle_len < in_all(http))
		http->idle[http->idle_len++] = exchange->easy;
	else
		curl_easy_cleanup(exchange->easy);
	exchange->easy = NULL;
	curl_slist_free_all(exchange->header_list);
	exchange->header_list = NULL;
}

static void free_exchange(struct exchange *exchange)
{
	park_handle(exchange);
	buf_release(&exchange->body);
	arena_clear(&exchange->own);
	void *memory = exchange;
	free_ptr(&memory);
}

static void free_exchanges(struct exchange *list)
{
	while (list) {
		struct exchange *next = list->next;
		free_exchange(list);
		list = next;
	}
}

void http_free(struct http *http)
{
	if (!http)
		return;
	free_exchanges(http->running);
	free_exchanges(http->delayed);
	free_exchanges(http->refused);
	for (struct target *target = http->targets; target; target = target->next)
		free_exchanges(target->first);
	for (size_t i = 0; i < http->idle_len; i++)
		curl_easy_cleanup(http->idle[i]);
	if (http->multi)
		(void)curl_multi_cleanup(http->multi);
	if (http->share)
		(void)curl_share_cleanup(http->share);
	void *idle = http->idle;
	free_ptr(&idle);
	arena_clear(&http->arena);
	void *memory = http;
	free_ptr(&memory);
}

void exchange_enqueue(struct exchange *exchange)
{
	struct target *target = exchange->target;
	exchange->next = NULL;
	*target->last = exchange;
	target->last = &exchange->next;
}

/* Tells the caller. The host's name stands in front of what went wrong; for an unlisted
 * host that goes to the log alone. */
static void tell(struct exchange *exchange, int code, struct err *err)
{
	struct http_response *response = &exchange->response;
	if (code) {
		bool usual = exchange->port == (exchange->is_plain ? 80 : 443);
		const char *host = arena_strndup(&exchange->own, exchange->host);
		if (!usual)
			host =
			    arena_printf(&exchange->own, "%s:%u", host, exchange->port);
		(void)err_prefix(err, "'%s'", host);
		response->detail = arena_strdup(exchange->arena, err->text);
		response->status = 0;
		if (!exchange->listed)
			(void)http_conceal(err, host);
		err->code = code;
	}
	exchange->http->pending--;
	exchange->done(exchange->ctx, code, err, response);
	free_exchange(exchange);
}

/* Ends an exchange that never ran. */
static void tell_unsent(struct exchange *exchange, int code, enum http_fault fault,
			const char *text)
{
	struct err err = ERR_INIT;
	exchange->response.fault = fault;
	(void)err_set(&err, code, "%s", text);
	tell(exchange, code, &err);
}

static void note_contact(struct http *http, struct exchange *exchange)
{
	const char *host = arena_strndup(&exchange->own, exchange->host);
	if (!strings_contain(&http->contacted, host))
		strings_add(&http->arena, &http->contacted, host);
}

/* Gives an exchange its handle and starts it. */
static int activate(struct exchange *exchange, struct err *err)
{
	struct http *http = exchange->http;
	int code = start_curl(http, err);
	if (code)
		return code;
	exchange->easy = http->idle_len ? http->idle[--http->idle_len] : curl_easy_init();
	if (!exchange->easy)
		return err_set(err, ERR_INTERNAL, "libcurl gives no handle");
	exchange->started_ms = when_monotonic_ms();
	code = transfer_prepare(exchange, err);
	if (code)
		return code;
	if (curl_multi_add_handle(http->multi, exchange->easy) != CURLM_OK)
		return err_set(err, ERR_INTERNAL, "libcurl takes no more transfers");
	note_contact(http, exchange);
	exchange->next = http->running;
	http->running = exchange;
	exchange->target->active++;
	http->active++;
	return 0;
}

static void leave_running(struct exchange *exchange)
{
	struct exchange **at = &exchange->http->running;
	while (*at && *at != exchange)
		at = &(*at)->next;
	if (*at)
		*at = exchange->next;
	exchange->next = NULL;
	exchange->target->active--;
	exchange->http->active--;
}

static struct exchange *dequeue(struct target *target)
{
	struct exchange *exchange = target->first;
	target->first = exchange->next;
	if (!target->first)
		target->last = &target->first;
	exchange->next = NULL;
	return exchange;
}

/* Starts what a target may run now. */
static void feed_target(struct http *http, struct target *target)
{
	while (target->first && target->active < per_host(http) &&
	       http->active < in_all(http)) {
		struct exchange *exchange = dequeue(target);
		struct err err = ERR_INIT;
		int64_t now = when_monotonic_ms();
		if (target->rest_until_ms > now) {
			tell_unsent(exchange, ERR_NETWORK, HTTP_FAULT_CONNECT,
				    "it is left alone for a while after several failed "
				    "connections");
		} else if (exchange->request.deadline_ms &&
			   exchange->request.deadline_ms <= now) {
			tell_unsent(exchange, ERR_TIMEOUT, HTTP_FAULT_TIMEOUT,
				    "no answer in time");
		} else if (activate(exchange, &err) != 0) {
			exchange->response.fault = HTTP_FAULT_BROKEN;
			tell(exchange, err.code, &err);
		}
	}
}

/* Whoever was begun first has sent before the last of many has a connection. */
static void feed_all(struct http *http)
{
	int running = 0;
	size_t begun = 0;
	for (struct target *target = http->targets; target; target = target->next) {
		size_t before = http->active;
		feed_target(http, target);
		begun += http->active - before;
		if (begun < GO_ON_AFTER)
			continue;
		begun = 0;
		/* a failure shows again in the turn's own call */
		(void)curl_multi_perform(http->multi, &running);
	}
}

/* Moves what is due from the delayed to its queue; ends what waited beyond its deadline.
 */
static void check_times(struct http *http, int64_t now)
{
	struct exchange **at = &http->delayed;
	while (*at) {
		struct exchange *exchange = *at;
		if (exchange->not_before_ms > now) {
			at = &exchange->next;
			continue;
		}
		*at = exchange->next;
		exchange_enqueue(exchange);
	}
	if (now < http->next_check_ms)
		return;
	http->next_check_ms = now + CHECK_INTERVAL_MS;
	for (struct target *target = http->targets; target; target = target->next) {
		struct exchange *waiting = target->first;
		target->first = NULL;
		target->last = &target->first;
		while (waiting) {
			struct exchange *exchange = waiting;
			waiting = exchange->next;
			if (exchange->request.deadline_ms == 0 ||
			    exchange->request.deadline_ms > now)
				exchange_enqueue(exchange);
			else
				tell_unsent(exchange, ERR_TIMEOUT, HTTP_FAULT_TIMEOUT,
					    "no answer in time");
		}
	}
}

/* Counts connect failures in a row; after some the target rests, longer each time. */
static void note_outcome(struct target *target, enum http_fault fault)
{
	if (fault != HTTP_FAULT_CONNECT && fault != HTTP_FAULT_RESOLVE) {
		target->failures = 0;
		return;
	}
	if (++target->failures < FAILURES_TO_REST)
		return;
	int64_t rest = REST_FIRST_MS;
	for (unsigned i = FAILURES_TO_REST; i < target->failures && rest < REST_MAX_MS;
	     i++)
		rest *= 2;
	target->rest_until_ms =
	    when_monotonic_ms() + (rest < REST_MAX_MS ? rest : REST_MAX_MS);
}

/* An HTTP/2 stream that broke is tried once more with HTTP/1.1, when it changes nothing
 * on the other side. */
static bool falls_back(struct exchange *exchange, CURLcode result)
{
	struct err err = ERR_INIT;
	const char *method = exchange->request.method;
	if ((result != CURLE_HTTP2 && result != CURLE_HTTP2_STREAM) ||
	    exchange->http1_only ||
	    (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0))
		return false;
	exchange->http1_only = true;
	buf_truncate(&exchange->body, 0);
	exchange->response.headers.len = 0;
	exchange->header_bytes = 0;
	exchange->header_lines = 0;
	park_handle(exchange);
	return activate(exchange, &err) == 0;
}

static void finish(struct exchange *exchange, CURLcode result)
{
	struct http *http = exchange->http;
	struct target *target = exchange->target;
	struct err err = ERR_INIT;
	leave_running(exchange);
	if (falls_back(exchange, result))
		return;
	int code = transfer_result(exchange, result, &err);
	note_outcome(target, exchange->response.fault);
	park_handle(exchange);
	tell(exchange, code, &err);
	feed_target(http, target);
}

static void collect(struct http *http)
{
	int left = 0;
	CURLMsg *message;
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		char *private = NULL;
		CURLcode result = message->data.result;
		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		void *exchange = private;
		finish(exchange, result);
	}
}

static int wait_ms(const struct http *http, int64_t now)
{
	int64_t wait = POLL_MS;
	for (const struct exchange *at = http->delayed; at; at = at->next)
		if (at->not_before_ms - now < wait)
			wait = at->not_before_ms - now;
	for (const struct target *at = http->targets; at; at = at->next)
		if (at->first && wait > CHECK_INTERVAL_MS)
			wait = CHECK_INTERVAL_MS;
	if (http->tick && http->next_tick_ms - now < wait)
		wait = http->next_tick_ms - now;
	return wait < 0 ? 0 : (int)wait;
}

static void call_tick(struct http *http, int64_t now)
{
	if (!http->tick || now < http->next_tick_ms)
		return;
	http->next_tick_ms = now + http->tick_interval_ms;
	http->tick(http->tick_ctx);
}

/* One round: what waits is started, what moved is taken up. */
static int turn(struct http *http, struct err *err)
{
	int running = 0;
	while (http->refused) {
		struct exchange *exchange = http->refused;
		http->refused = exchange->next;
		tell_unsent(exchange, ERR_DENIED, HTTP_FAULT_DENIED, exchange->refusal);
	}
	check_times(http, when_monotonic_ms());
	feed_all(http);
	if (http->pending == 0 || http->refused)
		return 0;
	int code = start_curl(http, err);
	if (code)
		return code;
	if (curl_multi_perform(http->multi, &running) != CURLM_OK)
		return err_set(err, ERR_INTERNAL, "libcurl fails to go on");
	collect(http);
	feed_all(http); /* what callbacks started for other targets */
	int64_t now = when_monotonic_ms();
	call_tick(http, now);
	if (http->pending == 0 || http->refused)
		return 0;
	if (curl_multi_poll(http->multi, NULL, 0, wait_ms(http, now), NULL) != CURLM_OK)
		return err_set(err, ERR_INTERNAL, "libcurl fails to wait");
	return 0;
}

int http_run(struct http *http, struct err *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	int code = 0;
	/* OpenSSL writes to sockets that the other side may have closed */
	(void)sigaction(SIGPIPE, &ignore, &before);
	while (http->pending && code == 0)
		code = turn(http, err);
	(void)sigaction(SIGPIPE, &before, NULL);
	return code;
}

void http_on_tick(struct http *http, int64_t interval_ms, void (*tick)(void *ctx),
		  void *ctx)
{
	http->tick = tick;
	http->tick_ctx = ctx;
	http->tick_interval_ms = interval_ms;
	http->next_tick_ms = when_monotonic_ms() + interval_ms;
}

void http_contacted(const struct http *http, struct arena *arena, struct strings *out)
{
	for (size_t i = 0; i < http->contacted.len; i++)
		strings_add(arena, out, http->contacted.items[i]);
}
