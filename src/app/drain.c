/* SPDX-License-Identifier: MIT */
/* Batches of what is due, one after the other, under the lock of the repository's
 * deliveries. */
#include "app/drain.h"
#include "app/lane.h"
#include "app/net.h"
#include "app/stop.h"
#include "base/file.h"
#include "base/when.h"
#include <unistd.h>

enum {
	BATCH = 2000,
	POLL_US = 100000
};

bool drain_is_due(struct store *store, const char *repo_id, int64_t now_ms)
{
	struct err ignored = ERR_INIT;
	int64_t due = INT64_MAX;
	return outbox_next_due(store, repo_id, &due, &ignored) == 0 && due <= now_ms;
}

void drain_keep(struct drain *drain, int code, const struct err *err)
{
	if (!code || drain->code)
		return;
	drain->code = code;
	drain->err = *err;
}

/* A push may have changed the providers while the drain waited. */
static int refresh(struct drain *drain, struct err *err)
{
	struct session *session = drain->session;
	struct oid tip;
	int code = repo_resolve(session->repo, drain->loaded.ref, &tip, err);
	if (code || strcmp(tip.hex, drain->loaded.tip.hex) == 0)
		return code;
	return load_documents(session, &drain->loaded, err);
}

/* Everything that is due now. *more: there was something. */
static int drain_batch(struct drain *drain, bool *more, struct err *err)
{
	struct session *session = drain->session;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct outbox_rows rows = { 0 };
	drain->arena = &arena;
	int code = outbox_due(session->store, session->id, when_now_ms(), BATCH, &arena,
			      &rows, err);
	*more = !code && rows.len > 0;
	if (code || rows.len == 0)
		return code;
	struct http *http CLEANUP(net_http_cleanup) = NULL;
	code = refresh(drain, err); /* behind the rows: they are not newer than it */
	if (!code)
		code = channel_http(session, &http, err);
	if (!code)
		code = lanes_make(drain, &rows, err);
	/* the first claims of all lanes are one transaction */
	if (!code)
		code = store_begin(session->store, err);
	if (code)
		return code;
	drain->http = http;
	for (size_t i = 0; i < drain->lanes.len; i++)
		lane_start_next(drain->lanes.items[i]);
	code = store_commit(session->store, err);
	if (!code)
		code = http_run(http, err);
	net_log_contacted(session, http);
	if (!code && drain->code) {
		*err = drain->err;
		code = drain->code;
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
	bool more = true;
	int code = 0;
	if (!drain->loaded.ref)
		code = load_documents(drain->session, &drain->loaded, err);
	while (!code && !drain->report->stopped && more)
		code = drain_batch(drain, &more, err);
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
	bool due =
	    drain_is_due(session->store, session->id, when_now_ms() + options->linger_ms);
	report->stopped = due ? stop_reason(session) : NULL;
	while (due && !code && !report->stopped) {
		code = drain_once(&drain, err);
		due = !code && !report->stopped && !report->joined &&
		      await_due(&drain, until_ms);
	}
	return code ? code : count_waiting(session, report, err);
}
