/* SPDX-License-Identifier: MIT */
/* The status of a commit: what the event says of which commit, whether the forge has it
 * already, and else to set it. */
#ifndef STAGE_DELIVER_STATUS_H
#define STAGE_DELIVER_STATUS_H

#include "stage/deliver/forge.h"

struct status {
	const char *commit; /* 40 or 64 characters, fit for a URL */
	const char *state;  /* as the forge calls it */
	const char *description;
	const char *context;
};

/* What differs between forges. */
struct status_form {
	const char *forge;             /* in errors */
	const char *success, *failure; /* states */
	const char *pending;           /* for the reason Progressing; NULL: not told */
	const char *looking;           /* what a failure of it is called */
	const char *setting;           /* the same, or NULL: as others */
	bool may_lack;                 /* a look-up answers 404 where there is none */
	/* A request before the others, or NULL. */
	int (*begin)(struct deliver_state *state, struct http_request *request,
		     struct err *err);
	int (*look)(struct deliver_state *state, const struct status *status,
		    struct http_request *request, struct err *err);
	/* Whether the answer to the look-up has that status. */
	bool (*is_same)(struct deliver_state *state, const struct value *answer,
			const struct status *status);
	int (*set)(struct deliver_state *state, const struct status *status,
		   struct http_request *request, struct err *err);
};

/* One step of the dialogue; state->step is this function's. */
int status_step(struct deliver_state *state, const struct status_form *form,
		const struct http_response *answer, struct http_request *request,
		enum deliver_next *next, struct err *err) MUST_CHECK;

/* is_same() for lists of contexts: the first with that context decides. */
bool status_in_list(struct deliver_state *state, const struct value *list,
		    const struct status *status);
/* The context as the key of a build: Bitbucket takes 40 characters. */
const char *status_key(const struct deliver_state *state, const struct status *status);

#endif
