/* SPDX-License-Identifier: MIT */
/* Any receiver: the event as it is. */
#include "base/cursor.h"
#include "stage/deliver/build.h"
#include "stage/deliver/event_post.h"
#include "stage/deliver/words.h"

/* What frames the message is not for a secret to say. */
static const char *const refused[] = { "host", "content-length", "transfer-encoding",
				       "connection", "expect" };

static bool is_named(const char *name, const char *other)
{
	for (; *name && char_lower(*name) == *other; name++, other++)
		continue;
	return *name == *other;
}

static int add_headers(struct deliver_state *state, struct http_request *request,
		       struct err *err)
{
	const struct label_list *headers = &state->secret->headers;
	for (size_t i = 0; i < headers->len; i++) {
		const struct label *header = &headers->items[i];
		for (size_t k = 0; k < ARRAY_LEN(refused); k++)
			if (is_named(header->key, refused[k]))
				return err_set(err, ERR_INVALID,
					       "header '%s' cannot be set by a secret",
					       refused[k]);
		int code =
		    deliver_header(state, request, header->key, header->value, err);
		if (code)
			return code;
	}
	return 0;
}

int event_post(struct deliver_state *state, const char *url, struct http_request *request,
	       struct err *err)
{
	const struct event *event = &state->delivery->event;
	int code = deliver_begin(state, "POST", url, request, err);
	if (code)
		return code;
	request->body = words_event_json(event, state->arena);
	code = deliver_header(state, request, "Content-Type", "application/json", err);
	if (code == 0)
		code = deliver_header(state, request, "Gotk-Component",
				      event->reporting_controller, err);
	if (code == 0)
		code = add_headers(state, request, err);
	return code;
}

extern const struct deliver_service deliver_generic;
const struct deliver_service deliver_generic = {
	.help = "address: a URL; the secret's headers",
	.failure = "postMessage failed: request failed: ",
	.hook = "hook",
	.send = event_post,
};
