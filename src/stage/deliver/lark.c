/* SPDX-License-Identifier: MIT */
/* Lark by a bot's web hook, as an interactive card. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/room.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 8000,
	BODY_BYTES = 18000 /* a bot takes 20 KB */
};

static const char *const mentions[] = { "<at", NULL };

static struct value *body_of(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	bool bad = words_is_error(event);
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = room_metadata(room);
	(void)buf_printf(&text, "**%s**\n\n",
			 words_defuse(room_message(room), mentions, a));
	for (size_t i = 0; i < metadata.len; i++)
		(void)buf_printf(&text, "%s: %s\n",
				 words_defuse(metadata.items[i].key, mentions, a),
				 words_defuse(metadata.items[i].value, mentions, a));
	struct value *body = json_map(a);
	struct value *elements = json_list(a);
	json_text(a, body, "msg_type", "interactive");
	struct value *card = json_sub(a, body, "card");
	value_set(a, json_sub(a, card, "config"), "wide_screen_mode",
		  value_bool(a, true));
	struct value *header = json_sub(a, card, "header");
	struct value *title = json_sub(a, header, "title");
	json_text(a, title, "tag", "plain_text");
	json_text(a, title, "content",
		  arena_printf(a, "%s %s", bad ? "\U0001f6a8" : "\U0001f4ab",
			       words_object(event, a)));
	json_text(a, header, "template", bad ? "red" : "turquoise");
	value_set(a, card, "elements", elements);
	struct value *element = json_item(a, elements);
	json_text(a, element, "tag", "div");
	struct value *inner = json_sub(a, element, "text");
	json_text(a, inner, "tag", "lark_md");
	json_text(a, inner, "content", buf_cstr(&text));
	return body;
}

static int send_lark(struct deliver_state *state, const char *url,
		     struct http_request *request, struct err *err)
{
	struct room room = room_new(state, MESSAGE_UNITS);
	const struct value *body = room_fit(&room, body_of, BODY_BYTES);
	return deliver_json(state, "POST", url, body, request, err);
}

extern const struct deliver_service deliver_lark;
const struct deliver_service deliver_lark = {
	.help = "address: a web hook",
	.failure = "request failed: ",
	.hook = "Lark hook",
	.send = send_lark,
};
