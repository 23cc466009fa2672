/* SPDX-License-Identifier: MIT */
/* The image of every policy: selected from the last good list, kept across failures. */
#include "app/net.h"
#include "app/pipeline.h"
#include "base/when.h"
#include "stage/document/document.h"
#include "stage/select/select.h"

enum {
	DIGEST_INTERVAL_MS = 10 * 60 * 1000
};

static struct scan_state *find_scan(const struct run *run,
				    const struct image_repository *repository)
{
	for (size_t i = 0; i < run->scans.len; i++)
		if (run->scans.items[i].repository == repository)
			return &run->scans.items[i];
	return NULL;
}

static void choice_failed(struct run *run, struct choice_state *state, const char *reason,
			  const char *message)
{
	pipeline_set_condition(run, &state->record.condition, false, reason, message);
	run_failed(run, &state->policy->meta, reason, state->record.condition.message);
}

static bool text_is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Whether the digest of the chosen tag has to be asked for now. */
static bool needs_digest(const struct run *run, const struct choice_state *state)
{
	const struct image_ref *latest = &state->record.latest;
	switch (state->policy->digest) {
	case DIGEST_NEVER:
		return false;
	case DIGEST_IF_NOT_PRESENT:
		return !text_is(latest->name, state->scan->repository->image) ||
		       !text_is(latest->tag, state->chosen_tag) || !latest->digest ||
		       !*latest->digest;
	case DIGEST_ALWAYS: {
		int64_t interval = state->policy->interval_ms ? state->policy->interval_ms
							      : DIGEST_INTERVAL_MS;
		return !text_is(latest->name, state->scan->repository->image) ||
		       !text_is(latest->tag, state->chosen_tag) ||
		       run_is_forced(run, &state->policy->meta) ||
		       !text_is(state->record.scan_revision,
				state->scan->record.revision) ||
		       !text_is(state->record.spec_hash, state->policy->meta.spec_hash) ||
		       run->now_ms - state->record.digest_ms >= interval;
	}
	}
	return false;
}

/* Also when it is not asked again yet, the cause is what the latest scan met. */
static void tags_missing(struct run *run, struct choice_state *state)
{
	const struct object_meta *repository = &state->scan->repository->meta;
	const struct condition *condition = &state->scan->record.condition;
	if (state->scan->failed && !run_failure_of(run->report, repository))
		run_failed(run, repository, condition->reason, condition->message);
	choice_failed(run, state, "DependencyNotReady",
		      "retrying in 30s error: no tags in database");
}

static void select_one(struct run *run, struct choice_state *state)
{
	struct arena *arena = &run->session->arena;
	struct tag_list tags = { 0 };
	struct selection selection = { 0 };
	/* what there is to warn of was said when the documents were checked */
	struct finding_list said = FINDING_LIST_INIT(arena);
	struct err err = ERR_INIT;
	pipeline_tags(arena, &state->scan->record, &tags);
	if (state->scan->slow && tags.len == 0)
		return; /* nobody knows yet */
	if (tags.len == 0 || state->scan->record.tag_count == 0) {
		tags_missing(run, state);
		return;
	}
	const struct select_terms terms = { state->policy,
					    &state->scan->repository->exclusion_list,
					    &tags };
	int code = select_tag(&terms, arena, &selection, NULL, &said, &err);
	if (code) {
		bool stalled = false;
		const char *reason = select_reason(&err, &stalled);
		choice_failed(run, state, reason, err.text);
		state->record.condition.stalled = stalled;
		return;
	}
	state->chosen_tag = arena_strndup(arena, selection.tag);
	state->wants_digest = needs_digest(run, state);
}

static const char *ref_text(struct arena *arena, const struct image_ref *ref)
{
	return arena_printf(arena, "%s:%s%s%s", ref->name, ref->tag,
			    *ref->digest ? "@" : "", ref->digest);
}

static bool refs_equal(const struct image_ref *a, const struct image_ref *b)
{
	return text_is(a->name, b->name) && text_is(a->tag, b->tag) &&
	       text_is(a->digest ? a->digest : "", b->digest ? b->digest : "");
}

/* Puts the new reference in place and says so in upstream's words. */
static void settle_choice(struct run *run, struct choice_state *state, const char *digest)
{
	struct arena *arena = &run->session->arena;
	struct choice_record *record = &state->record;
	struct image_ref fresh = { state->scan->repository->image, state->chosen_tag,
				   digest };
	if (!record->latest.name || !refs_equal(&record->latest, &fresh)) {
		record->previous = record->latest;
		record->latest = fresh;
	}
	const char *text =
	    arena_printf(arena, "Latest image tag for %s resolved to %s%s%s", fresh.name,
			 fresh.tag, *digest ? " with digest " : "", digest);
	if (record->previous.name && !refs_equal(&record->previous, &fresh))
		text = arena_printf(arena, "%s (previously %s)", text,
				    ref_text(arena, &record->previous));
	record->scan_revision = state->scan->record.revision;
	record->spec_hash = state->policy->meta.spec_hash;
	pipeline_set_condition(run, &record->condition, true, "Succeeded", text);
	run->report->policies_ready++;
}

/* The digest that stays when none is fetched. */
static const char *kept_digest(const struct choice_state *state)
{
	const struct image_ref *latest = &state->record.latest;
	bool same = text_is(latest->name, state->scan->repository->image) &&
		    text_is(latest->tag, state->chosen_tag);
	return state->policy->digest != DIGEST_NEVER && same && latest->digest
		   ? latest->digest
		   : "";
}

static int fetch_digests(struct run *run, struct choice_state **wanted, size_t n,
			 struct scan_result *results, struct err *err)
{
	struct arena *arena = &run->session->arena;
	struct scan_request *requests = ARENA_ARRAY(arena, struct scan_request, n);
	struct http *http CLEANUP(net_http_cleanup) = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *hash = "";
		int code = net_scan_request(run->session, wanted[i]->scan->repository,
					    &requests[i], &hash, err);
		/* the list was just read with the same secrets: this fails only when they
		 * vanish */
		if (code)
			return code;
		requests[i].tag = wanted[i]->chosen_tag;
	}
	run_progress(run, "asking for %zu digests", n);
	int code = net_http(run->session, &http, err);
	return code ? code : scan_run(http, requests, n, arena, results, err);
}

static void take_digest(struct run *run, struct choice_state *state,
			const struct scan_result *result)
{
	if (result->code) {
		choice_failed(run, state, "Failed",
			      arena_printf(&run->session->arena,
					   "failed fetching digest of %s:%s: %s",
					   state->scan->repository->image,
					   state->chosen_tag, result->err.text));
		return;
	}
	state->record.digest_ms = run->now_ms;
	settle_choice(run, state, result->digest);
}

static int settle_all(struct run *run, struct err *err)
{
	struct arena *arena = &run->session->arena;
	struct choice_state **wanted =
	    ARENA_ARRAY(arena, struct choice_state *, run->choices.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < run->choices.len; i++) {
		struct choice_state *state = &run->choices.items[i];
		if (state->wants_digest)
			wanted[n++] = state;
		else if (state->chosen_tag)
			settle_choice(run, state, kept_digest(state));
	}
	if (n == 0)
		return 0;
	struct scan_result *results = ARENA_ARRAY(arena, struct scan_result, n);
	int code = fetch_digests(run, wanted, n, results, err);
	for (size_t i = 0; i < n && !code; i++)
		take_digest(run, wanted[i], &results[i]);
	return code;
}

static int recall(struct run *run, const struct image_policy *policy,
		  struct choice_state *state, struct err *err)
{
	struct object_key key = run_key(run, &policy->meta);
	state->policy = policy;
	int code = store_choice_get(run->session->store, &key, &run->session->arena,
				    &state->record, err);
	state->known = code == 0;
	if (code == ERR_NOTFOUND) {
		state->record = (struct choice_record){ 0 };
		return 0;
	}
	return code;
}

static void begin_choice(struct run *run, struct choice_state *state)
{
	const struct image_policy *policy = state->policy;
	if (!policy->meta.valid) {
		choice_failed(run, state,
			      policy->meta.reason ? policy->meta.reason : "Failed",
			      policy->meta.message ? policy->meta.message
						   : "the document is not valid");
		state->record.condition.stalled = true;
		return;
	}
	if (policy->suspend)
		return;
	const struct image_repository *repository =
	    document_find_repository(&run->report->loaded.documents, policy);
	state->scan = repository ? find_scan(run, repository) : NULL;
	if (state->scan)
		select_one(run, state);
}

static int remember_all(struct run *run, struct err *err)
{
	int code = 0;
	for (size_t i = 0; i < run->choices.len && !code; i++) {
		struct object_key key = run_key(run, &run->choices.items[i].policy->meta);
		code = store_choice_put(run->session->store, &key,
					&run->choices.items[i].record, err);
	}
	return code;
}

int run_choices(struct run *run, struct err *err)
{
	struct arena *arena = &run->session->arena;
	const struct document_set *set = &run->report->loaded.documents;
	run->choices.items =
	    ARENA_ARRAY(arena, struct choice_state, set->policies.len + 1);
	run->choices.len = set->policies.len;
	for (size_t i = 0; i < run->choices.len; i++) {
		struct choice_state *state = &run->choices.items[i];
		int code = recall(run, &set->policies.items[i], state, err);
		if (code)
			return code;
		begin_choice(run, state);
		if (state->policy->digest == DIGEST_ALWAYS && !state->policy->suspend)
			run_due_at(run, run->now_ms + (state->policy->interval_ms
							   ? state->policy->interval_ms
							   : DIGEST_INTERVAL_MS));
	}
	int code = settle_all(run, err);
	return code ? code : run_remember(run, remember_all, err);
}
