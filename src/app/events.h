/* SPDX-License-Identifier: MIT */
/*
 * From what happened to rows of the outbox: is it news, a repetition or a recovery, which
 * alerts hear of it, and what is remembered of that.
 */
#ifndef APP_EVENTS_H
#define APP_EVENTS_H

#include "app/backlog.h"
#include "app/load.h"
#include "model/event.h"

enum emission_mode {
	EMIT_ON_CHANGE, /* a repetition is no news */
	EMIT_RECOVERY,  /* news only when the object was failing */
	EMIT_CHECK,     /* the same, but statuses of commits follow each revision */
	EMIT_REPORT,    /* what somebody reports: only a failure that lasts is no news */
	EMIT_ALWAYS     /* each is news: a commit, an artifact, what somebody asked for */
};

struct emission {
	struct event event;
	const char *cluster; /* NULL: alerts of every cluster hear of it */
	bool is_foreign;     /* somebody else reports it, and not a run */
	enum emission_mode mode;
	/* makes the ids of deliveries, so that the same news is queued once; NULL: the
	 * event's own time */
	const char *seed;
};

/* What alerts and providers there are; owned by the loaded documents. */
struct audience {
	struct session *session;
	const struct document_set *documents;
	int64_t now_ms; /* of everything but the events' own time */
	bool silent;    /* stopped: events are kept, nothing is queued */
	/* Of a run with many events; NULL: each is on its own. */
	struct event_cache *cache;
	struct backlog *backlog;
};

/*
 * Stores the event and queues what alerts make of it, in the open transaction. *queued
 * (may be NULL) counts new deliveries. Mistakes of alerts are findings of the session.
 * ERR_IO, ERR_BUSY.
 */
int events_emit(const struct audience *audience, const struct emission *emission,
		size_t *queued, struct err *err) MUST_CHECK;
/* The same in a transaction of its own, for who has nothing else to write. */
int events_tell(const struct audience *audience, const struct emission *emission,
		size_t *queued, struct err *err) MUST_CHECK;

/* A commit status of our own work. */
struct own_status {
	const struct event *event;
	const char *context; /* stable: `imagehook/fleet` */
	const char *text;    /* its description; NULL: the event's reason in words */
	/* the address of the mapped repository that the commit is in, as the tree has it;
	 * NULL: not known, or it is our own */
	const char *project;
	const char *seed; /* as in an emission */
};

/* To every provider that sets statuses, but for those of another project of that forge.
 */
int events_status(const struct audience *audience, const struct own_status *status,
		  struct err *err) MUST_CHECK;

/* An event of ours about an object, without metadata. `kind` gives the API group. */
struct event events_new(struct session *session, const char *kind, const char *namespace,
			const char *name, int64_t now_ms);
/* Adds `<the object's group>/<key>`; nothing when the value is NULL or "". */
void events_put(struct session *session, struct event *event, const char *key,
		const char *value);
/* Commit and revision: `event.toolkit.fluxcd.io/commit`, `<group>/revision`, branch. */
void events_put_commit(struct session *session, struct event *event, const char *branch,
		       const char *commit);

/* What an outbox row keeps of a delivery, and back: provider and alert are not set then.
 * ERR_INVALID for a row that is none. */
const char *delivery_to_json(const struct delivery *delivery, struct arena *arena);
int delivery_from_json(const char *json, struct arena *arena, struct delivery *out,
		       struct err *err) MUST_CHECK;

/* `cluster/ns/name`. */
const char *object_path(struct arena *arena, const struct object_meta *meta);
/* Whether that is the object's path. */
bool object_is_at(const struct object_meta *meta, const char *path);

#endif
