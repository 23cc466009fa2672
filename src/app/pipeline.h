/* SPDX-License-Identifier: MIT */
/* The steps of a run, between load and report; only run.c and its siblings include this.
 */
#ifndef APP_PIPELINE_H
#define APP_PIPELINE_H

#include "app/run.h"
#include "model/record.h"

/* One ImageRepository with what is remembered of it. */
struct scan_state {
	const struct image_repository *repository;
	struct scan_record record;
	bool known;  /* the record came from the store or from this run */
	bool failed; /* the latest attempt failed */
	bool slow;   /* has not answered yet; asked again once the rest is written */
};

/* One ImagePolicy with what is remembered of it. */
struct choice_state {
	const struct image_policy *policy;
	struct scan_state *scan; /* NULL: no usable repository */
	struct choice_record record;
	bool known;
	bool wants_digest;
	const char *chosen_tag; /* of this run; NULL when nothing was selected */
};

struct run {
	struct session *session;
	const struct run_options *options;
	struct run_report *report;
	int64_t now_ms;
	VEC_OF(struct scan_state) scans;
	VEC_OF(struct choice_state) choices;
	struct object_key *seen; /* every object of the tree */
	size_t n_seen;
	int64_t next_due_ms;
	bool is_patient;        /* the rest is written: slow registries get their time */
	bool left_slow;         /* there are some */
	size_t findings_before; /* of opening the session */
	size_t outcomes_before; /* commits of earlier tries */
	/* where the documents' branch must be: as it was read, or as this run left it */
	struct oid documents_tip;
	struct strings namespaces; /* that have an automation */
};

/* Says what the run does now, to whoever wants to see it; up to 255 bytes. */
void run_progress(const struct run *run, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The name under which the store keeps an object of this run. */
struct object_key run_key(const struct run *run, const struct object_meta *meta);
/* Whether `run --now KIND/NS/NAME` or `run --now` asks for this object. */
bool run_is_forced(const struct run *run, const struct object_meta *meta);
/* Reports that an object failed. The texts are borrowed until the run is told. */
void run_failed(struct run *run, const struct object_meta *meta, const char *reason,
		const char *message);
/* The next run is not later than that; `when_ms` is since 1970. */
void run_due_at(struct run *run, int64_t when_ms);

/* The stored tags as a list. */
void pipeline_tags(struct arena *arena, const struct scan_record *record,
		   struct tag_list *out);
/* The tags that no expression of the exclusion list matches, in their order. ERR_INVALID.
 */
int pipeline_apply_exclusions(struct arena *arena, const struct strings *exclusions,
			      const struct tag_list *tags, struct tag_list *out,
			      struct err *err) MUST_CHECK;
/* Sets reason and message; the time of the change only when something else is true now.
 */
void pipeline_set_condition(struct run *run, struct condition *condition, bool ready,
			    const char *reason, const char *message);

/* Loads what is remembered, scans what is due, stores. */
int run_scans(struct run *run, struct err *err) MUST_CHECK;
/* Selects for every policy, fetches digests, stores. */
int run_choices(struct run *run, struct err *err) MUST_CHECK;
/* All automations, ordered by namespace and name. ERR_CONFLICT when a tip moved: start
 * anew. */
int run_automations(struct run *run, struct err *err) MUST_CHECK;
/* Settles what a crash left between building and confirming. */
int run_settle(struct session *session, struct err *err) MUST_CHECK;

/* Writes the hook's watch file. */
int run_write_watch(struct session *session, const struct loaded *loaded,
		    struct err *err) MUST_CHECK;

/* Calls `put` within one transaction that does not await the disk: what is kept so saves
 * work and is found again without it. A dry run keeps nothing. */
int run_remember(struct run *run, int (*put)(struct run *run, struct err *err),
		 struct err *err) MUST_CHECK;

#endif
