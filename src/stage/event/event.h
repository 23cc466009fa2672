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
/* What an event from outside must satisfy beyond its shape: a kind that Flux knows, a
 * name and a namespace, a reason, no control characters but line feeds and tabs in the
 * message. ERR_INVALID naming the field. */
int event_check(const struct event *event, struct err *err) MUST_CHECK;
/* "trace", "info", "error". */
const char *event_severity_name(enum event_severity severity);

/* Why an alert did not take an event; upstream's order of tests. */
enum event_verdict {
	EVENT_TAKEN,
	EVENT_ALERT_SUSPENDED,
	EVENT_NO_SOURCE,    /* kind, namespace, name, severity or labels */
	EVENT_NOT_INCLUDED, /* the inclusionList does not match the message */
	EVENT_EXCLUDED,     /* the exclusionList matches it */
	EVENT_CROSS_NAMESPACE,
	EVENT_NO_PROVIDER, /* none of the name that is valid */
	EVENT_PROVIDER_SUSPENDED,
	EVENT_NOT_FOR_PROVIDER /* the gates in front of commit statuses and comments */
};

/* Compiled expressions of alerts, for runs with many events. */
struct event_cache;

/* An empty one; event_cache_cleanup() frees it. */
struct event_cache *event_cache_new(void);
/* For CLEANUP(). */
void event_cache_cleanup(struct event_cache *const *cache);

struct event_rules {
	bool no_cross_namespace;
	/* The event is of a run of ours: eventMetadata cannot set commit, revision and
	 * originRevision. */
	bool of_run;
	/* NULL: expressions are compiled for every event. The alerts must outlive it. */
	struct event_cache *cache;
};

/* Adds an object's annotations `event.toolkit.fluxcd.io/...` to an event of ours, as the
 * controllers do; they cannot set the commit or a revision. */
void event_add_annotations(struct event *event, const struct label_list *annotations,
			   struct arena *arena);
/* The raw metadata of that key, NULL when there is none. */
const char *event_metadata(const struct event *event, const char *key);

/* The context that a commit status of this delivery stands under: commitStatusExpr's, or
 * `kind/name/UID` in lower case with the provider's uid up to its first dash. ERR_INVALID
 * with upstream's text. For deliveries without an alert. */
int event_status_context(const struct delivery *delivery, struct arena *arena,
			 const char **out, struct err *err) MUST_CHECK;

/* Gives every provider and alert without a uid a stable one. */
void event_fill_uids(const char *repo_id, struct document_set *set);

/* One event and one alert while they are matched. */
struct event_match {
	const struct event *event;
	const struct alert *alert;
	const struct event_rules *rules;
	/* gets metadata conflicts, labels that cannot be judged, refusals */
	struct finding_list *findings;
};

/*
 * Whether the alert takes the event, and the delivery if it does: metadata filtered and
 * merged by precedence (annotations, eventMetadata, summary, controller), prefixes
 * stripped, commit status context computed. `provider` may be NULL (EVENT_NO_PROVIDER).
 * Errors of commitStatusExpr: ERR_INVALID with upstream's text.
 */
int event_match(const struct event_match *match, const struct provider *provider,
		struct arena *arena, struct delivery *out, enum event_verdict *verdict,
		struct err *err) MUST_CHECK;

/* The provider that an alert names, in its cluster and namespace; NULL when there is
 * none.
 */
const struct provider *event_find_provider(const struct document_set *set,
					   const struct alert *alert);
/* All deliveries of one event to the alerts and providers of `set`, ordered by alert
 * namespace and name; the same provider and body are one. Alerts that fail are findings.
 */
void event_dispatch(const struct event *event, const struct document_set *set,
		    const struct event_rules *rules, struct arena *arena,
		    struct delivery_list *out, struct finding_list *findings);

/* The message with durations, times, UUIDs and hex ids masked: for one object and
 * severity, equal texts are a repetition. A commit's id is masked too, so successes are
 * told apart by their metadata. */
const char *event_normalise(const char *message, struct arena *arena);

/* Stable UUIDv5 of (repository id, kind, namespace, name), for objects without a uid. */
void event_uid(const char *repo_id, const char *kind, const char *namespace,
	       const char *name, char out[37]);

#endif
