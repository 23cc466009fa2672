/* SPDX-License-Identifier: MIT */
/*
 * Child processes with a built environment: nothing is inherited but what is named. No
 * shell. Every end but a documented exit status is an error; time, memory and output are
 * bounded.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

struct proc_spec {
	const char *const
	    *argv; /* NULL-terminated; argv[0] is looked up in PATH of `env` */
	const char *const *env; /* NULL-terminated `NAME=value`; NULL: proc_base_env() */
	const char *cwd;        /* NULL: unchanged */
	struct str input;       /* fed to stdin, which is /dev/null when empty */
	int64_t timeout_ms;     /* 0: 10 minutes */
	struct buf *out;        /* gets stdout up to its max; NULL: /dev/null */
	struct buf
	    *errors; /* gets stderr, the rest beyond its max dropped; NULL: /dev/null */
	/* RLIMIT_DATA, and with it processor time is bounded by timeout_ms; 0: neither is
	 */
	size_t memory_bytes;
	/* Takes stdout while it arrives instead of `out`; non-zero ends the child and
	 * proc_run(). */
	int (*sink)(void *ctx, struct str chunk, struct err *err);
	void *sink_ctx;
	bool new_session; /* setsid() in the child */
};

/*
 * Runs a child to its end. *exit_status is its exit status. ERR_NOTFOUND when the program
 * does not exist, ERR_TIMEOUT and ERR_LIMIT after which the child's process group was
 * killed, ERR_INTERNAL when it died of a signal.
 */
int proc_run(const struct proc_spec *spec, int *exit_status, struct err *err) MUST_CHECK;

/* PATH, HOME of the effective user, LANG=C.UTF-8 and TZ: what every child gets. Static
 * storage. */
const char *const *proc_base_env(void);

/*
 * Bounds this process for good: memory, processor time, no core file. Children do not
 * inherit the first two: they have limits of their own, hooks of others those of a push.
 */
void proc_limit_self(void);

#endif
