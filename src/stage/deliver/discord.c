/* SPDX-License-Identifier: MIT */
/* Discord by its web hooks in the form of Slack. */
#include "stage/deliver/build.h"
#include "stage/deliver/slack_body.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 4000,
	EMBED_UNITS = 5500, /* of all texts; with the names it is 6000 */
	MAX_FIELDS = 25
};

static const char *const mentions[] = { "@everyone", "@here", "<@", "<!", "<#", NULL };

/* `/slack` behind the path, unless it is there; the query stays. */
static const char *slack_url(struct arena *a, const char *url)
{
	struct str text = str_of(url);
	struct str path = str_slice(text, 0, str_find_char(text, '?'));
	struct str query = str_from(text, path.len);
	if (str_ends(path, STR("/slack")))
		return url;
	while (str_ends(path, STR("/")))
		path.len--;
	return arena_printf(a, "%.*s/slack%.*s", STR_ARG(path), STR_ARG(query));
}

static int send_discord(struct deliver_state *state, const char *url,
			struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	const char *username = deliver_username(state);
	struct room room = room_new(state, MESSAGE_UNITS);
	while (room.message + room.metadata > EMBED_UNITS && room_shrink(&room))
		continue;
	struct slack_form form = {
		.channel = "",
		.username = username[0] ? username : event->reporting_controller,
		.info_color = "good",
		.error_color = "danger",
		.defuse = mentions,
		.room = room,
		.max_fields = MAX_FIELDS,
	};
	return deliver_json(state, "POST", slack_url(a, url), slack_body(state, &form),
			    request, err);
}

extern const struct deliver_service deliver_discord;
const struct deliver_service deliver_discord = {
	.help = "address: a web hook; username",
	.failure = "postMessage failed: request failed: ",
	.hook = "Discord hook",
	.send = send_discord,
};
