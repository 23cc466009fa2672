/* SPDX-License-Identifier: MIT */
/* Microsoft Teams: connector cards for the old hosts, adaptive cards for workflows. */
#include "stage/deliver/build.h"
#include "stage/deliver/room.h"
#include "stage/deliver/words.h"

enum {
	CARD_BYTES = 24 * 1024
};

static const char *const mentions[] = { "<at", NULL };

static struct value *facts_of(const struct room *room, const char *key)
{
	struct arena *a = room->state->arena;
	struct label_list metadata = room_metadata(room);
	struct value *facts = json_list(a);
	for (size_t i = 0; i < metadata.len; i++) {
		struct value *fact = json_item(a, facts);
		json_text(a, fact, key, words_defuse(metadata.items[i].key, mentions, a));
		json_text(a, fact, "value",
			  words_defuse(metadata.items[i].value, mentions, a));
	}
	return facts;
}

static const char *message_of(const struct room *room)
{
	return words_defuse(room_message(room), mentions, room->state->arena);
}

static struct value *connector_card(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	struct value *card = json_map(a);
	struct value *sections = json_list(a);
	json_text(a, card, "@type", "MessageCard");
	json_text(a, card, "@context", "http://schema.org/extensions");
	json_text(a, card, "themeColor", words_is_error(event) ? "FF0000" : "0076D7");
	json_text(a, card, "summary", words_object(event, a));
	value_set(a, card, "sections", sections);
	struct value *section = json_item(a, sections);
	json_text(a, section, "activityTitle", message_of(room));
	json_text(a, section, "activitySubtitle", words_object(event, a));
	value_set(a, section, "facts", facts_of(room, "name"));
	return card;
}

static void add_block(struct value *items, const char *text, struct arena *a,
		      struct value **out)
{
	struct value *block = json_item(a, items);
	json_text(a, block, "type", "TextBlock");
	json_unless_empty(a, block, "text", text);
	*out = block;
}

static struct value *adaptive_card(const struct room *room)
{
	struct arena *a = room->state->arena;
	const struct event *event = &room->state->delivery->event;
	struct value *card = json_map(a);
	struct value *attachments = json_list(a);
	struct value *parts = json_list(a);
	struct value *items = json_list(a);
	struct value *block = NULL;
	json_text(a, card, "type", "message");
	value_set(a, card, "attachments", attachments);
	struct value *attachment = json_item(a, attachments);
	json_text(a, attachment, "contentType",
		  "application/vnd.microsoft.card.adaptive");
	struct value *content = json_sub(a, attachment, "content");
	json_text(a, content, "$schema",
		  "http://adaptivecards.io/schemas/adaptive-card.json");
	json_text(a, content, "type", "AdaptiveCard");
	json_text(a, content, "version", "1.4");
	value_set(a, content, "body", parts);
	struct value *container = json_item(a, parts);
	json_text(a, container, "type", "Container");
	value_set(a, container, "items", items);
	add_block(items, words_object(event, a), a, &block);
	json_text(a, block, "size", "large");
	json_text(a, block, "weight", "bolder");
	value_set(a, block, "wrap", value_bool(a, true));
	add_block(items, message_of(room), a, &block);
	if (words_is_error(event))
		json_text(a, block, "color", "attention");
	value_set(a, block, "wrap", value_bool(a, true));
	struct value *facts = json_item(a, items);
	json_text(a, facts, "type", "FactSet");
	if (event->metadata.len)
		value_set(a, facts, "facts", facts_of(room, "title"));
	json_text(a, json_sub(a, content, "msteams"), "width", "Full");
	return card;
}

static int send_msteams(struct deliver_state *state, const char *url,
			struct http_request *request, struct err *err)
{
	struct deliver_url parts;
	bool connector = url_cut(str_of(url), &parts) &&
			 str_ends(parts.name, STR(".webhook.office.com"));
	struct room room = room_new(state, SIZE_MAX);
	const struct value *card =
	    room_fit(&room, connector ? connector_card : adaptive_card, CARD_BYTES);
	return deliver_json(state, "POST", url, card, request, err);
}

extern const struct deliver_service deliver_msteams;
const struct deliver_service deliver_msteams = {
	.help = "address: a connector or workflow web hook",
	.failure = "postMessage failed: request failed: ",
	.hook = "MS Teams webhook",
	.send = send_msteams,
};
