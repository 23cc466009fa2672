/* SPDX-License-Identifier: MIT */
/* Zoom Team Chat by an incoming web hook. */
#include "base/limits.h"
#include "stage/deliver/build.h"
#include "stage/deliver/words.h"

enum {
	MESSAGE_UNITS = 4000
};

struct pair {
	struct str key, value;
};

static int compare_pairs(const void *x, const void *y)
{
	const struct pair *left = x;
	const struct pair *right = y;
	int order = str_cmp(left->key, right->key);
	return order ? order
		     : (left->value.ptr > right->value.ptr) -
			   (left->value.ptr < right->value.ptr);
}

/* `format=full` is in the query, unless a format is; the rest stays, by key. */
static const char *full_url(struct arena *a, const char *url)
{
	VEC_OF(struct pair) pairs = { 0 };
	struct deliver_url parts;
	struct str piece;
	struct str text = str_of(url);
	(void)url_cut(text, &parts);
	struct str rest = parts.query;
	while (rest.len && str_split(&rest, '&', &piece)) {
		size_t mark = str_find_char(piece, '=');
		struct pair pair = { str_slice(piece, 0, mark),
				     str_from(piece, mark + 1) };
		if (str_is(pair.key, "format") && pair.value.len)
			return url;
		if (piece.len && !str_is(pair.key, "format"))
			VEC_PUSH(a, &pairs, pair);
	}
	struct pair full = { STR("format"), STR("full") };
	VEC_PUSH(a, &pairs, full);
	VEC_SORT(&pairs, compare_pairs);
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	text = str_slice(text, 0, str_find_char(text, '#'));
	(void)buf_append(&out, str_slice(text, 0, str_find_char(text, '?')));
	for (size_t i = 0; i < pairs.len; i++)
		(void)buf_printf(&out, "%c%.*s=%.*s", i ? '&' : '?',
				 STR_ARG(pairs.items[i].key),
				 STR_ARG(pairs.items[i].value));
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
	json_text(a, message, "text", words_cut(event->message, MESSAGE_UNITS, a));
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

static int step_zoom(struct deliver_state *state, const struct http_response *answer,
		     struct http_request *request, enum deliver_next *next,
		     struct err *err)
{
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	const char *url = NULL;
	if (deliver_answered(answer, next))
		return 0;
	int code = deliver_hook(state, "Zoom webhook", NULL, &url, err);
	if (code)
		return code;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "empty Zoom verification token");
	code = deliver_json(state, "POST", full_url(a, url), body_of(event, a), request,
			    err);
	if (code)
		return code;
	return deliver_header(state, request, "Authorization", deliver_token(state), err);
}

extern const struct deliver_type deliver_zoom;
const struct deliver_type deliver_zoom = {
	.type = "zoom",
	.flags = 0,
	.help = "address: a web hook; the secret's token",
	.failure = "postMessage failed: request failed: ",
	.step = step_zoom,
};
