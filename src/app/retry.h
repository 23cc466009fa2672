/* SPDX-License-Identifier: MIT */
/* When a delivery that failed is tried again, and whether those behind it wait for that.
 */
#ifndef APP_RETRY_H
#define APP_RETRY_H

#include "adapter/http/http.h"
#include "state/outbox.h"

enum {
	/* for a person who has to change something */
	RETRY_REFUSED_MS = 10 * 60 * 1000,
	/* how long a forge may not know a commit */
	RETRY_UNKNOWN_COMMIT_MS = 10 * 60 * 1000
};

struct retry {
	int64_t due_ms; /* 0: given up */
	bool lane_rests;
	const char *prefix; /* of the row's error */
};

/*
 * Judges the failure of a row's attempt: `code` and `answer` as of an exchange, answer
 * NULL when none was begun. Doubling from two seconds to a quarter of an hour, a fifth
 * more or less, or as Retry-After says; never later than the row expires.
 */
struct retry retry_judge(const struct outbox_row *row, int code,
			 const struct http_response *answer, int64_t now_ms);
/* The same for what was not sent because somebody has to change something first. */
struct retry retry_refused(const struct outbox_row *row, bool lane_rests, int64_t now_ms);

#endif
