/* SPDX-License-Identifier: MIT */
/* Joins the document stage with the stages that know what its values mean. */
#include "app/check.h"
#include "base/cursor.h"
#include "stage/message/message.h"
#include "stage/rewrite/rewrite.h"
#include "stage/scan/reference.h"
#include "stage/select/select.h"

static void check_repository(struct image_repository *repository, struct arena *arena,
			     struct finding_list *findings)
{
	struct err err = ERR_INIT;
	struct reference reference;
	if (repository->meta.valid &&
	    reference_parse_image(repository->image, arena, &reference, &err))
		(void)document_refuse(&repository->meta, findings,
				      repository->image_place, "invalid-image",
				      "ImageURLInvalid", err.text);
}

/* Upstream's policy stalls with its repository's error; that was said there. */
static bool take_over_image_error(const struct document_set *set,
				  struct image_policy *policy)
{
	const struct image_repository *repository = document_find_repository(set, policy);
	if (!repository || repository->meta.valid ||
	    strcmp(repository->meta.reason, "ImageURLInvalid") != 0)
		return false;
	policy->meta.valid = false;
	policy->meta.reason = repository->meta.reason;
	policy->meta.message = repository->meta.message;
	return true;
}

/* What was found from `before` on is about this object. */
static void own_findings(struct finding_list *findings, size_t before,
			 const struct object_meta *meta)
{
	for (size_t i = before; i < findings->len; i++)
		findings->items[i].object =
		    arena_printf(findings->arena, "%s/%s/%s", meta->kind_name,
				 meta->namespace, meta->name);
}

static void check_policy(const struct document_set *set, struct image_policy *policy,
			 struct finding_list *findings)
{
	struct err err = ERR_INIT;
	bool stalled = false;
	size_t before = findings->len;
	if (!policy->meta.valid || take_over_image_error(set, policy))
		return;
	int code = select_check(policy, findings, &err);
	own_findings(findings, before, &policy->meta);
	if (!code)
		return;
	bool of_filter = str_starts(str_of(err.text), STR("failed to filter tags"));
	(void)document_refuse(&policy->meta, findings,
			      of_filter ? policy->pattern_place : policy->range_place,
			      "invalid-policy", select_reason(&err, &stalled), err.text);
}

/* `commit message:LINE:COL: ...`: the line in the template, 0 when there is none. */
static uint32_t template_line(const char *text)
{
	struct str rest = str_of(text);
	uint64_t line = 0;
	if (!cursor_text(&rest, MESSAGE_TEMPLATE_NAME ":") ||
	    !cursor_number(&rest, UINT32_MAX / 2, &line))
		return 0;
	return (uint32_t)line;
}

static void try_template(const struct image_update_automation *automation,
			 const struct message_template *tmpl,
			 struct finding_list *findings)
{
	const struct object_meta *meta = &automation->meta;
	const struct run_changes run = { .automation_namespace = meta->namespace,
					 .automation_name = meta->name,
					 .values = automation->message_values };
	size_t before = findings->len;
	message_try(&run, tmpl, findings);
	own_findings(findings, before, meta);
}

static void check_automation(struct image_update_automation *automation,
			     struct arena *arena, struct finding_list *findings)
{
	struct err err = ERR_INIT;
	struct place place = automation->template_place;
	const struct message_template tmpl = { automation->message_template,
					       MESSAGE_TEMPLATE_NAME, place };
	if (!automation->meta.valid)
		return;
	if (message_check(&tmpl, findings, &err) == 0) {
		try_template(automation, &tmpl, findings);
		return;
	}
	uint32_t line = template_line(err.text);
	if (line && automation->template_line) {
		place.line = automation->template_line + line - 1;
		place.col = 0;
	}
	(void)document_refuse(&automation->meta, findings, place, "invalid-template",
			      "GitOperationFailed",
			      arena_printf(arena,
					   "failed to update source: unable to create "
					   "commit message template from spec: template: "
					   "%s",
					   err.text));
}

void check_documents(struct document_set *set, struct finding_list *findings)
{
	for (size_t i = 0; i < set->repositories.len; i++)
		check_repository(&set->repositories.items[i], set->arena, findings);
	for (size_t i = 0; i < set->policies.len; i++)
		check_policy(set, &set->policies.items[i], findings);
	for (size_t i = 0; i < set->automations.len; i++)
		check_automation(&set->automations.items[i], set->arena, findings);
}

static struct strings list_namespaces(const struct document_set *set, const char *first,
				      struct arena *arena)
{
	struct strings list = { NULL, 0, 0 };
	strings_add(arena, &list, first);
	for (size_t i = 0; i < set->automations.len; i++)
		if (!strings_contain(&list, set->automations.items[i].meta.namespace))
			strings_add(arena, &list,
				    set->automations.items[i].meta.namespace);
	return list;
}

static struct strings list_known(const struct document_set *set, const char *namespace,
				 struct arena *arena)
{
	struct strings list = { NULL, 0, 0 };
	for (size_t i = 0; i < set->policies.len; i++) {
		const struct object_meta *meta = &set->policies.items[i].meta;
		if (strcmp(meta->namespace, namespace) == 0)
			strings_add(arena, &list,
				    arena_printf(arena, "%s:%s", namespace, meta->name));
	}
	return list;
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return a->place.line == b->place.line && a->place.col == b->place.col &&
	       strcmp(a->id, b->id) == 0 && strcmp(a->text, b->text) == 0;
}

/* A mistake of one file is found once per namespace; it is told once. */
static void add_once(struct finding_list *out, struct finding_list *found)
{
	finding_sort(found);
	for (size_t i = 0; i < found->len; i++) {
		const struct finding *finding = &found->items[i];
		if (i > 0 && is_same(finding, &found->items[i - 1]))
			continue;
		struct finding *copy = finding_add(out, finding->severity, finding->id,
						   finding->place, "%s", finding->text);
		copy->hint = finding->hint;
		copy->object = finding->object;
	}
	out->dropped += found->dropped;
}

/* What the tree says about markers: for each namespace that is looked at the policies
 * there. */
struct marker_world {
	struct strings namespaces;
	struct strings *known;
	bool has_automations;
};

static void check_file(const struct document_file *file, const struct marker_world *world,
		       struct finding_list *findings)
{
	const struct strings *namespaces = &world->namespaces;
	struct finding_list found = FINDING_LIST_INIT(findings->arena);
	const struct image_choice_list nothing = { NULL, 0, 0 };
	for (size_t i = 0; i < namespaces->len; i++) {
		struct rewrite_request request = { .path = file->path,
						   .text = file->text,
						   .namespace = namespaces->items[i],
						   .choices = &nothing,
						   .known = &world->known[i],
						   .namespaces = world->has_automations
								     ? namespaces
								     : NULL };
		struct change_list changes = { NULL, 0, 0 };
		struct str text;
		struct err err = ERR_INIT;
		struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
		size_t before = found.len;
		int code =
		    rewrite_text(&request, &scratch, &text, &changes, &found, &err);
		if (code && found.len == before)
			(void)finding_add_err(&found, "unreadable-file",
					      (struct place){ .path = file->path }, &err);
	}
	add_once(findings, &found);
}

void check_markers(const struct document_file *files, size_t n,
		   const struct document_set *set, const char *default_namespace,
		   struct finding_list *findings)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct marker_world world = {
		.namespaces = list_namespaces(set, default_namespace, &scratch),
		.has_automations = set->automations.len > 0,
	};
	world.known = ARENA_ARRAY(&scratch, struct strings, world.namespaces.len);
	for (size_t i = 0; i < world.namespaces.len; i++)
		world.known[i] = list_known(set, world.namespaces.items[i], &scratch);
	for (size_t i = 0; i < n; i++)
		if (rewrite_is_candidate(files[i].path) &&
		    rewrite_holds_token(files[i].text))
			check_file(&files[i], &world, findings);
}
