/* SPDX-License-Identifier: MIT */
/* imagehook uninstall */
#include "app/install.h"
#include "cmd/opt.h"

extern const struct command command_uninstall;

struct options {
	const char *repo;
	bool purge;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW('C', "repo", struct options, repo, "DIR",
		     "the repository (default: the current folder)"),
	OPT_FLAG_ROW(0, "purge", struct options, purge,
		     "forget its state and its secrets too"),
};

static int run(void *options, const struct strings *words)
{
	const struct options *given = options;
	struct err err = ERR_INIT;
	struct buf report BUF_CLEANUP = BUF_INIT(1048576);
	struct uninstall_options uninstall = {
		.git_dir = words->len ? words->items[0] : given->repo,
		.purge = given->purge,
	};
	if (words->len + (given->repo != NULL) > 1)
		return command_usage(&command_uninstall, "one repository at a time");
	int code = uninstall_repository(&uninstall, &report, &err);
	if (code) {
		(void)fputs(buf_cstr(&report), stderr);
		return command_fail(&err);
	}
	printf("uninstalled %s", buf_cstr(&report));
	return EXIT_DONE;
}

const struct command command_uninstall = {
	.name = "uninstall",
	.usage = "[options] [REPO]",
	.summary = "Removes imagehook from a repository without a trace.",
	.details = "Removes the hook and puts the one that was there before back, byte "
		   "for byte; removes the\nsection [imagehook] of the repository's "
		   "configuration and the folder imagehook/ in it.\nWhat the program "
		   "remembers is kept in its home unless --purge is given.",
	.example = "imagehook uninstall --purge /srv/git/apps.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct options),
	.run = run,
};
