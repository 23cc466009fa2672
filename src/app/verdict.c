/* SPDX-License-Identifier: MIT */
/* Findings come before what failed in their wake. */
#include "app/verdict.h"

/* `unknown-policy` -> `UnknownPolicy`, which a forge shows as "unknown policy". */
static const char *camel(struct arena *arena, const char *id)
{
	char *out = arena_strdup(arena, id);
	size_t to = 0;
	bool upper = true;
	for (const char *c = id; *c; c++) {
		if (*c == '-') {
			upper = true;
			continue;
		}
		out[to++] = upper && *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
		upper = false;
	}
	out[to] = '\0';
	return out;
}

void verdict_put(struct session *session, const struct run_report *report,
		 bool check_failed, struct event *event)
{
	const struct finding_list *findings = &session->findings;
	event->reason = "Succeeded";
	event->message = "the documents are in order";
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		if (finding->severity != SEVERITY_ERROR)
			continue;
		event->severity = EVENT_ERROR;
		event->reason = camel(&session->arena, finding->id);
		event->message = finding->text;
		return;
	}
	if (report->failures.len == 0 && !check_failed)
		return;
	event->severity = EVENT_ERROR;
	if (report->failures.len == 0) {
		event->reason = camel(&session->arena, VERDICT_CHECK_FINDING);
		event->message = "a reconciliation of this commit would fail";
		return;
	}
	event->reason = report->failures.items[0].reason;
	event->message = report->failures.items[0].message;
}
