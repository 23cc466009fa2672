/* SPDX-License-Identifier: MIT */
/* Datadog: an event of its v1 API. */
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	TEXT_UNITS = 4000
};

/* Datadog mails who is mentioned, and renders Markdown behind three percent signs. */
static const char *const mentions[] = { "@", "%%%", NULL };

static void add_tag(struct arena *a, struct value *tags, const char *key,
		    const char *text)
{
	const char *tag = words_lower(arena_printf(a, "%s:%s", key, text), a);
	value_append(a, tags, value_text(a, tag));
}

static struct value *body_of(const struct event *event, struct arena *a)
{
	struct value *body = json_map(a);
	struct value *tags = json_list(a);
	struct label_list metadata = words_metadata(event, a);
	const char *message = words_cut(event->message, TEXT_UNITS, a);
	json_text(a, body, "alert_type", words_is_error(event) ? "error" : "info");
	value_set(a, body, "date_happened", value_int(a, event->timestamp_ms / 1000));
	json_text(a, body, "source_type_name", "fluxcd");
	add_tag(a, tags, "flux_reporting_controller", event->reporting_controller);
	add_tag(a, tags, "flux_reason", event->reason);
	add_tag(a, tags, "kube_kind", event->object.kind);
	add_tag(a, tags, "kube_name", event->object.name);
	add_tag(a, tags, "kube_namespace", event->object.namespace);
	for (size_t i = 0; i < metadata.len; i++)
		add_tag(a, tags, metadata.items[i].key, metadata.items[i].value);
	value_set(a, body, "tags", tags);
	json_text(a, body, "text", words_defuse(message, mentions, a));
	json_text(a, body, "title",
		  arena_printf(a, "Events from the %s %s/%s", event->object.kind,
			       event->object.name, event->object.namespace));
	return body;
}

static int send_datadog(struct deliver_state *state, const char *url,
			struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct deliver_url parts;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "token cannot be empty");
	if (!url_cut(str_of(deliver_address(state)), &parts))
		return err_set(err, ERR_INVALID,
			       "failed to parse address: it is not a URL such as "
			       "https://api.datadoghq.com");
	url = arena_printf(a, "%.*s://%.*s/api/v1/events", STR_ARG(parts.scheme),
			   STR_ARG(parts.host));
	int code = deliver_json(state, "POST", url, body_of(event, a), request, err);
	if (code == 0)
		code = deliver_header(state, request, "Accept", "application/json", err);
	if (code == 0)
		code = deliver_header(state, request, "DD-API-KEY", deliver_token(state),
				      err);
	return code;
}

extern const struct deliver_service deliver_datadog;
const struct deliver_service deliver_datadog = {
	.help =
	    "address: https://api.datadoghq.com or that of your site; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.send = send_datadog,
};
