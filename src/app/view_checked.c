/* SPDX-License-Identifier: MIT */
/* What is checked rather than run: the verdicts on the tip of the documents' branch. */
#include "app/checks.h"
#include "app/viewer.h"

static const char *revision_of(const struct viewer *viewer)
{
	return load_revision(viewer->arena, viewer->loaded->branch,
			     viewer->loaded->tip.hex);
}

static void add_unjudged(struct viewer *viewer, const struct object_meta *meta)
{
	struct value *status = NULL;
	struct condition condition = { .reason = "NotChecked",
				       .message = checks_not_judged(meta) };
	struct object_view *view =
	    viewer_add(viewer, meta, &condition, "Unknown", &status);
	view->suspended = check_is_suspended(meta);
}

static void add_verdict(struct viewer *viewer, const struct check_result *result)
{
	struct value *status = NULL;
	struct condition condition = { .ready = result->verdict == CHECK_PASSED,
				       .reason = result->reason,
				       .message = result->message };
	if (result->verdict == CHECK_NOT_JUDGED) {
		add_unjudged(viewer, result->meta);
		return;
	}
	struct object_view *view =
	    viewer_add(viewer, result->meta, &condition, NULL, &status);
	view->revision = revision_of(viewer);
	viewer_put(viewer->arena, status, "lastAttemptedRevision", view->revision);
}

static void add_source(struct viewer *viewer, const struct object_meta *meta)
{
	struct value *status = NULL;
	const char *revision = revision_of(viewer);
	struct condition condition = {
		.ready = true,
		.reason = "Succeeded",
		.message = arena_printf(viewer->arena,
					"stored artifact for revision '%s'", revision),
	};
	if (check_is_suspended(meta) ||
	    !checks_is_own(viewer->session, viewer->loaded, meta)) {
		add_unjudged(viewer, meta);
		return;
	}
	viewer_add(viewer, meta, &condition, NULL, &status)->revision = revision;
	struct value *artifact = value_new(viewer->arena, VALUE_MAP);
	viewer_put(viewer->arena, artifact, "revision", revision);
	value_set(viewer->arena, status, "artifact", artifact);
}

int viewer_checked(struct viewer *viewer, struct err *err)
{
	const struct document_set *set = &viewer->loaded->documents;
	struct check_list checks = { 0 };
	bool is_source = strcmp(viewer->wanted->kind, "GitRepository") == 0;
	int code =
	    is_source ? 0 : checks_run(viewer->session, viewer->loaded, &checks, err);
	for (size_t i = 0; i < checks.len && !code; i++)
		if (wanted_is(viewer->wanted, checks.items[i].meta))
			add_verdict(viewer, &checks.items[i]);
	for (size_t i = 0; i < set->others.len && is_source; i++)
		if (wanted_is(viewer->wanted, &set->others.items[i].meta))
			add_source(viewer, &set->others.items[i].meta);
	return code;
}
