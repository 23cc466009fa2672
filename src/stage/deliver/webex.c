/* SPDX-License-Identifier: MIT */
/* Webex by its message API. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/room.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 5000,
	BODY_BYTES = 7400 /* it takes a little more than that of Markdown */
};

static const char *const mentions[] = { "<@", NULL };

static struct value *body_of(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = room_metadata(room);
	(void)buf_printf(
	    &text, "%s **%s**\n%s\n", words_is_error(event) ? "\U0001f4a3" : "\u2705",
	    words_object(event, a), words_defuse(room_message(room), mentions, a));
	for (size_t i = 0; i < metadata.len; i++)
		(void)buf_printf(&text, ">**%s**: %s\n",
				 words_defuse(metadata.items[i].key, mentions, a),
				 words_defuse(metadata.items[i].value, mentions, a));
	struct value *body = json_map(a);
	json_text(a, body, "roomId", room->state->delivery->provider->channel);
	json_text(a, body, "markdown", buf_cstr(&text));
	return body;
}

static int send_webex(struct deliver_state *state, const char *url,
		      struct http_request *request, struct err *err)
{
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Webex token");
	struct room room = room_new(state, MESSAGE_UNITS);
	const struct value *body = room_fit(&room, body_of, BODY_BYTES);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "Bearer", deliver_token(state), err);
}

extern const struct deliver_service deliver_webex;
const struct deliver_service deliver_webex = {
	.help =
	    "address: https://webexapis.com/v1/messages by default; channel: the room id; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Webex hook",
	.hook_default = "https://webexapis.com/v1/messages",
	.send = send_webex,
};
