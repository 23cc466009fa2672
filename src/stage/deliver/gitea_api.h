/* SPDX-License-Identifier: MIT */
/* The API of Gitea, Forgejo and Gogs for the types that use it. */
#ifndef STAGE_DELIVER_GITEA_API_H
#define STAGE_DELIVER_GITEA_API_H

#include "stage/deliver/forge.h"

/* Checks token and address, in state->data, then asks whether the server is there:
 * *ready tells, else *request is to be sent. */
int gitea_open(struct deliver_state *state, struct http_request *request, bool *ready,
	       struct err *err) MUST_CHECK;
/* A request below the repository, or from the API's root when path begins with a slash.
 */
int gitea_request(struct deliver_state *state, const char *method, const char *path,
		  const struct value *body, struct http_request *request,
		  struct err *err) MUST_CHECK;

#endif
