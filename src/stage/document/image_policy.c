/* SPDX-License-Identifier: MIT */
/* ImagePolicy: which of an image's tags is wanted, and whether it may use the image. What
 * a range or an expression means is the select stage's. */
#include "base/cursor.h"
#include "stage/document/document.h"
#include "stage/document/schema.h"

struct form {
	struct image_policy out;
	bool has_semver, has_alphabetical, has_numerical, has_interval;
	const char *alphabetical, *numerical;
	const char *digest;
	struct place policy_place, alphabetical_place, numerical_place, range_place;
	struct place interval_place, digest_place;
};

static const struct field repository_rows[] = {
	FIELD("name", struct form, out.repository_name,
	      .flags = FIELD_REQUIRED | FIELD_NAME, .help = "the ImageRepository's name"),
	FIELD("namespace", struct form, out.repository_namespace, .flags = FIELD_NAME,
	      .help = "its namespace; the policy's own when not given. Another one needs "
		      "*accessFrom* there"),
};

static const struct field semver_rows[] = {
	FIELD("range", struct form, out.range, .flags = FIELD_REQUIRED,
	      FIELD_PLACE(struct form, range_place),
	      .help = "a range of versions: `>=1.0.0 <2.0.0`, `1.x`, `^2.1`"),
};

static const struct field alphabetical_rows[] = {
	FIELD("order", struct form, alphabetical, .fallback = "asc",
	      FIELD_PLACE(struct form, alphabetical_place),
	      .help = "*asc*: the last tag is taken; *desc*: the first"),
};

static const struct field numerical_rows[] = {
	FIELD("order", struct form, numerical, .fallback = "asc",
	      FIELD_PLACE(struct form, numerical_place),
	      .help = "*asc*: the greatest number is taken; *desc*: the least"),
};

static const struct field policy_rows[] = {
	FIELD_INSIDE("semver", semver_rows, FIELD_PRESENT(struct form, has_semver),
		     .help = "by semantic version"),
	FIELD_INSIDE("alphabetical", alphabetical_rows,
		     FIELD_PRESENT(struct form, has_alphabetical),
		     .help = "by bytes; used when *semver* is not given"),
	FIELD_INSIDE("numerical", numerical_rows,
		     FIELD_PRESENT(struct form, has_numerical),
		     .help = "by number; used when neither of the others is given"),
};

static const struct field filter_rows[] = {
	FIELD("pattern", struct form, out.pattern, .fallback = "", .flags = FIELD_LITERAL,
	      FIELD_PLACE(struct form, out.pattern_place),
	      .help = "a regular expression (RE2, unanchored); other tags are left out"),
	FIELD("extract", struct form, out.extract, .fallback = "", .flags = FIELD_LITERAL,
	      FIELD_PLACE(struct form, out.extract_place),
	      .help = "what tags are ordered by: a text with the pattern's groups, `$1`, "
		      "`$name`"),
};

static const struct field rows[] = {
	FIELD_INSIDE("imageRepositoryRef", repository_rows, .flags = FIELD_REQUIRED,
		     FIELD_PLACE(struct form, out.repository_place),
		     .help = "the image whose tags are chosen from"),
	FIELD_INSIDE("policy", policy_rows, .flags = FIELD_REQUIRED,
		     FIELD_PLACE(struct form, policy_place),
		     .help = "how tags are ordered"),
	FIELD_INSIDE("filterTags", filter_rows,
		     FIELD_PRESENT(struct form, out.has_filter),
		     .help = "which tags take part, and by which part of them"),
	FIELD("digestReflectionPolicy", struct form, digest, .fallback = "Never",
	      .choices = "Always|IfNotPresent|Never",
	      FIELD_PLACE(struct form, digest_place),
	      .help = "whether the tag's digest is written too, and fetched again"),
	FIELD("interval", struct form, out.interval_ms,
	      FIELD_PRESENT(struct form, has_interval),
	      FIELD_PLACE(struct form, interval_place),
	      .help = "how often *Always* fetches the digest; `0s` means 10 minutes"),
	FIELD("suspend", struct form, out.suspend, .help = "true: keep the last choice"),
};

static void take_digest(struct decode *d, struct form *form)
{
	struct image_policy *out = &form->out;
	out->digest = DIGEST_NEVER;
	if (strcmp(form->digest, "Always") == 0)
		out->digest = DIGEST_ALWAYS;
	else if (strcmp(form->digest, "IfNotPresent") == 0)
		out->digest = DIGEST_IF_NOT_PRESENT;
	if (form->has_interval && out->digest != DIGEST_ALWAYS)
		(void)decode_refuse(d, form->interval_place, "invalid-field", "Invalid",
				    "spec.interval is only accepted when "
				    "spec.digestReflectionPolicy is set to 'Always'");
	if (!form->has_interval && out->digest == DIGEST_ALWAYS)
		(void)decode_refuse(d, form->digest_place, "invalid-field",
				    "IntervalNotConfigured",
				    "spec.interval must be set when "
				    "spec.digestReflectionPolicy is set to 'Always'");
}

/* The schema takes only lower case, the controller's code takes any; its text is shown
 * for what neither takes. */
static bool take_order(struct decode *d, const char *order, const char *path,
		       struct place place)
{
	/* upstream takes an empty order as the default */
	if (!*order || strcmp(order, "asc") == 0 || strcmp(order, "desc") == 0)
		return order[0] == 'd';
	const char *shown = show_text(d->arena, str_of(order));
	char *upper = arena_strdup(d->arena, shown);
	for (char *c = upper; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	bool descending = strcmp(upper, "DESC") == 0;
	if (descending || strcmp(upper, "ASC") == 0) {
		struct finding *finding =
		    finding_add(d->findings, SEVERITY_WARNING, "order-case", place,
				"%s is '%s', which the schema of Flux refuses; expected "
				"asc or desc",
				path, shown);
		finding->object = d->object;
		return descending;
	}
	(void)decode_refuse(d, place, "invalid-policy", "InvalidPolicy",
			    "invalid policy: invalid order argument provided: '%s', must "
			    "be one of: ASC, DESC",
			    upper);
	return false;
}

/* Several members: semver beats alphabetical beats numerical, as upstream. */
static void take_policy(struct decode *d, struct form *form)
{
	struct image_policy *out = &form->out;
	if (form->has_semver) {
		out->order = POLICY_SEMVER;
		out->range_place = form->range_place;
	} else if (form->has_alphabetical) {
		out->order = POLICY_ALPHABETICAL;
		out->range_place = form->alphabetical_place;
		out->descending =
		    take_order(d, form->alphabetical, "spec.policy.alphabetical.order",
			       form->alphabetical_place);
	} else if (form->has_numerical) {
		out->order = POLICY_NUMERICAL;
		out->range_place = form->numerical_place;
		out->descending =
		    take_order(d, form->numerical, "spec.policy.numerical.order",
			       form->numerical_place);
	} else {
		out->range_place = form->policy_place;
		if (d->meta->valid)
			(void)decode_refuse(d, form->policy_place, "invalid-policy",
					    "InvalidPolicy",
					    "invalid policy: given ImagePolicyChoice "
					    "object is invalid");
	}
}

static void warn_several(struct decode *d, const struct form *form)
{
	size_t n =
	    (size_t)form->has_semver + form->has_alphabetical + form->has_numerical;
	if (n < 2)
		return;
	struct finding *finding = finding_add(
	    d->findings, SEVERITY_WARNING, "several-policies", form->policy_place,
	    "only '%s' is used of spec.policy's %zu members",
	    form->has_semver ? "semver" : "alphabetical", n);
	finding->object = d->object;
}

static void finish(struct decode *d, void *ptr)
{
	struct form *form = ptr;
	take_digest(d, form);
	take_policy(d, form);
	warn_several(d, form);
	if (!form->out.repository_namespace)
		form->out.repository_namespace = form->out.meta.namespace;
	if (!form->out.range)
		form->out.range = "";
}

static void add(struct document_set *set, const void *form)
{
	VEC_PUSH(set->arena, &set->policies, ((const struct form *)form)->out);
}

/* Why a policy of another namespace may not use the image; NULL when it may. */
static const char *refuse_access(const struct document_set *set,
				 const struct image_repository *repository,
				 const struct image_policy *policy, struct arena *arena)
{
	struct label_list labels = { NULL, 0, 0 };
	if (strcmp(repository->meta.namespace, policy->meta.namespace) == 0)
		return NULL;
	const char *head = "failed to get the referred ImageRepository: access denied";
	if (!repository->access_from)
		return arena_printf(arena,
				    "%s: '%s/%s' can't be accessed due to missing ACL "
				    "labels on 'accessFrom'",
				    head, repository->meta.namespace,
				    repository->meta.name);
	resolve_namespace_labels(set, policy->meta.cluster, policy->meta.namespace,
				 &labels);
	for (size_t i = 0; i < repository->access_selectors.len; i++)
		if (document_labels_match(&repository->access_selectors.items[i],
					  &labels))
			return NULL;
	return arena_printf(arena,
			    "%s: '%s/%s' can't be accessed due to ACL labels mismatch on "
			    "namespace '%s'",
			    head, repository->meta.namespace, repository->meta.name,
			    policy->meta.namespace);
}

static void resolve_policy(const struct resolution *resolution,
			   struct image_policy *policy)
{
	struct arena *arena = resolution->set->arena;
	const struct image_repository *repository =
	    document_find_repository(resolution->set, policy);
	if (!repository) {
		struct finding *finding = document_refuse(
		    &policy->meta, resolution->findings, policy->repository_place,
		    "unknown-repository", "DependencyNotReady",
		    arena_printf(arena,
				 "failed to get the referred ImageRepository: "
				 "referenced ImageRepository does not exist: "
				 "ImageRepository.image.toolkit.fluxcd.io \"%s\" not "
				 "found",
				 policy->repository_name));
		finding->hint =
		    arena_printf(resolution->findings->arena,
				 "add an ImageRepository '%s' in namespace '%s'",
				 policy->repository_name, policy->repository_namespace);
		return;
	}
	const char *denied = refuse_access(resolution->set, repository, policy, arena);
	if (denied)
		(void)document_refuse(&policy->meta, resolution->findings,
				      policy->repository_place, "access-denied",
				      "AccessDenied", denied);
}

static void resolve(const struct resolution *resolution)
{
	for (size_t i = 0; i < resolution->set->policies.len; i++) {
		struct image_policy *policy = &resolution->set->policies.items[i];
		if (policy->meta.valid)
			resolve_policy(resolution, policy);
	}
}

const struct kind kind_image_policy = {
	.name = "ImagePolicy",
	KIND_OF_IMAGES,
	KIND_FORM(struct form, rows),
	.resolve = resolve,
	.summary = "Which tag of an image is wanted.",
	.example = "apiVersion: image.toolkit.fluxcd.io/v1\n"
		   "kind: ImagePolicy\n"
		   "metadata:\n"
		   "  name: app\n"
		   "  namespace: flux-system\n"
		   "spec:\n"
		   "  imageRepositoryRef:\n"
		   "    name: app\n"
		   "  policy:\n"
		   "    semver:\n"
		   "      range: \">=1.0.0 <2.0.0\"\n",
};
