/* SPDX-License-Identifier: MIT */
/* A delivery as text: what the outbox keeps until it is sent. No secret is part of it. */
#include "adapter/json/json.h"
#include "app/events.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "stage/deliver/deliver.h"
#include "stage/event/event.h"

const char *object_path(struct arena *arena, const struct object_meta *meta)
{
	return arena_printf(arena, "%s/%s/%s", meta->cluster ? meta->cluster : "",
			    meta->namespace, meta->name);
}

bool object_is_at(const struct object_meta *meta, const char *path)
{
	struct str rest = str_of(path);
	return cursor_text(&rest, meta->cluster ? meta->cluster : "") &&
	       cursor_char(&rest, '/') && cursor_text(&rest, meta->namespace) &&
	       cursor_char(&rest, '/') && str_is(rest, meta->name);
}

const char *delivery_to_json(const struct delivery *delivery, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	(void)buf_puts(&out, "{\"event\":");
	deliver_write_event(&out, &delivery->event);
	if (delivery->commit_status) {
		(void)buf_puts(&out, ",\"commitStatus\":");
		json_write_string(&out, str_of(delivery->commit_status));
	}
	if (delivery->status_text) {
		(void)buf_puts(&out, ",\"statusText\":");
		json_write_string(&out, str_of(delivery->status_text));
	}
	if (delivery->recovered) {
		(void)buf_puts(&out, ",\"recovered\":");
		deliver_write_event(&out, delivery->recovered);
	}
	(void)buf_putc(&out, '}');
	return buf_to_arena(&out, arena).ptr;
}

static int read_event(const struct value *value, struct arena *arena, struct event *out,
		      struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	json_write(&text, value, JSON_COMPACT);
	return event_parse(buf_to_arena(&text, arena), arena, out, err);
}

int delivery_from_json(const char *json, struct arena *arena, struct delivery *out,
		       struct err *err)
{
	struct value *root = NULL;
	int code = json_parse(str_of(json), arena, &root, err);
	if (code)
		return code;
	if (!value_get(root, "event"))
		return err_set(err, ERR_INVALID, "the row holds no event");
	code = read_event(value_get(root, "event"), arena, &out->event, err);
	if (!code && value_get(root, "recovered")) {
		struct event *ended = ARENA_NEW(arena, struct event);
		code = read_event(value_get(root, "recovered"), arena, ended, err);
		out->recovered = ended;
	}
	out->commit_status = value_get_text(root, "commitStatus", arena);
	out->status_text = value_get_text(root, "statusText", arena);
	return code;
}
