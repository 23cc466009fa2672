/* SPDX-License-Identifier: MIT */
/* One Kustomization or HelmRelease after another: whether it is judged, where it leads,
 * and what upstream would say. The files themselves are the walk's. */
#include "stage/event/kustomize.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/event/walk.h"
#include <stdlib.h>

struct run {
	const struct document_set *set;
	const struct check_reader *reader;
	struct arena *arena;
	const char *revision;
	struct walk *walk;
	const struct object_meta **metas; /* judged kinds, in the set's order */
	size_t *open;                     /* by meta: dependencies not yet settled */
	size_t n;
};

/* One object while it is checked. */
struct check {
	struct run *run;
	struct check_result *result;
};

static struct place place_of(const struct check *check, const struct value *value)
{
	const struct object_meta *meta = check->result->meta;
	struct place place = meta->place;
	if (value && value->line) {
		place.line = value->line + meta->line_base;
		place.col = value->col;
	}
	return place;
}

static void fail(const struct check *check, const char *reason, struct place place,
		 const char *text)
{
	check->result->verdict = CHECK_FAILED;
	check->result->reason = reason;
	check->result->message = text;
	check->result->place = place;
}

/* `HEAD: path:line: TEXT` */
static void fail_here(const struct check *check, const char *reason,
		      const struct value *value, const char *head, const char *text)
{
	struct arena *arena = check->run->arena;
	struct place place = place_of(check, value);
	fail(check, reason, place,
	     arena_printf(arena, "%s: %s:%lu: %s", head,
			  text_clean(arena, place.path, 200), (unsigned long)place.line,
			  text));
}

static const char *show(const struct check *check, const struct value *value)
{
	return value && value->kind == VALUE_STRING
		   ? text_clean(check->run->arena, value->string, 120)
		   : "?";
}

/* What a walk found; a limit leaves the object not judged. */
static bool settle(const struct check *check, const struct visit *visit,
		   const char *reason, const char *head)
{
	struct arena *arena = check->run->arena;
	if (visit->state == WALK_BAD)
		fail(check, reason, visit->place,
		     arena_printf(arena, "%s: %s", head, visit->text));
	else if (visit->state == WALK_UNKNOWN)
		check->result->verdict = CHECK_NOT_JUDGED;
	return visit->state == WALK_GOOD;
}

static bool is_own(const struct check *check, const struct value *ref)
{
	const struct object_meta *meta = check->result->meta;
	const struct run *run = check->run;
	const char *kind = value_get_text(ref, "kind", run->arena);
	const char *name = value_get_text(ref, "name", run->arena);
	const char *namespace = value_get_text(ref, "namespace", run->arena);
	return kind && name &&
	       run->reader->is_own(run->reader->ctx, meta->cluster, kind,
				   namespace ? namespace : meta->namespace, name);
}

static const char *text_or_empty(const struct value *value)
{
	return value && value->kind == VALUE_STRING ? value->string.ptr : "";
}

/* The clean path of a value, relative to `folder`. Flux joins paths so that none leads
 * out of the tree; NULL when it is too long. */
static const char *path_of(const struct check *check, const char *folder,
			   const struct value *value)
{
	struct str text = value && value->kind == VALUE_STRING ? value->string : STR("");
	return walk_join_below(check->run->arena, str_of(folder), text);
}

static enum check_entry look_up(const struct check *check, const char *path)
{
	const struct check_reader *reader = check->run->reader;
	if (!path)
		return CHECK_ABSENT;
	return path[0] ? reader->look_up(reader->ctx, str_of(path)) : CHECK_FOLDER;
}

/* spec.components: folders below spec.path, or remote. */
static bool check_components(const struct check *check, const char *folder)
{
	const struct value *list = value_get(check->result->meta->spec, "components");
	const struct value *ignore =
	    value_get(check->result->meta->spec, "ignoreMissingComponents");
	bool may_miss = ignore && ignore->kind == VALUE_BOOL && ignore->boolean;
	for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		const char *path = path_of(check, folder, item);
		enum check_entry found = look_up(check, path);
		if (found == CHECK_OTHER ||
		    (found == CHECK_ABSENT &&
		     (may_miss || walk_is_remote(str_of(text_or_empty(item))))))
			continue;
		if (found != CHECK_FOLDER) {
			fail_here(check, "BuildFailed", item, "kustomize build failed",
				  arena_printf(check->run->arena,
					       "component '%s' is no folder of the tree",
					       show(check, item)));
			return false;
		}
		if (!settle(check, walk_folder(check->run->walk, path, false),
			    "BuildFailed", "kustomize build failed"))
			return false;
	}
	return true;
}

static bool check_kustomization(const struct check *check)
{
	const struct value *spec = check->result->meta->spec;
	const struct value *value = value_get(spec, "path");
	const char *path = path_of(check, "", value);
	enum check_entry found = look_up(check, path);
	if (found == CHECK_OTHER) {
		check->result->verdict = CHECK_NOT_JUDGED;
		return false;
	}
	if (found != CHECK_FOLDER) {
		fail_here(check, "ArtifactFailed", value, "kustomization path not found",
			  arena_printf(check->run->arena, "'%s' is %s",
				       show(check, value),
				       found == CHECK_FILE ? "a file, not a folder"
							   : "not in the tree"));
		return false;
	}
	return settle(check, walk_folder(check->run->walk, path, true), "BuildFailed",
		      "kustomize build failed") &&
	       check_components(check, path);
}

static bool check_values_files(const struct check *check, const struct value *chart)
{
	const struct value *list = value_get(chart, "valuesFiles");
	const struct value *ignore = value_get(chart, "ignoreMissingValuesFiles");
	bool may_miss = ignore && ignore->kind == VALUE_BOOL && ignore->boolean;
	for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		const char *path = path_of(check, "", item);
		enum check_entry found = look_up(check, path);
		if (found == CHECK_OTHER || (found == CHECK_ABSENT && may_miss))
			continue;
		if (found != CHECK_FILE) {
			fail_here(check, "ValuesError", item, "values file not found",
				  arena_printf(check->run->arena,
					       "'%s' is no file of the tree",
					       show(check, item)));
			return false;
		}
		if (!settle(check, walk_file(check->run->walk, path, true), "ValuesError",
			    "could not parse values"))
			return false;
	}
	return true;
}

/* A chart of this repository: a folder with a Chart.yaml, or a packed one. */
static bool check_chart(const struct check *check, const struct value *chart)
{
	const struct value *value = value_get(chart, "chart");
	const struct value *values = value_get(check->result->meta->spec, "values");
	const char *path = path_of(check, "", value);
	enum check_entry found = look_up(check, path);
	const char *file =
	    path ? walk_join(check->run->arena, str_of(path), STR("Chart.yaml")) : NULL;
	if (found == CHECK_ABSENT ||
	    (found == CHECK_FOLDER && look_up(check, file) == CHECK_ABSENT)) {
		fail_here(check, "ArtifactFailed", value, "chart not found",
			  arena_printf(
			      check->run->arena, "'%s' is %s", show(check, value),
			      found == CHECK_ABSENT ? "not in the tree"
						    : "a folder without a Chart.yaml"));
		return false;
	}
	if (values && values->kind != VALUE_MAP && values->kind != VALUE_NULL) {
		fail_here(check, "ValuesError", values, "could not parse values",
			  "spec.values is not a map");
		return false;
	}
	if (found == CHECK_FOLDER && look_up(check, file) == CHECK_FILE &&
	    !settle(check, walk_file(check->run->walk, file, true), "ArtifactFailed",
		    "chart cannot be read"))
		return false;
	return check_values_files(check, chart);
}

static int compare_metas(const void *a_ptr, const void *b_ptr)
{
	const struct object_meta *a = *(const struct object_meta *const *)a_ptr;
	const struct object_meta *b = *(const struct object_meta *const *)b_ptr;
	int order = strcmp(a->cluster, b->cluster);
	if (order == 0)
		order = strcmp(a->kind_name, b->kind_name);
	if (order == 0)
		order = strcmp(a->namespace, b->namespace);
	return order ? order : strcmp(a->name, b->name);
}

/* The object that an entry of dependsOn names; NULL when there is none. */
static const struct object_meta **find_dependency(const struct run *run,
						  const struct object_meta *meta,
						  const struct value *entry)
{
	struct object_meta key = *meta;
	const struct object_meta *key_ptr = &key;
	const char *namespace = value_get_text(entry, "namespace", run->arena);
	key.name = value_get_text(entry, "name", run->arena);
	key.namespace = namespace ? namespace : meta->namespace;
	if (!key.name)
		return NULL;
	return bsearch(&key_ptr, run->metas, run->n, sizeof(*run->metas), compare_metas);
}

static const struct value *dependencies(const struct object_meta *meta)
{
	const struct value *list = value_get(meta->spec, "dependsOn");
	return list && list->kind == VALUE_LIST ? list : NULL;
}

/* Strikes out, again and again, what depends on nothing that is left: what remains waits
 * for itself or for something that does. */
static void find_cycles(struct run *run)
{
	bool changed = true;
	/* every pass settles one level; deeper chains than that are not judged */
	for (size_t pass = 0; changed && pass < (size_t)LIMIT_CHECK_DEPTH * 4; pass++) {
		changed = false;
		for (size_t i = 0; i < run->n; i++) {
			const struct value *list = dependencies(run->metas[i]);
			bool waits = false;
			if (!run->open[i])
				continue;
			for (size_t k = 0; list && !waits && k < list->list.len; k++) {
				const struct object_meta **at = find_dependency(
				    run, run->metas[i], list->list.items[k]);
				waits = at && run->open[at - run->metas];
			}
			run->open[i] = waits;
			changed = changed || !waits;
		}
	}
	if (changed)
		memset(run->open, 0, run->n * sizeof(*run->open));
}

static bool check_dependencies(const struct check *check, size_t i)
{
	const struct object_meta *meta = check->result->meta;
	const struct value *list = dependencies(meta);
	struct arena *arena = check->run->arena;
	for (size_t k = 0; list && k < list->list.len; k++) {
		const struct value *entry = list->list.items[k];
		if (find_dependency(check->run, meta, entry))
			continue;
		const struct value *namespace = value_get(entry, "namespace");
		fail_here(
		    check, "DependencyNotReady", entry, "dependency not found",
		    arena_printf(arena, "the tree has no %s '%s/%s'", meta->kind_name,
				 namespace ? show(check, namespace) : meta->namespace,
				 show(check, value_get(entry, "name"))));
		return false;
	}
	if (!check->run->open[i])
		return true;
	fail_here(check, "DependencyNotReady", list, "dependencies never become ready",
		  "dependsOn leads in a circle");
	return false;
}

bool check_is_suspended(const struct object_meta *meta)
{
	const struct value *value = value_get(meta->spec, "suspend");
	return meta->held || (value && value->kind == VALUE_BOOL && value->boolean);
}

static void check_one(struct run *run, size_t i, struct check_result *result)
{
	const struct object_meta *meta = run->metas[i];
	const struct check check = { run, result };
	const struct value *chart = value_get(value_get(meta->spec, "chart"), "spec");
	bool is_release = meta->kind == DOCUMENT_HELM_RELEASE;
	const struct value *ref = value_get(is_release ? chart : meta->spec, "sourceRef");
	*result = (struct check_result){ meta, CHECK_NOT_JUDGED, "", "", meta->place };
	if (!meta->spec || check_is_suspended(meta) || !is_own(&check, ref))
		return;
	result->verdict = CHECK_PASSED;
	if (!check_dependencies(&check, i) ||
	    !(is_release ? check_chart(&check, chart) : check_kustomization(&check)))
		return;
	result->reason = is_release ? "UpgradeSucceeded" : "ReconciliationSucceeded";
	result->message = arena_printf(run->arena, "Checked revision: %s", run->revision);
}

void check_run(const struct document_set *set, const struct check_reader *reader,
	       const char *revision, struct arena *arena, struct check_list *out)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct walk *walk = ARENA_NEW(&scratch, struct walk);
	struct run run = { set, reader, arena, revision, walk, NULL, NULL, 0 };
	size_t n = set->others.len;
	walk->reader = reader;
	walk->arena = arena;
	run.metas = ARENA_ARRAY(&scratch, const struct object_meta *, n + 1);
	run.open = ARENA_ARRAY(&scratch, size_t, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind != DOCUMENT_KUSTOMIZATION &&
		    meta->kind != DOCUMENT_HELM_RELEASE)
			continue;
		run.open[run.n] = 1;
		run.metas[run.n++] = meta;
	}
	if (run.n > 1)
		qsort(run.metas, run.n, sizeof(*run.metas), compare_metas);
	find_cycles(&run);
	for (size_t i = 0; i < run.n; i++) {
		struct check_result *result = VEC_ADD(arena, out);
		check_one(&run, i, result);
	}
}
