/* SPDX-License-Identifier: MIT */
/* `imagehook reconcile KIND NAME`: looks at one object at once, in flux's dialogue. */
#include "app/checks.h"
#include "app/drain.h"
#include "app/print.h"
#include "app/run.h"
#include "app/view.h"
#include "cmd/kinds.h"
#include "cmd/reconcile_check.h"

struct reconcile_options {
	const char *repo;
	const char *namespace;
	const char *cluster;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct reconcile_options),
	OPT_NAMESPACE_ROW(struct reconcile_options),
	OPT_CLUSTER_ROW(struct reconcile_options),
};

/* A run, told on stderr as flux tells it. */
static int run_now(struct session *session, const struct run_options *asked,
		   const char *kind, struct err *err)
{
	struct run_report report = { 0 };
	struct progress progress = { 0 };
	struct drain_options drain = { .wait_ms = SEND_WAIT_MS };
	struct drain_report sent = { 0 };
	struct run_options run = *asked;
	run.on_progress = progress_show;
	run.ctx = &progress;
	(void)fprintf(stderr, "\xe2\x97\x8e waiting for %s reconciliation\n", kind);
	int code = run_repository(session, &run, &report, err);
	progress_end(&progress);
	if (!code && report.is_off)
		code = err_set(err, ERR_DENIED, "nothing is done: %s", report.stopped);
	if (!code)
		code = run_pending_hooks(session, err);
	return code ? code : drain_run(session, &drain, &sent, err);
}

static int reconcile_image(struct session *session, const struct wanted *wanted,
			   const char **done, struct err *err)
{
	struct run_options run = { .trigger = RUN_COMMAND, .now = true, .only = *wanted };
	struct object_view view = { 0 };
	int code = view_find(session, wanted, &view, err);
	if (!code && view.suspended)
		code = err_set(err, ERR_INVALID, "resource is suspended");
	if (code)
		return code;
	run.only.cluster = view.meta->cluster;
	code = run_now(session, &run, wanted->kind, err);
	if (!code)
		code = view_find(session, &run.only, &view, err);
	if (!code && strcmp(view.ready, "True") != 0)
		code = err_set(err, ERR_INVALID, "%s reconciliation failed: '%s'",
			       wanted->kind, view.message);
	*done = view.message;
	return code;
}

/* Without any document the source is the one that a bootstrap leaves. */
static bool is_implied(struct session *session, const struct wanted *wanted,
		       const struct document_set *set)
{
	struct wanted any = { .kind = wanted->kind, .any_namespace = true };
	return strcmp(wanted->name, "flux-system") == 0 &&
	       strcmp(wanted->namespace,
		      config_text(session->config, CONFIG_NAMESPACE)) == 0 &&
	       !wanted_any(&any, set);
}

static int reconcile_source(struct session *session, const struct wanted *wanted,
			    const char **done, struct err *err)
{
	struct run_options run = { .trigger = RUN_COMMAND };
	struct loaded loaded = { 0 };
	const struct object_meta *meta = NULL;
	int code = load_documents(session, &loaded, err);
	if (!code && !is_implied(session, wanted, &loaded.documents))
		code = wanted_one(wanted, &loaded.documents, &meta, err);
	if (!code && meta && check_is_suspended(meta))
		code = err_set(err, ERR_INVALID, "resource is suspended");
	if (!code && meta && !checks_is_own(session, &loaded, meta))
		code = err_set(err, ERR_INVALID, "GitRepository '%s/%s' is %s",
			       meta->namespace, meta->name, checks_not_judged(meta));
	if (code)
		return code;
	session->findings.len = 0;
	*done =
	    arena_printf(&session->arena, "fetched revision %s",
			 load_revision(&session->arena, loaded.branch, loaded.tip.hex));
	return run_now(session, &run, wanted->kind, err);
}

static int reconcile(const struct reconcile_options *options, const char *kind,
		     const char *name)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct err err = ERR_INIT;
	struct wanted wanted = { .kind = kind,
				 .cluster = options->cluster,
				 .namespace = options->namespace,
				 .name = name };
	bool is_source = strcmp(kind, "GitRepository") == 0;
	const char *done = "";
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = wanted_begin(&session, &wanted, &err);
	if (!code)
		code = is_source ? reconcile_source(&session, &wanted, &done, &err)
				 : reconcile_image(&session, &wanted, &done, &err);
	if (code)
		return command_fail(&err);
	print_line(stderr, "\xe2\x9c\x94 %s", done);
	return EXIT_DONE;
}

static int run_reconcile(void *options_ptr, const struct strings *words);

const struct command command_reconcile = {
	.name = "reconcile",
	.usage = "image repository|policy|update NAME | kustomization|helmrelease NAME | "
		 "source git NAME [options]",
	.summary = "Looks at one object at once: scans, selects, commits, checks.",
	.details =
	    "A Kustomization or HelmRelease is checked against the tree as it is now, and its event "
	    "is sent whether or not it is news. A source is read anew, and what is due "
	    "is done.",
	.example = "imagehook reconcile image repository grade-api\n"
		   "imagehook reconcile image update flux-system -n flux-system\n"
		   "imagehook reconcile kustomization apps\n"
		   "imagehook reconcile source git flux-system",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct reconcile_options),
	.run = run_reconcile,
};

static int run_reconcile(void *options_ptr, const struct strings *words)
{
	const struct reconcile_options *options = options_ptr;
	struct kind_group group = { 0 };
	size_t used = kinds_find(words, &group);
	const char *kind = used && group.n == 1 ? group.kinds->kind : "";
	bool is_check =
	    strcmp(kind, "Kustomization") == 0 || strcmp(kind, "HelmRelease") == 0;
	if (words->len != used + 1 ||
	    (!is_check && !kinds_is_image(kind) && strcmp(kind, "GitRepository") != 0))
		return command_usage(&command_reconcile,
				     "expected 'image repository|policy|update NAME', "
				     "'kustomization NAME', 'helmrelease NAME' or "
				     "'source git NAME'");
	const char *name = words->items[used];
	struct wanted wanted = { .kind = kind,
				 .cluster = options->cluster,
				 .namespace = options->namespace,
				 .name = name };
	return is_check ? reconcile_check(options->repo, &wanted)
			: reconcile(options, kind, name);
}
