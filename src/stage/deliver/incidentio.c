/* SPDX-License-Identifier: MIT */
/* incident.io: an alert event that fires and is resolved. */
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

static int send_incidentio(struct deliver_state *state, const char *url,
			   struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty incident.io API token");
	state->skipped = words_is_progressing(event);
	if (state->skipped)
		return 0;
	struct value *body = json_map(a);
	json_text(a, body, "title",
		  arena_printf(a, "%s: %s", words_object(event, a), event->reason));
	json_text(a, body, "status", words_is_error(event) ? "firing" : "resolved");
	json_text(a, body, "deduplication_key", event->object.uid);
	json_unless_empty(a, body, "description", event->message);
	struct value *metadata = json_labels(a, words_metadata(event, a));
	json_text(a, metadata, "severity", words_severity(event));
	json_text(a, metadata, "reason", event->reason);
	json_unless_empty(a, metadata, "reportingController",
			  event->reporting_controller);
	value_set(a, body, "metadata", metadata);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "Bearer", deliver_token(state), err);
}

extern const struct deliver_service deliver_incidentio;
const struct deliver_service deliver_incidentio = {
	.help = "address: .../v2/alert_events/http/ID; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "incident.io alert source",
	.send = send_incidentio,
};
