/* SPDX-License-Identifier: MIT */
/* What is due and when it is looked for, under the lock of the repository's deliveries:
 * at first, while receivers are waited for, and when no more is on its way. */
#include "app/drain.h"
#include "app/lane.h"
#include "app/net.h"
#include "app/stop.h"
#include "base/file.h"
#include "base/when.h"
#include <unistd.h>

enum {
	BATCH = 2000,
	LOOK_MS = 250,
	LOOK_REST = 20, /* times what the last look took */
	RELOADS = 100,
	POLL_US = 100000
};

static bool is_due_by(const struct session *session, int64_t at_ms)
{
	struct err ignored = ERR_INIT;
	int64_t due = INT64_MAX;
	return outbox_next_due(session->store, session->id, &due, &ignored) == 0 &&
	       due <= at_ms;
}

void drain_keep(struct drain *drain, int code, const struct err *err)
{
	if (!code || drain->code)
		return;
	drain->code = code;
	drain->err = *err;
}

/* A push may have changed the providers while the drain waited, the admin the rules. Both
 * stay in memory as long as the drain: after many changes the next one goes on. */
static int refresh(struct drain *drain, struct err *err)
{
	struct session *session = drain->session;
	struct oid tip;
	bool changed = false;
	int code = session_refresh(session, &changed, err);
	if (!code && changed && drain->http)
		code = channel_http(session, &drain->http, err);
	if (!code)
		code = repo_resolve(session->repo, drain->loaded.ref, &tip, err);
	if (code || (!changed && strcmp(tip.hex, drain->loaded.tip.hex) == 0))
		return code;
	drain->reloads++;
	return load_documents(session, &drain->loaded, err);
}

static void on_tick(void *ctx);

static int open_http(struct drain *drain, struct err *err)
{
	int code = drain->http ? 0 : channel_http(drain->session, &drain->http, err);
	if (!code)
		http_on_tick(drain->http, LOOK_MS, on_tick, drain);
	return code;
}

/* Starts what is due and has a lane that is not busy. *more: there was something. */
static int take_up(struct drain *drain, bool *more, struct err *err)
{
	struct session *session = drain->session;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct outbox_filter own = { session->id, BATCH };
	struct outbox_rows rows = { 0 };
	int code = outbox_due(session->store, &own, when_now_ms(), &arena, &rows, err);
	*more = !code && drain->reloads < RELOADS && lanes_want(drain, &rows);
	if (code || !*more)
		return code;
	code = refresh(drain, err); /* behind the rows: they are not newer than it */
	if (!code)
		code = open_http(drain, err);
	if (!code)
		code = lanes_load(drain, &rows, err);
	/* the first claims of all lanes are one transaction */
	if (!code)
		code = store_begin(session->store, err);
	if (code)
		return code;
	lanes_start(drain);
	return store_commit(session->store, err);
}

/* While receivers are waited for, the others get what is new, or due again. Among
 * thousands of waiting rows that is looked for less often. */
static void on_tick(void *ctx)
{
	struct drain *drain = ctx;
	struct err err = ERR_INIT;
	bool more = false;
	int64_t began_ms = when_monotonic_ms();
	if (!drain->code && !drain->report->stopped)
		drain_keep(drain, take_up(drain, &more, &err), &err);
	int64_t took_ms = when_monotonic_ms() - began_ms;
	http_on_tick(drain->http, LOOK_MS + LOOK_REST * took_ms, on_tick, drain);
}

/* Until nothing is due and nothing on its way. */
static int send_all(struct drain *drain, struct err *err)
{
	bool more = true;
	int code = 0;
	while (!code && !drain->report->stopped && more) {
		code = take_up(drain, &more, err);
		if (!code && more)
			code = http_run(drain->http, err);
		if (!code && drain->code) {
			*err = drain->err;
			code = drain->code;
		}
	}
	return code;
}

/* Waits for the next row if one falls due in time; false: none does. Without the lock:
 * whoever has something new to send need not wait for a receiver that is away. */
static bool await_due(const struct drain *drain, int64_t until_ms)
{
	struct err ignored = ERR_INIT;
	for (;;) {
		int64_t due = INT64_MAX;
		int64_t now_ms = when_now_ms();
		if (outbox_next_due(drain->session->store, drain->session->id, &due,
				    &ignored))
			return false;
		int64_t wait_ms = due > now_ms ? due - now_ms : 0;
		if (wait_ms >= until_ms - when_monotonic_ms())
			return false;
		/* due, and yet not taken: never a busy loop */
		(void)usleep(POLL_US);
		if (wait_ms == 0)
			return true;
	}
}

static int drain_locked(struct drain *drain, struct err *err)
{
	int code = 0;
	if (!drain->loaded.ref)
		code = load_documents(drain->session, &drain->loaded, err);
	if (!code)
		code = send_all(drain, err);
	if (drain->http)
		net_log_contacted(drain->session, drain->http);
	http_free(drain->http); /* before what it sends */
	drain->http = NULL;
	tokens_release(&drain->tokens);
	lanes_release(drain);
	return code;
}

static int count_waiting(struct session *session, struct drain_report *report,
			 struct err *err)
{
	struct outbox_tallies backlog = { 0 };
	int code =
	    outbox_backlog(session->store, session->id, &session->arena, &backlog, err);
	for (size_t i = 0; i < backlog.len; i++)
		report->waiting += backlog.items[i].waiting;
	return code;
}

/* Everything that is due, unless somebody else is at it. */
static int drain_once(struct drain *drain, struct err *err)
{
	struct session *session = drain->session;
	int lock FD_CLEANUP = -1;
	int code = file_lock(file_join(&session->arena, session->dir, "drain.lock"),
			     drain->options->wait_ms, &lock, err);
	drain->report->joined = code == ERR_BUSY;
	if (drain->report->joined)
		return 0;
	return code ? code : drain_locked(drain, err);
}

int drain_run(struct session *session, const struct drain_options *options,
	      struct drain_report *report, struct err *err)
{
	struct drain drain = { .session = session, .options = options, .report = report };
	int64_t until_ms = when_monotonic_ms() + options->linger_ms;
	int code = 0;
	*report = (struct drain_report){ 0 };
	if (options->loaded)
		drain.loaded = *options->loaded;
	bool due = is_due_by(session, when_now_ms() + options->linger_ms);
	report->stopped = due ? stop_reason(session) : NULL;
	while (due && !code && !report->stopped) {
		code = drain_once(&drain, err);
		due = !code && !report->stopped && !report->joined &&
		      await_due(&drain, until_ms);
	}
	return code ? code : count_waiting(session, report, err);
}
