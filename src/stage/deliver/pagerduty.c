/* SPDX-License-Identifier: MIT */
/* PagerDuty: an incident for an error, its end and a change event for the rest. */
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	SUMMARY_UNITS = 1024
};

enum step {
	STEP_ENQUEUE,
	STEP_CHANGE,
	STEP_END
};

static const char *routing_key(const struct deliver_state *state)
{
	const char *channel = state->delivery->provider->channel;
	return channel[0] ? channel : deliver_token(state);
}

/* Only scheme and host of the address count. */
static int endpoint(struct deliver_state *state, const char *path, const char **url,
		    struct err *err)
{
	struct deliver_url parts;
	int code = deliver_hook(state, "PagerDuty endpoint",
				"https://events.pagerduty.com", url, err);
	if (code)
		return code;
	(void)url_cut(str_of(*url), &parts);
	*url = arena_printf(state->arena, "%.*s://%.*s%s", STR_ARG(parts.scheme),
			    STR_ARG(parts.host), path);
	return 0;
}

static void add_payload(const struct deliver_state *state, struct value *body, bool alert)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *payload = json_sub(a, body, "payload");
	const char *summary = arena_printf(a, "%s: %s", words_reason(event->reason, a),
					   words_short_object(event, a));
	json_text(a, payload, "summary", words_cut(summary, SUMMARY_UNITS, a));
	json_text(a, payload, "source",
		  arena_printf(a, "Flux %s", event->reporting_controller));
	if (alert)
		json_text(a, payload, "severity", "error");
	json_text(a, payload, "timestamp", words_time(event, a));
	if (alert) {
		json_text(a, payload, "component", event->object.name);
		json_text(a, payload, "group", event->object.kind);
	}
	struct value *details = json_sub(a, payload, "custom_details");
	json_text(a, details, "message", event->message);
	if (event->metadata.len)
		value_set(a, details, "metadata",
			  json_labels(a, words_metadata(event, a)));
	else
		json_null(a, details, "metadata");
}

static int enqueue(struct deliver_state *state, struct http_request *request,
		   struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	const char *url = NULL;
	int code = endpoint(state, "/v2/enqueue", &url, err);
	if (code)
		return code;
	if (!routing_key(state)[0])
		return err_set(err, ERR_INVALID,
			       "empty PagerDuty routing key: neither channel nor the "
			       "secret's token");
	struct value *body = json_map(a);
	json_text(a, body, "routing_key", routing_key(state));
	json_text(a, body, "event_action", words_is_error(event) ? "trigger" : "resolve");
	if (event->object.uid[0])
		json_text(a, body, "dedup_key", event->object.uid);
	if (words_is_error(event))
		add_payload(state, body, true);
	return deliver_json(state, "POST", url, body, request, err);
}

static int step_pagerduty(struct deliver_state *state, const struct http_response *answer,
			  struct http_request *request, enum deliver_next *next,
			  struct err *err)
{
	const struct event *event = &state->delivery->event;
	const char *url = NULL;
	(void)answer;
	if (state->step == STEP_ENQUEUE) {
		int code = endpoint(state, "", &url, err);
		if (code)
			return code;
		if (words_is_progressing(event))
			return deliver_skip(state, next);
		state->step = event->severity == EVENT_INFO ? STEP_CHANGE : STEP_END;
		return enqueue(state, request, err);
	}
	if (state->step == STEP_END) {
		*next = DELIVER_DONE;
		return 0;
	}
	state->step = STEP_END;
	int code = endpoint(state, "/v2/change/enqueue", &url, err);
	if (code)
		return code;
	struct value *body = json_map(state->arena);
	json_text(state->arena, body, "routing_key", routing_key(state));
	add_payload(state, body, false);
	code = deliver_json(state, "POST", url, body, request, err);
	state->what = "failed sending change event: ";
	return code;
}

extern const struct deliver_service deliver_pagerduty;
const struct deliver_service deliver_pagerduty = {
	.help =
	    "address: https://events.pagerduty.com by default; channel, or the secret's token: the routing key",
	.failure = "failed sending event: ",
	.step = step_pagerduty,
};
