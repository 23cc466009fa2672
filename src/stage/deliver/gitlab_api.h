/* SPDX-License-Identifier: MIT */
/* GitLab's API for the types that use it. */
#ifndef STAGE_DELIVER_GITLAB_API_H
#define STAGE_DELIVER_GITLAB_API_H

#include "stage/deliver/forge.h"

/* Checks token and address; made once, in state->data. */
int gitlab_open(struct deliver_state *state, struct err *err) MUST_CHECK;
/* A request below the project, or from the API's root when path begins with a slash. */
int gitlab_request(struct deliver_state *state, const char *method, const char *path,
		   const struct value *body, struct http_request *request,
		   struct err *err) MUST_CHECK;

#endif
