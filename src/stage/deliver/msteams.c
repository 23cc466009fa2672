/* SPDX-License-Identifier: MIT */
/* Microsoft Teams: connector cards for the old hosts, adaptive cards for workflows. */
#include "adapter/json/json.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	CARD_BYTES = 24 * 1024
};

static const char *const mentions[] = { "<at", NULL };

static struct value *facts_of(const struct event *event, const char *key, struct arena *a)
{
	struct label_list metadata = words_metadata(event, a);
	struct value *facts = json_list(a);
	for (size_t i = 0; i < metadata.len; i++) {
		struct value *fact = json_item(a, facts);
		json_text(a, fact, key, words_defuse(metadata.items[i].key, mentions, a));
		json_text(a, fact, "value",
			  words_defuse(metadata.items[i].value, mentions, a));
	}
	return facts;
}

static struct value *connector_card(const struct event *event, const char *message,
				    struct arena *a)
{
	struct value *card = json_map(a);
	struct value *sections = json_list(a);
	json_text(a, card, "@type", "MessageCard");
	json_text(a, card, "@context", "http://schema.org/extensions");
	json_text(a, card, "themeColor", words_is_error(event) ? "FF0000" : "0076D7");
	json_text(a, card, "summary", words_object(event, a));
	value_set(a, card, "sections", sections);
	struct value *section = json_item(a, sections);
	json_text(a, section, "activityTitle", message);
	json_text(a, section, "activitySubtitle", words_object(event, a));
	value_set(a, section, "facts", facts_of(event, "name", a));
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

static struct value *adaptive_card(const struct event *event, const char *message,
				   struct arena *a)
{
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
	add_block(items, message, a, &block);
	if (words_is_error(event))
		json_text(a, block, "color", "attention");
	value_set(a, block, "wrap", value_bool(a, true));
	struct value *facts = json_item(a, items);
	json_text(a, facts, "type", "FactSet");
	if (event->metadata.len)
		value_set(a, facts, "facts", facts_of(event, "title", a));
	json_text(a, json_sub(a, content, "msteams"), "width", "Full");
	return card;
}

static struct value *card_of(const struct event *event, bool connector, size_t units,
			     struct arena *a)
{
	const char *message =
	    words_defuse(words_cut(event->message, units, a), mentions, a);
	return connector ? connector_card(event, message, a)
			 : adaptive_card(event, message, a);
}

static bool is_too_big(const struct value *card)
{
	struct buf text BUF_CLEANUP = BUF_INIT(CARD_BYTES);
	json_write(&text, card, JSON_COMPACT);
	return text.full;
}

static int send_msteams(struct deliver_state *state, const char *url,
			struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct deliver_url parts;
	bool connector = url_cut(str_of(url), &parts) &&
			 str_ends(parts.name, STR(".webhook.office.com"));
	size_t units = words_units(str_of(event->message));
	struct value *card = card_of(event, connector, units, a);
	/* Teams refuses what is larger; the message is what can be cut */
	while (units > 16 && is_too_big(card)) {
		units = units / 4 * 3;
		card = card_of(event, connector, units, a);
	}
	return deliver_json(state, "POST", url, card, request, err);
}

extern const struct deliver_service deliver_msteams;
const struct deliver_service deliver_msteams = {
	.help = "address: a connector or workflow web hook",
	.failure = "postMessage failed: request failed: ",
	.hook = "MS Teams webhook",
	.send = send_msteams,
};
