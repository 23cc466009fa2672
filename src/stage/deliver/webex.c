/* SPDX-License-Identifier: MIT */
/* Webex by its message API. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 5000
};

static const char *const mentions[] = { "<@", NULL };

static int step_webex(struct deliver_state *state, const struct http_response *answer,
		      struct http_request *request, enum deliver_next *next,
		      struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	const char *url = NULL;
	if (deliver_answered(answer, next))
		return 0;
	int code = deliver_hook(state, "Webex hook", "https://webexapis.com/v1/messages",
				&url, err);
	if (code)
		return code;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Webex token");
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = words_metadata(event, a);
	const char *message = words_cut(event->message, MESSAGE_UNITS, a);
	(void)buf_printf(&text, "%s **%s**\n%s\n",
			 words_is_error(event) ? "\U0001f4a3" : "\u2705",
			 words_object(event, a), words_defuse(message, mentions, a));
	for (size_t i = 0; i < metadata.len; i++)
		(void)buf_printf(&text, ">**%s**: %s\n",
				 words_defuse(metadata.items[i].key, mentions, a),
				 words_defuse(metadata.items[i].value, mentions, a));
	struct value *body = json_map(a);
	json_text(a, body, "roomId", state->delivery->provider->channel);
	json_text(a, body, "markdown", buf_cstr(&text));
	code = deliver_json(state, "POST", url, body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "Bearer", deliver_token(state), err);
}

extern const struct deliver_type deliver_webex;
const struct deliver_type deliver_webex = {
	.type = "webex",
	.flags = 0,
	.help =
	    "address: https://webexapis.com/v1/messages by default; channel: the room id; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.step = step_webex,
};
