/* SPDX-License-Identifier: MIT */
/* Why a policy chose what it chose, from the last good scan. */
#ifndef APP_EXPLAIN_H
#define APP_EXPLAIN_H

#include "app/wanted.h"
#include "model/image.h"

struct explanation {
	const struct image_policy *policy;
	const char *image;  /* spec.image of its repository, "" when there is none */
	const char *chosen; /* the tag, NULL when none */
	const char
	    *problem; /* why there is none, or what is wrong with the last scan; NULL */
	int64_t last_scan_ms, next_scan_ms; /* 0: never */
	struct tag_verdict_list verdicts;
};

/* Explains the one policy of that name; the errors of wanted_one(). */
int explain_policy(struct session *session, struct wanted *wanted,
		   struct explanation *out, struct err *err) MUST_CHECK;
/* "chosen", "older", "excluded by '^latest$'", ... */
const char *explain_fate(struct arena *arena, const struct tag_verdict *verdict);

#endif
