/* SPDX-License-Identifier: MIT */
/*
 * One request until its answer is final. Decides what is worth another attempt and when,
 * and how failures read; not what an answer means.
 */
#include "adapter/crypto/crypto.h"
#include "base/cursor.h"
#include "base/when.h"
#include "stage/scan/refusal.h"
#include "stage/scan/work.h"
#include <sys/random.h>

enum {
	ATTEMPTS = 4,
	FIRST_WAIT_MS = 1000,
	LONGEST_WAIT_MS = 30000,
	LONGEST_RETRY_AFTER_MS = 86400000,
	REQUEST_TIMEOUT_MS = 30000
};

void outcome_set(struct run *run, struct outcome *outcome, bool listed, const char *host,
		 int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char text[ERR_TEXT_BYTES];
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	outcome->code = err_set(&outcome->err, code, "%s", text);
	outcome->detail = arena_strdup(run->arena, text);
	if (!listed)
		outcome->code = http_conceal(&outcome->err, host);
}

/* The URL without what a realm's query may hold. */
static struct str shown_url(const struct call *call)
{
	struct str url = str_of(call->request.url);
	size_t query = str_find_char(url, '?');
	bool ours = str_find(url, STR("/v2/")) < query;
	return ours ? url : str_slice(url, 0, query);
}

static int code_of_status(int status)
{
	switch (status) {
	case 401:
	case 403:
	case 407:
		return ERR_DENIED;
	case 404:
	case 410:
		return ERR_NOTFOUND;
	case 429:
		return ERR_BUSY;
	default:
		return status >= 500 ? ERR_NETWORK : ERR_INVALID;
	}
}

void outcome_of_status(struct call *call, const char *host, const char *note)
{
	const struct http_response *response = call->response;
	struct refusal refusal;
	int status = response->status;
	refusal_read(response->body, &call->arena, &refusal);
	const char *name = refusal_status_name(status);
	const char *redirect =
	    status >= 300 && status < 400 ? ": a redirect is not followed here" : "";
	call->outcome.retry_after_ms = call->retry_after_ms;
	outcome_set(
	    call->run, &call->outcome, response->listed, host, code_of_status(status),
	    "%s %.*s: unexpected status code %d%s%s%s%s%s%s", call->request.method,
	    STR_ARG(shown_url(call)), status, name[0] ? " " : "", name, redirect,
	    refusal.text[0] ? ": " : "", refusal.text, note);
}

static bool status_may_change(const struct call *call)
{
	struct refusal refusal;
	int status = call->response->status;
	if (status == 408 || status == 429 || status == 499 || status == 500 ||
	    (status >= 502 && status <= 504) || (status >= 520 && status <= 527))
		return true;
	if (status < 400 || status >= 500 || call->response->body.len == 0)
		return false;
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	refusal_read(call->response->body, &scratch, &refusal);
	return strcmp(refusal.code, "TOOMANYREQUESTS") == 0;
}

static bool fault_may_pass(const struct call *call, int code)
{
	switch (call->response->fault) {
	case HTTP_FAULT_BROKEN:
	case HTTP_FAULT_TIMEOUT:
		return true;
	case HTTP_FAULT_CONNECT:
		/* refused is refused; no connection in time may have been bad luck */
		return !call->gives_up_on_connect && code == ERR_TIMEOUT;
	case HTTP_FAULT_HANDSHAKE:
		return !call->gives_up_on_connect;
	case HTTP_FAULT_NONE:
	case HTTP_FAULT_DENIED:
	case HTTP_FAULT_RESOLVE:
	case HTTP_FAULT_CERTIFICATE:
	case HTTP_FAULT_PROXY:
	case HTTP_FAULT_LIMIT:
		break;
	}
	return false;
}

/* Retry-After in seconds or as a date; 0 when there is none. */
static int64_t read_retry_after(const struct http_response *response)
{
	const char *text = http_header_get(&response->headers, "Retry-After");
	uint64_t seconds = 0;
	int64_t at_ms = 0;
	int64_t wait = 0;
	if (!text)
		return 0;
	if (number_parse(str_of(text), INT32_MAX, &seconds))
		wait = (int64_t)seconds * 1000;
	else if (when_parse_http(str_of(text), &at_ms))
		wait = at_ms - when_now_ms();
	if (wait < 0)
		return 0;
	return wait < LONGEST_RETRY_AFTER_MS ? wait : LONGEST_RETRY_AFTER_MS;
}

/* Anything from nothing to 1 s, 2 s, 4 s, ...: those who failed together come back
 * apart. */
static int64_t back_off(unsigned attempts)
{
	int64_t span = FIRST_WAIT_MS;
	uint32_t random = 0;
	for (unsigned i = 1; i < attempts && span < LONGEST_WAIT_MS; i++)
		span *= 2;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
		random = (uint32_t)when_monotonic_ms();
	return (int64_t)(random %
			 (uint32_t)(span < LONGEST_WAIT_MS ? span : LONGEST_WAIT_MS));
}

static void send_after(struct call *call, int64_t delay_ms);

static void on_done(void *ctx, int code, const struct err *err,
		    const struct http_response *response)
{
	struct call *call = ctx;
	call->response = response;
	call->attempts++;
	call->retry_after_ms = 0;
	call->outcome = (struct outcome){ 0 };
	if (code) {
		call->outcome.err = *err;
		call->outcome.code = response->listed ? code : ERR_NETWORK;
		call->outcome.detail = arena_strdup(
		    call->run->arena, response->detail ? response->detail : err->text);
	} else {
		call->retry_after_ms = read_retry_after(response);
	}
	bool again = code ? fault_may_pass(call, code) : status_may_change(call);
	int64_t wait =
	    call->retry_after_ms ? call->retry_after_ms : back_off(call->attempts);
	int64_t left = call->deadline_ms - when_monotonic_ms();
	if (again && call->attempts < ATTEMPTS && wait < left) {
		send_after(call, wait);
		return;
	}
	call->then(call);
}

static void send_after(struct call *call, int64_t delay_ms)
{
	struct err err = ERR_INIT;
	call->request.deadline_ms = call->deadline_ms;
	call->request.timeout_ms = REQUEST_TIMEOUT_MS;
	call->request.delay_ms = delay_ms;
	call->request.use = "scan";
	arena_clear(&call->arena);
	int code = http_start(call->run->http, &call->request, &call->arena, on_done,
			      call, &err);
	if (code == 0)
		return;
	struct http_response *none = ARENA_NEW(&call->arena, struct http_response);
	none->fault = HTTP_FAULT_DENIED;
	none->listed = true;
	call->response = none;
	call->outcome.code = code;
	call->outcome.err = err;
	call->outcome.detail = arena_strdup(call->run->arena, err.text);
	call->then(call);
}

void call_send(struct call *call)
{
	call->attempts = 0;
	call->outcome = (struct outcome){ 0 };
	send_after(call, 0);
}

const char *basic_authorization(const struct credential *credential, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (!credential || !credential->username || !credential->password)
		return NULL;
	const char *pair =
	    arena_printf(arena, "%s:%s", credential->username, credential->password);
	(void)buf_puts(&out, "Basic ");
	base64_encode(&out, str_of(pair), false);
	return arena_strndup(arena, buf_str(&out));
}
