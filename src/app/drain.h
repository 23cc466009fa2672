/* SPDX-License-Identifier: MIT */
/* What is due in the outbox is sent: many receivers at once, one row of each at a time,
 * so that nothing overtakes an older message to the same channel. */
#ifndef APP_DRAIN_H
#define APP_DRAIN_H

#include "app/load.h"

struct drain_options {
	int64_t linger_ms; /* how long to wait for retries that fall due meanwhile */
	int64_t wait_ms;   /* for another drain of this repository to end */
	const struct loaded *loaded; /* the documents, if the caller has them */
	/* what became of a row; may be NULL */
	void (*on_row)(void *ctx, const char *provider, const char *id,
		       const char *verdict);
	void *ctx;
};

struct drain_report {
	size_t sent, failed, dead;
	size_t waiting;      /* in all */
	const char *stopped; /* why nothing was sent, NULL otherwise */
	bool joined;         /* another drain is at work */
};

/* Sends what is due. Failed deliveries are no error of this function: they stay in the
 * outbox. ERR_IO, ERR_BUSY, ERR_NOTFOUND when there is no branch. */
int drain_run(struct session *session, const struct drain_options *options,
	      struct drain_report *report, struct err *err) MUST_CHECK;

#endif
