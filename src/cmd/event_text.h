/* SPDX-License-Identifier: MIT */
/* Stored events as people and programs read them, in kubectl's terms. */
#ifndef CMD_EVENT_TEXT_H
#define CMD_EVENT_TEXT_H

#include "base/value.h"
#include "state/outbox.h"

/* `3m44s`, or `3m44s (x7 over 2h5m)` of one that counts repetitions. */
const char *event_text_seen(struct arena *arena, const struct event_record *record);
/* "Normal" or "Warning". */
const char *event_text_type(const struct event_record *record);
/* A message of several lines, such as that of a commit, in the one line of its row. */
const char *event_text_line(struct arena *arena, const char *message);
/* The event in the shape of Flux's JSON, with its transition and repetitions. */
struct value *event_text_value(struct arena *arena, const struct event_record *record);

#endif
