/* SPDX-License-Identifier: MIT */
/*
 * Everything the pusher reads from us. No write can block: each waits for room at most
 * until the deadline, is small, and after LIMIT_HOOK_OUTPUT_BYTES there are none. A
 * pusher who is gone is silently given up.
 */
#ifndef HOOKS_SAY_H
#define HOOKS_SAY_H

#include "base/attr.h"
#include "base/str.h"

/* No write waits beyond this point of the monotonic clock; before the call: 2 s after the
 * first write. */
void say_until(int64_t deadline_ms);
/* `imagehook: TEXT`, and `imagehook:   TEXT` for what belongs to the line before;
 * escaped.
 */
void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The same for what belongs to the line before: three blanks stand before the text. */
void say_detail(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* One line of the worker, without its LF: escaped, and marked as ours where it is not. */
void say_line(struct str line);

#endif
