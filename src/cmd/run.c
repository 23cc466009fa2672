/* SPDX-License-Identifier: MIT */
/* `imagehook run`: one repository, or all that are recorded, when something is due or
 * now. */
#include "adapter/json/json.h"
#include "app/all.h"
#include "app/drain.h"
#include "cmd/kinds.h"
#include "cmd/repo_options.h"
#include <unistd.h>

enum {
	ROUNDS = 8
};

struct run_command_options {
	const char *repo;
	const char *cluster;
	bool now;
	bool all;
	bool quiet;
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct run_command_options),
	OPT_FLAG_ROW(0, "now", struct run_command_options, now,
		     "scan and commit at once, whatever is due"),
	OPT_TEXT_ROW(0, "cluster", struct run_command_options, cluster, "FOLDER",
		     "with --now: what this cluster has, as imagehook.path names it"),
	OPT_FLAG_ROW(0, "all", struct run_command_options, all,
		     "every installed repository of this user (below ROOT)"),
	OPT_FLAG_ROW('q', "quiet", struct run_command_options, quiet,
		     "print errors only"),
	OPT_CHOICE_ROW('o', "output", struct run_command_options, output, "text|json",
		       "what to print; json is an object for each look at the "
		       "repository"),
};

/* KIND/NS/NAME, KIND/NAME or KIND. */
static int parse_object(const char *word, struct arena *arena, struct run_options *out,
			struct err *err)
{
	struct strings parts = { 0 };
	struct str rest = str_of(word);
	struct str piece;
	while (str_split(&rest, '/', &piece))
		strings_add(arena, &parts, arena_strndup(arena, piece));
	const char *kind = parts.len ? kinds_of_word(parts.items[0]) : NULL;
	if (!kinds_is_image(kind) || parts.len > 3)
		return err_set(
		    err, ERR_INVALID,
		    "'%s' is not KIND/NAMESPACE/NAME with the kind repository, policy or "
		    "update",
		    word);
	out->only.kind = kind;
	out->only.name = parts.len > 1 ? parts.items[parts.len - 1] : NULL;
	out->only.namespace = parts.len > 2 ? parts.items[1] : NULL;
	return 0;
}

static bool is_json(const struct run_command_options *options)
{
	return options->output && strcmp(options->output, "json") == 0;
}

static int print_json(struct session *session, const struct run_report *report)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	json_write(&out, report_value(session, report, false), JSON_PRETTY);
	(void)puts(buf_cstr(&out));
	return report_is_failure(session, report) ? EXIT_FAILED : EXIT_DONE;
}

static int print_report(struct session *session, const struct run_report *report,
			bool quiet)
{
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct buf findings BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (report->joined && !quiet)
		printf("imagehook: a run is under way; it looks again when it is done\n");
	if (!report->nothing_due && !report->joined) {
		report_terminal(session, report, &text);
		if (!text.len && !quiet)
			printf(
			    "imagehook: %zu of %zu image policies ready, nothing to update\n",
			    report->policies_ready,
			    report->loaded.documents.policies.len);
	} else if (report->nothing_due && !quiet && isatty(STDOUT_FILENO)) {
		printf(
		    "imagehook: nothing is due; 'imagehook run --now' looks all the same\n");
	}
	if (!quiet)
		(void)fwrite(buf_cstr(&text), 1, text.len, stdout);
	report_findings(&session->findings, quiet ? SEVERITY_ERROR : SEVERITY_WARNING,
			&findings);
	(void)fflush(stdout);
	(void)fwrite(buf_cstr(&findings), 1, findings.len, stderr);
	return report_is_failure(session, report) ? EXIT_FAILED : EXIT_DONE;
}

/* A receiver that is away is no failure of the run: its messages stay. */
static int send_due(struct session *session, bool quiet, struct err *err)
{
	struct drain_options options = { .wait_ms = SEND_WAIT_MS };
	struct drain_report report = { 0 };
	int code = drain_run(session, &options, &report, err);
	size_t failed = report.failed + report.dead;
	if (!code && failed && !quiet)
		printf("imagehook: %zu deliver%s could not be sent; see 'imagehook "
		       "deliver --list'\n",
		       failed, failed == 1 ? "y" : "ies");
	return code;
}

static int run_round(const struct run_command_options *options, struct run_options *run,
		     bool *again)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct run_report report = { 0 };
	struct progress progress = { 0 };
	struct err err = ERR_INIT;
	run->on_progress = progress_show;
	run->ctx = &progress;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = wanted_begin(&session, &run->only, &err);
	if (!code)
		code = run_repository(&session, run, &report, &err);
	progress_end(&progress);
	if (!code && !report.joined && !report.is_off && run->only.name &&
	    !wanted_any(&run->only, &report.loaded.documents))
		code = wanted_none(&run->only, &err);
	if (code)
		return command_fail(&err);
	int status = is_json(options) ? print_json(&session, &report)
				      : print_report(&session, &report, options->quiet);
	if (!report.joined && run_pending_hooks(&session, &err))
		return command_fail(&err);
	*again = !report.joined && !report.is_off && run_has_jobs(&session);
	if (!*again && !report.joined && !report.is_off &&
	    send_due(&session, options->quiet || is_json(options), &err))
		return command_fail(&err);
	return status;
}

/* A push that came while we worked was told that we look at it too. */
static int run_one(const struct run_command_options *options, struct run_options *run)
{
	bool again = false;
	int status = run_round(options, run, &again);
	for (int i = 1; i < ROUNDS && again; i++) {
		struct run_options next = { .trigger = RUN_TIMER,
					    .only = { .any_namespace = true } };
		again = false;
		if (run_round(options, &next, &again) != EXIT_DONE)
			status = EXIT_FAILED;
	}
	return status;
}

static int run_run(void *options_ptr, const struct strings *words);

const struct command command_run = {
	.name = "run",
	.usage = "[--now [KIND/NS/NAME]] [--all [ROOT]] [options]",
	.summary = "Scans what is due, selects, and commits what changed.",
	.details =
	    "Without --now only what is due by its interval is looked at, so a timer may call\n"
	    "it every few seconds. KIND is repository, policy or update. What waits in the\n"
	    "outbox is sent.",
	.example =
	    "imagehook run --now\nimagehook run --now repository/flux-system/grade-api\n"
	    "imagehook run --all",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct run_command_options),
	.run = run_run,
};

static int run_run(void *options_ptr, const struct strings *words)
{
	const struct run_command_options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct run_options run = { .trigger = options->now ? RUN_COMMAND : RUN_TIMER,
				   .now = options->now,
				   .only = { .cluster = options->cluster,
					     .any_namespace = true } };
	struct err err = ERR_INIT;
	if (words->len > 1 || (words->len == 1 && !options->now && !options->all))
		return command_usage(&command_run, "unexpected '%s'",
				     words->items[words->len - 1]);
	if (options->all && is_json(options))
		return command_usage(&command_run, "-o json is for one repository");
	if (options->all && options->cluster)
		return command_usage(&command_run, "--cluster is for one repository");
	if (options->cluster && !options->now)
		return command_usage(&command_run, "--cluster goes with --now");
	if (options->all)
		return all_run(words->len ? words->items[0] : NULL, options->now,
			       options->quiet)
			   ? EXIT_FAILED
			   : EXIT_DONE;
	if (words->len && parse_object(words->items[0], &arena, &run, &err))
		return command_usage(&command_run, "%s", err.text);
	return run_one(options, &run);
}
