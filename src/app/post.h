/* SPDX-License-Identifier: MIT */
/* Carries deliveries to their receivers: the dialogues of stage/deliver over one HTTP
 * engine, many at once, each with retries inside its provider's timeout. */
#ifndef APP_POST_H
#define APP_POST_H

#include "adapter/http/http.h"
#include "stage/deliver/deliver.h"

struct post {
	/* in */
	const struct delivery *delivery;
	const struct provider_secret *secret;
	/* out */
	int code; /* 0, or the error that ended it */
	struct err err;
	const char *detail; /* the whole story of a failed connection, or NULL */
	bool skipped;       /* nothing was to be said, or the receiver knew it already */
	bool may_retry;     /* worth another attempt, after this long */
	int64_t after_ms;
	int status;        /* of the last answer; 0: none */
	unsigned requests; /* sent in all */
};

/* Posts all; a failure is told in its post. Fails only when the engine does. */
int post_all(struct http *http, struct post *posts, size_t n, struct arena *arena,
	     struct err *err) MUST_CHECK;

#endif
