/* SPDX-License-Identifier: MIT */
/* Telegram by its bot API, in MarkdownV2. */
#include "base/cursor.h"
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	TEXT_UNITS = 4096,
	SHORTEST_NAME = 5 /* of a user; shorter ones are no mention */
};

static bool is_mention(const char *at)
{
	size_t len = 0;
	while (char_is_alnum(at[1 + len]) || at[1 + len] == '_')
		len++;
	return len >= SHORTEST_NAME;
}

static const char *escape(const char *text, struct arena *a)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	for (const char *c = text; *c; c++) {
		if (strchr("\\.-_[]()~>`#+=|{}!*", *c))
			(void)buf_putc(&out, '\\');
		(void)buf_putc(&out, *c);
		if (*c == '@' && is_mention(c))
			(void)buf_puts(&out, "\u200b");
	}
	return arena_strndup(a, buf_str(&out));
}

/* As much of a text as fits when it is escaped. */
static const char *fit(const char *text, size_t units, struct arena *a)
{
	size_t keep = words_units(str_of(text));
	const char *escaped = escape(text, a);
	keep = keep < units ? keep : units;
	while (words_units(str_of(escaped)) > units && keep > 0) {
		size_t over = words_units(str_of(escaped)) - units;
		keep -= over / 2 < keep && over > 1 ? over / 2 : 1;
		escaped = escape(words_cut(text, keep, a), a);
	}
	return keep ? escaped : "";
}

static const char *text_of(const struct event *event, struct arena *a)
{
	struct buf tail BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = words_metadata(event, a);
	const char *head = arena_printf(
	    a, "*%s %s/%s/%s*\n", words_is_error(event) ? "\U0001f6a8" : "\U0001f4ab",
	    escape(words_lower(event->object.kind, a), a), escape(event->object.name, a),
	    escape(event->object.namespace, a));
	size_t used = words_units(str_of(head)) + 1;
	size_t tail_units = 0;
	for (size_t i = 0; i < metadata.len; i++) {
		const char *line =
		    arena_printf(a, "\\- *%s*: %s\n", escape(metadata.items[i].key, a),
				 escape(metadata.items[i].value, a));
		tail_units += words_units(str_of(line));
		if (tail_units > TEXT_UNITS / 2)
			break;
		(void)buf_puts(&tail, line);
	}
	used += words_units(buf_str(&tail));
	return arena_printf(
	    a, "%s%s\n%s", head,
	    fit(event->message, used < TEXT_UNITS ? TEXT_UNITS - used : 0, a),
	    buf_cstr(&tail));
}

static int send_telegram(struct deliver_state *state, const char *url,
			 struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct str channel = str_of(state->delivery->provider->channel);
	if (!channel.len)
		return err_set(err, ERR_INVALID, "empty Telegram channel");
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Telegram token");
	size_t colon = str_find_char(channel, ':');
	struct value *body = json_map(a);
	value_set(a, body, "chat_id", value_string(a, str_slice(channel, 0, colon)));
	struct str topic = str_from(channel, colon + 1);
	if (topic.len)
		value_set(a, body, "message_thread_id", value_string(a, topic));
	json_text(a, body, "text", text_of(event, a));
	json_text(a, body, "parse_mode", "MarkdownV2");
	url = arena_printf(a, "https://api.telegram.org/bot%s/sendMessage",
			   url_segment(deliver_token(state), a));
	return deliver_json(state, "POST", url, body, request, err);
}

extern const struct deliver_service deliver_telegram;
const struct deliver_service deliver_telegram = {
	.help = "channel: the chat, with :THREAD for a topic; the secret's token",
	.failure = "request failed: ",
	.send = send_telegram,
};
