/* SPDX-License-Identifier: MIT */
/* The event's bytes as Go's encoder writes them: order, omissions and escapes. */
#include "adapter/json/json.h"
#include "base/limits.h"
#include "stage/deliver/deliver.h"
#include "stage/deliver/words.h"

static void put_member(struct buf *out, const char *key, const char *text)
{
	const char last = out->len ? out->ptr[out->len - 1] : '{';
	if (last != '{')
		(void)buf_putc(out, ',');
	json_write_string_go(out, str_of(key));
	(void)buf_putc(out, ':');
	json_write_string_go(out, str_of(text ? text : ""));
}

static void put_unless_empty(struct buf *out, const char *key, const char *text)
{
	if (text && text[0])
		put_member(out, key, text);
}

static void put_metadata(struct buf *out, const struct event *event)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct label_list metadata = words_sorted_metadata(event, &scratch);
	if (!metadata.len)
		return;
	(void)buf_puts(out, ",\"metadata\":{");
	for (size_t i = 0; i < metadata.len; i++)
		put_member(out, metadata.items[i].key, metadata.items[i].value);
	(void)buf_putc(out, '}');
}

void deliver_write_event(struct buf *out, const struct event *event)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	(void)buf_puts(out, "{\"involvedObject\":{");
#define PUT(key, field) put_unless_empty(out, key, event->object.field);
	EVENT_OBJECT_TEXTS(PUT)
#undef PUT
	(void)buf_putc(out, '}');
	put_member(out, "severity", words_severity(event));
	if (event->timestamp_ms)
		put_member(out, "timestamp", words_time(event, &scratch));
	else
		(void)buf_puts(out, ",\"timestamp\":null");
	put_member(out, "message", event->message);
	put_member(out, "reason", event->reason);
	put_metadata(out, event);
	put_member(out, "reportingController", event->reporting_controller);
	put_unless_empty(out, "reportingInstance", event->reporting_instance);
	(void)buf_putc(out, '}');
}

struct str words_event_json(const struct event *event, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	deliver_write_event(&out, event);
	return buf_to_arena(&out, arena);
}
