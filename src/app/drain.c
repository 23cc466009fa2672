/* SPDX-License-Identifier: MIT */
/*
 * The way of a row: claimed, sent as a dialogue of exchanges, then sent, due again or
 * dead. Every receiver has a lane of its own; a lane that failed rests until its next
 * attempt, the others go on.
 */
#include "app/drain.h"
#include "app/budget.h"
#include "app/channel.h"
#include "app/events.h"
#include "app/net.h"
#include "app/retry.h"
#include "app/stop.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"
#include "state/outbox.h"
#include <unistd.h>

enum {
	LEASE_MS = 2 * 60 * 1000,
	BATCH = 2000,
	BUDGET_RETRY_MS = 60 * 1000,
	ERROR_BYTES = 600,
	POLL_US = 100000
};

/* The rows of one provider, oldest first. */
struct lane {
	struct drain *drain;
	const char *path; /* `cluster/ns/name` */
	const struct provider *provider;
	VEC_OF(const struct outbox_row *) rows;
	size_t at;
	struct allowance allowance;
	bool is_starting, again; /* a row that ends at once must not nest */
};

/* A row on its way. */
struct flight {
	struct lane *lane;
	const struct outbox_row *row;
	struct delivery delivery;
	struct provider_secret secret;
	struct deliver_state state;
	struct http_request request;
};

struct drain {
	struct session *session;
	const struct drain_options *options;
	struct drain_report *report;
	struct loaded loaded;
	struct http *http;
	struct arena *arena; /* of the batch */
	VEC_OF(struct lane *) lanes;
	size_t spent;
	int code; /* of the store: ends the drain */
	struct err err;
};

static void start_next(struct lane *lane);

bool drain_is_due(struct store *store, const char *repo_id, int64_t now_ms)
{
	struct err ignored = ERR_INIT;
	int64_t due = INT64_MAX;
	return outbox_next_due(store, repo_id, &due, &ignored) == 0 && due <= now_ms;
}

static void say(struct flight *flight, const char *verdict)
{
	struct drain *drain = flight->lane->drain;
	log_line(LOG_LEVEL_INFO, "repository=%s provider=%s delivery=%s verdict=%s",
		 drain->session->git_dir, flight->row->provider, flight->row->id,
		 verdict);
	if (drain->options->on_row)
		drain->options->on_row(drain->options->ctx, flight->row->provider,
				       flight->row->id, verdict);
}

/* A failure of the store ends the drain: what cannot be remembered is not sent. */
static void keep(struct drain *drain, int code, const struct err *err)
{
	if (!code || drain->code)
		return;
	drain->code = code;
	drain->err = *err;
}

/* What a person may read of a failure: without secrets, one clean line. */
static const char *public_text(struct flight *flight, const char *text)
{
	struct buf masked BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	deliver_mask(&flight->secret, str_of(text), &masked);
	return text_clean(flight->lane->drain->arena, buf_str(&masked), ERROR_BYTES);
}

static void finish_sent(struct flight *flight)
{
	struct drain *drain = flight->lane->drain;
	struct err err = ERR_INIT;
	keep(drain,
	     outbox_sent(drain->session->store, flight->row->row, when_now_ms(), &err),
	     &err);
	drain->report->sent++;
	say(flight, flight->state.skipped ? "nothing to do" : "sent");
	start_next(flight->lane);
}

static void finish_failed(struct flight *flight, const char *text,
			  const struct retry *retry)
{
	struct drain *drain = flight->lane->drain;
	struct err err = ERR_INIT;
	const char *shown =
	    public_text(flight, arena_printf(drain->arena, "%s%s", retry->prefix, text));
	keep(drain,
	     outbox_failed(drain->session->store, flight->row->row, shown, when_now_ms(),
			   retry->due_ms, &err),
	     &err);
	if (retry->due_ms)
		drain->report->failed++;
	else
		drain->report->dead++;
	say(flight, shown);
	if (!retry->lane_rests)
		start_next(flight->lane);
}

static void give_up(struct flight *flight, const char *text)
{
	finish_failed(flight, text, &(struct retry){ 0, false, "" });
}

static void refuse(struct flight *flight, const char *text, bool lane_rests)
{
	struct retry retry = retry_refused(flight->row, lane_rests, when_now_ms());
	finish_failed(flight, text, &retry);
}

static void judge_failure(struct flight *flight, int code, const struct err *err,
			  const struct http_response *answer)
{
	struct retry retry = retry_judge(flight->row, code, answer, when_now_ms());
	finish_failed(flight, err->text, &retry);
}

static void advance(struct flight *flight, const struct http_response *answer);

static void on_done(void *ctx, int code, const struct err *err,
		    const struct http_response *response)
{
	struct flight *flight = ctx;
	if (code) {
		if (response->detail)
			log_line(LOG_LEVEL_WARNING, "provider=%s detail=%s",
				 flight->row->provider,
				 public_text(flight, response->detail));
		judge_failure(flight, code, err, response);
		return;
	}
	advance(flight, response);
}

/* One step of the dialogue: the next exchange, or the end. */
static void advance(struct flight *flight, const struct http_response *answer)
{
	struct drain *drain = flight->lane->drain;
	struct err err = ERR_INIT;
	enum deliver_next next = DELIVER_SEND;
	flight->request = (struct http_request){ 0 };
	int code = deliver_step(&flight->state, answer, &flight->request, &next, &err);
	if (!code && next == DELIVER_DONE) {
		finish_sent(flight);
		return;
	}
	bool answered = code != 0;
	if (!code)
		code =
		    channel_prepare(drain->session, &flight->request, drain->arena, &err);
	if (!code) {
		flight->request.timeout_ms = flight->lane->provider->timeout_ms;
		code = http_start(drain->http, &flight->request, drain->arena, 0, on_done,
				  flight, &err);
	}
	if (code)
		judge_failure(flight, code, &err, answered ? answer : NULL);
}

/* Claims the row and opens its channel. False: somebody else has it, or it is done with.
 */
static bool take_off(struct lane *lane, const struct outbox_row *row)
{
	struct drain *drain = lane->drain;
	struct store *store = drain->session->store;
	struct flight *flight = ARENA_NEW(drain->arena, struct flight);
	struct err err = ERR_INIT;
	bool mine = false;
	int64_t now_ms = when_now_ms();
	flight->lane = lane;
	flight->row = row;
	int code = outbox_claim(store, row->row, now_ms, LEASE_MS, &mine, &err);
	keep(drain, code, &err);
	if (code || !mine)
		return false;
	if (now_ms >= row->expires_ms) {
		give_up(flight, *row->last_error ? row->last_error
						 : "it waited too long to be of use");
		return true;
	}
	const char *why = budget_spend(&drain->spent, &lane->allowance, drain->arena);
	if (why) {
		keep(
		    drain,
		    outbox_postpone(store, row->row, why, now_ms + BUDGET_RETRY_MS, &err),
		    &err);
		return true;
	}
	if (!lane->provider || !lane->provider->meta.valid || lane->provider->suspend) {
		refuse(flight,
		       !lane->provider ? "the provider is not in the tree any more"
		       : lane->provider->suspend ? "the provider is suspended"
						 : lane->provider->meta.message,
		       true);
		return true;
	}
	code = delivery_from_json(row->payload, drain->arena, &flight->delivery, &err);
	if (code) {
		give_up(flight, err.text);
		return true;
	}
	flight->delivery.provider = lane->provider;
	flight->delivery.id = row->id;
	flight->state = (struct deliver_state){ .delivery = &flight->delivery,
						.secret = &flight->secret,
						.arena = drain->arena };
	code = channel_open(drain->session, lane->provider, drain->arena, &flight->secret,
			    &err);
	if (code)
		refuse(flight, err.text, true);
	else if (channel_check_context(drain->session, &flight->delivery, &err))
		refuse(flight, err.text, false);
	else
		advance(flight, NULL);
	return true;
}

/* The next row of a lane whose last one is done with. */
static void start_next(struct lane *lane)
{
	struct drain *drain = lane->drain;
	struct err err = ERR_INIT;
	lane->again = true;
	if (lane->is_starting)
		return;
	lane->is_starting = true;
	while (lane->again && lane->at < lane->rows.len &&
	       lane->at < lane->allowance.share && !drain->code &&
	       !drain->report->stopped) {
		/* read before every send: one line stops a host (TRUST 35) */
		if (stop_check(drain->session, &err)) {
			drain->report->stopped =
			    arena_strdup(&drain->session->arena, err.text);
			break;
		}
		lane->again = false;
		if (!take_off(lane, lane->rows.items[lane->at++]))
			lane->again = true;
	}
	lane->is_starting = false;
}

static const struct provider *find_provider(const struct drain *drain, const char *path)
{
	const struct provider_list *list = &drain->loaded.documents.providers;
	for (size_t i = 0; i < list->len; i++)
		if (object_is_at(&list->items[i].meta, path))
			return &list->items[i];
	return NULL;
}

static struct lane *find_lane(struct drain *drain, const char *path)
{
	for (size_t i = 0; i < drain->lanes.len; i++)
		if (strcmp(drain->lanes.items[i]->path, path) == 0)
			return drain->lanes.items[i];
	return NULL;
}

static struct lane *add_lane(struct drain *drain, const char *path,
			     const struct outbox_uses *uses)
{
	struct lane *lane = ARENA_NEW(drain->arena, struct lane);
	VEC_PUSH(drain->arena, &drain->lanes, lane);
	lane->drain = drain;
	lane->path = path;
	lane->provider = find_provider(drain, path);
	for (size_t i = 0; i < uses->len; i++)
		if (strcmp(uses->items[i].provider, path) == 0)
			lane->allowance.spent = uses->items[i].count;
	return lane;
}

static int by_spent(const void *a_ptr, const void *b_ptr)
{
	size_t a = (*(struct lane *const *)a_ptr)->allowance.spent;
	size_t b = (*(struct lane *const *)b_ptr)->allowance.spent;
	return (a > b) - (a < b);
}

/* Who got the least so far comes first, where the last of a budget is given out. */
static void share_out(struct drain *drain)
{
	size_t wanted = 0;
	for (size_t i = 0; i < drain->lanes.len; i++) {
		struct lane *lane = drain->lanes.items[i];
		lane->allowance.wanted = lane->rows.len;
		wanted += budget_claim(&lane->allowance);
	}
	size_t share = budget_share(drain->spent, wanted, drain->lanes.len);
	for (size_t i = 0; i < drain->lanes.len; i++)
		drain->lanes.items[i]->allowance.share = share;
	VEC_SORT(&drain->lanes, by_spent);
}

static int make_lanes(struct drain *drain, const struct outbox_rows *rows,
		      struct err *err)
{
	struct session *session = drain->session;
	struct outbox_uses uses = { 0 };
	drain->lanes.len = 0;
	drain->lanes.cap = 0;
	drain->spent = 0;
	int code =
	    outbox_used(session->store, session->id, when_now_ms() - BUDGET_WINDOW_MS,
			drain->arena, &uses, err);
	if (code)
		return code;
	for (size_t i = 0; i < uses.len; i++)
		drain->spent += uses.items[i].count;
	for (size_t i = 0; i < rows->len; i++) {
		struct lane *lane = find_lane(drain, rows->items[i].provider);
		if (!lane)
			lane = add_lane(drain, rows->items[i].provider, &uses);
		VEC_PUSH(drain->arena, &lane->rows, &rows->items[i]);
	}
	share_out(drain);
	return 0;
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
		code = make_lanes(drain, &rows, err);
	/* the first claims of all lanes are one transaction */
	if (!code)
		code = store_begin(session->store, err);
	if (code)
		return code;
	drain->http = http;
	for (size_t i = 0; i < drain->lanes.len; i++)
		start_next(drain->lanes.items[i]);
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
