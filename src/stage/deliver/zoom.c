/* SPDX-License-Identifier: MIT */
/* Zoom Team Chat by an incoming web hook. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 4000
};

struct pair {
	const char *key, *value;
	size_t place;
};

static int compare_pairs(const void *x, const void *y)
{
	const struct pair *left = x;
	const struct pair *right = y;
	int order = strcmp(left->key, right->key);
	return order ? order
		     : (left->place > right->place) - (left->place < right->place);
}

/* Pairs that cannot be read are lost, as upstream does it. */
static bool read_pair(struct str text, size_t place, struct arena *a, struct pair *out)
{
	struct str key;
	struct str value;
	size_t mark = str_find_char(text, '=');
	if (!text.len || str_find_char(text, ';') < text.len ||
	    !url_decode(str_slice(text, 0, mark), true, a, &key) ||
	    !url_decode(str_from(text, mark + 1), true, a, &value))
		return false;
	*out = (struct pair){ arena_strndup(a, key), arena_strndup(a, value), place };
	return true;
}

/* `format=full` is in the query, unless the first format says something; the rest is
 * written anew, by key. */
static const char *full_url(struct arena *a, const char *url)
{
	VEC_OF(struct pair) pairs = { 0 };
	struct pair full = { "format", "full", 0 };
	struct deliver_url parts;
	struct str piece;
	struct str text = str_of(url);
	bool asked = false;
	(void)url_cut(text, &parts);
	while (parts.query.len && str_split(&parts.query, '&', &piece)) {
		struct pair pair;
		if (!read_pair(piece, pairs.len, a, &pair))
			continue;
		bool format = strcmp(pair.key, full.key) == 0;
		if (format && !asked && pair.value[0])
			return url;
		asked = asked || format;
		if (!format)
			VEC_PUSH(a, &pairs, pair);
	}
	VEC_PUSH(a, &pairs, full);
	VEC_SORT(&pairs, compare_pairs);
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	text = str_slice(text, 0, str_find_char(text, '#'));
	(void)buf_append(&out, str_slice(text, 0, str_find_char(text, '?')));
	for (size_t i = 0; i < pairs.len; i++)
		(void)buf_printf(&out, "%c%s=%s", i ? '&' : '?',
				 url_query(pairs.items[i].key, a),
				 url_query(pairs.items[i].value, a));
	return arena_strndup(a, buf_str(&out));
}

static struct value *body_of(const struct event *event, struct arena *a)
{
	struct value *body = json_map(a);
	struct label_list metadata = words_metadata(event, a);
	struct value *content = json_sub(a, body, "content");
	struct value *head = json_sub(a, content, "head");
	struct value *parts = json_list(a);
	json_text(a, head, "text", words_object(event, a));
	json_text(a, json_sub(a, head, "sub_head"), "text", words_severity(event));
	value_set(a, content, "body", parts);
	struct value *message = json_item(a, parts);
	json_text(a, message, "type", "message");
	json_unless_empty(a, message, "text",
			  words_cut(event->message, MESSAGE_UNITS, a));
	if (!metadata.len)
		return body;
	struct value *fields = json_item(a, parts);
	struct value *items = json_list(a);
	json_text(a, fields, "type", "fields");
	value_set(a, fields, "items", items);
	for (size_t i = 0; i < metadata.len; i++) {
		struct value *item = json_item(a, items);
		json_text(a, item, "key", metadata.items[i].key);
		json_text(a, item, "value", metadata.items[i].value);
	}
	return body;
}

static int send_zoom(struct deliver_state *state, const char *url,
		     struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Zoom verification token");
	int code = deliver_json(state, "POST", full_url(a, url), body_of(event, a),
				request, err);
	if (code)
		return code;
	return deliver_header(state, request, "Authorization", deliver_token(state), err);
}

extern const struct deliver_service deliver_zoom;
const struct deliver_service deliver_zoom = {
	.help = "address: a web hook; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.hook = "Zoom webhook",
	.send = send_zoom,
};
