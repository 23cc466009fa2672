/* SPDX-License-Identifier: MIT */
/*
 * What a registry wants: one request to `/v2/` for all that wait. Decides the scheme and
 * keeps the challenges; plain HTTP only for requests that ask for it, and only when there
 * is no TLS to talk to.
 */
#include "stage/scan/work.h"
#include <strings.h>

static void wake(struct endpoint *endpoint)
{
	for (size_t i = 0; i < endpoint->waiting.len; i++) {
		struct job *job = endpoint->waiting.items[i];
		if (endpoint->state == STATE_READY)
			job_authorize(job);
		else
			job_fail(job, &endpoint->outcome);
	}
	endpoint->waiting.len = 0;
}

static void set_failed(struct endpoint *endpoint, const struct outcome *outcome)
{
	endpoint->outcome = *outcome;
	endpoint->state = STATE_FAILED;
}

static void send_ping(struct endpoint *endpoint)
{
	struct call *call = &endpoint->call;
	call->gives_up_on_connect = endpoint->insecure && !endpoint->plain;
	call->request.insecure = endpoint->plain;
	call->request.url =
	    arena_printf(call->run->arena, "%s://%s/v2/",
			 endpoint->plain ? "http" : "https", endpoint->connect);
	call_send(call);
}

/* The challenges of a 401 live as long as the run. */
static int read_challenges(struct endpoint *endpoint, const struct http_headers *headers,
			   struct err *err)
{
	struct arena *arena = endpoint->call.run->arena;
	for (size_t i = 0; i < headers->len; i++) {
		if (strcasecmp(headers->items[i].name, "WWW-Authenticate") != 0)
			continue;
		int code = challenge_parse(str_of(headers->items[i].value), arena,
					   &endpoint->challenges, err);
		if (code)
			return code;
	}
	if (!challenge_choose(&endpoint->challenges))
		return err_set(err, ERR_INVALID,
			       "401 without a challenge that can be met");
	return 0;
}

static void on_pinged(struct call *call)
{
	struct endpoint *endpoint = call->owner;
	const struct http_response *response = call->response;
	struct err err = ERR_INIT;
	bool no_tls = response->fault == HTTP_FAULT_CONNECT ||
		      response->fault == HTTP_FAULT_HANDSHAKE;
	if (call->outcome.code && no_tls && call->gives_up_on_connect) {
		endpoint->plain = true;
		send_ping(endpoint);
		return;
	}
	endpoint->state = STATE_READY;
	if (call->outcome.code) {
		set_failed(endpoint, &call->outcome);
	} else if (response->status == 401) {
		if (read_challenges(endpoint, &response->headers, &err) != 0) {
			outcome_set(call->run, &call->outcome, response->listed,
				    endpoint->connect, err.code, "GET %s: %s",
				    call->request.url, err.text);
			set_failed(endpoint, &call->outcome);
		}
	} else if (response->status != 200) {
		outcome_of_status(call, endpoint->connect, "");
		set_failed(endpoint, &call->outcome);
	}
	wake(endpoint);
}

void endpoint_join(struct endpoint *endpoint, struct job *job)
{
	struct call *call = &endpoint->call;
	if (endpoint->state == STATE_READY) {
		job_authorize(job);
		return;
	}
	if (endpoint->state == STATE_FAILED) {
		job_fail(job, &endpoint->outcome);
		return;
	}
	VEC_PUSH(job->run->arena, &endpoint->waiting, job);
	if (endpoint->state == STATE_PENDING)
		return;
	endpoint->state = STATE_PENDING;
	call->owner = endpoint;
	call->then = on_pinged;
	call->run = job->run;
	call->request.method = "GET";
	call->request.path = job->path;
	call->request.connection = *endpoint->connection;
	send_ping(endpoint);
}
