/* SPDX-License-Identifier: MIT */
/* `imagehook plan`: what a run would write now; changes nothing. */
#include "app/plan.h"
#include "app/print.h"
#include "cmd/repo_options.h"

struct plan_options {
	const char *repo;
	bool exit_code;
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct plan_options),
	OPT_FLAG_ROW(0, "exit-code", struct plan_options, exit_code,
		     "exit 1 when something would change"),
	OPT_CHOICE_ROW('o', "output", struct plan_options, output, "text|json",
		       "a diff, or an object with everything"),
};

extern const struct command command_plan;

static int run_plan(void *options_ptr, const struct strings *words)
{
	const struct plan_options *options = options_ptr;
	struct session session SESSION_CLEANUP = { 0 };
	struct progress progress = { 0 };
	struct err err = ERR_INIT;
	struct plan plan = { .on_progress = progress_show, .ctx = &progress };
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct buf notes BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (words->len)
		return command_usage(&command_plan, "unexpected '%s'", words->items[0]);
	plan.as_json = options->output && strcmp(options->output, "json") == 0;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = plan_make(&session, &plan, &text, &notes, &err);
	progress_end(&progress);
	if (code)
		return command_fail(&err);
	print_exact(stdout, buf_str(&text));
	(void)fflush(stdout);
	print_clean(stderr, buf_str(&notes));
	if (plan.failed || (options->exit_code && plan.would_change))
		return EXIT_FAILED;
	return EXIT_DONE;
}

const struct command command_plan = {
	.name = "plan",
	.usage = "[--exit-code] [options]",
	.summary =
	    "Shows the diff and the message that a run would commit; changes nothing.",
	.details =
	    "The diff can be piped to 'git apply'. Registries are asked for what is due.",
	.example = "imagehook plan --exit-code --repo /srv/git/fleet.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct plan_options),
	.run = run_plan,
};
