/* SPDX-License-Identifier: MIT */
/*
 * The way into the outbox. No more may wait than can be sent before it expires: what is
 * beyond that is an event that people can read, and a row that says what did not become
 * one.
 */
#ifndef APP_BACKLOG_H
#define APP_BACKLOG_H

#include "app/session.h"
#include "model/event.h"
#include "state/outbox.h"

struct backlog_line {
	const char *provider;
	size_t waiting;
	bool is_over; /* something was refused, and that was told */
};

/* Counts of one run; begins zeroed. Texts lie in the session's arena. */
struct backlog {
	bool is_read;
	size_t total;
	VEC_OF(struct backlog_line) lines;
};

/* Whether something to this provider (`cluster/ns/name`) was refused in this run, so that
 * all that follows is. */
bool backlog_is_over(const struct backlog *backlog, const char *provider);
/*
 * Queues a row for `provider`, or refuses it: then *queued is false, a finding tells of
 * the first of a provider, and a row that is given up from the start stands for all of
 * them. ERR_IO, ERR_BUSY.
 */
int backlog_add(struct backlog *backlog, struct session *session,
		const struct provider *provider, const struct outbox_row *row,
		bool *queued, struct err *err) MUST_CHECK;

#endif
