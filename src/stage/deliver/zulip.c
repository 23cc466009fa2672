/* SPDX-License-Identifier: MIT */
/* Zulip: a message to a channel and topic. */
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	CONTENT_UNITS = 10000
};

static const char *const mentions[] = { "@*", "@_*", NULL };

static int send_zulip(struct deliver_state *state, const char *url,
		      struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct deliver_url parts;
	struct str channel = str_of(state->delivery->provider->channel);
	size_t slash = str_find_char(channel, '/');
	(void)url_cut(str_of(url), &parts);
	if (slash == 0 || slash + 1 >= channel.len)
		return err_set(err, ERR_INVALID,
			       "invalid Zulip channel format, expected "
			       "<channel>/<topic>, got '%.*s'",
			       STR_ARG(channel));
	/* what is around the path stays */
	url = arena_printf(a, "%.*s://%.*s%s%.*s/api/v1/messages%s%.*s",
			   STR_ARG(parts.scheme), STR_ARG(parts.user),
			   parts.user.len ? "@" : "", STR_ARG(parts.host),
			   parts.has_query ? "?" : "", STR_ARG(parts.query));
	const char *content =
	    words_cut(words_block(event, mentions, a), CONTENT_UNITS, a);
	const char *to = arena_strndup(a, str_slice(channel, 0, slash));
	const char *topic = arena_strndup(a, str_from(channel, slash + 1));
	int code = deliver_begin(state, "POST", url, request, err);
	if (code)
		return code;
	request->body = str_of(arena_printf(a, "content=%s&to=%s&topic=%s&type=stream",
					    url_query(content, a), url_query(to, a),
					    url_query(topic, a)));
	code = deliver_header(state, request, "Content-Type",
			      "application/x-www-form-urlencoded", err);
	if (code == 0 && deliver_has_basic(state))
		code = deliver_basic(state, request, state->secret->username,
				     state->secret->password, err);
	return code;
}

extern const struct deliver_service deliver_zulip;
const struct deliver_service deliver_zulip = {
	.help =
	    "address: the server; channel: CHANNEL/TOPIC; the secret's username and password",
	.failure = "request failed: ",
	.hook = "Zulip endpoint",
	.send = send_zulip,
};
