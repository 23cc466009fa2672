/* SPDX-License-Identifier: MIT */
/*
 * The order of one run: lock, settle, load, scan, choose, write, watch. A moved tip
 * starts anew from the documents; whoever finds the lock held leaves its trigger to the
 * run that holds it.
 */
#include "app/channel.h"
#include "app/happened.h"
#include "app/pipeline.h"
#include "app/stop.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/handover.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/when.h"
#include "state/outbox.h"

enum {
	TRIES = 5,
	DUE_NEVER_MS = 24 * 3600 * 1000
};

void run_progress(const struct run *run, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	if (!run->options->on_progress)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	run->options->on_progress(run->options->ctx, text);
}

struct object_key run_key(const struct run *run, const struct object_meta *meta)
{
	return (struct object_key){ run->session->id, meta->cluster, meta->kind_name,
				    meta->namespace, meta->name };
}

bool run_is_forced(const struct run *run, const struct object_meta *meta)
{
	const struct run_options *options = run->options;
	return options->now && wanted_is(&options->only, meta);
}

void run_failed(struct run *run, const struct object_meta *meta, const char *reason,
		const char *message)
{
	struct object_failure *failure =
	    VEC_ADD(&run->session->arena, &run->report->failures);
	failure->meta = meta;
	failure->reason = reason;
	failure->message = message;
}

const struct object_failure *run_failure_of(const struct run_report *report,
					    const struct object_meta *meta)
{
	for (size_t i = 0; i < report->failures.len; i++)
		if (report->failures.items[i].meta == meta)
			return &report->failures.items[i];
	return NULL;
}

void run_due_at(struct run *run, int64_t when_ms)
{
	if (when_ms < run->next_due_ms)
		run->next_due_ms = when_ms;
}

/* What a retry must not show twice. */
static void reset(struct run *run, struct run_report *report)
{
	struct session *session = run->session;
	const struct run_report before = *report;
	*report = (struct run_report){ .scanned = before.scanned };
	/* what an earlier try committed is still to be told */
	for (size_t i = 0; i < before.outcomes.len; i++)
		if (before.outcomes.items[i].commit.hex[0])
			VEC_PUSH(&session->arena, &report->outcomes,
				 before.outcomes.items[i]);
	run->outcomes_before = report->outcomes.len;
	session->findings.len = run->findings_before;
	session->findings.dropped = 0;
	run->scans.len = 0;
	run->choices.len = 0;
	run->left_slow = false;
	run->next_due_ms = run->now_ms + DUE_NEVER_MS;
}

static int touch_objects(struct run *run, struct err *err)
{
	const struct document_set *set = &run->report->loaded.documents;
	size_t n = set->repositories.len + set->policies.len + set->automations.len +
		   set->others.len;
	struct object_key *keys =
	    ARENA_ARRAY(&run->session->arena, struct object_key, n + 1);
	size_t len = 0;
	for (size_t i = 0; i < set->repositories.len; i++)
		keys[len++] = run_key(run, &set->repositories.items[i].meta);
	for (size_t i = 0; i < set->policies.len; i++)
		keys[len++] = run_key(run, &set->policies.items[i].meta);
	for (size_t i = 0; i < set->automations.len; i++)
		keys[len++] = run_key(run, &set->automations.items[i].meta);
	/* what alerts were told of them hangs on them too */
	for (size_t i = 0; i < set->others.len; i++)
		keys[len++] = run_key(run, &set->others.items[i].meta);
	return store_touch_objects(run->session->store, keys, len, run->now_ms, err);
}

/* Once a day: what vanished long ago is forgotten. */
static int prune(struct run *run, struct err *err)
{
	struct session *session = run->session;
	const char *text = NULL;
	uint64_t last = 0;
	char now[32];
	int code =
	    store_note_get(session->store, "", "pruned", &session->arena, &text, err);
	if (code == 0 && number_parse(str_of(text), INT64_MAX, &last) &&
	    run->now_ms - (int64_t)last < DUE_NEVER_MS)
		return 0;
	(void)snprintf(now, sizeof(now), "%lld", (long long)run->now_ms);
	code = store_prune(session->store, run->now_ms, err);
	return code ? code : store_note_put(session->store, "", "pruned", now, err);
}

static int note_times(struct run *run, struct err *err)
{
	struct session *session = run->session;
	char text[32];
	int code = touch_objects(run, err);
	(void)snprintf(text, sizeof(text), "%lld", (long long)run->next_due_ms);
	if (!code)
		code = store_note_put(session->store, session->id, "next-due", text, err);
	(void)snprintf(text, sizeof(text), "%lld", (long long)run->now_ms);
	if (!code)
		code = store_note_put(session->store, session->id, "last-run", text, err);
	return code;
}

/* A transaction that was begun, or could not be. */
static int put_within(struct run *run, int (*put)(struct run *run, struct err *err),
		      int code, struct err *err)
{
	struct store *store = run->session->store;
	if (!code)
		code = put(run, err);
	if (!code)
		code = store_commit(store, err);
	if (code)
		store_rollback(store);
	return code;
}

int run_remember(struct run *run, int (*put)(struct run *run, struct err *err),
		 struct err *err)
{
	if (run->options->dry_run)
		return 0;
	return put_within(run, put, store_begin_lazy(run->session->store, err), err);
}

/* Events are durable before the run counts as done. */
static int remember(struct run *run, struct err *err)
{
	if (run->options->dry_run)
		return 0;
	int code =
	    put_within(run, happened_run, store_begin(run->session->store, err), err);
	return code ? code : run_remember(run, note_times, err);
}

/* Documents that changed let go what the return guard holds (TRUST 8), and what could not
 * be sent because of them. */
static int release_held(struct run *run, struct err *err)
{
	struct session *session = run->session;
	if (!run->report->loaded.snapshot.documents_changed || run->options->dry_run)
		return 0;
	int code = store_written_clear(session->store, session->id, err);
	return code ? code : outbox_wake(session->store, session->id, run->now_ms, err);
}

/* What this run wrote to the branch itself is no change for the next one to see. */
static void save_index(const struct run *run)
{
	struct session *session = run->session;
	const struct run_report *report = run->report;
	const struct loaded *loaded = &report->loaded;
	const char *index = load_index_path(session, loaded->ref);
	snapshot_save(&loaded->snapshot, index);
	for (size_t i = run->outcomes_before; i < report->outcomes.len; i++) {
		const struct automation_outcome *outcome = &report->outcomes.items[i];
		struct snapshot written = { 0 };
		struct err ignored = ERR_INIT;
		if (outcome->commit.hex[0] &&
		    strcmp(outcome->branch, loaded->branch) == 0 &&
		    snapshot_take(session->repo, &outcome->commit, index, &session->arena,
				  &written, &ignored) == 0)
			snapshot_save(&written, index);
	}
}

static int run_once(struct run *run, struct err *err)
{
	struct session *session = run->session;
	struct run_report *report = run->report;
	reset(run, report);
	report->stopped = stop_reason(session);
	run_progress(run, "reading the documents");
	int code = load_documents(session, &report->loaded, err);
	if (code)
		return code;
	run->documents_tip = report->loaded.tip;
	const struct snapshot *snapshot = &report->loaded.snapshot;
	if (run->options->on_snapshot)
		run->options->on_snapshot(run->options->ctx,
					  snapshot->documents_changed ||
					      snapshot->markers_changed);
	code = release_held(run, err);
	if (!code)
		code = run_scans(run, err);
	if (!code)
		code = run_choices(run, err);
	if (!code)
		code = run_automations(run, err);
	/* several automations meet the same markers */
	finding_unique(&session->findings);
	if (!code)
		channel_check_all(session, &report->loaded.documents);
	if (!code)
		code = remember(run, err);
	if (code || run->options->dry_run)
		return code;
	code = run_write_watch(session, &report->loaded, err);
	/* last of all: until then the next run must see what this one saw */
	if (!code)
		save_index(run);
	return code ? code : prune(run, err);
}

static int run_tries(struct run *run, struct err *err)
{
	int code = ERR_CONFLICT;
	for (int i = 0; i < TRIES && code == ERR_CONFLICT; i++)
		code = run_once(run, err);
	if (code == ERR_CONFLICT)
		(void)err_prefix(err, "the branch kept moving; the next run tries again");
	return code;
}

static int run_locked(struct run *run, struct err *err)
{
	int code = run->options->dry_run ? 0 : run_settle(run->session, err);
	if (!code)
		code = run_tries(run, err);
	if (code || !run->left_slow)
		return code;
	/* what is known is committed: the slow get all their time */
	run->is_patient = true;
	return run_tries(run, err);
}

/* Whether a crash left something that a run can settle: a mapped repository that is away
 * is waited for. */
static bool can_settle(const struct intent_list *intents)
{
	for (size_t i = 0; i < intents->len; i++)
		if (!*intents->items[i].git_dir ||
		    file_is_dir(intents->items[i].git_dir, true))
			return true;
	return false;
}

bool run_is_due(struct store *store, const char *repo_id, const char *git_dir,
		int64_t now_ms)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *text = NULL;
	struct err err = ERR_INIT;
	uint64_t due = 0;
	struct intent_list intents = { 0 };
	if (store_note_get(store, repo_id, "next-due", &arena, &text, &err) ||
	    !number_parse(str_of(text), INT64_MAX, &due))
		return true;
	if (job_waits(git_dir))
		return true;
	if (store_intent_list(store, repo_id, &arena, &intents, &err) ||
	    can_settle(&intents))
		return true;
	return (int64_t)due <= now_ms ||
	       (int64_t)due > now_ms + 2 * (int64_t)DUE_NEVER_MS;
}

bool run_has_jobs(struct session *session)
{
	return job_waits(session->git_dir);
}

/* Nothing was pushed yet: the timer has no reason to complain. */
static bool has_no_branch(struct session *session)
{
	struct repo_refs refs = { 0 };
	struct err err = ERR_INIT;
	return repo_list_refs(session->repo, "refs/heads/", &session->arena, &refs,
			      &err) == 0 &&
	       refs.len == 0;
}

static void finish_jobs(struct session *session, const struct job_list *jobs)
{
	for (size_t i = 0; i < jobs->len; i++) {
		const struct job *job = &jobs->items[i];
		for (size_t l = 0; l < job->lines.len; l++)
			log_line(LOG_LEVEL_INFO,
				 LOG_FIELDS({ "repository", session->git_dir },
					    { "pusher", job->pusher },
					    { "pushed", job->lines.items[l] }));
		job_done(session->git_dir, job);
	}
}

static const char *trigger_name(enum run_trigger trigger)
{
	static const char *const names[] = {
		[RUN_PUSH] = "push", [RUN_TIMER] = "timer", [RUN_COMMAND] = "command"
	};
	return names[trigger];
}

static const char *number_text(struct arena *arena, int64_t n)
{
	return arena_printf(arena, "%lld", (long long)n);
}

static void log_run(const struct run *run, int64_t began_ms, int code,
		    const struct err *err)
{
	struct session *session = run->session;
	struct arena *arena = &session->arena;
	int64_t took_ms = when_monotonic_ms() - began_ms;
	log_line(
	    code ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
	    LOG_FIELDS(
		{ "repository", session->git_dir },
		{ "trigger", trigger_name(run->options->trigger) },
		{ "duration_ms", number_text(arena, took_ms) },
		{ "scanned", number_text(arena, (int64_t)run->report->scanned) },
		{ "written", number_text(arena, (int64_t)run->report->outcomes.len) },
		{ "verdict", code ? err->text : "done" }));
}

/* Takes one of the home's places for workers; the rest of the pushes stay in their
 * spools. */
static bool take_place(struct session *session, int *out_fd)
{
	struct err err = ERR_INIT;
	int64_t places = config_int(session->config, CONFIG_MAX_WORKERS);
	for (int64_t i = 0; i < places; i++) {
		const char *path = arena_printf(&session->arena, "%s/worker-%lld",
						session->home, (long long)i);
		if (file_lock(path, 0, out_fd, &err) == 0)
			return true;
	}
	return false;
}

int run_repository(struct session *session, const struct run_options *options,
		   struct run_report *report, struct err *err)
{
	struct run run = { .session = session,
			   .options = options,
			   .report = report,
			   .now_ms = when_now_ms(),
			   .is_patient = options->dry_run, /* writes nothing */
			   .findings_before = session->findings.len };
	struct job_list jobs = { 0 };
	int lock FD_CLEANUP = -1;
	int place FD_CLEANUP = -1;
	int64_t began_ms = when_monotonic_ms();
	*report = (struct run_report){ 0 };
	if (options->trigger == RUN_TIMER && !options->now &&
	    !run_is_due(session->store, session->id, session->git_dir, run.now_ms)) {
		report->nothing_due = true;
		return 0;
	}
	/* its jobs stay until somebody switches it on again */
	report->stopped = options->dry_run ? NULL : stop_is_off(session);
	if (report->stopped) {
		report->is_off = true;
		return 0;
	}
	if (options->trigger == RUN_PUSH && !take_place(session, &place)) {
		report->queued = true;
		return 0;
	}
	int64_t wait_ms = options->trigger == RUN_COMMAND ? 60000 : 0;
	int code = options->dry_run
		       ? 0
		       : file_lock(file_join(&session->arena, session->dir, "lock"),
				   wait_ms, &lock, err);
	if (code == ERR_BUSY) {
		report->joined = true;
		return 0;
	}
	/* listed before the tip is read: a job that comes later is looked at again */
	if (!code && !options->dry_run)
		code = job_list(session->git_dir, &session->arena, &jobs, err);
	if (!code)
		code = run_locked(&run, err);
	if (code == ERR_NOTFOUND && options->trigger == RUN_TIMER &&
	    has_no_branch(session)) {
		report->nothing_due = true;
		code = 0;
	}
	if (!options->dry_run) {
		log_run(&run, began_ms, code, err);
		if (code)
			happened_failure(session, err);
		else
			finish_jobs(session, &jobs);
	}
	return code;
}
