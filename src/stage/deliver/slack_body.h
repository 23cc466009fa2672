/* SPDX-License-Identifier: MIT */
/* The message that Slack, Discord, Rocket.Chat and Mattermost share. */
#ifndef STAGE_DELIVER_SLACK_BODY_H
#define STAGE_DELIVER_SLACK_BODY_H

#include "stage/deliver/build.h"
#include "stage/deliver/room.h"

struct slack_form {
	const char *channel, *username;
	const char *info_color, *error_color;
	bool fallback;             /* object and first line, which Mattermost shows */
	bool entities;             /* `&`, `<` and `>` as entities */
	const char *const *defuse; /* see words_defuse() */
	struct room room;
	size_t max_fields;
};

/* The whole body: channel, sender, and the event as one attachment. */
struct value *slack_body(const struct deliver_state *state,
			 const struct slack_form *form);

#endif
