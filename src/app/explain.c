/* SPDX-License-Identifier: MIT */
/* A selection over the stored list with a verdict for every tag. */
#include "app/explain.h"
#include "app/pipeline.h"
#include "stage/document/document.h"
#include "stage/select/select.h"

const char *explain_fate(struct arena *arena, const struct tag_verdict *verdict)
{
	switch (verdict->fate) {
	case TAG_CHOSEN:
		return "chosen";
	case TAG_OLDER:
		return "older";
	case TAG_EXCLUDED:
		return arena_printf(arena, "excluded by '%.*s'", STR_ARG(verdict->by));
	case TAG_NO_MATCH:
		return "did not match the pattern";
	case TAG_SHADOWED:
		return arena_printf(arena, "same key as '%.*s'", STR_ARG(verdict->by));
	case TAG_NOT_A_VERSION:
		return "not a version";
	case TAG_OUT_OF_RANGE:
		return "outside the range";
	case TAG_NOT_A_NUMBER:
		return "not a number";
	}
	return "";
}

static void add_schedule(struct explanation *out,
			 const struct image_repository *repository,
			 const struct scan_record *record)
{
	out->last_scan_ms = record->scanned_ms;
	if (repository->suspend)
		return;
	out->next_scan_ms = record->failures
				? record->retry_ms
				: record->scanned_ms + repository->interval_ms;
	if (!record->condition.ready && record->condition.message)
		out->problem = record->condition.message;
}

static int explain_tags(struct session *session,
			const struct image_repository *repository,
			const struct scan_record *record, struct explanation *out)
{
	struct tag_list tags = { 0 };
	const struct select_terms terms = { out->policy, &repository->exclusion_list,
					    &tags };
	struct selection selection = { 0 };
	struct err err = ERR_INIT;
	pipeline_tags(&session->arena, record, &tags);
	if (tags.len == 0) {
		out->problem = out->problem ? out->problem : "no tags were scanned yet";
		return 0;
	}
	int code = select_tag(&terms, &session->arena, &selection, &out->verdicts,
			      &session->findings, &err);
	if (code)
		out->problem = arena_strdup(&session->arena, err.text);
	else
		out->chosen = arena_strndup(&session->arena, selection.tag);
	return 0;
}

int explain_policy(struct session *session, struct wanted *wanted,
		   struct explanation *out, struct err *err)
{
	struct loaded loaded = { 0 };
	struct scan_record record = { 0 };
	const struct object_meta *meta = NULL;
	wanted->kind = "ImagePolicy";
	int code = wanted_begin(session, wanted, err);
	if (!code)
		code = load_documents(session, &loaded, err);
	if (!code)
		code = wanted_one(wanted, &loaded.documents, &meta, err);
	if (code)
		return code;
	*out = (struct explanation){ .policy = WANTED_AS(struct image_policy, meta),
				     .image = "" };
	const struct image_repository *repository =
	    document_find_repository(&loaded.documents, out->policy);
	if (!out->policy->meta.valid || !repository) {
		out->problem = out->policy->meta.message
				   ? out->policy->meta.message
				   : "its ImageRepository does not exist";
		return 0;
	}
	out->image = repository->image;
	struct object_key key = { session->id, repository->meta.cluster,
				  repository->meta.kind_name, repository->meta.namespace,
				  repository->meta.name };
	code = store_scan_get(session->store, &key, &session->arena, &record, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	add_schedule(out, repository, &record);
	return explain_tags(session, repository, &record, out);
}
