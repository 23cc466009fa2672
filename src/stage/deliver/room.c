/* SPDX-License-Identifier: MIT */
/* Cuts the message and the metadata side by side, so that neither pushes the other out.
 */
#include "stage/deliver/room.h"
#include "adapter/json/json.h"
#include "stage/deliver/words.h"

enum {
	VALUE_UNITS = 1024, /* of one piece of metadata */
	LEAST_UNITS = 16
};

static size_t at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static size_t pair_units(const struct label *label)
{
	return words_units(str_of(label->key)) +
	       at_most(words_units(str_of(label->value)), VALUE_UNITS);
}

struct room room_new(const struct deliver_state *state, size_t max_message)
{
	const struct event *event = &state->delivery->event;
	struct room room = { .state = state };
	room.message = at_most(words_units(str_of(event->message)), max_message);
	for (size_t i = 0; i < event->metadata.len; i++)
		room.metadata += pair_units(&event->metadata.items[i]);
	return room;
}

const char *room_message(const struct room *room)
{
	const struct deliver_state *state = room->state;
	return words_cut(state->delivery->event.message, room->message, state->arena);
}

struct label_list room_metadata(const struct room *room)
{
	struct arena *a = room->state->arena;
	struct label_list all = words_metadata(&room->state->delivery->event, a);
	struct label_list out = { 0 };
	size_t units = 0;
	for (size_t i = 0; i < all.len; i++) {
		struct label label = { all.items[i].key, NULL };
		label.value = words_cut(all.items[i].value, VALUE_UNITS, a);
		units += pair_units(&label);
		if (units > room->metadata)
			break;
		VEC_PUSH(a, &out, label);
	}
	return out;
}

bool room_shrink(struct room *room)
{
	size_t *larger =
	    room->message >= room->metadata ? &room->message : &room->metadata;
	bool can = *larger > LEAST_UNITS;
	*larger = *larger / 4 * 3;
	return can;
}

static bool is_longer(const struct value *body, size_t max_bytes)
{
	struct buf text BUF_CLEANUP = BUF_INIT(max_bytes);
	json_write(&text, body, JSON_COMPACT);
	return text.full;
}

const struct value *room_fit(struct room *room, room_build *build, size_t max_bytes)
{
	const struct value *body = build(room);
	while (is_longer(body, max_bytes) && room_shrink(room))
		body = build(room);
	return body;
}
