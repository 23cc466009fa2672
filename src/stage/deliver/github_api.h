/* SPDX-License-Identifier: MIT */
/* GitHub's API for the types that use it: base address, headers, and login as a user or
 * as an App. */
#ifndef STAGE_DELIVER_GITHUB_API_H
#define STAGE_DELIVER_GITHUB_API_H

#include "stage/deliver/forge.h"

enum github_login {
	GITHUB_START,
	GITHUB_SLUG,
	GITHUB_ORG,
	GITHUB_USER,
	GITHUB_TOKEN,
	GITHUB_READY
};

struct github {
	struct forge forge;
	const char *base;     /* ends with a slash */
	const char *app_base; /* the same, for the App's own requests */
	const char *token;    /* NULL until an App has its own */
	const char *slug;     /* the App's, when it was asked for */
	const char *installation;
	char identity[HASH_MAX_HEX]; /* of the App's token */
	enum github_login login;
};

/*
 * Goes on until there is a token: *ready tells, else *request is to be sent. The first
 * call makes state->data, *answer becomes NULL when it was for the login. want_slug: the
 * App's name is needed too.
 */
int github_open(struct deliver_state *state, const struct http_response **answer,
		struct http_request *request, bool want_slug, bool *ready,
		struct err *err) MUST_CHECK;
/* A request below the repository (`repos/OWNER/REPO/` is put before `path`), or from the
 * base when path begins with a slash; body NULL: none. */
int github_request(struct deliver_state *state, const char *method, const char *path,
		   const struct value *body, struct http_request *request,
		   struct err *err) MUST_CHECK;

#endif
