/* SPDX-License-Identifier: MIT */
/* The hooks of others that run before ours. */
#ifndef HOOKS_CHAIN_H
#define HOOKS_CHAIN_H

#include "base/str.h"
#include <signal.h>

/*
 * Runs every executable regular file of `post-receive.d/` beside this program, in the
 * order of their bytes, as git would run it: same folder, environment, stdout and stderr,
 * `input` on a pipe as stdin, SIGPIPE as it was (`at_entry`). Waits for each, however
 * long it takes. A folder that is not there is no chain.
 *
 * Returns the first exit status that was not 0 (128 + n for a signal), else 0.
 */
int chain_run(struct str input, const struct sigaction *at_entry);

#endif
