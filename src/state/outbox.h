/* SPDX-License-Identifier: MIT */
/*
 * The outbox: deliveries that must happen, kept until they did. Rows are written in the
 * transaction that confirms a commit; they name secrets and never hold their values
 * (TRUST 20).
 */
#ifndef STATE_OUTBOX_H
#define STATE_OUTBOX_H

#include "state/store.h"

enum outbox_status {
	OUTBOX_WAITING,
	OUTBOX_SENT,
	OUTBOX_DEAD
};

struct outbox_row {
	int64_t row;    /* set by outbox_add */
	const char *id; /* stable: a second add of the same id is ignored */
	const char *repo_id;
	const char *provider; /* `cluster/ns/name` */
	const char *alert;    /* `cluster/ns/name`, "" when none */
	const char *payload;  /* JSON of the delivery: event, commit status context */
	int64_t created_ms;
	int64_t due_ms; /* not before; read: nor before who claimed it has had its time */
	int64_t expires_ms;
	uint32_t attempts;
	enum outbox_status status;
	const char *last_error; /* public text, "" when none */
	int64_t last_attempt_ms;
};

struct outbox_rows {
	struct outbox_row *items;
	size_t len;
	size_t cap;
};

/* Durable once the surrounding transaction, or the call itself outside one, returned 0.
 */
int outbox_add(struct store *store, const struct outbox_row *row,
	       struct err *err) MUST_CHECK;
/* Keeps one row that is given up from the start, with its last_error; a later one of the
 * same id takes its place. */
int outbox_refuse(struct store *store, const struct outbox_row *row,
		  struct err *err) MUST_CHECK;
/* How the error of a row begins that does not hold up those behind it: a forge has not
 * seen its commit yet. */
#define OUTBOX_UNKNOWN_COMMIT "commit unknown: "

/* Which rows are wanted, and how many at most. */
struct outbox_filter {
	const char *repo_id; /* NULL: of all, for outbox_due() */
	size_t max;
};

/* Waiting rows that are due, without those behind an older row to the same provider that
 * is being sent or waits for its next attempt: the oldest of each provider first, then
 * each one's second, so that a long queue leaves room for others. */
int outbox_due(struct store *store, const struct outbox_filter *filter, int64_t now_ms,
	       struct arena *arena, struct outbox_rows *out, struct err *err) MUST_CHECK;

/* How long a claimed row is its drain's alone; longer than any attempt may take. */
enum {
	OUTBOX_LEASE_MS = 2 * 60 * 1000
};

/* Claims a row for the time of a lease, so that two drains do not send it twice; false:
 * somebody else has it. `sends`: it goes out now, which outbox_used() counts. */
int outbox_claim(struct store *store, int64_t row, int64_t now_ms, bool sends, bool *mine,
		 struct err *err) MUST_CHECK;
/* The receiver took it. */
int outbox_sent(struct store *store, int64_t row, int64_t now_ms,
		struct err *err) MUST_CHECK;
/* A failed attempt: due again at `due_ms`, or dead when it is 0. */
int outbox_failed(struct store *store, int64_t row, const char *error, int64_t now_ms,
		  int64_t due_ms, struct err *err) MUST_CHECK;

/* Beside a status, for outbox_list(). */
enum {
	OUTBOX_ANY = -1,
	OUTBOX_UNSENT = -2 /* waiting or dead */
};

/* Rows for people: of an enum outbox_status or of the above, newest first. */
int outbox_list(struct store *store, const struct outbox_filter *filter, int status,
		struct arena *arena, struct outbox_rows *out, struct err *err) MUST_CHECK;
/* Puts a waiting row off without an attempt, as `why` tells people. */
int outbox_postpone(struct store *store, int64_t row, const char *why, int64_t due_ms,
		    struct err *err) MUST_CHECK;
/* A dead or waiting row, or with id NULL every dead one, is due now, and expires as long
 * from now as it did at first. ERR_NOTFOUND when the one that was named is not there. */
int outbox_retry(struct store *store, const char *repo_id, const char *id, int64_t now_ms,
		 struct err *err) MUST_CHECK;
/* Forgets such a row, or with id NULL every dead one. ERR_NOTFOUND as above. */
int outbox_drop(struct store *store, const char *repo_id, const char *id,
		struct err *err) MUST_CHECK;
/* How the error of a row begins that a person has to help: a secret, a document, the
 * configuration. */
#define OUTBOX_NOT_SENT "not sent: "
/* Somebody may have helped: what waits for that is due now; repo_id NULL: all. */
int outbox_wake(struct store *store, const char *repo_id, int64_t now_ms,
		struct err *err) MUST_CHECK;
/* The earliest due time of a waiting row (repo_id NULL: of anybody's); INT64_MAX when
 * there is none. */
int outbox_next_due(struct store *store, const char *repo_id, int64_t *out,
		    struct err *err) MUST_CHECK;
/* The repositories that have a row due, ordered by id (bytes). O(waiting rows), so that a
 * tick over many repositories asks but once. */
int outbox_due_repos(struct store *store, int64_t now_ms, struct arena *arena,
		     struct strings *out, struct err *err) MUST_CHECK;

/* How often each provider was sent a delivery since a point in time, at most a day ago,
 * for budgets (TRUST 25); every attempt counts. Providers without any are left out. */
struct outbox_use {
	const char *provider;
	size_t count;
};

struct outbox_uses {
	struct outbox_use *items;
	size_t len;
	size_t cap;
};

/* Texts live in the arena, in no order. */
int outbox_used(struct store *store, const char *repo_id, int64_t since_ms,
		struct arena *arena, struct outbox_uses *out, struct err *err) MUST_CHECK;

/* How the deliveries of one alert to one provider went. */
struct outbox_tally {
	const char *provider, *alert;
	size_t waiting, dead;
	int64_t sent_ms;        /* the last that was sent; 0: none */
	int64_t error_row;      /* the newest unsent one that failed; 0: none */
	const char *last_error; /* its error, "" when none */
};

struct outbox_tallies {
	struct outbox_tally *items;
	size_t len;
	size_t cap;
};

/* Every provider and alert that has rows. O(rows of the repository). */
int outbox_tallies(struct store *store, const char *repo_id, struct arena *arena,
		   struct outbox_tallies *out, struct err *err) MUST_CHECK;
/* Adds counts; the later delivery and the newer error stay. Pure. */
void outbox_tally_add(struct outbox_tally *sum, const struct outbox_tally *tally);
/* What waits, a line for each provider: alert is "", and all but `waiting` is 0.
 * O(waiting rows). */
int outbox_backlog(struct store *store, const char *repo_id, struct arena *arena,
		   struct outbox_tallies *out, struct err *err) MUST_CHECK;

/* Events for `imagehook events`, kept 90 days. */
struct event_record {
	const char *repo_id, *kind, *namespace, *name;
	const char *severity, *reason, *message;
	const char *metadata; /* JSON object */
	/* against the object's event before: `new`, `repetition`, `recovery`; "" when not
	 * known */
	const char *transition;
	int64_t time_ms;
	uint32_t count; /* repetitions folded into this one */
	int64_t first_ms;
	int64_t change; /* grows with everything that is written of this repository */
};

struct event_records {
	struct event_record *items;
	size_t len;
	size_t cap;
};

/* A repetition of the object's last event is folded into it. */
int store_event_add(struct store *store, const struct event_record *record,
		    struct err *err) MUST_CHECK;

/* Of one repository, what was written last first; kind, namespace, name, severity NULL:
 * any. */
struct event_filter {
	const char *repo_id, *kind, *namespace, *name, *severity;
	int64_t from; /* the first change; 0: all */
	size_t max;   /* 0: all */
};

/* Texts live in the arena. */
int store_event_list(struct store *store, const struct event_filter *filter,
		     struct arena *arena, struct event_records *out,
		     struct err *err) MUST_CHECK;

/* The last state of an object towards alerts, for transitions and recoveries. */
struct alert_state {
	bool failing;
	const char *normalised; /* the last message, normalised */
	int64_t since_ms;
	int64_t told_ms;     /* when alerts last heard of it */
	struct strings told; /* alerts (`cluster/ns/name`) that reported the failure */
	struct strings failures; /* JSON of the events that told of it, oldest first */
};

/* ERR_NOTFOUND: alerts never heard of it. */
int store_alert_state_get(struct store *store, const struct object_key *key,
			  struct arena *arena, struct alert_state *out,
			  struct err *err) MUST_CHECK;

/* The objects of a repository that fail, as alerts know them. */
struct failing_object {
	struct object_key key;
	struct alert_state state;
};

struct failing_objects {
	struct failing_object *items;
	size_t len;
	size_t cap;
};

/* Texts live in the arena; none is no error. */
int store_alert_state_failing(struct store *store, const char *repo_id,
			      struct arena *arena, struct failing_objects *out,
			      struct err *err) MUST_CHECK;
/* Replaces the state of that object. */
int store_alert_state_put(struct store *store, const struct object_key *key,
			  const struct alert_state *state, struct err *err) MUST_CHECK;

#endif
