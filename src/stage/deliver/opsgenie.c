/* SPDX-License-Identifier: MIT */
/* Opsgenie by its alert API. */
#include "adapter/crypto/crypto.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 130,
	DESCRIPTION_UNITS = 15000
};

static const char *alias_of(const struct deliver_state *state)
{
	char hash[HASH_MAX_HEX];
	const struct event *event = &state->delivery->event;
	const char *text =
	    arena_printf(state->arena, "%s/%s/%s/%s/%s", state->delivery->provider->uid,
			 event->object.kind, event->object.namespace, event->object.name,
			 event->reason);
	hash_hex(HASH_SHA256, str_of(text), hash);
	return arena_strdup(state->arena, hash);
}

static int send_opsgenie(struct deliver_state *state, const char *url,
			 struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Opsgenie apikey/token");
	struct value *body = json_map(a);
	const char *title =
	    arena_printf(a, "%s/%s", event->object.kind, event->object.name);
	json_text(a, body, "message", words_cut(title, MESSAGE_UNITS, a));
	json_text(a, body, "alias", alias_of(state));
	json_text(a, body, "description",
		  words_cut(event->message, DESCRIPTION_UNITS, a));
	struct value *details = json_labels(a, words_metadata(event, a));
	json_text(a, details, "severity", words_severity(event));
	value_set(a, body, "details", details);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "GenieKey", deliver_token(state), err);
}

extern const struct deliver_service deliver_opsgenie;
const struct deliver_service deliver_opsgenie = {
	.help =
	    "address: https://api.opsgenie.com/v2/alerts by default; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Opsgenie hook",
	.hook_default = "https://api.opsgenie.com/v2/alerts",
	.send = send_opsgenie,
};
