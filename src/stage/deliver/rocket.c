/* SPDX-License-Identifier: MIT */
/* Rocket.Chat by an incoming web hook. */
#include "stage/deliver/build.h"
#include "stage/deliver/slack_body.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 5000,
	MAX_FIELDS = 100
};

static const char *const mentions[] = { "@all", "@here", NULL };

static int send_rocket(struct deliver_state *state, const char *url,
		       struct http_request *request, struct err *err)
{
	struct slack_form form = {
		.channel = state->delivery->provider->channel,
		.username = deliver_username(state),
		.info_color = "#0076D7",
		.error_color = "#FF0000",
		.defuse = mentions,
		.room = room_new(state, MESSAGE_UNITS),
		.max_fields = MAX_FIELDS,
	};
	return deliver_json(state, "POST", url, slack_body(state, &form), request, err);
}

extern const struct deliver_service deliver_rocket;
const struct deliver_service deliver_rocket = {
	.help = "address: a web hook; channel; username",
	.failure = "postMessage failed: request failed: ",
	.hook = "Rocket hook",
	.send = send_rocket,
};
