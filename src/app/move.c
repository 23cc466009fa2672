/* SPDX-License-Identifier: MIT */
/*
 * The second step of a commit: intent stored, branch moved, confirmed; and the settling
 * of what a crash left between them.
 */
#include "adapter/json/json.h"
#include "app/automation.h"
#include "app/happened.h"
#include "app/source.h"
#include "app/stop.h"
#include "base/log.h"
#include "base/when.h"

enum {
	LOST_PLACE_MS = 24 * 3600 * 1000,
	VALUES_KEPT = 10000 /* of a commit whose process is gone */
};

/* What the commit replaces, for the guard against its return (TRUST 8). */
static struct value *describe_values(struct arena *arena,
				     const struct automation_outcome *outcome)
{
	struct value *values = value_new(arena, VALUE_LIST);
	for (size_t f = 0; f < outcome->changes.files.len; f++) {
		const struct file_change *file = &outcome->changes.files.items[f];
		for (size_t i = 0; i < file->changes.len; i++) {
			const struct change *change = &file->changes.items[i];
			struct value *entry = value_new(arena, VALUE_MAP);
			if (values->list.len >= VALUES_KEPT)
				return values;
			value_set(arena, entry, "path", value_string(arena, file->path));
			value_set(arena, entry, "setter",
				  value_text(arena, change->setter));
			value_set(arena, entry, "old",
				  value_text(arena, change->old_value));
			value_set(arena, entry, "new",
				  value_text(arena, change->new_value));
			value_append(arena, values, entry);
		}
	}
	return values;
}

/* What has to be known when the process that built the commit is gone. */
static const char *describe(struct attempt *attempt,
			    const struct automation_outcome *outcome)
{
	struct arena *arena = &attempt->run->session->arena;
	struct value *root = value_new(arena, VALUE_MAP);
	struct value *images = value_new(arena, VALUE_LIST);
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	value_set(arena, root, "automation", value_text(arena, attempt->name));
	value_set(arena, root, "branch", value_text(arena, outcome->branch));
	value_set(arena, root, "message", value_string(arena, outcome->message));
	const char *project = source_project(attempt);
	if (project)
		value_set(arena, root, "project", value_text(arena, project));
	for (size_t i = 0; i < outcome->images.len; i++) {
		const struct updated_image *image = &outcome->images.items[i];
		struct value *entry = value_new(arena, VALUE_MAP);
		value_set(arena, entry, "policy",
			  value_text(arena,
				     arena_printf(arena, "%s/%s", image->policy_namespace,
						  image->policy_name)));
		value_set(arena, entry, "image", value_text(arena, image->image_name));
		value_set(arena, entry, "oldTag", value_text(arena, image->old_tag));
		value_set(arena, entry, "newTag", value_text(arena, image->new_tag));
		value_append(arena, images, entry);
	}
	value_set(arena, root, "images", images);
	value_set(arena, root, "values", describe_values(arena, outcome));
	json_write(&text, root, JSON_COMPACT);
	return buf_to_arena(&text, arena).ptr;
}

static int store_intent(struct attempt *attempt, const struct automation_outcome *outcome,
			struct intent *intent, struct err *err)
{
	static const char zeros[] = "0000000000000000000000000000000000000000";
	struct session *session = attempt->run->session;
	const char *old_oid = attempt->target.push_oid.hex;
	*intent = (struct intent){
		.repo_id = session->id,
		.automation = attempt->name,
		.git_dir = source_mapped_dir(attempt),
		.ref = attempt->target.push_ref,
		.old_oid = *old_oid ? old_oid : zeros,
		.new_oid = outcome->commit.hex,
		.payload = describe(attempt, outcome),
		.hooks_pending = config_bool(session->config, CONFIG_RUN_HOOKS),
		.created_ms = attempt->run->now_ms,
	};
	return store_intent_add(session->store, intent, err);
}

/* The tips that must still be where they were read (TRUST 5). */
static size_t list_verified(struct attempt *attempt, struct repo_ref verify[2])
{
	const struct loaded *loaded = &attempt->run->report->loaded;
	const struct commit_target *target = &attempt->target;
	size_t n = 0;
	bool own = attempt->repo == attempt->run->session->repo;
	if (own && strcmp(loaded->ref, target->push_ref) != 0)
		verify[n++] =
		    (struct repo_ref){ loaded->ref, attempt->run->documents_tip };
	if (target->checkout_ref && strcmp(target->checkout_ref, target->push_ref) != 0 &&
	    strncmp(target->checkout_ref, "refs/heads/", strlen("refs/heads/")) == 0 &&
	    !(own && strcmp(target->checkout_ref, loaded->ref) == 0))
		verify[n++] =
		    (struct repo_ref){ target->checkout_ref, target->checkout_oid };
	return n;
}

static int remember_values(struct attempt *attempt,
			   const struct automation_outcome *outcome, struct err *err)
{
	struct session *session = attempt->run->session;
	for (size_t f = 0; f < outcome->changes.files.len; f++) {
		const struct file_change *file = &outcome->changes.files.items[f];
		for (size_t i = 0; i < file->changes.len; i++) {
			const struct change *change = &file->changes.items[i];
			struct written_value value = {
				.path = arena_strndup(&session->arena, file->path),
				.setter = change->setter,
				.old_value = change->old_value,
				.new_value = change->new_value,
				.written_ms = attempt->run->now_ms,
			};
			int code = store_written_add(session->store, session->id,
						     attempt->name, &value, err);
			if (code)
				return code;
		}
	}
	return 0;
}

static int confirm(struct attempt *attempt, const struct automation_outcome *outcome,
		   const struct intent *intent, struct err *err)
{
	struct run *run = attempt->run;
	struct store *store = run->session->store;
	struct audience audience = { .session = run->session,
				     .documents = &run->report->loaded.documents,
				     .now_ms = run->now_ms };
	int code = store_begin(store, err);
	if (code)
		return code;
	code = store_intent_confirm(store, intent->id, err);
	if (!code)
		code = remember_values(attempt, outcome, err);
	if (!code)
		code = happened_commit(&audience, intent, err);
	if (!code)
		code = store_commit(store, err);
	if (code)
		store_rollback(store);
	return code;
}

/* The next automation of this run need not start anew because of our own commit, unless
 * that changed documents. */
static void follow_documents(struct attempt *attempt,
			     const struct automation_outcome *outcome)
{
	struct run *run = attempt->run;
	const struct loaded *loaded = &run->report->loaded;
	if (attempt->repo != run->session->repo ||
	    strcmp(loaded->ref, attempt->target.push_ref) != 0)
		return;
	for (size_t i = 0; i < outcome->changes.files.len; i++) {
		const struct snapshot_file *file = snapshot_find(
		    &loaded->snapshot, outcome->changes.files.items[i].path);
		if (!file || file->flags & SNAPSHOT_HAS_DOCUMENT)
			return;
	}
	run->documents_tip = outcome->commit;
}

static void after_move(struct session *session, struct repo *repo)
{
	struct err ignored = ERR_INIT;
	if (repo_after_move(repo, &ignored))
		log_line(LOG_LEVEL_WARNING, LOG_FIELDS({ "repository", session->git_dir },
						       { "error", ignored.text }));
}

int automation_move(struct attempt *attempt, const struct automation_outcome *outcome,
		    struct err *err)
{
	struct session *session = attempt->run->session;
	struct repo_ref verify[2];
	struct intent intent;
	struct repo_move move = { .ref = attempt->target.push_ref,
				  .old_oid = attempt->target.push_oid,
				  .new_oid = outcome->commit,
				  .reason = "imagehook: update images",
				  .verify = verify,
				  .n_verify = list_verified(attempt, verify) };
	/* read again right before the move: one line in the system file stops a host */
	int code = stop_check(session, err);
	if (!code)
		code = store_intent(attempt, outcome, &intent, err);
	if (code)
		return code;
	run_progress(attempt->run, "moving %s", attempt->target.push_ref);
	code = repo_move_ref(attempt->repo, &move, err);
	if (code) {
		struct err other = ERR_INIT;
		if (store_intent_drop(session->store, intent.id, &other))
			log_line(LOG_LEVEL_WARNING,
				 LOG_FIELDS({ "repository", session->git_dir },
					    { "error", other.text }));
		return code;
	}
	log_line(LOG_LEVEL_INFO,
		 LOG_FIELDS({ "repository", session->git_dir },
			    { "automation", attempt->name }, { "ref", move.ref },
			    { "old", move.old_oid.hex }, { "new", move.new_oid.hex },
			    { "verdict", "moved" }));
	follow_documents(attempt, outcome);
	code = confirm(attempt, outcome, &intent, err);
	if (!code)
		after_move(session, attempt->repo);
	return code;
}

/* The same from what the dead process left. */
static int recall_values(struct session *session, const struct intent *intent,
			 struct err *err)
{
	struct arena *arena = &session->arena;
	struct value *payload = NULL;
	int code = json_parse(str_of(intent->payload), arena, &payload, err);
	const struct value *values = code ? NULL : value_get(payload, "values");
	for (size_t i = 0; values && i < values->list.len && !code; i++) {
		const struct value *entry = values->list.items[i];
		struct written_value value = {
			.path = value_get_text(entry, "path", arena),
			.setter = value_get_text(entry, "setter", arena),
			.old_value = value_get_text(entry, "old", arena),
			.new_value = value_get_text(entry, "new", arena),
			.written_ms = intent->created_ms,
		};
		if (value.path && value.setter && value.old_value && value.new_value)
			code = store_written_add(session->store, session->id,
						 intent->automation, &value, err);
	}
	return code;
}

/* The documents as they are now: who is to hear of a commit that a crash left untold. */
static int load_audience(struct session *session, struct loaded *loaded, struct err *err)
{
	const char *branch = NULL;
	struct oid tip;
	if (loaded->documents.arena)
		return 0;
	int code = load_branch(session, &branch, err);
	if (!code)
		code = repo_resolve(
		    session->repo, arena_printf(&session->arena, "refs/heads/%s", branch),
		    &tip, err);
	return code ? code : load_commit(session, &tip, loaded, err);
}

/* The repository that an intent is about. *mapped is to be freed. */
static int open_place(struct session *session, const struct intent *intent,
		      struct repo **mapped, struct repo **out, struct err *err)
{
	if (!*intent->git_dir) {
		*out = session->repo;
		return 0;
	}
	int code = repo_open(intent->git_dir, mapped, err);
	*out = *mapped;
	return code;
}

static int settle_moved(struct session *session, const struct intent *intent,
			struct loaded *loaded, struct err *err)
{
	int code = load_audience(session, loaded, err);
	if (!code)
		code = store_begin(session->store, err);
	if (code)
		return code;
	struct audience audience = { .session = session,
				     .documents = &loaded->documents,
				     .now_ms = when_now_ms() };
	code = store_intent_confirm(session->store, intent->id, err);
	if (!code)
		code = recall_values(session, intent, err);
	if (!code)
		code = happened_commit(&audience, intent, err);
	if (!code)
		return store_commit(session->store, err);
	store_rollback(session->store);
	return code;
}

static int settle_one(struct session *session, const struct intent *intent,
		      struct loaded *loaded, struct err *err)
{
	struct repo *mapped REPO_CLEANUP = NULL;
	struct repo *repo = NULL;
	struct oid tip;
	struct oid commit = { "" };
	struct err missing = ERR_INIT;
	if (open_place(session, intent, &mapped, &repo, &missing)) {
		log_line(LOG_LEVEL_WARNING, LOG_FIELDS({ "repository", session->git_dir },
						       { "intent", intent->new_oid },
						       { "error", missing.text }));
		/* it may come back: a disk that is not mounted */
		return when_now_ms() - intent->created_ms < LOST_PLACE_MS
			   ? 0
			   : store_intent_drop(session->store, intent->id, err);
	}
	(void)snprintf(commit.hex, sizeof(commit.hex), "%s", intent->new_oid);
	bool moved = repo_resolve(repo, intent->ref, &tip, &missing) == 0 &&
		     repo_is_ancestor(repo, &commit, &tip);
	log_line(LOG_LEVEL_INFO,
		 LOG_FIELDS({ "repository", session->git_dir },
			    { "intent", intent->new_oid },
			    { "verdict", moved ? "confirmed" : "dropped" }));
	if (!moved)
		return store_intent_drop(session->store, intent->id, err);
	int code = settle_moved(session, intent, loaded, err);
	if (!code)
		after_move(session, repo);
	return code;
}

int run_settle(struct session *session, struct err *err)
{
	struct intent_list intents = { 0 };
	struct loaded loaded = { 0 };
	int code = store_intent_list(session->store, session->id, &session->arena,
				     &intents, err);
	for (size_t i = 0; i < intents.len && !code; i++)
		if (!intents.items[i].confirmed)
			code = settle_one(session, &intents.items[i], &loaded, err);
	return code;
}
