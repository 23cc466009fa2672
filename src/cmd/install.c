/* SPDX-License-Identifier: MIT */
/* imagehook install */
#include "app/install.h"
#include "app/plan.h"
#include "app/print.h"
#include "cmd/opt.h"

extern const struct command command_install;

struct options {
	const char *repo;
	const char *write;
	bool shared, adopt, new_id;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW('C', "repo", struct options, repo, "DIR",
		     "the repository (default: the current folder)"),
	OPT_CHOICE_ROW(0, "write", struct options, write, "none|direct",
		       "how commits are written; none does everything but write"),
	OPT_FLAG_ROW(0, "shared", struct options, shared,
		     "install into a hooks folder that others use too"),
	OPT_FLAG_ROW(0, "adopt", struct options, adopt,
		     "take the place of the repository that has this id"),
	OPT_FLAG_ROW(0, "new-id", struct options, new_id,
		     "this is a copy of an installed repository: a new id"),
};

/* Shows what a first run would change: the documents may be there already. */
static int show_plan(const char *git_dir)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct plan plan = { 0 };
	struct err err = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct buf notes BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	int code = session_open(&session, git_dir, &err);
	if (!code)
		code = plan_make(&session, &plan, &text, &notes, &err);
	/* no branch yet is told above, and installing succeeded in any case */
	if (code == ERR_NOTFOUND)
		return EXIT_DONE;
	if (code)
		return command_fail(&err);
	printf("\nthe next push or run does this:\n");
	print_exact(stdout, buf_str(&text));
	(void)fflush(stdout);
	print_clean(stderr, buf_str(&notes));
	return EXIT_DONE;
}

static int run(void *options, const struct strings *words)
{
	const struct options *given = options;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct buf report BUF_CLEANUP = BUF_INIT(1048576);
	struct install_options install = {
		.git_dir = words->len ? words->items[0] : given->repo,
		.write = given->write,
		.shared = given->shared,
		.adopt = given->adopt,
		.new_id = given->new_id,
		.arena = &arena,
	};
	if (words->len + (given->repo != NULL) > 1)
		return command_usage(&command_install, "one repository at a time");
	if (given->adopt && given->new_id)
		return command_usage(&command_install,
				     "'--adopt' and '--new-id' exclude each other");
	int code = install_repository(&install, &report, &err);
	if (code) {
		/* what was done or found before is part of the reason */
		print_clean(stderr, buf_str(&report));
		return command_fail(&err);
	}
	printf("installed %s", buf_cstr(&report));
	return show_plan(install.installed);
}

const struct command command_install = {
	.name = "install",
	.usage = "[options] [REPO]",
	.summary = "Installs imagehook in a bare repository, or brings it up to date.",
	.details =
	    "Copies the hook program to the repository's hooks, gives the "
	    "repository an id in its\nconfiguration and records it. A hook that is "
	    "already there is kept and runs before ours.\nRoot becomes the "
	    "repository's owner first. Running it again changes only what is out "
	    "of\ndate.",
	.example = "imagehook install /srv/git/apps.git\n"
		   "imagehook install --write none /srv/git/apps.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct options),
	.run = run,
};
