/* SPDX-License-Identifier: MIT */
/* One job per delivery, driven by the engine's answers. A slow first try must not eat the
 * whole timeout, so each try has a share of it. */
#include "app/post.h"
#include "base/when.h"

enum {
	MAX_TRIES = 5,
	FIRST_WAIT_MS = 2000,
	SHARES = 3,
	SHORTEST_TRY_MS = 1000,
	DEFAULT_TIMEOUT_MS = 15000
};

struct job {
	struct post *post;
	struct http *http;
	struct arena *arena;
	struct deliver_state state;
	struct http_request request;
	int64_t deadline_ms; /* monotonic */
	int64_t timeout_ms;
	unsigned tries; /* of this request */
};

static void end(struct job *job, int code, const struct err *err)
{
	job->post->code = code;
	job->post->skipped = job->state.skipped;
	if (code)
		job->post->err = *err;
}

static void on_answer(void *ctx, int code, const struct err *err,
		      const struct http_response *answer);

/* Sends the request that the job holds, `delay_ms` from now. */
static void send_request(struct job *job, int64_t delay_ms)
{
	struct err err = ERR_INIT;
	int64_t share = job->timeout_ms / SHARES;
	int64_t left = job->deadline_ms - when_monotonic_ms() - delay_ms;
	share = share > SHORTEST_TRY_MS ? share : SHORTEST_TRY_MS;
	job->request.timeout_ms = share < left ? share : left;
	job->request.timeout_ms =
	    job->request.timeout_ms > 0 ? job->request.timeout_ms : 1;
	job->request.deadline_ms = job->deadline_ms;
	job->request.delay_ms = delay_ms;
	job->tries++;
	job->post->requests++;
	int code = http_start(job->http, &job->request, job->arena, on_answer, job, &err);
	if (code)
		end(job, code, &err);
}

/* The next request of the dialogue, or its end. */
static int go_on(struct job *job, const struct http_response *answer, struct err *err)
{
	enum deliver_next next = DELIVER_SEND;
	int code = deliver_step(&job->state, answer, &job->request, &next, err);
	if (code)
		return code;
	if (next == DELIVER_DONE) {
		end(job, 0, NULL);
		return 0;
	}
	job->tries = 0;
	send_request(job, 0);
	return 0;
}

static void on_answer(void *ctx, int code, const struct err *err,
		      const struct http_response *answer)
{
	struct job *job = ctx;
	struct post *post = job->post;
	struct err why = ERR_INIT;
	int64_t wait = (int64_t)FIRST_WAIT_MS << (job->tries - 1);
	post->status = answer->status;
	post->detail = answer->detail;
	if (code)
		why = *err;
	else
		code = go_on(job, answer, &why);
	if (code == 0)
		return;
	post->may_retry = deliver_may_retry(code, answer, when_now_ms(), &post->after_ms);
	wait = post->after_ms ? post->after_ms : wait;
	bool in_time = when_monotonic_ms() + wait < job->deadline_ms;
	if (post->may_retry && job->tries < MAX_TRIES && in_time)
		send_request(job, wait);
	else
		end(job, code, &why);
}

static void begin(struct job *job)
{
	struct err err = ERR_INIT;
	int64_t timeout = job->post->delivery->provider->timeout_ms;
	job->timeout_ms = timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS;
	job->deadline_ms = when_monotonic_ms() + job->timeout_ms;
	job->state.delivery = job->post->delivery;
	job->state.secret = job->post->secret;
	job->state.arena = job->arena;
	int code = go_on(job, NULL, &err);
	if (code)
		end(job, code, &err);
}

int post_all(struct http *http, struct post *posts, size_t n, struct arena *arena,
	     struct err *err)
{
	struct job *jobs = ARENA_ARRAY(arena, struct job, n);
	for (size_t i = 0; i < n; i++) {
		jobs[i] = (struct job){ .post = &posts[i], .http = http, .arena = arena };
		begin(&jobs[i]);
	}
	return http_run(http, err);
}
