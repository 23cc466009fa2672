/* SPDX-License-Identifier: MIT */
/* One comment on a change request, written once and then kept up to date: who we are,
 * which comment is ours, then edit it or add one. */
#ifndef STAGE_DELIVER_COMMENT_H
#define STAGE_DELIVER_COMMENT_H

#include "stage/deliver/forge.h"

/* What differs between forges; paths are put together as
 * `<changes>/<number>/<comments><query>[&page=N]<query_rest>`. */
struct comment_form {
	int (*request)(struct deliver_state *state, const char *method, const char *path,
		       const struct value *body, struct http_request *request,
		       struct err *err);
	const char *key;   /* of the marker by which a comment is found again */
	const char *name;  /* what a comment is called in errors */
	const char *login; /* the member with our name, and an author's */
	const char *author;
	const char *changes, *comments, *query, *query_rest;
	const char *edit_method;
	bool edit_below_change; /* else below `changes` alone */
	bool page_always;       /* the first page is named too */
	bool page_any_size;     /* a page may be smaller than was asked for */
};

/* A dialogue about a comment: forge->login is asked for unless the caller knows it, and
 * state->step is the dialogue's own. */
struct comment {
	struct deliver_state *state;
	const struct comment_form *form;
	struct forge *forge;
};

/* One step; the rest as a deliver_service's step(). */
int comment_step(const struct comment *comment, const struct http_response *answer,
		 struct http_request *request, enum deliver_next *next,
		 struct err *err) MUST_CHECK;

#endif
