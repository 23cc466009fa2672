/* SPDX-License-Identifier: MIT */
/* A delivery as text: what the outbox keeps until it is sent. No secret is part of it. */
#include "adapter/json/json.h"
#include "app/events.h"
#include "base/limits.h"
#include "stage/event/event.h"

const char *object_path(struct arena *arena, const struct object_meta *meta)
{
	return arena_printf(arena, "%s/%s/%s", meta->cluster ? meta->cluster : "",
			    meta->namespace, meta->name);
}

const char *delivery_to_json(const struct delivery *delivery, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	(void)buf_puts(&out, "{\"event\":");
	event_write_json(&out, &delivery->event);
	if (delivery->commit_status) {
		(void)buf_puts(&out, ",\"commitStatus\":");
		json_write_string(&out, str_of(delivery->commit_status));
	}
	(void)buf_putc(&out, '}');
	return buf_to_arena(&out, arena).ptr;
}

int delivery_from_json(const char *json, struct arena *arena, struct delivery *out,
		       struct err *err)
{
	struct value *root = NULL;
	struct buf event BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	int code = json_parse(str_of(json), arena, &root, err);
	if (code)
		return code;
	if (!value_get(root, "event"))
		return err_set(err, ERR_INVALID, "the row holds no event");
	json_write(&event, value_get(root, "event"), JSON_COMPACT);
	code = event_parse(buf_to_arena(&event, arena), arena, &out->event, err);
	out->commit_status = value_get_text(root, "commitStatus", arena);
	return code;
}
