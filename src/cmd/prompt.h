/* SPDX-License-Identifier: MIT */
/* Reading a secret from standard input. */
#ifndef CMD_PROMPT_H
#define CMD_PROMPT_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Reads standard input to its end; on a terminal one line, without echo, after showing
 * `prompt` on stderr. ERR_LIMIT beyond out->max, ERR_INVALID when the person gave up
 * (^C), ERR_IO.
 */
int prompt_secret(const char *prompt, struct buf *out, struct err *err) MUST_CHECK;

#endif
