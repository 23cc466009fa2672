/* SPDX-License-Identifier: MIT */
/* The marked files of one automation, rewritten in memory; who may write which value. */
#include "app/settled.h"
#include "base/limits.h"
#include "stage/rewrite/rewrite.h"
#include "stage/select/select.h"

enum {
	RETURN_WINDOW_MS = 3600 * 1000
};

/* Whether `path` lies below `dir` or is it; *shown is the path as seen from there. */
static bool is_below(struct str path, struct str dir, struct str *shown)
{
	*shown = path;
	if (dir.len == 0)
		return true;
	if (!str_starts(path, dir))
		return false;
	struct str rest = str_from(path, dir.len);
	if (rest.len == 0) {
		size_t slash = str_rfind_char(path, '/');
		*shown = slash < path.len ? str_from(path, slash + 1) : path;
		return true;
	}
	if (rest.ptr[0] != '/')
		return false;
	*shown = str_from(rest, 1);
	return true;
}

static const struct choice_state *find_choice(const struct attempt *attempt,
					      const struct image_choice *choice)
{
	const struct run *run = attempt->run;
	for (size_t i = 0; i < run->choices.len; i++) {
		const struct object_meta *meta = &run->choices.items[i].policy->meta;
		if (strcmp(meta->cluster, attempt->automation->meta.cluster) == 0 &&
		    strcmp(meta->namespace, choice->namespace) == 0 &&
		    strcmp(meta->name, choice->policy) == 0)
			return &run->choices.items[i];
	}
	return NULL;
}

/* The tag part of a marked value: of a whole reference, or the value itself. */
static struct str tag_of(struct str value)
{
	size_t at = str_find_char(value, '@');
	struct str bare = str_slice(value, 0, at);
	size_t colon = str_rfind_char(bare, ':');
	size_t slash = str_rfind_char(bare, '/');
	if (colon == bare.len || (slash < bare.len && slash > colon))
		return bare;
	return str_from(bare, colon + 1);
}

/* A choice below the file's value while the latest scan failed may come from a lost
 * store. */
static bool is_downgrade(const struct choice_state *state,
			 const struct image_choice *choice, struct str old_value)
{
	return state && state->scan && state->scan->failed &&
	       select_compare(state->policy, tag_of(old_value), str_of(choice->ref.tag)) >
		   0;
}

struct guard {
	struct attempt *attempt;
	struct str path;
};

static bool may_write(void *ctx, const struct image_choice *choice, struct str old_value,
		      struct str new_value, struct place place)
{
	const struct guard *guard = ctx;
	struct session *session = guard->attempt->run->session;
	struct finding_list *findings = &session->findings;
	struct err err = ERR_INIT;
	bool replaced = false;
	if (is_downgrade(find_choice(guard->attempt, choice), choice, old_value)) {
		(void)finding_add(
		    findings, SEVERITY_WARNING, "downgrade-held", place,
		    "'%.*s' stays: the last scan failed, and '%.*s' would be older",
		    STR_ARG(old_value), STR_ARG(new_value));
		return false;
	}
	const struct written_value returning = {
		.path = arena_strndup(&session->arena, guard->path),
		.setter = arena_printf(&session->arena, "%s:%s", choice->namespace,
				       choice->policy),
		.old_value = arena_strndup(&session->arena, new_value),
		.written_ms = guard->attempt->run->now_ms - RETURN_WINDOW_MS,
	};
	int code = store_written_replaced(session->store, session->id, &returning,
					  &replaced, &err);
	if (code || !replaced)
		return true;
	struct finding *finding =
	    finding_add(findings, SEVERITY_WARNING, "return-held", place,
			"'%.*s' stays: '%.*s' was replaced here within the hour",
			STR_ARG(old_value), STR_ARG(new_value));
	finding->hint = "change the policy: a push that changes documents lets it go";
	return false;
}

/* *is_settled tells whether there was nothing to change and nothing to say. */
static int rewrite_file(struct attempt *attempt, const struct snapshot_file *file,
			struct str shown, struct automation_outcome *outcome,
			bool *is_settled, struct err *err)
{
	struct session *session = attempt->run->session;
	size_t said = session->findings.len + session->findings.dropped;
	struct str text;
	struct file_change change = { .path = file->path };
	int code = load_text(session, attempt->repo, file, &text, err);
	if (code == ERR_LIMIT) {
		(void)finding_add_err(&session->findings, "file-too-large",
				      (struct place){ file->path, 0, 0 }, err);
		return 0;
	}
	if (code)
		return code;
	struct guard guard = { attempt, file->path };
	struct rewrite_request request = { .path = file->path,
					   .text = text,
					   .namespace =
					       attempt->automation->meta.namespace,
					   .choices = &attempt->choices,
					   .known = &attempt->known_policies,
					   .namespaces = &attempt->run->namespaces,
					   .may_write = may_write,
					   .may_write_ctx = &guard };
	change.old_text = text;
	/* a file that cannot be edited is a finding, and the others go on */
	code = rewrite_text(&request, &session->arena, &change.new_text, &change.changes,
			    &session->findings, err);
	if (code || change.changes.len == 0 || str_eq(change.old_text, change.new_text)) {
		*is_settled =
		    !code && session->findings.len + session->findings.dropped == said;
		return 0;
	}
	change.shown_path = arena_strndup(&session->arena, shown);
	VEC_PUSH(&session->arena, &outcome->changes.files, change);
	return 0;
}

/* The files that matter at the commit to edit: the documents' own snapshot when it is
 * that one. */
static int take_snapshot(struct attempt *attempt, struct snapshot *own,
			 const struct snapshot **out, struct err *err)
{
	struct session *session = attempt->run->session;
	const struct snapshot *loaded = &attempt->run->report->loaded.snapshot;
	const struct commit_target *target = &attempt->target;
	*out = loaded;
	if (attempt->repo == session->repo &&
	    strcmp(loaded->commit.hex, target->base.hex) == 0)
		return 0;
	const char *index = attempt->repo == session->repo && target->checkout_ref
				? load_index_path(session, target->checkout_ref)
				: NULL;
	*out = own;
	int code =
	    snapshot_take(attempt->repo, &target->base, index, &session->arena, own, err);
	/* what changed on the documents' branch is dealt with when the run is through */
	if (!code && index &&
	    strcmp(target->checkout_ref, attempt->run->report->loaded.ref) != 0)
		snapshot_save(own, index);
	return code;
}

int automation_changes(struct attempt *attempt, struct automation_outcome *outcome,
		       struct err *err)
{
	const struct image_update_automation *automation = attempt->automation;
	struct session *session = attempt->run->session;
	struct snapshot own = { 0 };
	const struct snapshot *snapshot = NULL;
	struct settled settled SETTLED_CLEANUP = { 0 };
	int code = take_snapshot(attempt, &own, &snapshot, err);
	outcome->changes =
	    (struct run_changes){ .automation_namespace = automation->meta.namespace,
				  .automation_name = automation->meta.name,
				  .values = automation->message_values,
				  .choices = attempt->choices };
	if (code)
		return code;
	settled_load(&settled, attempt);
	bool found = false;
	for (size_t i = 0; i < snapshot->len && !code; i++) {
		const struct snapshot_file *file = &snapshot->items[i];
		struct str shown;
		if (!(file->flags & SNAPSHOT_HAS_MARKER) ||
		    !rewrite_is_candidate(file->path) ||
		    !is_below(file->path, str_of(automation->update_path), &shown))
			continue;
		found = true;
		bool is_settled = settled_has(&settled, file);
		if (!is_settled)
			code =
			    rewrite_file(attempt, file, shown, outcome, &is_settled, err);
		if (is_settled)
			settled_add(&settled, file);
	}
	if (!code && !found)
		code = load_check_path(session, attempt->repo, &snapshot->tree,
				       automation, err);
	if (!code)
		settled_save(&settled);
	return code;
}

static const struct file_change *find_change(const struct automation_outcome *outcome,
					     struct str path)
{
	for (size_t i = 0; i < outcome->changes.files.len; i++)
		if (str_eq(outcome->changes.files.items[i].path, path))
			return &outcome->changes.files.items[i];
	return NULL;
}

static bool deltas_are_changes(struct attempt *attempt, const struct repo_deltas *deltas,
			       const struct automation_outcome *outcome)
{
	struct arena *arena = &attempt->run->session->arena;
	struct err err = ERR_INIT;
	if (deltas->len != outcome->changes.files.len)
		return false;
	for (size_t i = 0; i < deltas->len; i++) {
		struct str text;
		const struct file_change *change =
		    find_change(outcome, deltas->items[i].path);
		if (!change || !deltas->items[i].new_blob.hex[0] ||
		    repo_read_blob(attempt->repo, &deltas->items[i].new_blob,
				   LIMIT_FILE_BYTES, arena, &text, &err) ||
		    !str_eq(text, change->new_text))
			return false;
	}
	return true;
}

bool automation_is_present(struct attempt *attempt,
			   const struct automation_outcome *outcome)
{
	const struct commit_target *target = &attempt->target;
	struct arena *arena = &attempt->run->session->arena;
	struct repo_commit tip = { 0 };
	struct oid base_tree;
	struct repo_deltas deltas = { 0 };
	struct err err = ERR_INIT;
	if (target->same_branch || !target->push_oid.hex[0])
		return false;
	return repo_read_commit(attempt->repo, &target->push_oid, arena, &tip, &err) ==
		   0 &&
	       tip.parents.len == 1 &&
	       strcmp(tip.parents.items[0].hex, target->base.hex) == 0 &&
	       repo_commit_tree(attempt->repo, &target->base, &base_tree, &err) == 0 &&
	       repo_diff(attempt->repo, &base_tree, &tip.tree, arena, &deltas, &err) ==
		   0 &&
	       deltas_are_changes(attempt, &deltas, outcome);
}
