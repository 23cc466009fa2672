/* SPDX-License-Identifier: MIT */
/* `imagehook reconcile image KIND NAME` and `reconcile kustomization NAME`: looks at one
 * object at once, in flux's dialogue. */
#include "app/view.h"
#include "cmd/reconcile_check.h"

struct reconcile_options {
	const char *repo;
	const char *namespace;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct reconcile_options),
	OPT_TEXT_ROW('n', "namespace", struct reconcile_options, namespace, "NS",
		     "the object's namespace (default: flux-system)"),
};

static int reconcile(const struct reconcile_options *options, const char *kind,
		     const char *name)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct run_report report = { 0 };
	struct progress progress = { 0 };
	struct err err = ERR_INIT;
	struct run_options run = { .trigger = RUN_COMMAND,
				   .now = true,
				   .only_kind = kind,
				   .only_namespace = options->namespace
							 ? options->namespace
							 : "flux-system",
				   .only_name = name,
				   .on_progress = progress_show,
				   .ctx = &progress };
	struct object_view view = { 0 };
	int code = open_as_owner(&session, options->repo, &err);
	if (code)
		return command_fail(&err);
	code = view_find(&session, kind, run.only_namespace, name, &view, &err);
	if (code)
		return command_fail(&err);
	if (view.suspended) {
		(void)err_set(&err, ERR_INVALID, "resource is suspended");
		return command_fail(&err);
	}
	(void)fprintf(stderr, "\xe2\x97\x8e waiting for %s reconciliation\n", kind);
	code = run_repository(&session, &run, &report, &err);
	progress_end(&progress);
	if (!code && report.is_off)
		code = err_set(&err, ERR_DENIED, "nothing is done: %s", report.stopped);
	if (!code)
		code = run_pending_hooks(&session, &err);
	if (!code)
		code = view_find(&session, kind, run.only_namespace, name, &view, &err);
	if (code)
		return command_fail(&err);
	if (!view.ready) {
		(void)err_set(&err, ERR_INVALID, "%s reconciliation failed: '%s'", kind,
			      view.message);
		return command_fail(&err);
	}
	(void)fprintf(stderr, "\xe2\x9c\x94 %s\n", view.message);
	return EXIT_DONE;
}

static int run_reconcile(void *options_ptr, const struct strings *words);

const struct command command_reconcile = {
	.name = "reconcile",
	.usage = "image repository|policy|update NAME | kustomization NAME [options]",
	.summary = "Looks at one object at once: scans, selects, commits, checks.",
	.details =
	    "A Kustomization is checked against the tree as it is now, and its event "
	    "is sent whether or not it is news.",
	.example = "imagehook reconcile image repository grade-api\n"
		   "imagehook reconcile image update flux-system -n flux-system\n"
		   "imagehook reconcile kustomization apps",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct reconcile_options),
	.run = run_reconcile,
};

static int run_reconcile(void *options_ptr, const struct strings *words)
{
	const struct reconcile_options *options = options_ptr;
	bool is_check =
	    words->len == 2 && (strcmp(words->items[0], "kustomization") == 0 ||
				strcmp(words->items[0], "ks") == 0);
	if (is_check)
		return reconcile_check(options->repo,
				       options->namespace ? options->namespace
							  : "flux-system",
				       words->items[1]);
	bool has_image = words->len && strcmp(words->items[0], "image") == 0;
	size_t at = has_image ? 1 : 0;
	const char *kind = words->len > at ? image_kind_name(words->items[at]) : NULL;
	if (!has_image || !kind || words->len != 3)
		return command_usage(&command_reconcile,
				     "expected 'image repository|policy|update NAME' or "
				     "'kustomization NAME'");
	return reconcile(options_ptr, kind, words->items[2]);
}
