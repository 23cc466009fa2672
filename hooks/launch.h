/* SPDX-License-Identifier: MIT */
/* Starting the worker so that nothing of the push holds it, and nothing of it the push.
 */
#ifndef HOOKS_LAUNCH_H
#define HOOKS_LAUNCH_H

#include "base/err.h"
#include <sys/types.h>

struct worker {
	pid_t pid; /* a child of this process, by adoption */
	int out;   /* read end of its stdout and stderr */
};

/*
 * Starts `program hook worker --repo git_dir` in a session of its own: stdin from
 * /dev/null, stdout and stderr one pipe, no other descriptor, default signals, and an
 * environment of PATH, HOME, LANG and TZ only. ERR_NOTFOUND, ERR_DENIED, ERR_IO when it
 * cannot be run.
 */
int worker_launch(const char *program, const char *git_dir, struct worker *out,
		  struct err *err) MUST_CHECK;
/*
 * Copies the worker's lines to the pusher until the worker closes its output or the
 * deadline (monotonic clock) passes, and says how it ended when it ended badly. A NUL
 * byte from the worker means: closed in good order, whatever follows is not for the
 * pusher.
 */
void worker_relay(const struct worker *worker, int64_t deadline_ms);

#endif
