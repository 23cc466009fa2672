/* SPDX-License-Identifier: MIT */
/*
 * A failure that every run meets again reminds by itself; what is judged once for each
 * revision does not, so it is told from memory, in the words of the last time.
 */
#include "app/reminder.h"
#include "app/subject.h"
#include "stage/event/event.h"
#include "state/outbox.h"

/* The failure as it was last told; false: it is not known in full, or its document is
 * gone. */
static bool recall(const struct audience *audience, const struct failing_object *failing,
		   struct event *out)
{
	const struct strings *told = &failing->state.failures;
	struct err ignored = ERR_INIT;
	if (told->len == 0 || event_parse(str_of(told->items[told->len - 1]),
					  &audience->session->arena, out, &ignored) != 0)
		return false;
	out->timestamp_ms = audience->now_ms;
	return subject_find(audience->documents, failing->key.cluster, &out->object) !=
	       NULL;
}

int reminder_tell(const struct audience *audience, int64_t *next_ms, struct err *err)
{
	struct session *session = audience->session;
	int64_t after_ms = config_ms(session->config, CONFIG_REMIND_AFTER);
	struct failing_objects list = { 0 };
	*next_ms = INT64_MAX;
	if (after_ms <= 0 || audience->silent)
		return 0;
	int code = store_alert_state_failing(session->store, session->id, &session->arena,
					     &list, err);
	for (size_t i = 0; i < list.len && !code; i++) {
		const struct failing_object *failing = &list.items[i];
		struct event event = { 0 };
		int64_t due_ms = failing->state.told_ms + after_ms;
		if (!recall(audience, failing, &event))
			continue;
		struct emission emission = { .event = event,
					     .cluster = failing->key.cluster,
					     .mode = EMIT_ON_CHANGE };
		if (due_ms <= audience->now_ms) {
			code = events_emit(audience, &emission, NULL, err);
			due_ms = audience->now_ms + after_ms;
		}
		*next_ms = due_ms < *next_ms ? due_ms : *next_ms;
	}
	return code;
}
