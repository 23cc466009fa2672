/* SPDX-License-Identifier: MIT */
/* A run for programs: what was updated, what failed and what was found. */
#include "app/finding_text.h"
#include "app/report.h"
#include "stage/commit/commit.h"

static void put(struct arena *arena, struct value *map, const char *key, const char *text)
{
	if (text && *text)
		value_set(arena, map, key, value_text(arena, text));
}

static struct value *object_of(struct arena *arena, const struct object_meta *meta)
{
	struct value *map = value_new(arena, VALUE_MAP);
	put(arena, map, "kind", meta->kind_name);
	put(arena, map, "namespace", meta->namespace);
	put(arena, map, "name", meta->name);
	put(arena, map, "cluster", meta->cluster);
	return map;
}

static struct value *images_of(struct arena *arena,
			       const struct updated_image_list *images)
{
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < images->len; i++) {
		const struct updated_image *image = &images->items[i];
		struct value *map = value_new(arena, VALUE_MAP);
		put(arena, map, "policy",
		    arena_printf(arena, "%s/%s", image->policy_namespace,
				 image->policy_name));
		put(arena, map, "image", image->image_name);
		put(arena, map, "oldTag", image->old_tag);
		put(arena, map, "newTag", image->new_tag);
		value_set(arena, map, "file",
			  value_text(arena, arena_strndup(arena, image->path)));
		value_set(arena, map, "line", value_int(arena, image->line));
		value_set(arena, map, "moreFiles",
			  value_int(arena, (int64_t)image->more_files));
		value_append(arena, list, map);
	}
	return list;
}

static struct value *update_of(struct arena *arena,
			       const struct automation_outcome *outcome, bool with_diff)
{
	struct value *map = object_of(arena, &outcome->automation->meta);
	put(arena, map, "branch", outcome->branch);
	put(arena, map, "commit", outcome->commit.hex);
	if (outcome->code) {
		put(arena, map, "error", outcome->text ? outcome->text : "failed");
		return map;
	}
	put(arena, map, "message", arena_strndup(arena, outcome->message));
	value_set(arena, map, "images", images_of(arena, &outcome->images));
	if (with_diff) {
		struct buf diff BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
		commit_write_diff(&diff, &outcome->changes.files);
		put(arena, map, "diff", arena_strndup(arena, buf_str(&diff)));
	}
	return map;
}

struct value *report_value(struct session *session, const struct run_report *report,
			   bool with_diff)
{
	struct arena *arena = &session->arena;
	struct value *map = value_new(arena, VALUE_MAP);
	struct value *updates = value_new(arena, VALUE_LIST);
	struct value *failures = value_new(arena, VALUE_LIST);
	put(arena, map, "branch", report->loaded.branch);
	put(arena, map, "revision", report->loaded.tip.hex);
	put(arena, map, "stopped", report->stopped);
	value_set(arena, map, "joined", value_bool(arena, report->joined));
	value_set(arena, map, "nothingDue", value_bool(arena, report->nothing_due));
	value_set(arena, map, "scanned", value_int(arena, (int64_t)report->scanned));
	value_set(arena, map, "policies",
		  value_int(arena, (int64_t)report->loaded.documents.policies.len));
	value_set(arena, map, "policiesReady",
		  value_int(arena, (int64_t)report->policies_ready));
	for (size_t i = 0; i < report->outcomes.len; i++)
		value_append(arena, updates,
			     update_of(arena, &report->outcomes.items[i], with_diff));
	value_set(arena, map, "updates", updates);
	for (size_t i = 0; i < report->failures.len; i++) {
		const struct object_failure *failure = &report->failures.items[i];
		struct value *one = object_of(arena, failure->meta);
		put(arena, one, "reason", failure->reason);
		put(arena, one, "message", failure->message);
		value_append(arena, failures, one);
	}
	value_set(arena, map, "failures", failures);
	value_set(arena, map, "findings", findings_to_value(&session->findings, arena));
	return map;
}
