/* SPDX-License-Identifier: MIT */
/* Slack and what speaks its web hooks, such as Mattermost. */
#include "base/text.h"
#include "stage/deliver/build.h"
#include "stage/deliver/slack_body.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 30000,
	MAX_FIELDS = 100
};

/* Slack itself takes a mention only between angle brackets; its imitators also take it as
 * people write it. */
static const char *const nothing[] = { NULL };
static const char *const mentions[] = { "@all", "@channel", "@here", "@everyone", NULL };

static bool is_slack(const char *url)
{
	struct deliver_url parts;
	return url_cut(str_of(url), &parts) &&
	       (str_is(parts.name, "slack.com") ||
		str_ends(parts.name, STR(".slack.com")) ||
		str_ends(parts.name, STR(".slack-gov.com")));
}

static bool is_api(const char *url)
{
	return strcmp(url, "https://slack.com/api/chat.postMessage") == 0;
}

/* The API answers 200 to everything and says in the body what it thinks of it. */
static int read_slack(struct deliver_state *state, const struct http_response *answer,
		      struct err *err)
{
	const struct value *body = deliver_answer(state, answer);
	const struct value *ok = value_get(body, "ok");
	const char *why = value_get_text(body, "error", state->arena);
	if (state->dry_run || !is_api(deliver_address(state)) ||
	    (ok && ok->kind == VALUE_BOOL && ok->boolean))
		return 0;
	return err_set(err, ERR_NETWORK,
		       "postMessage failed: request failed: Slack responded with error: "
		       "%s",
		       why ? text_clean(state->arena, str_of(why), 200) : "unreadable");
}

static int send_slack(struct deliver_state *state, const char *url,
		      struct http_request *request, struct err *err)
{
	const struct event *event = &state->delivery->event;
	const char *username = deliver_username(state);
	struct slack_form form = {
		.channel = state->delivery->provider->channel,
		.username = username[0] ? username : event->reporting_controller,
		.info_color = "good",
		.error_color = "danger",
		.fallback = true,
		.entities = true,
		.defuse = is_slack(url) ? nothing : mentions,
		.room = room_new(state, MESSAGE_UNITS),
		.max_fields = MAX_FIELDS,
	};
	int code =
	    deliver_json(state, "POST", url, slack_body(state, &form), request, err);
	if (code == 0 && deliver_token(state)[0])
		code = deliver_auth(state, request, "Bearer", deliver_token(state), err);
	state->any_status = code == 0 && is_api(url);
	return code;
}

extern const struct deliver_service deliver_slack;
const struct deliver_service deliver_slack = {
	.help =
	    "address: a web hook, or https://slack.com/api/chat.postMessage with the secret's token; channel; username",
	.failure = "postMessage failed: request failed: ",
	.hook = "Slack hook",
	.send = send_slack,
	.read = read_slack,
};
