/* SPDX-License-Identifier: MIT */
/* Google Chat by a space's web hook. */
#include "stage/deliver/build.h"
#include "stage/deliver/room.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 4000,
	BODY_BYTES = 30000 /* a message with its cards is 32000 at most */
};

static struct value *add_section(struct value *sections, struct arena *a)
{
	struct value *section = json_item(a, sections);
	struct value *widgets = json_list(a);
	json_text(a, section, "header", "");
	value_set(a, section, "widgets", widgets);
	return widgets;
}

static void add_pairs(struct value *widgets, struct label_list metadata, struct arena *a)
{
	for (size_t i = 0; i < metadata.len; i++) {
		struct value *widget = json_item(a, widgets);
		json_null(a, widget, "textParagraph");
		struct value *pair = json_sub(a, widget, "keyValue");
		json_text(a, pair, "topLabel", words_entities(metadata.items[i].key, a));
		json_text(a, pair, "content", words_entities(metadata.items[i].value, a));
		value_set(a, pair, "contentMultiline", value_bool(a, false));
		json_null(a, pair, "bottomLabel");
		json_null(a, pair, "icon");
	}
}

static struct value *body_of(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	struct label_list metadata = room_metadata(room);
	struct value *body = json_map(a);
	struct value *cards = json_list(a);
	struct value *sections = json_list(a);
	value_set(a, body, "cards", cards);
	struct value *card = json_item(a, cards);
	struct value *header = json_sub(a, card, "header");
	json_text(a, header, "title", words_object(event, a));
	json_text(a, header, "subtitle", event->reporting_controller);
	json_null(a, header, "imageUrl");
	json_null(a, header, "imageStyle");
	value_set(a, card, "sections", sections);
	const char *text = words_entities(room_message(room), a);
	if (words_is_error(event))
		text = arena_printf(a, "<font color=\"#ff0000\">%s</font>", text);
	struct value *widget = json_item(a, add_section(sections, a));
	json_text(a, json_sub(a, widget, "textParagraph"), "text", text);
	json_null(a, widget, "keyValue");
	if (metadata.len)
		add_pairs(add_section(sections, a), metadata, a);
	return body;
}

static int send_googlechat(struct deliver_state *state, const char *url,
			   struct http_request *request, struct err *err)
{
	struct room room = room_new(state, MESSAGE_UNITS);
	const struct value *body = room_fit(&room, body_of, BODY_BYTES);
	return deliver_json(state, "POST", url, body, request, err);
}

extern const struct deliver_service deliver_googlechat;
const struct deliver_service deliver_googlechat = {
	.help = "address: a web hook",
	.failure = "postMessage failed: request failed: ",
	.hook = "Google Chat hook",
	.send = send_googlechat,
};
