/* SPDX-License-Identifier: MIT */
/* Events through alerts: who hears of what, with which metadata, as Flux's notification
 * controller decides it. */
#ifndef STAGE_EVENT_EVENT_H
#define STAGE_EVENT_EVENT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "model/event.h"

/*
 * Reads one event in Flux's JSON shape. ERR_INVALID with line and column, or naming the
 * field; ERR_LIMIT. Pure.
 */
int event_parse(struct str json, struct arena *arena, struct event *out,
		struct err *err) MUST_CHECK;
/* Appends the event as upstream writes it (key order, omissions, Go's escapes). */
void event_write_json(struct buf *out, const struct event *event);

/* Why an alert did not take an event; upstream's order of tests. */
enum event_verdict {
	EVENT_TAKEN,
	EVENT_ALERT_SUSPENDED,
	EVENT_NO_SOURCE, /* kind, namespace, name, severity or labels */
	EVENT_NOT_INCLUDED,
	EVENT_EXCLUDED,
	EVENT_CROSS_NAMESPACE,
	EVENT_NO_PROVIDER,
	EVENT_PROVIDER_SUSPENDED,
	EVENT_NOT_FOR_PROVIDER /* the gates in front of commit statuses and comments */
};

struct event_rules {
	bool no_cross_namespace;
};

/*
 * Whether `alert` takes `event`, and the delivery if it does: metadata filtered and
 * merged by precedence (annotations, eventMetadata, summary, controller), prefixes
 * stripped, commit status context computed. `provider` may be NULL (EVENT_NO_PROVIDER).
 * Findings: invalid expressions, metadata conflicts. Errors of commitStatusExpr:
 * ERR_INVALID with upstream's text.
 */
int event_match(const struct event *event, const struct alert *alert,
		const struct provider *provider, const struct event_rules *rules,
		struct arena *arena, struct delivery *out, enum event_verdict *verdict,
		struct finding_list *findings, struct err *err) MUST_CHECK;

/* All deliveries of one event, ordered by alert namespace and name; the same provider and
 * body are one. Alerts that fail are findings. */
void event_dispatch(const struct event *event, const struct alert_list *alerts,
		    const struct provider_list *providers,
		    const struct event_rules *rules, struct arena *arena,
		    struct delivery_list *out, struct finding_list *findings);

/* The message with durations, times, UUIDs and hex ids masked: equal texts are a
 * repetition. */
const char *event_normalise(const char *message, struct arena *arena);

/* Stable UUIDv5 of (repository id, kind, namespace, name), for objects without a uid. */
void event_uid(const char *repo_id, const char *kind, const char *namespace,
	       const char *name, char out[37]);

#endif
