/* SPDX-License-Identifier: MIT */
/* What the files of stage/scan share while scan_run() is at work. */
#ifndef STAGE_SCAN_WORK_H
#define STAGE_SCAN_WORK_H

#include "stage/scan/challenge.h"
#include "stage/scan/keyring.h"
#include "stage/scan/reference.h"
#include "stage/scan/scan.h"
#include "stage/scan/tags.h"

/* How something failed; code 0: it did not. */
struct outcome {
	int code;
	struct err err;     /* what a pusher may read */
	const char *detail; /* in the run's arena */
	int64_t retry_after_ms;
};

/* One HTTP request, repeated with back-off while that may help. */
struct call {
	struct run *run;
	struct http_request request;
	struct arena arena; /* of the current attempt's answer */
	int64_t deadline_ms;
	unsigned attempts;
	bool gives_up_on_connect; /* the caller has another way to try */
	void (*then)(struct call *call);
	void *owner;

	/* for `then` */
	const struct http_response *response;
	struct outcome outcome; /* when there is no answer at all */
	int64_t retry_after_ms; /* announced by the last answer */
};

struct jobs {
	struct job **items;
	size_t len;
	size_t cap;
};

enum progress_state {
	STATE_NEW,
	STATE_PENDING,
	STATE_READY,
	STATE_FAILED
};

/* A registry as one kind of request sees it. */
struct endpoint {
	const char *connect;
	const struct http_connection *connection;
	bool insecure;
	bool listed;

	enum progress_state state;
	bool plain; /* reached by http:// */
	struct challenges challenges;
	struct outcome outcome;
	struct jobs waiting;
	struct call call;
	struct endpoint *next;
};

struct token {
	const char *realm;
	const char *service;
	const char *scopes; /* sorted, separated by blanks */
	const struct credential *credential;
	const struct endpoint *endpoint;

	enum progress_state state;
	bool by_post;
	const char *value; /* `Bearer ...` */
	int64_t expires_ms;
	struct outcome outcome;
	struct jobs waiting;
	struct call call;
	struct token *next;
};

/* One distinct list or digest to fetch. */
struct job {
	struct run *run;
	const struct scan_request *request;
	struct reference reference;
	const struct credential *credential; /* NULL: anonymous */
	struct endpoint *endpoint;
	int64_t deadline_ms;
	const char *path; /* `/repository`, for the policy */

	struct call call;
	struct arena arena;           /* tags, queries */
	struct challenges challenges; /* of a 401 where the endpoint asked for nothing */
	const char *extra_scopes;     /* that a 401 asked for, NULL: none */
	struct token *token;
	const char *authorization; /* NULL: none */
	bool asked_again;          /* after a 401 of the current page */

	size_t page_size; /* index into the sizes that are tried */
	size_t page;      /* 0: first */
	bool restarted;
	size_t body_bytes;
	struct strings queries; /* of the pages so far */
	struct tag_page tags;

	bool finished;
	const char *digest;
	struct outcome outcome;
};

struct config {
	const char *text;
	struct keyring keyring;
};

struct run {
	struct http *http;
	struct arena *arena;
	struct endpoint *endpoints;
	struct token *tokens;
	struct jobs jobs;

	struct {
		struct config *items;
		size_t len;
		size_t cap;
	} configs;
};

/* Fills an outcome: `text` for the log, and for the pusher when the host is listed. */
void outcome_set(struct run *run, struct outcome *outcome, bool listed, const char *host,
		 int code, const char *fmt, ...) PRINTF_LIKE(6, 7);
/* The same for an answer that is no success: `GET URL: unexpected status code ...`;
 * `note` may be "". */
void outcome_of_status(struct call *call, const char *host, const char *note);

/* Sends call->request until an answer is final, then calls call->then. */
void call_send(struct call *call);
/* Puts the credential's user and password as Basic; NULL when it has none. */
const char *basic_authorization(const struct credential *credential, struct arena *arena);

/* Goes on with job_authorize() when it is known what the registry wants. */
void endpoint_join(struct endpoint *endpoint, struct job *job);
/* Sets job->authorization and goes on with job_request(), or fails the job. */
void token_join(struct job *job, const struct challenge *challenge);

/* The steps of a job, each of which goes on with the next: ask what the registry wants,
 * get what it wants, ask for tags or the digest; and its end by a failure. */
void job_start(struct job *job);
void job_authorize(struct job *job);
void job_request(struct job *job);
void job_fail(struct job *job, const struct outcome *outcome);

#endif
