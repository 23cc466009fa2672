/* SPDX-License-Identifier: MIT */
/* Sentry by its envelopes: an event for an error, a transaction for the rest. */
#include "adapter/crypto/crypto.h"
#include "adapter/json/json.h"
#include "base/limits.h"
#include "base/version.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

struct dsn {
	struct str scheme, host, prefix, project, key, secret;
};

static bool read_dsn(struct str text, struct dsn *out)
{
	struct deliver_url url;
	if (!url_cut(text, &url) || !url.user.len)
		return false;
	size_t colon = str_find_char(url.user, ':');
	size_t slash = str_rfind_char(url.path, '/');
	out->key = str_slice(url.user, 0, colon);
	out->secret = str_from(url.user, colon + 1);
	out->scheme = url.scheme;
	out->host = url.host;
	out->prefix = str_slice(url.path, 0, slash);
	out->project = str_from(url.path, slash + 1);
	return out->key.len && out->project.len;
}

/* An id that a repeated delivery has again; Sentry drops the second. */
static const char *make_id(const struct deliver_state *state, const char *of, size_t len)
{
	char hash[HASH_MAX_HEX];
	struct str event = words_event_json(&state->delivery->event, state->arena);
	const char *text =
	    arena_printf(state->arena, "%s/%s/%.*s", of,
			 state->delivery->id ? state->delivery->id : "", STR_ARG(event));
	hash_hex(HASH_SHA256, str_of(text), hash);
	return arena_strndup(state->arena, (struct str){ hash, len });
}

static struct value *common(const struct deliver_state *state)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *payload = json_map(a);
	json_text(a, payload, "event_id", make_id(state, "event", 32));
	json_text(a, payload, "timestamp", words_time(event, a));
	json_text(a, payload, "platform", "other");
	if (state->delivery->provider->channel[0])
		json_text(a, payload, "environment", state->delivery->provider->channel);
	json_text(a, payload, "message", event->message);
	json_text(a, payload, "transaction",
		  arena_printf(a, "%s: %s/%s", event->object.kind,
			       event->object.namespace, event->object.name));
	return payload;
}

static struct value *error_of(const struct deliver_state *state)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *payload = common(state);
	json_text(a, payload, "level", "error");
	json_text(a, payload, "server_name", event->reporting_controller);
	value_set(a, json_sub(a, payload, "contexts"), "metadata",
		  json_labels(a, words_metadata(event, a)));
	return payload;
}

static struct value *transaction_of(const struct deliver_state *state)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *payload = common(state);
	struct value *tags = json_map(a);
	struct value *spans = json_list(a);
	struct label_list metadata = words_metadata(event, a);
	json_text(a, payload, "type", "transaction");
	json_text(a, payload, "start_timestamp", words_time(event, a));
	json_text(a, tags, "flux_involved_object_kind", event->object.kind);
	json_text(a, tags, "flux_involved_object_namespace", event->object.namespace);
	json_text(a, tags, "flux_involved_object_name", event->object.name);
	json_text(a, tags, "flux_reporting_controller", event->reporting_controller);
	json_text(a, tags, "flux_reporting_instance",
		  event->reporting_instance ? event->reporting_instance : "");
	json_text(a, tags, "flux_reason", event->reason);
	for (size_t i = 0; i < metadata.len; i++)
		json_text(a, tags, metadata.items[i].key, metadata.items[i].value);
	value_set(a, payload, "tags", tags);
	struct value *trace = json_sub(a, json_sub(a, payload, "contexts"), "trace");
	json_text(a, trace, "trace_id", make_id(state, "trace", 32));
	json_text(a, trace, "span_id", make_id(state, "span", 16));
	json_text(a, trace, "op", "event");
	struct value *span = json_item(a, spans);
	json_text(a, span, "trace_id", make_id(state, "trace", 32));
	json_text(a, span, "span_id", make_id(state, "child", 16));
	json_text(a, span, "parent_span_id", make_id(state, "span", 16));
	json_text(a, span, "op", "event");
	json_text(a, span, "start_timestamp", words_time(event, a));
	json_text(a, span, "timestamp", words_time(event, a));
	value_set(a, payload, "spans", spans);
	return payload;
}

static int write_envelope(const struct deliver_state *state, struct buf *out,
			  struct err *err)
{
	struct arena *a = state->arena;
	bool bad = words_is_error(&state->delivery->event);
	struct buf payload BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct value *head = json_map(a);
	json_text(a, head, "event_id", make_id(state, "event", 32));
	json_text(a, head, "sent_at", words_time(&state->delivery->event, a));
	json_text(a, head, "dsn", deliver_address(state));
	struct value *sdk = json_sub(a, head, "sdk");
	json_text(a, sdk, "name", "imagehook");
	json_text(a, sdk, "version", IMAGEHOOK_VERSION);
	json_write(&payload, bad ? error_of(state) : transaction_of(state), JSON_COMPACT);
	json_write(out, head, JSON_COMPACT);
	(void)buf_printf(out, "\n{\"type\":\"%s\",\"length\":%zu}\n%s\n",
			 bad ? "event" : "transaction", payload.len, buf_cstr(&payload));
	if (payload.full || out->full)
		return err_set(err, ERR_LIMIT, LIMIT_FMT,
			       LIMIT_ARG(LIMIT_DELIVERY_BYTES));
	return 0;
}

static int send_sentry(struct deliver_state *state, const char *url,
		       struct http_request *request, struct err *err)
{
	struct dsn dsn = { 0 };
	struct arena *a = state->arena;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	if (!deliver_address(state)[0])
		return err_set(err, ERR_INVALID, "DSN cannot be empty");
	if (!read_dsn(str_of(deliver_address(state)), &dsn))
		return err_set(err, ERR_INVALID,
			       "the DSN is not a URL such as "
			       "https://KEY@sentry.example/PROJECT");
	url = arena_printf(a, "%.*s://%.*s%.*s/api/%.*s/envelope/", STR_ARG(dsn.scheme),
			   STR_ARG(dsn.host), STR_ARG(dsn.prefix), STR_ARG(dsn.project));
	const char *auth = arena_printf(
	    a,
	    "Sentry sentry_version=7, sentry_client=imagehook/%s, sentry_key=%.*s%s%.*s",
	    IMAGEHOOK_VERSION, STR_ARG(dsn.key), dsn.secret.len ? ", sentry_secret=" : "",
	    STR_ARG(dsn.secret));
	int code = write_envelope(state, &out, err);
	if (code == 0)
		code = deliver_begin(state, "POST", url, request, err);
	if (code)
		return code;
	request->body = buf_to_arena(&out, a);
	code = deliver_header(state, request, "Content-Type",
			      "application/x-sentry-envelope", err);
	if (code == 0)
		code = deliver_header(state, request, "X-Sentry-Auth", auth, err);
	return code;
}

extern const struct deliver_service deliver_sentry;
const struct deliver_service deliver_sentry = {
	.help = "address: the DSN; channel: the environment",
	.failure = "postMessage failed: request failed: ",
	.send = send_sentry,
};
