/* SPDX-License-Identifier: MIT */
/* The document that an event is about. */
#ifndef APP_SUBJECT_H
#define APP_SUBJECT_H

#include "model/event.h"

/* NULL when the tree has no such object. cluster NULL: of any. */
const struct object_meta *subject_find(const struct document_set *set,
				       const char *cluster,
				       const struct event_object *object);
/* Gives the event what alerts may ask of the object itself: its labels, or that there is
 * none. An event of ours (`is_own`) gets the annotations too, as Flux's controllers add
 * them. */
void subject_fill(struct event *event, const struct object_meta *meta, bool is_own,
		  struct arena *arena);

#endif
