/* SPDX-License-Identifier: MIT */
/*
 * Every automation of a tree, one after the other: may it run, what would it change,
 * build the commit, move the branch. Each sees what the one before it wrote.
 */
#include "adapter/crypto/crypto.h"
#include "app/automation.h"
#include "app/source.h"
#include "base/text.h"
#include "base/when.h"
#include "stage/document/document.h"
#include "stage/message/message.h"

static bool selects(const struct image_update_automation *automation,
		    const struct image_policy *policy)
{
	return strcmp(policy->meta.cluster, automation->meta.cluster) == 0 &&
	       strcmp(policy->meta.namespace, automation->meta.namespace) == 0 &&
	       (!automation->has_selector ||
		document_labels_match(&automation->selector, &policy->meta.labels));
}

static const char *name_attempt(const struct run *run,
				const struct image_update_automation *automation)
{
	return arena_printf(&run->session->arena, "%s/%s/%s", automation->meta.cluster,
			    automation->meta.namespace, automation->meta.name);
}

/* Whether there is an image to write. What was chosen while the repository had another
 * image waits until a tag of this one is. */
static bool has_choice(const struct choice_state *state)
{
	const char *name = state->record.latest.name;
	return name &&
	       (!state->scan || strcmp(name, state->scan->repository->image) == 0);
}

/* The policies that this automation uses, and the names of those whose markers stay
 * silent. */
static void collect_choices(struct attempt *attempt)
{
	struct run *run = attempt->run;
	struct arena *arena = &run->session->arena;
	for (size_t i = 0; i < run->choices.len; i++) {
		const struct choice_state *state = &run->choices.items[i];
		const struct image_policy *policy = state->policy;
		if (strcmp(policy->meta.cluster, attempt->automation->meta.cluster) != 0)
			continue;
		strings_add(arena, &attempt->known_policies,
			    arena_printf(arena, "%s:%s", policy->meta.namespace,
					 policy->meta.name));
		if (!has_choice(state) || !selects(attempt->automation, policy))
			continue;
		struct image_choice *choice = VEC_ADD(arena, &attempt->choices);
		choice->namespace = policy->meta.namespace;
		choice->policy = policy->meta.name;
		choice->ref = state->record.latest;
	}
}

/* Once for all of them: there may be many. */
static void collect_namespaces(struct run *run)
{
	const struct document_set *set = &run->report->loaded.documents;
	run->namespaces = (struct strings){ NULL, 0, 0 };
	for (size_t i = 0; i < set->automations.len; i++) {
		const char *namespace = set->automations.items[i].meta.namespace;
		if (!strings_contain(&run->namespaces, namespace))
			strings_add(&run->session->arena, &run->namespaces, namespace);
	}
}

static const char *hash_choices(struct attempt *attempt)
{
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	char *hex = arena_alloc(&attempt->run->session->arena, HASH_MAX_HEX, 1);
	for (size_t i = 0; i < attempt->choices.len; i++) {
		const struct image_choice *choice = &attempt->choices.items[i];
		(void)buf_printf(&text, "%s/%s=%s:%s@%s\n", choice->namespace,
				 choice->policy, choice->ref.name, choice->ref.tag,
				 choice->ref.digest);
	}
	hash_hex(HASH_SHA256, buf_str(&text), hex);
	return hex;
}

static struct finding *tell(struct attempt *attempt, enum severity severity,
			    const char *id, const char *text)
{
	const struct object_meta *meta = &attempt->automation->meta;
	struct finding *finding = finding_add(&attempt->run->session->findings, severity,
					      id, meta->place, "%s", text);
	finding->object = arena_printf(&attempt->run->session->arena, "%s/%s/%s",
				       meta->kind_name, meta->namespace, meta->name);
	return finding;
}

static bool matches_any(const struct strings *globs, const char *text)
{
	for (size_t i = 0; i < globs->len; i++)
		if (text_glob(str_of(globs->items[i]), str_of(text)))
			return true;
	return false;
}

/* Says at the document why it is not done; *err has the same words, so that the object's
 * condition tells it as well. */
static int refuse(struct attempt *attempt, const char *id, const char *hint,
		  const char *text, struct err *err)
{
	tell(attempt, SEVERITY_ERROR, id, text)->hint = hint;
	return err_set(err, ERR_DENIED, "%s", text);
}

/* TRUST 1: which branches a document may move. */
static int check_branch(struct attempt *attempt, struct err *err)
{
	struct session *session = attempt->run->session;
	const struct commit_target *target = &attempt->target;
	const char *branch = target->push_ref + strlen("refs/heads/");
	if (attempt->repo == session->repo &&
	    strcmp(target->push_ref, attempt->run->report->loaded.ref) == 0)
		return 0;
	if (!target->push_oid.hex[0] ||
	    store_branch_is_ours(session->store, session->id, source_mapped_dir(attempt),
				 target->push_ref) ||
	    matches_any(config_list(session->config, CONFIG_PUSH_BRANCH), branch))
		return 0;
	return refuse(
	    attempt, "push-branch-not-permitted",
	    arena_printf(&session->arena,
			 "an admin permits it: git --git-dir=%s config --add "
			 "imagehook.pushBranch '%s'",
			 session->git_dir, branch),
	    arena_printf(&session->arena,
			 "the branch '%s' is not ours to move: imagehook did not "
			 "create it",
			 branch),
	    err);
}

/* What the admin's configuration demands of author and number of commits. */
static int check_limits(struct attempt *attempt, struct err *err)
{
	struct session *session = attempt->run->session;
	const struct strings *emails = config_list(session->config, CONFIG_AUTHOR_EMAIL);
	const char *email = attempt->automation->author_email;
	if (emails->len && !matches_any(emails, email))
		return refuse(attempt, "author-not-permitted", NULL,
			      arena_printf(&session->arena,
					   "the author address '%s' is not permitted "
					   "here (imagehook.authorEmail)",
					   email),
			      err);
	size_t count = 0;
	struct err ignored = ERR_INIT;
	int64_t max = config_int(session->config, CONFIG_MAX_COMMITS);
	if (store_commit_count(session->store, session->id, attempt->name,
			       attempt->run->now_ms - INT64_C(3600) * 1000, &count,
			       &ignored) ||
	    (int64_t)count < max)
		return 0;
	return refuse(attempt, "too-many-commits", NULL,
		      arena_printf(&session->arena,
				   "%zu commits within the hour; it waits "
				   "(imagehook.maxCommits)",
				   count),
		      err);
}

/* The branch that the document gives to commits alone; NULL when it is the one that is
 * read. */
static const char *own_branch(const struct run *run,
			      const struct image_update_automation *automation)
{
	const struct checkout_ref *checkout = &automation->checkout;
	const char *read = run->report->loaded.ref + strlen("refs/heads/");
	if (checkout->present && checkout->branch && checkout->branch[0])
		read = checkout->branch;
	const char *pushed = automation->push_branch;
	return pushed && strcmp(pushed, read) != 0 ? pushed : NULL;
}

/* Of the automations that share this one's own branch the one of that name; any for NULL.
 */
static bool find_partner(const struct attempt *attempt, const char *name)
{
	const struct run *run = attempt->run;
	const struct document_set *set = &run->report->loaded.documents;
	const char *branch = own_branch(run, attempt->automation);
	for (size_t i = 0; branch && i < set->automations.len; i++) {
		const struct image_update_automation *other = &set->automations.items[i];
		const char *others = own_branch(run, other);
		if (other != attempt->automation && others &&
		    strcmp(others, branch) == 0 &&
		    (!name || strcmp(name, name_attempt(run, other)) == 0))
			return true;
	}
	return false;
}

/* What an automation wrote that is gone, or went elsewhere, need not be kept. */
static enum commit_writer find_writer(void *ctx, const struct oid *commit)
{
	struct attempt *attempt = ctx;
	struct session *session = attempt->run->session;
	const char *name = store_commit_writer(session->store, session->id, commit->hex,
					       &session->arena);
	if (!name)
		return COMMIT_BY_OTHERS;
	return find_partner(attempt, name) ? COMMIT_BY_ANOTHER : COMMIT_BY_THIS;
}

static int resolve(struct attempt *attempt, struct err *err)
{
	struct commit_target_request request = {
		.docs_branch = attempt->default_branch,
		.checkout = &attempt->automation->checkout,
		.push_branch = attempt->automation->push_branch,
		.writer = find_writer,
		.writer_ctx = attempt,
	};
	return commit_resolve(attempt->repo, &request, &attempt->run->session->arena,
			      &attempt->target, err);
}

static int render(struct attempt *attempt, struct automation_outcome *outcome,
		  struct err *err)
{
	const struct image_update_automation *automation = attempt->automation;
	struct session *session = attempt->run->session;
	run_progress(attempt->run, "writing the message of %s", attempt->name);
	message_updated_images(&outcome->changes, &session->arena, &outcome->images);
	const struct message_template tmpl = { automation->message_template,
					       MESSAGE_TEMPLATE_NAME,
					       automation->template_place };
	return message_render(&outcome->changes, &tmpl, &session->arena,
			      &outcome->message, err);
}

static int build(struct attempt *attempt, struct automation_outcome *outcome,
		 struct err *err)
{
	struct session *session = attempt->run->session;
	const char *committer = config_text(session->config, CONFIG_COMMITTER);
	struct commit_identity identity = {
		.author_name = attempt->automation->author_name,
		.author_email = attempt->automation->author_email,
		.committer = *committer ? committer : NULL,
		.time_s = attempt->run->now_ms / 1000,
	};
	run_progress(attempt->run, "building the commit of %s", attempt->name);
	const struct commit_draft draft = { attempt->target.base, &outcome->changes.files,
					    outcome->message };
	return commit_build(attempt->repo, &draft, &identity, &outcome->commit, err);
}

/* One automation from its target to a moved branch. *outcome is filled as far as it came.
 */
static int write_changes(struct attempt *attempt, struct automation_outcome *outcome,
			 struct err *err)
{
	int code = render(attempt, outcome, err);
	if (code)
		return err_prefix(err, "failed to update source");
	if (attempt->run->options->dry_run || attempt->run->report->stopped)
		return 0;
	const char *refusal = source_refusal(attempt->run->session, attempt->repo);
	if (refusal)
		return err_set(err, ERR_UNSUPPORTED, "%s", refusal);
	code = build(attempt, outcome, err);
	if (!code)
		code = automation_move(attempt, outcome, err);
	if (code)
		outcome->commit.hex[0] = '\0';
	return code;
}

/* Whether something happened since this automation's last run. */
static bool is_due(struct attempt *attempt, const char *choices_hash)
{
	const struct automation_record *record = &attempt->record;
	const struct run *run = attempt->run;
	const struct object_meta *meta = &attempt->automation->meta;
	const struct loaded *loaded = &run->report->loaded;
	return run->options->trigger == RUN_PUSH || run->options->dry_run ||
	       run_is_forced(run, meta) || !attempt->known || !record->condition.ready ||
	       loaded->snapshot.documents_changed || loaded->snapshot.markers_changed ||
	       strcmp(record->spec_hash, meta->spec_hash) != 0 ||
	       strcmp(record->choices_hash, choices_hash) != 0 ||
	       record->run_ms > run->now_ms || find_partner(attempt, NULL) ||
	       run->now_ms - record->run_ms >= attempt->automation->interval_ms;
}

static int recall(struct attempt *attempt, struct err *err)
{
	struct session *session = attempt->run->session;
	int code = store_automation_get(session->store, &attempt->key, &session->arena,
					&attempt->record, err);
	attempt->known = code == 0;
	if (code == ERR_NOTFOUND) {
		attempt->record = (struct automation_record){ .push_commit = "",
							      .source_revision = "",
							      .spec_hash = "",
							      .choices_hash = "" };
		return 0;
	}
	return code;
}

static int remember(struct attempt *attempt, struct err *err)
{
	struct store *store = attempt->run->session->store;
	if (attempt->run->options->dry_run)
		return 0;
	attempt->record.run_ms = attempt->run->now_ms;
	attempt->record.spec_hash = attempt->automation->meta.spec_hash;
	int code = store_begin_lazy(store, err);
	if (!code)
		code = store_automation_put(store, &attempt->key, &attempt->record, err);
	if (!code)
		return store_commit(store, err);
	store_rollback(store);
	return code;
}

static void failed(struct attempt *attempt, struct automation_outcome *outcome,
		   const char *reason, const struct err *err)
{
	struct run *run = attempt->run;
	outcome->code = err->code;
	outcome->text = arena_strdup(&run->session->arena, err->text);
	pipeline_set_condition(run, &attempt->record.condition, false, reason, err->text);
	run_failed(run, &attempt->automation->meta, reason, outcome->text);
}

static void succeeded(struct attempt *attempt, const struct automation_outcome *outcome,
		      const char *choices_hash)
{
	struct run *run = attempt->run;
	struct automation_record *record = &attempt->record;
	pipeline_set_condition(run, &record->condition, true, "Succeeded",
			       "repository up-to-date");
	record->choices_hash = choices_hash;
	const struct oid *source = outcome->commit.hex[0] && attempt->target.same_branch
				       ? &outcome->commit
				       : &attempt->target.checkout_oid;
	const char *ref = attempt->target.checkout_ref;
	const char *slash = ref ? strchr(ref + strlen("refs/"), '/') : NULL;
	record->source_revision = arena_printf(&run->session->arena, "%s@sha1:%s",
					       slash ? slash + 1 : "HEAD", source->hex);
	if (outcome->commit.hex[0]) {
		record->push_commit =
		    arena_strdup(&run->session->arena, outcome->commit.hex);
		record->push_ms = run->now_ms;
	}
}

static bool has_changes(const struct automation_outcome *outcome)
{
	return outcome->changes.files.len > 0;
}

static void warn_foreign(struct attempt *attempt,
			 const struct automation_outcome *outcome)
{
	(void)tell(attempt, SEVERITY_WARNING, "push-branch-foreign",
		   arena_printf(&attempt->run->session->arena,
				"the branch '%s' holds commits that are not ours: the "
				"change goes on top of them",
				outcome->branch));
}

/* A push branch that already holds this change on this base needs no second commit. */
static int attempt_once(struct attempt *attempt, struct automation_outcome *outcome,
			const char *choices_hash, struct err *err)
{
	int code = resolve(attempt, err);
	if (code) {
		(void)err_prefix(err, "failed to checkout source");
		failed(attempt, outcome, "GitOperationFailed", err);
		return 0;
	}
	outcome->branch = attempt->target.push_ref + strlen("refs/heads/");
	outcome->same_branch = attempt->target.same_branch;
	code = check_branch(attempt, err);
	if (code) {
		failed(attempt, outcome, "GitOperationFailed", err);
		return 0;
	}
	code = automation_changes(attempt, outcome, err);
	if (code) {
		(void)err_prefix(err, "failed to apply policies");
		failed(attempt, outcome, "UpdateFailed", err);
		return 0;
	}
	if (has_changes(outcome) && automation_is_present(attempt, outcome))
		outcome->changes.files.len = 0;
	code = has_changes(outcome) ? check_limits(attempt, err) : 0;
	if (code) {
		failed(attempt, outcome, "GitOperationFailed", err);
		return 0;
	}
	if (has_changes(outcome) && attempt->target.foreign)
		warn_foreign(attempt, outcome);
	if (has_changes(outcome))
		code = write_changes(attempt, outcome, err);
	if (code == ERR_CONFLICT)
		return code;
	if (code)
		failed(attempt, outcome, "GitOperationFailed", err);
	else
		succeeded(attempt, outcome, choices_hash);
	return 0;
}

static bool may_run(struct attempt *attempt)
{
	const struct image_update_automation *automation = attempt->automation;
	if (automation->suspend)
		return false;
	if (automation->meta.valid)
		return true;
	struct run *run = attempt->run;
	pipeline_set_condition(run, &attempt->record.condition, false,
			       automation->meta.reason ? automation->meta.reason
						       : "Failed",
			       automation->meta.message ? automation->meta.message
							: "the document is not valid");
	attempt->record.condition.stalled = true;
	run_failed(run, &automation->meta, attempt->record.condition.reason,
		   attempt->record.condition.message);
	return false;
}

static int run_one(struct run *run, const struct image_update_automation *automation,
		   struct err *err)
{
	struct arena *arena = &run->session->arena;
	struct attempt attempt = { .run = run,
				   .automation = automation,
				   .key = run_key(run, &automation->meta) };
	attempt.name = name_attempt(run, automation);
	struct automation_outcome outcome = { .automation = automation };
	int code = recall(&attempt, err);
	if (code)
		return code;
	if (!may_run(&attempt))
		return automation->suspend ? 0 : remember(&attempt, err);
	collect_choices(&attempt);
	const char *choices_hash = hash_choices(&attempt);
	run_due_at(run, run->now_ms + automation->interval_ms);
	if (!is_due(&attempt, choices_hash))
		return 0;
	code = source_open(&attempt, err);
	if (code) {
		failed(&attempt, &outcome, "SourceManagerFailed", err);
		code = 0;
	} else {
		code = attempt_once(&attempt, &outcome, choices_hash, err);
	}
	source_close(&attempt);
	if (code)
		return code;
	if (has_changes(&outcome) || outcome.code)
		VEC_PUSH(arena, &run->report->outcomes, outcome);
	return remember(&attempt, err);
}

static int compare_automations(const void *a_ptr, const void *b_ptr)
{
	const struct image_update_automation *const *a = a_ptr;
	const struct image_update_automation *const *b = b_ptr;
	int order = strcmp((*a)->meta.cluster, (*b)->meta.cluster);
	if (!order)
		order = strcmp((*a)->meta.namespace, (*b)->meta.namespace);
	return order ? order : strcmp((*a)->meta.name, (*b)->meta.name);
}

int run_automations(struct run *run, struct err *err)
{
	const struct document_set *set = &run->report->loaded.documents;
	size_t n = set->automations.len;
	collect_namespaces(run);
	const struct image_update_automation **order = ARENA_ARRAY(
	    &run->session->arena, const struct image_update_automation *, n + 1);
	for (size_t i = 0; i < n; i++)
		order[i] = &set->automations.items[i];
	qsort(order, n, sizeof(*order), compare_automations);
	for (size_t i = 0; i < n; i++) {
		int code = run_one(run, order[i], err);
		if (code)
			return code;
	}
	return 0;
}
