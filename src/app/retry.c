/* SPDX-License-Identifier: MIT */
/* Three kinds of failure: the receiver's, which passes or does not; a person's, which
 * somebody mends; and a forge that has not seen a commit yet. */
#include "app/retry.h"
#include "adapter/crypto/crypto.h"
#include "stage/deliver/deliver.h"

enum {
	FIRST_MS = 2000,
	LONGEST_MS = 15 * 60 * 1000,
	DOUBLINGS = 10
};

/* Receivers that come back are not met by everybody at once. */
static int64_t back_off_ms(uint32_t attempts)
{
	char hex[5];
	uint32_t doublings = attempts > 1 ? attempts - 1 : 0;
	int64_t delay = (int64_t)FIRST_MS
			<< (doublings > DOUBLINGS ? DOUBLINGS : doublings);
	unsigned random = 0;
	random_hex(2, hex);
	for (const char *c = hex; *c; c++)
		random = random * 16 + (unsigned)(*c <= '9' ? *c - '0' : *c - 'a' + 10);
	delay = delay < LONGEST_MS ? delay : LONGEST_MS;
	return delay * (800 + random % 401) / 1000;
}

static struct retry again_at(const struct outbox_row *row, int64_t due_ms,
			     bool lane_rests, const char *prefix)
{
	bool in_time = due_ms <= row->expires_ms;
	return (struct retry){ in_time ? due_ms : 0, in_time && lane_rests, prefix };
}

static const struct retry given_up = { 0, false, "" };

struct retry retry_refused(const struct outbox_row *row, bool lane_rests, int64_t now_ms)
{
	return again_at(row, now_ms + RETRY_REFUSED_MS, lane_rests, OUTBOX_NOT_SENT);
}

struct retry retry_judge(const struct outbox_row *row, int code,
			 const struct http_response *answer, int64_t now_ms)
{
	int64_t after_ms = 0;
	int64_t next_ms = now_ms + back_off_ms(row->attempts + 1);
	if (code == ERR_NOTFOUND) {
		bool soon = now_ms - row->created_ms < RETRY_UNKNOWN_COMMIT_MS;
		/* others need not wait for it */
		return again_at(row, soon ? next_ms : INT64_MAX, false,
				OUTBOX_UNKNOWN_COMMIT);
	}
	if (!answer || code == ERR_INVALID || code == ERR_DENIED)
		return retry_refused(row, true, now_ms);
	if (!deliver_may_retry(code, answer, now_ms, &after_ms))
		return given_up;
	return again_at(row, after_ms > 0 ? now_ms + after_ms : next_ms, true, "");
}
