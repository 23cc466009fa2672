/* SPDX-License-Identifier: MIT */
/* ImageUpdateAutomation: where chosen images are written, as whom and with which message.
 * What a template means is the message stage's, whether refs exist the commit stage's. */
#include "adapter/git/repo.h"
#include "base/cursor.h"
#include "lang/semver/semver.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"
#include "stage/document/selector.h"

struct form {
	struct image_update_automation out;
	const char *source_version;
	struct place kind_place, git_place, strategy_place;
	VEC_OF(struct selector_term) terms;
	const char *strategy, *path;
	bool has_git;
	struct place branch_place, tag_place, semver_place, name_place, commit_place;
	const char *refspec;
	struct label_list options;
	struct place refspec_place, options_place, signing_place;
	const char *signing_secret, *signing_type;
};

static const struct field source_rows[] = {
	FIELD("apiVersion", struct form, source_version, .help = "not used"),
	FIELD("kind", struct form, out.source_kind, .fallback = "GitRepository",
	      FIELD_PLACE(struct form, kind_place), .help = "always *GitRepository*"),
	FIELD("name", struct form, out.source_name, .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "stands for this repository, unless *imagehook.source* maps it to "
		      "another one"),
	FIELD("namespace", struct form, out.source_namespace, .flags = FIELD_NAME,
	      .help = "the automation's own when not given"),
};

static const struct field term_rows[] = {
	FIELD("key", struct selector_term, key, .flags = FIELD_REQUIRED,
	      .help = "the label's key"),
	FIELD("operator", struct selector_term, operator, .flags = FIELD_REQUIRED,
	      FIELD_PLACE(struct selector_term, place),
	      .help = "*In*, *NotIn*, *Exists* or *DoesNotExist*"),
	FIELD("values", struct selector_term, values, .help = "for *In* and *NotIn*"),
};

static const struct field selector_rows[] = {
	FIELD("matchLabels", struct form, out.selector.match_labels,
	      .help = "labels that a policy must have"),
	FIELD_ITEMS("matchExpressions", struct form, terms, struct selector_term,
		    term_rows,
		    .help = "conditions that its labels must meet, all of "
			    "them"),
};

static const struct field update_rows[] = {
	FIELD("strategy", struct form, strategy, .fallback = "Setters",
	      FIELD_PLACE(struct form, strategy_place), .help = "always *Setters*"),
	FIELD("path", struct form, path, .fallback = "",
	      FIELD_PLACE(struct form, out.path_place),
	      .help = "the folder or file below which markers count; the whole tree when "
		      "not given"),
};

static const struct field ref_rows[] = {
	FIELD("branch", struct form, out.checkout.branch,
	      FIELD_PLACE(struct form, branch_place), .help = "a branch"),
	FIELD("tag", struct form, out.checkout.tag, FIELD_PLACE(struct form, tag_place),
	      .help = "a tag; beats *semver* and *branch*"),
	FIELD("semver", struct form, out.checkout.semver,
	      FIELD_PLACE(struct form, semver_place),
	      .help = "the newest tag in this range; beats *branch*"),
	FIELD("name", struct form, out.checkout.name,
	      FIELD_PLACE(struct form, name_place),
	      .help = "a full ref such as `refs/heads/main`; beats all but *commit*"),
	FIELD("commit", struct form, out.checkout.commit,
	      FIELD_PLACE(struct form, commit_place),
	      .help = "a full commit id; beats all"),
};

static const struct field checkout_rows[] = {
	FIELD_INSIDE("ref", ref_rows, .flags = FIELD_REQUIRED,
		     FIELD_PRESENT(struct form, out.checkout.present),
		     FIELD_PLACE(struct form, out.checkout_place),
		     .help = "what is read; all but a branch need *push.branch*"),
};

static const struct field author_rows[] = {
	FIELD("email", struct form, out.author_email, .flags = FIELD_REQUIRED,
	      .help = "the author's address"),
	FIELD("name", struct form, out.author_name, .fallback = "",
	      .help = "the author's name; the address's local part when not given"),
};

static const struct field signing_secret_rows[] = {
	FIELD("name", struct form, signing_secret, .flags = FIELD_REQUIRED | FIELD_NAME,
	      .help = "the secret's name"),
};

static const struct field signing_rows[] = {
	FIELD_INSIDE("secretRef", signing_secret_rows, .flags = FIELD_REQUIRED,
		     .help = "the key"),
	FIELD("type", struct form, signing_type, .fallback = "gpg", .choices = "gpg|ssh|",
	      .help = "what kind of key it is"),
};

static const struct field commit_rows[] = {
	FIELD_INSIDE("author", author_rows, .flags = FIELD_REQUIRED,
		     .help = "author and committer"),
	FIELD("messageTemplate", struct form, out.message_template,
	      .flags = FIELD_LITERAL, FIELD_PLACE(struct form, out.template_place),
	      .help = "the message as a Go template; our own text when not given"),
	FIELD("messageTemplateValues", struct form, out.message_values,
	      .help = "what the template sees as *.Values*"),
	FIELD_INSIDE("signingKey", signing_rows,
		     FIELD_PRESENT(struct form, out.has_signing_key),
		     FIELD_PLACE(struct form, signing_place),
		     .help = "not supported yet: the automation does not run"),
};

static const struct field push_rows[] = {
	FIELD("branch", struct form, out.push_branch,
	      FIELD_PLACE(struct form, out.push_place),
	      .help = "where the commit goes; the checkout branch when not given"),
	FIELD("refspec", struct form, refspec,
	      FIELD_PRESENT(struct form, out.has_refspec),
	      FIELD_PLACE(struct form, refspec_place),
	      .help = "not supported yet: the automation does not run"),
	FIELD("options", struct form, options,
	      FIELD_PRESENT(struct form, out.has_push_options),
	      FIELD_PLACE(struct form, options_place),
	      .help = "not supported yet: the automation does not run"),
};

static const struct field git_rows[] = {
	FIELD_INSIDE("checkout", checkout_rows, .help = "what is read"),
	FIELD_INSIDE("commit", commit_rows, .flags = FIELD_REQUIRED,
		     .help = "what the commit says"),
	FIELD_INSIDE("push", push_rows, .help = "where the commit goes"),
};

static const struct field rows[] = {
	FIELD_INSIDE("sourceRef", source_rows, .flags = FIELD_REQUIRED,
		     FIELD_PLACE(struct form, out.source_place),
		     .help = "the repository"),
	FIELD("interval", struct form, out.interval_ms, .flags = FIELD_REQUIRED,
	      .help = "time to the next run; a new choice runs at once"),
	FIELD("suspend", struct form, out.suspend, .help = "true: do not run"),
	FIELD_INSIDE(
	    "policySelector", selector_rows, FIELD_PRESENT(struct form, out.has_selector),
	    FIELD_PLACE(struct form, out.selector.place),
	    .help = "which policies of its namespace count, by their labels; all "
		    "when not given"),
	FIELD_INSIDE("update", update_rows, .flags = FIELD_ALWAYS,
		     .help = "how and where values are written"),
	FIELD_INSIDE("git", git_rows, FIELD_PRESENT(struct form, has_git),
		     FIELD_PLACE(struct form, git_place),
		     .help = "checkout, commit and push; required"),
};

/* As Go's securejoin: `..` never leads above the root. */
static const char *clean_path(struct arena *arena, const char *path)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	struct str rest = str_of(path);
	struct str part;
	while (str_split(&rest, '/', &part)) {
		if (part.len == 0 || str_is(part, "."))
			continue;
		if (str_is(part, "..")) {
			size_t cut = str_rfind_char(buf_str(&out), '/');
			buf_truncate(&out, cut < out.len ? cut : 0);
			continue;
		}
		if (out.len)
			(void)buf_putc(&out, '/');
		(void)buf_append(&out, part);
	}
	return arena_strndup(arena, buf_str(&out));
}

static void check_source(struct decode *d, const struct form *form)
{
	if (strcmp(form->out.source_kind, "GitRepository") != 0)
		(void)decode_refuse(
		    d, form->kind_place, "invalid-source", "InvalidSourceConfiguration",
		    "source kind '%s' not supported: invalid source configuration",
		    show_text(d->arena, str_of(form->out.source_kind)));
	if (!form->has_git)
		(void)decode_refuse(d, form->git_place, "invalid-source",
				    "InvalidSourceConfiguration",
				    "source kind 'GitRepository' necessitates field "
				    ".spec.git: invalid source configuration");
	if (strcmp(form->strategy, "Setters") != 0)
		(void)decode_refuse(d, form->strategy_place, "invalid-strategy",
				    "InvalidUpdateStrategy",
				    "unsupported update strategy: %s",
				    show_text(d->arena, str_of(form->strategy)));
}

/* A name that git would not have, checked before it is ever looked up. */
static void check_ref(struct decode *d, const char *field, const char *prefix,
		      const char *name, struct place place)
{
	if (!name || !name[0])
		return;
	const char *full = arena_printf(d->arena, "%s%s", prefix, name);
	/* git itself makes no branch whose name begins with a dash */
	if (strncmp(full, "refs/", 5) == 0 && name[0] != '-' && repo_is_ref_name(full))
		return;
	(void)decode_refuse(d, place, "invalid-ref", "SourceManagerFailed",
			    "%s: '%s' is not a name that git accepts", field,
			    show_text(d->arena, str_of(name)));
}

static bool is_object_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_hex(s.ptr[i]))
			return false;
	return s.len == 40 || s.len == 64;
}

static void check_refs(struct decode *d, const struct form *form)
{
	const struct checkout_ref *ref = &form->out.checkout;
	check_ref(d, "spec.git.checkout.ref.branch", "refs/heads/", ref->branch,
		  form->branch_place);
	check_ref(d, "spec.git.checkout.ref.tag", "refs/tags/", ref->tag,
		  form->tag_place);
	check_ref(d, "spec.git.checkout.ref.name", "", ref->name, form->name_place);
	check_ref(d, "spec.git.push.branch", "refs/heads/", form->out.push_branch,
		  form->out.push_place);
	if (ref->commit && ref->commit[0] && !is_object_id(str_of(ref->commit)))
		(void)decode_refuse(d, form->commit_place, "invalid-ref",
				    "SourceManagerFailed",
				    "spec.git.checkout.ref.commit: '%s' is not a full "
				    "commit id",
				    show_text(d->arena, str_of(ref->commit)));
	struct semver_range *range = NULL;
	struct err err = ERR_INIT;
	if (ref->semver && ref->semver[0] &&
	    semver_range_new(str_of(ref->semver), d->arena, &range, &err))
		(void)decode_refuse(
		    d, form->semver_place, "invalid-ref", "GitOperationFailed",
		    "failed to checkout source: semver parse error: %s", err.text);
}

static void refuse_unsupported(struct decode *d, bool given, const char *field,
			       struct place place)
{
	if (!given)
		return;
	struct finding *finding = decode_refuse(
	    d, place, "unsupported-field", "SourceManagerFailed",
	    "failed configuring source manager: %s is not supported yet, this automation "
	    "does not run",
	    field);
	finding->hint = "remove the field to let the automation run without it";
}

/* The template's first line in the file: known for a literal block only, whose lines are
 * the file's. */
static void place_template(struct decode *d, struct image_update_automation *out)
{
	if (!out->message_template || out->template_place.line <= d->source->line_base)
		return;
	struct str head = source_at(d->source, d->arena,
				    out->template_place.line - d->source->line_base,
				    out->template_place.col);
	if (head.len && head.ptr[0] == '|')
		out->template_line = out->template_place.line + 1;
}

static const char *none_if_empty(const char *text)
{
	return text && text[0] ? text : NULL;
}

static void finish(struct decode *d, void *ptr)
{
	struct form *form = ptr;
	struct image_update_automation *out = &form->out;
	check_source(d, form);
	check_refs(d, form);
	if (out->has_selector)
		selector_check(d, &out->selector, form->terms.items, form->terms.len);
	refuse_unsupported(d, out->has_refspec && none_if_empty(form->refspec),
			   "spec.git.push.refspec", form->refspec_place);
	refuse_unsupported(d, out->has_push_options && form->options.len,
			   "spec.git.push.options", form->options_place);
	refuse_unsupported(d, out->has_signing_key, "spec.git.commit.signingKey",
			   form->signing_place);
	place_template(d, out);
	out->update_path = clean_path(d->arena, form->path);
	out->push_branch = none_if_empty(out->push_branch);
	out->checkout.branch = none_if_empty(out->checkout.branch);
	out->checkout.tag = none_if_empty(out->checkout.tag);
	out->checkout.semver = none_if_empty(out->checkout.semver);
	out->checkout.name = none_if_empty(out->checkout.name);
	out->checkout.commit = none_if_empty(out->checkout.commit);
	if (!out->source_namespace)
		out->source_namespace = out->meta.namespace;
	if (out->checkout_place.path.len == 0)
		out->checkout_place = form->git_place;
}

static void add(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->automations, ((const struct form *)form)->out);
}

/* The GitRepository document that sourceRef names, if the tree has one. */
static const struct object_meta *find_source(const struct document_set *set,
					     const struct image_update_automation *a)
{
	for (size_t i = 0; i < set->others.len; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind == DOCUMENT_GIT_REPOSITORY &&
		    strcmp(meta->cluster, a->meta.cluster) == 0 &&
		    strcmp(meta->name, a->source_name) == 0 &&
		    strcmp(meta->namespace, a->source_namespace) == 0)
			return meta;
	}
	return NULL;
}

/* spec.ref of the GitRepository counts as a whole when the automation gives none. */
static void take_source_ref(const struct document_set *set,
			    struct image_update_automation *automation)
{
	const struct object_meta *source = find_source(set, automation);
	const struct value *ref = source ? value_get(source->spec, "ref") : NULL;
	struct checkout_ref *checkout = &automation->checkout;
	if (checkout->present || !ref || ref->kind != VALUE_MAP)
		return;
	checkout->present = true;
	checkout->branch = none_if_empty(value_get_text(ref, "branch", set->arena));
	checkout->tag = none_if_empty(value_get_text(ref, "tag", set->arena));
	checkout->semver = none_if_empty(value_get_text(ref, "semver", set->arena));
	checkout->name = none_if_empty(value_get_text(ref, "name", set->arena));
	checkout->commit = none_if_empty(value_get_text(ref, "commit", set->arena));
}

static void check_push(const struct resolution *resolution,
		       struct image_update_automation *automation)
{
	if (automation->push_branch || !automation->checkout.present ||
	    automation->checkout.branch)
		return;
	struct finding *finding = document_refuse(
	    &automation->meta, resolution->findings, automation->checkout_place,
	    "no-push-branch", "SourceManagerFailed",
	    "failed configuring source manager: push spec not provided, and cannot be "
	    "inferred from .spec.git.checkout.ref or GitRepository .spec.ref");
	finding->hint = "name the branch in spec.git.push.branch";
}

static bool uses_policy(const struct image_update_automation *automation,
			const struct image_policy *policy)
{
	return strcmp(policy->meta.namespace, automation->meta.namespace) == 0 &&
	       strcmp(policy->meta.cluster, automation->meta.cluster) == 0 &&
	       (!automation->has_selector ||
		document_labels_match(&automation->selector, &policy->meta.labels));
}

static void warn_without_policies(const struct resolution *resolution,
				  const struct image_update_automation *automation)
{
	const struct document_set *set = resolution->set;
	for (size_t i = 0; i < set->policies.len; i++)
		if (uses_policy(automation, &set->policies.items[i]))
			return;
	struct finding *finding = finding_add(
	    resolution->findings, SEVERITY_WARNING, "no-policies",
	    automation->has_selector ? automation->selector.place
				     : automation->meta.place,
	    "no ImagePolicy in namespace '%s'%s: this automation has nothing to write",
	    automation->meta.namespace,
	    automation->has_selector ? " matches the policySelector" : "");
	finding->object = arena_printf(resolution->findings->arena, "%s/%s/%s",
				       automation->meta.kind_name,
				       automation->meta.namespace, automation->meta.name);
}

static void resolve(const struct resolution *resolution)
{
	for (size_t i = 0; i < resolution->set->automations.len; i++) {
		struct image_update_automation *automation =
		    &resolution->set->automations.items[i];
		if (!automation->meta.valid)
			continue;
		take_source_ref(resolution->set, automation);
		check_push(resolution, automation);
		warn_without_policies(resolution, automation);
	}
}

const struct kind kind_image_update_automation = {
	.name = "ImageUpdateAutomation",
	KIND_OF_IMAGES,
	KIND_FORM(struct form, rows),
	.resolve = resolve,
	.summary = "Where and how chosen images are written.",
	.example = "apiVersion: image.toolkit.fluxcd.io/v1\n"
		   "kind: ImageUpdateAutomation\n"
		   "metadata:\n"
		   "  name: app\n"
		   "  namespace: flux-system\n"
		   "spec:\n"
		   "  interval: 5m\n"
		   "  sourceRef:\n"
		   "    kind: GitRepository\n"
		   "    name: flux-system\n"
		   "  git:\n"
		   "    checkout:\n"
		   "      ref:\n"
		   "        branch: main\n"
		   "    commit:\n"
		   "      author:\n"
		   "        email: bot@example.com\n"
		   "        name: bot\n",
};
