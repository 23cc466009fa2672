/* SPDX-License-Identifier: MIT */
/*
 * Failures are kept as they were told, before alerts add their metadata: what an alert
 * made of one is made again when it ends, so that a state holds one text and not one for
 * each alert. Edited eventMetadata in between makes other labels; such an alert ends by
 * the receiver's own time.
 */
#include "app/recovery.h"
#include "app/events.h"
#include "base/limits.h"
#include "stage/deliver/deliver.h"

enum {
	FAILURES_KEPT = 4
};

static bool was_queued(const struct delivery_list *list, const struct delivery *delivery)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].id, delivery->id) == 0)
			return true;
	return false;
}

/* What the alert makes of an event; false: it does not take it. Findings were told when
 * the event itself was. */
static bool make_delivery(const struct recovery *recovery, const struct event *event,
			  const struct alert *alert, const struct provider *provider,
			  struct delivery *out)
{
	enum event_verdict verdict = EVENT_NO_SOURCE;
	struct finding_list said = FINDING_LIST_INIT(recovery->arena);
	struct err ignored = ERR_INIT;
	const struct event_match match = { event, alert, recovery->rules, &said };
	return event_match(&match, provider, recovery->arena, out, &verdict, &ignored) ==
		   0 &&
	       verdict == EVENT_TAKEN;
}

void recovery_add(const struct recovery *recovery, const struct document_set *set,
		  struct delivery_list *out)
{
	for (size_t i = 0; i < set->alerts.len; i++) {
		const struct alert *alert = &set->alerts.items[i];
		const char *path = object_path(recovery->arena, &alert->meta);
		struct delivery delivery = { 0 };
		if (!strings_contain(&recovery->state->told, path))
			continue;
		struct alert *open = ARENA_NEW(recovery->arena, struct alert);
		*open = *alert;
		open->errors_only = false;
		/* what it wants to hear of was the failure; what it does not want to hear
		 * of stays so */
		open->inclusion_list = (struct strings){ 0 };
		if (make_delivery(recovery, recovery->event, open,
				  event_find_provider(set, alert), &delivery) &&
		    !was_queued(out, &delivery))
			VEC_PUSH(recovery->arena, out, delivery);
	}
}

/* The last failure that the alert of this delivery took, as it was delivered. */
static const struct event *find_ended(const struct recovery *recovery,
				      const struct event *failures, size_t n,
				      const struct delivery *delivery)
{
	struct delivery before = { 0 };
	while (n > 0)
		if (make_delivery(recovery, &failures[--n], delivery->alert,
				  delivery->provider, &before)) {
			struct event *ended = ARENA_NEW(recovery->arena, struct event);
			*ended = before.event;
			return ended;
		}
	return NULL;
}

static size_t read_failures(const struct recovery *recovery, struct event *out)
{
	const struct strings *texts = &recovery->state->failures;
	struct err ignored = ERR_INIT;
	size_t n = 0;
	for (size_t i = 0; i < texts->len; i++) {
		if (event_parse(str_of(texts->items[i]), recovery->arena, &out[n],
				&ignored) != 0)
			continue;
		out[n].labels = recovery->event->labels;
		out[n].object_missing = recovery->event->object_missing;
		n++;
	}
	return n;
}

void recovery_attach(const struct recovery *recovery, struct delivery_list *deliveries)
{
	struct event *failures = NULL;
	size_t n = 0;
	for (size_t i = 0; i < deliveries->len; i++) {
		struct delivery *delivery = &deliveries->items[i];
		const struct deliver_type *type = deliver_find(delivery->provider->type);
		if (!type || !(type->flags & PROVIDER_KEEPS_ALERTS) || !delivery->alert)
			continue;
		if (!failures) {
			failures = ARENA_ARRAY(recovery->arena, struct event,
					       recovery->state->failures.len + 1);
			n = read_failures(recovery, failures);
		}
		delivery->recovered = find_ended(recovery, failures, n, delivery);
	}
}

/* Whether a kept failure is this one, told at another time. */
static bool is_same(const char *kept, const struct event *event, struct arena *arena)
{
	struct buf now BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	struct buf before BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	struct event other = { 0 };
	struct err ignored = ERR_INIT;
	if (event_parse(str_of(kept), arena, &other, &ignored) != 0)
		return false;
	other.timestamp_ms = event->timestamp_ms;
	deliver_write_event(&now, event);
	deliver_write_event(&before, &other);
	return str_eq(buf_str(&now), buf_str(&before));
}

void recovery_remember(struct alert_state *state, const struct event *event,
		       struct arena *arena)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	struct strings different = { 0 };
	struct strings kept = { 0 };
	for (size_t i = 0; i < state->failures.len; i++)
		if (!is_same(state->failures.items[i], event, arena))
			strings_add(arena, &different, state->failures.items[i]);
	size_t len = different.len;
	for (size_t i = len < FAILURES_KEPT ? 0 : len - FAILURES_KEPT + 1; i < len; i++)
		strings_add(arena, &kept, different.items[i]);
	deliver_write_event(&text, event);
	strings_add(arena, &kept, buf_to_arena(&text, arena).ptr);
	state->failures = kept;
}
