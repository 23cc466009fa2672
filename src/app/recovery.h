/* SPDX-License-Identifier: MIT */
/*
 * The end of a failure: who hears of it, and which failure it is for receivers that keep
 * alerts by their labels. An alert that failed otherwise than before ends as well.
 */
#ifndef APP_RECOVERY_H
#define APP_RECOVERY_H

#include "stage/event/event.h"
#include "state/outbox.h"

struct recovery {
	const struct event *event;       /* what is told now */
	const struct alert_state *state; /* of its object, before this event is told */
	const struct event_rules *rules;
	struct arena *arena;
};

/* Adds a delivery for every alert that reported the failure and does not hear of its end
 * by itself: it wants errors only, or its inclusionList describes the failure. */
void recovery_add(const struct recovery *recovery, const struct document_set *set,
		  struct delivery_list *out);
/* Names the failure that ends in each delivery to a receiver that keeps alerts: the last
 * that its alert took. */
void recovery_attach(const struct recovery *recovery, struct delivery_list *deliveries);
/* Keeps a failure as told; of many different ones the latest. */
void recovery_remember(struct alert_state *state, const struct event *event,
		       struct arena *arena);

#endif
