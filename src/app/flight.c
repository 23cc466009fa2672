/* SPDX-License-Identifier: MIT */
/* The way of a row: claimed, sent as a dialogue of exchanges, then sent, due again or
 * dead. */
#include "app/events.h"
#include "app/lane.h"
#include "app/retry.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"

enum {
	LEASE_MS = 2 * 60 * 1000,
	BUDGET_RETRY_MS = 60 * 1000,
	ERROR_BYTES = 600
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

static void say(struct flight *flight, const char *verdict)
{
	struct drain *drain = flight->lane->drain;
	log_line(LOG_LEVEL_INFO,
		 LOG_FIELDS({ "repository", drain->session->git_dir },
			    { "provider", flight->row->provider },
			    { "delivery", flight->row->id }, { "verdict", verdict }));
	if (drain->options->on_row)
		drain->options->on_row(drain->options->ctx, flight->row->provider,
				       flight->row->id, verdict);
}

/* What a person may read of a failure: without secrets, one clean line. */
static const char *public_text(struct flight *flight, const char *text)
{
	struct buf masked BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	deliver_mask(&flight->secret, str_of(text), &masked);
	return text_clean(&flight->lane->arena, buf_str(&masked), ERROR_BYTES);
}

static void finish_sent(struct flight *flight)
{
	struct drain *drain = flight->lane->drain;
	struct err err = ERR_INIT;
	drain_keep(
	    drain,
	    outbox_sent(drain->session->store, flight->row->row, when_now_ms(), &err),
	    &err);
	drain->report->sent++;
	say(flight, flight->state.skipped ? "nothing to do" : "sent");
	flight->lane->is_busy = false;
	lane_start_next(flight->lane);
}

static void finish_failed(struct flight *flight, const char *text,
			  const struct retry *retry)
{
	struct drain *drain = flight->lane->drain;
	struct err err = ERR_INIT;
	const char *shown = public_text(
	    flight, arena_printf(&flight->lane->arena, "%s%s", retry->prefix, text));
	drain_keep(drain,
		   outbox_failed(drain->session->store, flight->row->row, shown,
				 when_now_ms(), retry->due_ms, &err),
		   &err);
	if (retry->due_ms)
		drain->report->failed++;
	else
		drain->report->dead++;
	say(flight, shown);
	flight->lane->is_busy = false;
	if (!retry->lane_rests)
		lane_start_next(flight->lane);
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
			log_line(LOG_LEVEL_WARNING,
				 LOG_FIELDS({ "provider", flight->row->provider },
					    { "detail",
					      public_text(flight, response->detail) }));
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
		code = channel_prepare(drain->session, &flight->request,
				       &flight->lane->arena, &err);
	if (!code) {
		flight->request.timeout_ms = flight->lane->provider->timeout_ms;
		code = http_start(drain->http, &flight->request, &flight->lane->arena,
				  on_done, flight, &err);
	}
	if (code)
		judge_failure(flight, code, &err, answered ? answer : NULL);
}

bool flight_take_off(struct lane *lane, const struct outbox_row *row)
{
	struct drain *drain = lane->drain;
	struct store *store = drain->session->store;
	struct flight *flight = ARENA_NEW(&lane->arena, struct flight);
	struct err err = ERR_INIT;
	bool mine = false;
	int64_t now_ms = when_now_ms();
	flight->lane = lane;
	flight->row = row;
	int code = outbox_claim(store, row->row, now_ms, LEASE_MS, &mine, &err);
	drain_keep(drain, code, &err);
	if (code || !mine)
		return false;
	lane->is_busy = true;
	if (now_ms >= row->expires_ms) {
		give_up(flight, *row->last_error ? row->last_error
						 : "it waited too long to be of use");
		return true;
	}
	const char *why = budget_spend(&drain->spent, &lane->allowance, &lane->arena);
	if (why) {
		drain_keep(
		    drain,
		    outbox_postpone(store, row->row, why, now_ms + BUDGET_RETRY_MS, &err),
		    &err);
		lane->is_busy = false;
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
	code = delivery_from_json(row->payload, &lane->arena, &flight->delivery, &err);
	if (code) {
		give_up(flight, err.text);
		return true;
	}
	flight->delivery.provider = lane->provider;
	flight->delivery.id = row->id;
	flight->state = (struct deliver_state){ .delivery = &flight->delivery,
						.secret = &flight->secret,
						.arena = &lane->arena };
	code = channel_open(drain->session, lane->provider, &lane->arena, &flight->secret,
			    &err);
	if (code)
		refuse(flight, err.text, true);
	else if (channel_check_context(drain->session, &flight->delivery, &err))
		refuse(flight, err.text, false);
	else
		advance(flight, NULL);
	return true;
}
