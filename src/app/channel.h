/* SPDX-License-Identifier: MIT */
/* Whether a provider can be sent to: its secrets, what they are granted for, and the
 * rules of the network. */
#ifndef APP_CHANNEL_H
#define APP_CHANNEL_H

#include "app/load.h"
#include "model/event.h"
#include "stage/deliver/deliver.h"

/*
 * Reads the provider's secrets. "Missing", "not granted" and "granted elsewhere" are one
 * text (TRUST 18); the log tells them apart. ERR_NOTFOUND, ERR_INVALID.
 */
int channel_open(struct session *session, const struct provider *provider,
		 struct arena *arena, struct provider_secret *out,
		 struct err *err) MUST_CHECK;
/* Whether a commit status may have the name that a document's expression gave it: a push
 * must not pass for what another program found. ERR_DENIED. */
int channel_check_context(struct session *session, const struct delivery *delivery,
			  struct err *err) MUST_CHECK;
/* Whether the admin's rules let a request go out (imagehook.notifyHost); adds
 * imagehook.caFile. ERR_DENIED. */
int channel_prepare(struct session *session, struct http_request *request,
		    struct arena *arena, struct err *err) MUST_CHECK;
/* Whether an event could be sent, as far as that is known without sending. Reads secrets,
 * contacts nobody. */
int channel_check(struct session *session, const struct provider *provider,
		  struct err *err) MUST_CHECK;
/* Adds a finding for every provider that could not be sent to. */
void channel_check_all(struct session *session, const struct document_set *documents);
/* An engine for many receivers at once, free with net_http_cleanup(); one that is there
 * (*out is not NULL) gets the rules of the network as they are now. ERR_INVALID. */
int channel_http(struct session *session, struct http **out, struct err *err) MUST_CHECK;

#endif
