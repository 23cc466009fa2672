/* SPDX-License-Identifier: MIT */
/* Webex by its message API. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 5000
};

static const char *const mentions[] = { "<@", NULL };

static int send_webex(struct deliver_state *state, const char *url,
		      struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
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
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code)
		return code;
	return deliver_auth(state, request, "Bearer", deliver_token(state), err);
}

extern const struct deliver_service deliver_webex;
const struct deliver_service deliver_webex = {
	.help =
	    "address: https://webexapis.com/v1/messages by default; channel: the room id; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Webex hook",
	.hook_default = "https://webexapis.com/v1/messages",
	.send = send_webex,
};
