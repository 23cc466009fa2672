/* SPDX-License-Identifier: MIT */
/* imagehook status */
#include "app/status.h"
#include "adapter/json/json.h"
#include "cmd/opt.h"

extern const struct command command_status;

struct options {
	const char *repo;
	const char *output;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW('C', "repo", struct options, repo, "DIR",
		     "the repository (default: the current folder)"),
	OPT_CHOICE_ROW('o', "output", struct options, output, "text|json",
		       "how to print it"),
};

static int run(void *options, const struct strings *words)
{
	const struct options *given = options;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(4194304);
	struct value *status = NULL;
	bool is_well = false;
	if (words->len + (given->repo != NULL) > 1)
		return command_usage(&command_status, "one repository at a time");
	if (status_look(words->len ? words->items[0] : given->repo, &arena, &status,
			&is_well, &err))
		return command_fail(&err);
	if (given->output && strcmp(given->output, "json") == 0) {
		json_write(&text, status, JSON_PRETTY);
		(void)buf_putc(&text, '\n');
	} else {
		status_print(status, &text);
	}
	(void)fputs(buf_cstr(&text), stdout);
	return is_well ? EXIT_DONE : EXIT_FAILED;
}

const struct command command_status = {
	.name = "status",
	.usage = "[options] [REPO]",
	.summary = "Shows how imagehook stands in a repository.",
	.details = "The hook and what runs before it, the watch file, waiting jobs, the "
		   "write mode and who\nguards the branches. The exit status is 1 when "
		   "something there needs an admin.",
	.example = "imagehook status -o json /srv/git/apps.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct options),
	.run = run,
};
