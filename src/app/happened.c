/* SPDX-License-Identifier: MIT */
/* From the records of a run to events: which of them happened in it, with which words and
 * metadata. Whether they are news is decided elsewhere. */
#include "app/happened.h"
#include "adapter/json/json.h"
#include "app/checks.h"
#include "app/reminder.h"
#include "app/source.h"
#include "app/verdict.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/when.h"
#include "stage/event/event.h"

#define UNTOLD " untold"
#define FAILED " failed"

enum {
	SUBJECT_RUNES = 50,
	SHOWN_OID = 7
};

struct teller {
	struct run *run;
	struct session *session;
	struct audience audience;
	const char *branch;
	const char *commit; /* the documents' tip */
	bool check_failed;  /* of that tip, in this run or an earlier one */
	struct err *err;
};

/* `imagehook/fleet`, with `/ns/name` behind it for an automation. */
static const char *context_of(struct session *session, const char *object)
{
	struct str path = str_of(session->git_dir);
	while (path.len && path.ptr[path.len - 1] == '/')
		path.len--;
	if (str_ends(path, STR("/.git")))
		path.len -= 5;
	size_t slash = str_rfind_char(path, '/');
	struct str name = str_from(path, slash < path.len ? slash + 1 : 0);
	if (str_ends(name, STR(".git")))
		name.len -= 4;
	return arena_printf(&session->arena, "imagehook/%.*s%s%s", STR_ARG(name),
			    object ? "/" : "", object ? object : "");
}

/* The texts of one member of every image, distinct, joined by commas. */
static const char *join_images(const struct value *images, const char *key,
			       struct arena *arena)
{
	struct strings seen = { 0 };
	const char *out = "";
	for (size_t i = 0; images && i < images->list.len; i++) {
		const char *text = value_get_text(images->list.items[i], key, arena);
		if (!text || strings_contain(&seen, text))
			continue;
		strings_add(arena, &seen, text);
		out = *out ? arena_printf(arena, "%s, %s", out, text) : text;
	}
	return out;
}

static void put_images(struct session *session, struct event *event,
		       const struct value *images)
{
	static const char *const keys[] = { "policy", "image", "oldTag", "newTag" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		events_put(session, event, keys[i],
			   join_images(images, keys[i], &session->arena));
}

/* `cluster/ns/name`; a cluster is a path and may hold slashes. */
static void split_path(const char *path, struct arena *arena, const char **cluster,
		       const char **namespace, const char **name)
{
	struct str text = str_of(path);
	size_t last = str_rfind_char(text, '/');
	struct str head = str_slice(text, 0, last);
	size_t first = str_rfind_char(head, '/');
	*name = arena_strndup(arena, str_from(text, last + 1));
	*namespace =
	    arena_strndup(arena, str_from(head, first < head.len ? first + 1 : 0));
	*cluster =
	    first < head.len ? arena_strndup(arena, str_slice(head, 0, first)) : "";
}

int happened_commit(const struct audience *audience, const struct intent *intent,
		    struct err *err)
{
	struct session *session = audience->session;
	struct arena *arena = &session->arena;
	struct value *payload = NULL;
	const char *cluster = "";
	const char *namespace = "";
	const char *name = "";
	int code = json_parse(str_of(intent->payload), arena, &payload, err);
	if (code)
		return code;
	split_path(intent->automation, arena, &cluster, &namespace, &name);
	struct event event = events_new(session, "ImageUpdateAutomation", namespace, name,
					intent->created_ms);
	const struct value *images = value_get(payload, "images");
	const char *branch = value_get_text(payload, "branch", arena);
	const char *message = value_get_text(payload, "message", arena);
	const char *commit = arena_strdup(arena, intent->new_oid);
	branch = branch ? branch : "";
	event.reason = "Succeeded";
	event.message = arena_printf(
	    arena, "pushed commit '%.*s' to branch '%s'%s%s", SHOWN_OID, commit, branch,
	    message && *message ? "\n" : "", message ? message : "");
	events_put_commit(session, &event, branch, commit);
	put_images(session, &event, images);
	struct emission emission = {
		.event = event, .cluster = cluster, .mode = EMIT_ALWAYS, .seed = commit
	};
	code = events_emit(audience, &emission, NULL, err);
	if (code)
		return code;
	size_t n = images ? images->list.len : 0;
	event.reason = arena_printf(arena, "Updated%zuImage%s", n, n == 1 ? "" : "s");
	const struct own_status status = {
		.event = &event,
		.context =
		    context_of(session, arena_printf(arena, "%s/%s", namespace, name)),
		.project = value_get_text(payload, "project", arena),
		.seed = commit,
	};
	return events_status(audience, &status, err);
}

static struct event begin_event(struct teller *teller, const struct object_meta *meta)
{
	struct event event = events_new(teller->session, meta->kind_name, meta->namespace,
					meta->name, teller->run->now_ms);
	events_put_commit(teller->session, &event, teller->branch, teller->commit);
	return event;
}

static int tell(struct teller *teller, const struct event *event, const char *cluster,
		enum emission_mode mode)
{
	struct emission emission = { .event = *event, .cluster = cluster, .mode = mode };
	return events_emit(&teller->audience, &emission, NULL, teller->err);
}

/* An object's condition as an event. */
static int tell_condition(struct teller *teller, struct event *event,
			  const struct object_meta *meta,
			  const struct condition *condition)
{
	event->severity = condition->ready ? EVENT_INFO : EVENT_ERROR;
	event->reason = condition->reason ? condition->reason : "";
	event->message = condition->message ? condition->message : "";
	/* waiting for something else is no failure */
	if (strcmp(event->reason, "DependencyNotReady") == 0)
		event->severity = EVENT_INFO;
	return tell(teller, event, meta->cluster, EMIT_ON_CHANGE);
}

static int tell_scans(struct teller *teller)
{
	struct run *run = teller->run;
	int code = 0;
	for (size_t i = 0; i < run->scans.len && !code; i++) {
		const struct scan_state *state = &run->scans.items[i];
		const struct image_repository *repository = state->repository;
		if (repository->suspend || !state->record.condition.reason ||
		    (repository->meta.valid && state->record.attempted_ms != run->now_ms))
			continue;
		struct event event = begin_event(teller, &repository->meta);
		events_put(teller->session, &event, "image", repository->image);
		code = tell_condition(teller, &event, &repository->meta,
				      &state->record.condition);
	}
	return code;
}

static int tell_choices(struct teller *teller)
{
	struct run *run = teller->run;
	int code = 0;
	for (size_t i = 0; i < run->choices.len && !code; i++) {
		const struct choice_state *state = &run->choices.items[i];
		const struct choice_record *record = &state->record;
		if (state->policy->suspend || !record->condition.reason)
			continue;
		struct event event = begin_event(teller, &state->policy->meta);
		struct session *session = teller->session;
		events_put(session, &event, "policy",
			   arena_printf(&session->arena, "%s/%s",
					state->policy->meta.namespace,
					state->policy->meta.name));
		events_put(session, &event, "image", record->latest.name);
		events_put(session, &event, "newTag", record->latest.tag);
		events_put(session, &event, "oldTag", record->previous.tag);
		code = tell_condition(teller, &event, &state->policy->meta,
				      &record->condition);
	}
	return code;
}

static int tell_automations(struct teller *teller)
{
	const struct document_set *set = teller->audience.documents;
	int code = 0;
	for (size_t i = 0; i < set->automations.len && !code; i++) {
		const struct image_update_automation *automation =
		    &set->automations.items[i];
		const struct object_failure *failure =
		    run_failure_of(teller->run->report, &automation->meta);
		if (automation->suspend)
			continue;
		struct event event = begin_event(teller, &automation->meta);
		event.severity = failure ? EVENT_ERROR : EVENT_INFO;
		event.reason = failure ? failure->reason : "Succeeded";
		event.message = failure ? failure->message : "repository up-to-date";
		code = tell(teller, &event, automation->meta.cluster,
			    failure ? EMIT_ON_CHANGE : EMIT_RECOVERY);
	}
	return code;
}

/* The first 50 characters of the subject. */
static const char *shorten(struct arena *arena, struct str line)
{
	uint32_t rune = 0;
	size_t runes = 0;
	size_t at = 0;
	while (at < line.len && runes < SUBJECT_RUNES) {
		size_t step = str_utf8_decode(line, at, &rune);
		at += step ? step : 1;
		runes++;
	}
	return arena_printf(arena, "%.*s%s", STR_ARG(str_slice(line, 0, at)),
			    at < line.len ? "..." : "");
}

/* One event for each tip of a branch, whoever put it there. */
static int tell_artifact(struct teller *teller, struct event *event, const char *cluster,
			 const char *branch)
{
	struct session *session = teller->session;
	struct arena *arena = &session->arena;
	struct oid tip;
	struct repo_commit commit = { 0 };
	struct err missing = ERR_INIT;
	const char *seen = "";
	const char *note =
	    arena_printf(arena, "artifact:%s/%s/%s/%s", cluster, event->object.namespace,
			 event->object.name, branch);
	event->severity = EVENT_ERROR;
	event->reason = "GitOperationFailed";
	if (repo_resolve(session->repo, arena_printf(arena, "refs/heads/%s", branch),
			 &tip, &missing)) {
		event->message = arena_printf(
		    arena, "couldn't find remote ref \"refs/heads/%s\"", branch);
		return tell(teller, event, cluster, EMIT_ON_CHANGE);
	}
	int code =
	    store_note_get(session->store, session->id, note, arena, &seen, teller->err);
	if (code && code != ERR_NOTFOUND)
		return code;
	if (!code && strcmp(seen, tip.hex) == 0)
		return 0;
	if (repo_read_commit(session->repo, &tip, arena, &commit, &missing))
		commit.subject = "";
	event->severity = EVENT_INFO;
	event->reason = "NewArtifact";
	event->message = arena_printf(arena, "stored artifact for commit '%s'",
				      shorten(arena, str_of(commit.subject)));
	events_put_commit(session, event, branch, arena_strdup(arena, tip.hex));
	code = tell(teller, event, cluster, EMIT_ALWAYS);
	return code ? code
		    : store_note_put(session->store, session->id, note, tip.hex,
				     teller->err);
}

static const char *branch_of(struct teller *teller, const struct object_meta *meta)
{
	const char *branch = value_get_text(value_get(meta->spec, "ref"), "branch",
					    &teller->session->arena);
	return branch && *branch ? branch : teller->branch;
}

/* Every GitRepository of the tree that is this one, but for suspended ones; without any,
 * the one that everybody means. */
static int tell_sources(struct teller *teller)
{
	const struct document_set *set = teller->audience.documents;
	struct session *session = teller->session;
	bool any = false;
	int code = 0;
	for (size_t i = 0; i < set->others.len && !code; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind != DOCUMENT_GIT_REPOSITORY)
			continue;
		const char *url = value_get_text(meta->spec, "url", &session->arena);
		any = true;
		if (check_is_suspended(meta) ||
		    (url && !source_is_own(url, session->git_dir)))
			continue;
		struct event event = begin_event(teller, meta);
		code =
		    tell_artifact(teller, &event, meta->cluster, branch_of(teller, meta));
	}
	if (any || code)
		return code;
	const char *namespace = config_text(session->config, CONFIG_NAMESPACE);
	struct event event = events_new(session, "GitRepository", namespace,
					"flux-system", teller->run->now_ms);
	const char *cluster = set->alerts.len ? set->alerts.items[0].meta.cluster : "";
	return tell_artifact(teller, &event, cluster, teller->branch);
}

/* What the run found, on the commit that it read. */
static int tell_status(struct teller *teller)
{
	struct session *session = teller->session;
	const char *said = "";
	struct event event = events_new(session, "GitRepository",
					config_text(session->config, CONFIG_NAMESPACE),
					"flux-system", teller->run->now_ms);
	events_put_commit(session, &event, teller->branch, teller->commit);
	const char *text =
	    verdict_put(session, teller->run->report, teller->check_failed, &event);
	const char *now =
	    arena_printf(&session->arena, "%s %s", teller->commit, event.reason);
	if (teller->audience.silent)
		return 0; /* said once it can be sent */
	int code = store_note_get(session->store, session->id, "status", &session->arena,
				  &said, teller->err);
	if (code && code != ERR_NOTFOUND)
		return code;
	if (!code && strcmp(said, now) == 0)
		return 0;
	code = store_note_put(session->store, session->id, "status", now, teller->err);
	if (code)
		return code;
	/* the same verdict may come back after another one: the time makes it new */
	const char *seed =
	    arena_printf(&session->arena, "%s/%lld", now, (long long)teller->run->now_ms);
	const struct own_status status = { .event = &event,
					   .context = context_of(session, NULL),
					   .text = text,
					   .seed = seed };
	return events_status(&teller->audience, &status, teller->err);
}

/* Kustomizations and HelmReleases, once for each revision. */
static int tell_checks(struct teller *teller)
{
	struct session *session = teller->session;
	struct check_list checks = { 0 };
	const char *seen = "";
	int code = store_note_get(session->store, session->id, "checked", &session->arena,
				  &seen, teller->err);
	if (code && code != ERR_NOTFOUND)
		return code;
	/* the verdict stays that of the commit: `OID failed`; `OID untold`: nothing could
	 * be sent then */
	if (!code && str_starts(str_of(seen), str_of(teller->commit)) &&
	    (teller->audience.silent || !strstr(seen, UNTOLD))) {
		teller->check_failed = str_ends(str_of(seen), STR(FAILED));
		return 0;
	}
	code = checks_run(session, &teller->run->report->loaded, &checks, teller->err);
	for (size_t i = 0; i < checks.len && !code; i++) {
		const struct check_result *result = &checks.items[i];
		if (result->verdict == CHECK_NOT_JUDGED)
			continue;
		struct event event = begin_event(teller, result->meta);
		event.severity =
		    result->verdict == CHECK_FAILED ? EVENT_ERROR : EVENT_INFO;
		event.reason = result->reason;
		event.message = result->message;
		if (result->verdict == CHECK_FAILED)
			(void)finding_add(
			    &session->findings, SEVERITY_ERROR, VERDICT_CHECK_FINDING,
			    result->place, "%s %s/%s: %s", result->meta->kind_name,
			    result->meta->namespace, result->meta->name, result->message);
		teller->check_failed =
		    teller->check_failed || result->verdict == CHECK_FAILED;
		code = tell(teller, &event, result->meta->cluster, EMIT_CHECK);
	}
	const char *verdict = arena_printf(&session->arena, "%s%s%s", teller->commit,
					   teller->audience.silent ? UNTOLD : "",
					   teller->check_failed ? FAILED : "");
	return code ? code
		    : store_note_put(session->store, session->id, "checked", verdict,
				     teller->err);
}

static int tell_reminders(struct teller *teller)
{
	int64_t next_ms = INT64_MAX;
	int code = reminder_tell(&teller->audience, &next_ms, teller->err);
	run_due_at(teller->run, next_ms);
	return code;
}

static int tell_everything(struct teller *teller)
{
	int code = tell_sources(teller);
	if (!code)
		code = tell_scans(teller);
	if (!code)
		code = tell_choices(teller);
	if (!code)
		code = tell_automations(teller);
	if (!code)
		code = tell_checks(teller);
	if (!code)
		code = tell_status(teller);
	if (!code)
		code = tell_reminders(teller);
	return code;
}

int happened_run(struct run *run, struct err *err)
{
	struct session *session = run->session;
	struct event_cache *cache CLEANUP(event_cache_cleanup) = event_cache_new();
	struct backlog backlog = { 0 };
	struct teller teller = {
		.run = run,
		.session = session,
		.audience = { .session = session,
			      .documents = &run->report->loaded.documents,
			      .now_ms = run->now_ms,
			      .silent = run->report->stopped != NULL,
			      .cache = cache,
			      .backlog = &backlog },
		.branch = run->report->loaded.branch,
		.commit = run->report->loaded.tip.hex,
		.err = err,
	};
	return tell_everything(&teller);
}

void happened_failure(struct session *session, const struct err *why)
{
	struct err err = ERR_INIT;
	struct document_set nothing = { .arena = &session->arena };
	struct audience audience = { .session = session,
				     .documents = &nothing,
				     .now_ms = when_now_ms(),
				     .silent = true };
	struct event event = events_new(session, "GitRepository",
					config_text(session->config, CONFIG_NAMESPACE),
					"flux-system", when_now_ms());
	event.severity = EVENT_ERROR;
	event.reason = "GitOperationFailed";
	event.message = arena_strdup(&session->arena, why->text);
	struct emission emission = { .event = event,
				     .cluster = "",
				     .mode = EMIT_ON_CHANGE };
	if (events_tell(&audience, &emission, NULL, &err))
		log_line(LOG_LEVEL_WARNING, LOG_FIELDS({ "repository", session->git_dir },
						       { "error", err.text }));
}
