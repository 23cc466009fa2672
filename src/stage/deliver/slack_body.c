/* SPDX-License-Identifier: MIT */
/* One attachment with the message as text and the metadata as fields. */
#include "stage/deliver/slack_body.h"
#include "stage/deliver/words.h"

static const char *clean(struct arena *a, const struct slack_form *form, const char *text)
{
	text = words_defuse(text, form->defuse, a);
	return form->entities ? words_entities(text, a) : text;
}

static const char *fallback_of(struct arena *a, const struct event *event)
{
	struct str message = str_of(event->message);
	struct str line = str_slice(message, 0, str_find_char(message, '\n'));
	return arena_printf(a, "%s: %.*s", words_object(event, a), STR_ARG(line));
}

struct value *slack_body(const struct deliver_state *state, const struct slack_form *form)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct label_list metadata = room_metadata(&form->room);
	struct value *body = json_map(a);
	struct value *attachments = json_list(a);
	struct value *fields = json_list(a);
	struct value *marked = json_list(a);
	json_text(a, body, "channel", form->channel);
	json_text(a, body, "username", form->username);
	json_text(a, body, "icon_url", "");
	json_text(a, body, "icon_emoji", "");
	value_set(a, body, "attachments", attachments);
	struct value *it = json_item(a, attachments);
	json_text(a, it, "fallback",
		  form->fallback ? clean(a, form, fallback_of(a, event)) : "");
	json_text(a, it, "color",
		  words_is_error(event) ? form->error_color : form->info_color);
	json_text(a, it, "author_name", clean(a, form, words_object(event, a)));
	json_text(a, it, "text", clean(a, form, room_message(&form->room)));
	value_append(a, marked, value_text(a, "text"));
	value_set(a, it, "mrkdwn_in", marked);
	for (size_t i = 0; i < metadata.len && i < form->max_fields; i++) {
		struct value *field = json_item(a, fields);
		json_text(a, field, "title", clean(a, form, metadata.items[i].key));
		json_text(a, field, "value", clean(a, form, metadata.items[i].value));
		value_set(a, field, "short", value_bool(a, false));
	}
	value_set(a, it, "fields", fields);
	return body;
}
