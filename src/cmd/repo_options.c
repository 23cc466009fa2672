/* SPDX-License-Identifier: MIT */
/* Progress lines and what the repository commands have in common. */
#include "cmd/repo_options.h"
#include "app/owner.h"
#include "base/when.h"
#include <unistd.h>

enum {
	QUIET_MS = 1000
};

void progress_show(void *ctx, const char *text)
{
	struct progress *progress = ctx;
	if (progress->began_ms == 0)
		progress->began_ms = when_monotonic_ms();
	if (!isatty(STDERR_FILENO) || when_monotonic_ms() - progress->began_ms < QUIET_MS)
		return;
	(void)fprintf(stderr, "\r\033[K%.76s", text);
	progress->shown = true;
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		(void)fprintf(stderr, "\r\033[K");
	progress->shown = false;
}

int open_as_owner(struct session *session, const char *repo, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *git_dir = NULL;
	int code = session_git_dir(repo, &arena, &git_dir, err);
	if (!code)
		code = owner_become(git_dir, err);
	if (code)
		return code;
	return session_open(session, git_dir, err);
}
