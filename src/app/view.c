/* SPDX-License-Identifier: MIT */
/* From documents and records to what `get` shows: columns, and Flux's object shape. */
#include "app/pipeline.h"
#include "app/viewer.h"
#include "base/when.h"
#include "stage/document/document.h"

void viewer_put(struct arena *arena, struct value *map, const char *key, const char *text)
{
	if (text && *text)
		value_set(arena, map, key, value_text(arena, text));
}

const char *viewer_time(struct arena *arena, int64_t ms)
{
	char text[32] = "";
	if (ms)
		when_format_rfc3339(ms, text);
	return arena_strdup(arena, text);
}

static struct value *labels_value(struct arena *arena, const struct label_list *labels)
{
	struct value *map = value_new(arena, VALUE_MAP);
	for (size_t i = 0; i < labels->len; i++)
		value_set(arena, map, labels->items[i].key,
			  value_text(arena, labels->items[i].value));
	return map;
}

static struct value *meta_value(struct arena *arena, const struct object_meta *meta)
{
	struct value *map = value_new(arena, VALUE_MAP);
	viewer_put(arena, map, "name", meta->name);
	viewer_put(arena, map, "namespace", meta->namespace);
	if (meta->labels.len)
		value_set(arena, map, "labels", labels_value(arena, &meta->labels));
	if (meta->annotations.len)
		value_set(arena, map, "annotations",
			  labels_value(arena, &meta->annotations));
	return map;
}

static struct value *condition_value(struct arena *arena, const char *type,
				     const struct condition *condition,
				     const char *status)
{
	struct value *map = value_new(arena, VALUE_MAP);
	viewer_put(arena, map, "type", type);
	viewer_put(arena, map, "status", status);
	viewer_put(arena, map, "reason", condition->reason);
	viewer_put(arena, map, "message", condition->message);
	viewer_put(arena, map, "lastTransitionTime",
		   viewer_time(arena, condition->changed_ms));
	return map;
}

/* A document that is wrong now is shown as wrong, whatever the last run left. */
static struct condition condition_now(const struct object_meta *meta,
				      const struct condition *recorded)
{
	if (meta->valid)
		return *recorded;
	return (struct condition){ .stalled = true,
				   .reason = meta->reason ? meta->reason : "Failed",
				   .message = meta->message ? meta->message : "not valid",
				   .changed_ms = recorded->changed_ms };
}

struct object_view *viewer_add(struct viewer *viewer, const struct object_meta *meta,
			       const struct condition *recorded, const char *ready,
			       struct value **status)
{
	struct arena *arena = viewer->arena;
	struct object_view *view = VEC_ADD(arena, viewer->out);
	struct value *conditions = value_new(arena, VALUE_LIST);
	view->meta = meta;
	view->condition = condition_now(meta, recorded);
	view->ready = ready && meta->valid    ? ready
		      : view->condition.ready ? "True"
					      : "False";
	view->message = view->condition.message ? view->condition.message
						: "waiting to be reconciled";
	view->image = view->tag = view->last = view->tags = view->revision = "";
	view->waiting = view->error = "";
	if (view->condition.stalled)
		value_append(arena, conditions,
			     condition_value(arena, "Stalled", &view->condition, "True"));
	if (view->condition.reason)
		value_append(
		    arena, conditions,
		    condition_value(arena, "Ready", &view->condition, view->ready));
	*status = value_new(arena, VALUE_MAP);
	value_set(arena, *status, "conditions", conditions);
	view->object = value_new(arena, VALUE_MAP);
	viewer_put(arena, view->object, "apiVersion", meta->api_version);
	viewer_put(arena, view->object, "kind", meta->kind_name);
	value_set(arena, view->object, "metadata", meta_value(arena, meta));
	if (meta->spec) {
		/* shared, never changed */
		struct value *spec = value_new(arena, VALUE_NULL);
		*spec = *meta->spec;
		value_set(arena, view->object, "spec", spec);
	}
	viewer_put(arena, *status, "cluster", meta->cluster);
	viewer_put(arena, *status, "suspendedBy", meta->held ? "imagehook.suspend" : "");
	value_set(arena, view->object, "status", *status);
	return view;
}

static struct object_key key_of(const struct viewer *viewer,
				const struct object_meta *meta)
{
	return (struct object_key){ viewer->session->id, meta->cluster, meta->kind_name,
				    meta->namespace, meta->name };
}

static struct value *strings_value(struct arena *arena, const struct strings *list)
{
	struct value *out = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < list->len; i++)
		value_append(arena, out, value_text(arena, list->items[i]));
	return out;
}

enum {
	LATEST_TAGS = 10
};

static struct value *scan_result_value(struct viewer *viewer,
				       const struct scan_record *record)
{
	struct arena *arena = viewer->arena;
	struct tag_list tags = { 0 };
	struct tag_list kept = { 0 };
	struct err err = ERR_INIT;
	struct value *out = value_new(arena, VALUE_MAP);
	struct value *latest = value_new(arena, VALUE_LIST);
	pipeline_tags(arena, record, &tags);
	if (pipeline_apply_exclusions(arena, &record->exclusion_list, &tags, &kept,
				      &err) == 0)
		for (size_t i = 0; i < kept.len && i < LATEST_TAGS; i++)
			value_append(arena, latest, value_string(arena, kept.items[i]));
	if (latest->list.len)
		value_set(arena, out, "latestTags", latest);
	viewer_put(arena, out, "revision", record->revision);
	viewer_put(arena, out, "scanTime", viewer_time(arena, record->scanned_ms));
	value_set(arena, out, "tagCount", value_int(arena, (int64_t)record->tag_count));
	return out;
}

static int view_repository(struct viewer *viewer,
			   const struct image_repository *repository, struct err *err)
{
	struct arena *arena = viewer->arena;
	struct object_key key = key_of(viewer, &repository->meta);
	struct scan_record record = { 0 };
	struct value *status = NULL;
	int code = store_scan_get(viewer->session->store, &key, arena, &record, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	struct object_view *view =
	    viewer_add(viewer, &repository->meta, &record.condition, NULL, &status);
	view->suspended = repository->suspend;
	view->image = repository->image ? repository->image : "";
	view->last = viewer_time(arena, record.scanned_ms);
	if (record.scanned_ms)
		view->tags = arena_printf(arena, "%zu", record.tag_count);
	viewer_put(arena, status, "canonicalImageName", record.canonical);
	viewer_put(arena, status, "lastHandledReconcileAt", record.handled_request);
	if (record.scanned_ms)
		value_set(arena, status, "lastScanResult",
			  scan_result_value(viewer, &record));
	if (record.exclusion_list.len)
		value_set(arena, status, "observedExclusionList",
			  strings_value(arena, &record.exclusion_list));
	return 0;
}

static void put_ref(struct arena *arena, struct value *status, const char *key,
		    const struct image_ref *ref)
{
	if (!ref->name || !*ref->name)
		return;
	struct value *map = value_new(arena, VALUE_MAP);
	viewer_put(arena, map, "name", ref->name);
	viewer_put(arena, map, "tag", ref->tag);
	viewer_put(arena, map, "digest", ref->digest);
	/* NOLINTNEXTLINE(readability-suspicious-call-argument) */
	value_set(arena, status, key, map);
}

static int view_policy(struct viewer *viewer, const struct image_policy *policy,
		       struct err *err)
{
	struct object_key key = key_of(viewer, &policy->meta);
	struct choice_record record = { 0 };
	struct value *status = NULL;
	int code =
	    store_choice_get(viewer->session->store, &key, viewer->arena, &record, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	struct object_view *view =
	    viewer_add(viewer, &policy->meta, &record.condition, NULL, &status);
	view->suspended = policy->suspend;
	view->image = record.latest.name ? record.latest.name : "";
	view->tag = record.latest.tag ? record.latest.tag : "";
	put_ref(viewer->arena, status, "latestRef", &record.latest);
	put_ref(viewer->arena, status, "observedPreviousRef", &record.previous);
	return 0;
}

static int view_automation(struct viewer *viewer,
			   const struct image_update_automation *automation,
			   struct err *err)
{
	struct arena *arena = viewer->arena;
	struct object_key key = key_of(viewer, &automation->meta);
	struct automation_record record = { 0 };
	struct value *status = NULL;
	int code =
	    store_automation_get(viewer->session->store, &key, arena, &record, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	struct object_view *view =
	    viewer_add(viewer, &automation->meta, &record.condition, NULL, &status);
	view->suspended = automation->suspend;
	view->last = viewer_time(arena, record.run_ms);
	viewer_put(arena, status, "lastAutomationRunTime", view->last);
	viewer_put(arena, status, "lastPushCommit", record.push_commit);
	viewer_put(arena, status, "lastPushTime", viewer_time(arena, record.push_ms));
	viewer_put(arena, status, "observedSourceRevision", record.source_revision);
	return 0;
}

static int compare_views(const void *a_ptr, const void *b_ptr)
{
	const struct object_view *a = a_ptr;
	const struct object_view *b = b_ptr;
	int order = strcmp(a->meta->namespace, b->meta->namespace);
	if (!order)
		order = strcmp(a->meta->name, b->meta->name);
	return order ? order : strcmp(a->meta->cluster, b->meta->cluster);
}

static int view_image(struct viewer *viewer, const struct object_meta *meta,
		      struct err *err)
{
	if (meta->kind == DOCUMENT_IMAGE_REPOSITORY)
		return view_repository(viewer, WANTED_AS(struct image_repository, meta),
				       err);
	if (meta->kind == DOCUMENT_IMAGE_POLICY)
		return view_policy(viewer, WANTED_AS(struct image_policy, meta), err);
	return view_automation(viewer, WANTED_AS(struct image_update_automation, meta),
			       err);
}

static int view_images(struct viewer *viewer, struct err *err)
{
	struct metas metas = { 0 };
	int code = 0;
	wanted_list(viewer->wanted, &viewer->loaded->documents, &metas);
	for (size_t i = 0; i < metas.len && !code; i++)
		code = view_image(viewer, metas.items[i], err);
	return code;
}

static const struct {
	const char *kind;
	int (*view)(struct viewer *viewer, struct err *err);
} kinds[] = {
	{ "ImageRepository", view_images },       { "ImagePolicy", view_images },
	{ "ImageUpdateAutomation", view_images }, { "GitRepository", viewer_checked },
	{ "Kustomization", viewer_checked },      { "HelmRelease", viewer_checked },
	{ "Provider", viewer_providers },         { "Alert", viewer_alerts },
};

int view_list(struct session *session, const struct loaded *loaded,
	      const struct wanted *wanted, struct object_views *out, struct err *err)
{
	struct viewer viewer = { session, &session->arena, loaded, wanted, out };
	int code = 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds) && !code; i++)
		if (strcmp(kinds[i].kind, wanted->kind) == 0)
			code = kinds[i].view(&viewer, err);
	if (!code)
		VEC_SORT(out, compare_views);
	return code;
}

int view_one(struct session *session, const struct loaded *loaded,
	     const struct wanted *wanted, struct object_view *out, struct err *err)
{
	struct object_views views = { 0 };
	struct wanted one = *wanted;
	const struct object_meta *meta = NULL;
	int code = wanted_one(wanted, &loaded->documents, &meta, err);
	if (code)
		return code;
	one.cluster = meta->cluster;
	code = view_list(session, loaded, &one, &views, err);
	if (code)
		return code;
	if (!views.len)
		return wanted_none(wanted, err);
	*out = views.items[0];
	return 0;
}

int view_find(struct session *session, const struct wanted *wanted,
	      struct object_view *out, struct err *err)
{
	struct loaded loaded = { 0 };
	session->findings.len = 0;
	int code = load_documents(session, &loaded, err);
	return code ? code : view_one(session, &loaded, wanted, out, err);
}
