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

/* `path:line: text`, for what does not name its place itself. */
static const char *line_of(struct arena *arena, const struct finding *finding)
{
	struct str text = str_of(finding->text);
	struct str path = finding->place.path;
	if (path.len == 0 || str_find(text, path) < text.len)
		return finding->text;
	if (finding->place.line == 0)
		return arena_printf(arena, "%.*s: %s", STR_ARG(path), finding->text);
	return arena_printf(arena, "%.*s:%u: %s", STR_ARG(path), finding->place.line,
			    finding->text);
}

const char *verdict_put(struct session *session, const struct run_report *report,
			bool check_failed, struct event *event)
{
	struct arena *arena = &session->arena;
	const struct finding_list *findings = &session->findings;
	event->reason = "Succeeded";
	event->message = "the documents are in order";
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		if (finding->severity != SEVERITY_ERROR)
			continue;
		event->severity = EVENT_ERROR;
		event->reason = camel(arena, finding->id);
		event->message = finding->text;
		return line_of(arena, finding);
	}
	if (report->failures.len == 0 && !check_failed)
		return NULL;
	event->severity = EVENT_ERROR;
	if (report->failures.len == 0) {
		event->reason = camel(arena, VERDICT_CHECK_FINDING);
		event->message = "a reconciliation of this commit would fail";
		return event->message;
	}
	const struct object_failure *failure = &report->failures.items[0];
	event->reason = failure->reason;
	event->message = failure->message;
	return arena_printf(arena, "%s %s/%s: %s", failure->meta->kind_name,
			    failure->meta->namespace, failure->meta->name,
			    failure->message);
}
