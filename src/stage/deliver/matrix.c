/* SPDX-License-Identifier: MIT */
/* Matrix: one plain message to a room, once per event. */
#include "adapter/crypto/crypto.h"
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/room.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 15000,
	BODY_BYTES = 60000 /* of an event, with what the server adds, 64 KB */
};

static const char *const mentions[] = { "@room", NULL };

/* The transaction id is a hash of the event, so that a repetition is one message. */
static const char *room_url(struct deliver_state *state, const char *url)
{
	char transaction[HASH_MAX_HEX];
	struct arena *a = state->arena;
	struct str base = str_of(url);
	hash_hex(HASH_SHA1, words_event_json(&state->delivery->event, a), transaction);
	while (str_ends(base, STR("/")))
		base.len--;
	return arena_printf(
	    a, "%.*s/_matrix/client/r0/rooms/%s/send/m.room.message/%s", STR_ARG(base),
	    url_segment(state->delivery->provider->channel, a), transaction);
}

static struct value *body_of(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = room_metadata(room);
	(void)buf_printf(
	    &text, "%s %s\n%s\n", words_is_error(event) ? "\U0001f6a8" : "\U0001f4ab",
	    words_object(event, a), words_defuse(room_message(room), mentions, a));
	for (size_t i = 0; i < metadata.len; i++)
		(void)buf_printf(&text, "- %s: %s\n",
				 words_defuse(metadata.items[i].key, mentions, a),
				 words_defuse(metadata.items[i].value, mentions, a));
	struct value *body = json_map(a);
	json_text(a, body, "body", buf_cstr(&text));
	json_text(a, body, "msgtype", "m.text");
	return body;
}

static int send_matrix(struct deliver_state *state, const char *url,
		       struct http_request *request, struct err *err)
{
	struct room room = room_new(state, MESSAGE_UNITS);
	const struct value *body = room_fit(&room, body_of, BODY_BYTES);
	int code = deliver_json(state, "PUT", room_url(state, url), body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "Bearer", deliver_token(state), err);
}

extern const struct deliver_service deliver_matrix;
const struct deliver_service deliver_matrix = {
	.help = "address: the home server; channel: the room id; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Matrix homeserver",
	.send = send_matrix,
};
