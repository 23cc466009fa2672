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
	deliver_mask_dialogue(&flight->state, str_of(text), &masked);
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

/* What is known of a row before anything goes out. */
enum fate {
	FATE_SEND,
	FATE_WAIT,         /* the hour is spent */
	FATE_REFUSE,       /* somebody has to change something first */
	FATE_REFUSE_ALONE, /* ... which does not hold up those behind it */
	FATE_GIVE_UP
};

/* What is wrong with the provider, NULL when nothing is. */
static const char *find_fault(const struct provider *provider)
{
	if (!provider)
		return "the provider is not in the tree any more";
	if (!provider->meta.valid)
		return provider->meta.message;
	return provider->suspend ? "the provider is suspended" : NULL;
}

/* Reads what the row and the provider's secrets say. */
static enum fate prepare(struct flight *flight, struct err *err)
{
	struct lane *lane = flight->lane;
	struct session *session = lane->drain->session;
	if (delivery_from_json(flight->row->payload, &lane->arena, &flight->delivery,
			       err))
		return FATE_GIVE_UP;
	flight->delivery.provider = lane->provider;
	flight->delivery.id = flight->row->id;
	flight->state = (struct deliver_state){ .delivery = &flight->delivery,
						.secret = &flight->secret,
						.arena = &lane->arena,
						.tokens = &lane->drain->tokens };
	if (channel_open(session, lane->provider, &lane->arena, &flight->secret, err))
		return FATE_REFUSE;
	return channel_check_context(session, &flight->delivery, err) ? FATE_REFUSE_ALONE
								      : FATE_SEND;
}

static enum fate judge(struct flight *flight, int64_t now_ms, const char **why)
{
	struct lane *lane = flight->lane;
	const struct outbox_row *row = flight->row;
	struct err err = ERR_INIT;
	if (now_ms >= row->expires_ms) {
		*why = *row->last_error ? row->last_error
					: "it waited too long to be of use";
		return FATE_GIVE_UP;
	}
	*why = find_fault(lane->provider);
	if (*why)
		return FATE_REFUSE;
	enum fate fate = prepare(flight, &err);
	if (fate != FATE_SEND) {
		*why = arena_strdup(&lane->arena, err.text);
		return fate;
	}
	*why = budget_spend(&lane->drain->spent, &lane->allowance, &lane->arena);
	return *why ? FATE_WAIT : FATE_SEND;
}

/* What went wrong before stays, however often the row waits for another hour. */
static const char *wait_text(struct arena *arena, const char *why, const char *last_error)
{
	static const char mark[] = "; before: ";
	const char *before = strstr(last_error, mark);
	if (str_starts(str_of(last_error), STR(BUDGET_WAITS)))
		return arena_printf(arena, "%s%s", why, before ? before : "");
	return arena_printf(arena, "%s%s%s", why, *last_error ? mark : "", last_error);
}

static void put_off(struct flight *flight, const char *why, int64_t due_ms)
{
	struct drain *drain = flight->lane->drain;
	const struct outbox_row *row = flight->row;
	struct err err = ERR_INIT;
	why = wait_text(&flight->lane->arena, why, row->last_error);
	drain_keep(drain,
		   outbox_postpone(drain->session->store, row->row, why, due_ms, &err),
		   &err);
}

bool flight_take_off(struct lane *lane, const struct outbox_row *row)
{
	struct drain *drain = lane->drain;
	struct flight *flight = ARENA_NEW(&lane->arena, struct flight);
	struct err err = ERR_INIT;
	const char *why = NULL;
	bool mine = false;
	int64_t now_ms = when_now_ms();
	flight->lane = lane;
	flight->row = row;
	enum fate fate = judge(flight, now_ms, &why);
	if (fate == FATE_WAIT) {
		put_off(flight, why, now_ms + BUDGET_RETRY_MS);
		return true;
	}
	int code = outbox_claim(drain->session->store, row->row, now_ms,
				fate == FATE_SEND, &mine, &err);
	drain_keep(drain, code, &err);
	if (code || !mine)
		return false;
	lane->is_busy = true;
	if (fate == FATE_SEND)
		advance(flight, NULL);
	else if (fate == FATE_GIVE_UP)
		give_up(flight, why);
	else
		refuse(flight, why, fate == FATE_REFUSE);
	return true;
}
