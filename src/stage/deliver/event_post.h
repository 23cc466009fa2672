/* SPDX-License-Identifier: MIT */
/* The event itself as body, with the secret's headers: generic and generic-hmac. */
#ifndef STAGE_DELIVER_EVENT_POST_H
#define STAGE_DELIVER_EVENT_POST_H

#include "stage/deliver/build.h"

/* A `send` for both. */
int event_post(struct deliver_state *state, const char *url, struct http_request *request,
	       struct err *err) MUST_CHECK;

#endif
