/* SPDX-License-Identifier: MIT */
/* Grafana: an annotation. */
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

static const char *pipes(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);
	for (char *c = out; *c; c++)
		*c = *c == ':' ? '|' : *c;
	return out;
}

static void add_tag(struct arena *a, struct value *tags, const char *key,
		    const char *text)
{
	value_append(a, tags, value_text(a, arena_printf(a, "%s: %s", key, text)));
}

static int send_grafana(struct deliver_state *state, const char *url,
			struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct label_list metadata = words_metadata(event, a);
	struct value *body = json_map(a);
	struct value *tags = json_list(a);
	value_set(a, body, "when", value_int(a, event->timestamp_ms / 1000));
	json_text(a, body, "text", words_object(event, a));
	value_append(a, tags, value_text(a, "flux"));
	value_append(a, tags, value_text(a, event->reporting_controller));
	for (size_t i = 0; i < metadata.len; i++)
		add_tag(a, tags, pipes(a, metadata.items[i].key),
			pipes(a, metadata.items[i].value));
	add_tag(a, tags, "kind", event->object.kind);
	add_tag(a, tags, "name", event->object.name);
	add_tag(a, tags, "namespace", event->object.namespace);
	value_set(a, body, "tags", tags);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code == 0 && deliver_token(state)[0])
		return deliver_auth(state, request, "Bearer", deliver_token(state), err);
	if (code == 0 && deliver_has_basic(state))
		return deliver_basic(state, request, state->secret->username,
				     state->secret->password, err);
	return code;
}

extern const struct deliver_service deliver_grafana;
const struct deliver_service deliver_grafana = {
	.help =
	    "address: .../api/annotations; the secret's token, or username and password",
	.failure = "postMessage failed: request failed: ",
	.hook = "Grafana",
	.send = send_grafana,
};
