/* SPDX-License-Identifier: MIT */
/* How much of a message and its metadata is sent, where a receiver refuses what is
 * larger: rather a part of it arrives than nothing. */
#ifndef STAGE_DELIVER_ROOM_H
#define STAGE_DELIVER_ROOM_H

#include "stage/deliver/deliver.h"

struct room {
	const struct deliver_state *state;
	size_t message, metadata; /* UTF-16 units that there is room for */
};

/* All of the metadata, and max_message units of the message at most. */
struct room room_new(const struct deliver_state *state, size_t max_message);
/* The message, cut. */
const char *room_message(const struct room *room);
/* As words_metadata(): long values are cut, pairs that do not fit are left out. */
struct label_list room_metadata(const struct room *room);
/* Takes a quarter from the larger part; false when there is nothing left to take. */
bool room_shrink(struct room *room);

typedef struct value *room_build(const struct room *room);

/* The body that `build` makes in `room`, which shrinks until its JSON is at most
 * max_bytes long, or nothing is left to cut. */
const struct value *room_fit(struct room *room, room_build *build, size_t max_bytes);

#endif
