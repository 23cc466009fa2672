/* SPDX-License-Identifier: MIT */
/* The event's bytes as Go's encoder writes them; see words.h for why bytes matter. */
#include "base/limits.h"
#include "stage/deliver/words.h"

static void put_escaped(struct buf *out, uint32_t point)
{
	switch (point) {
	case '"':
		(void)buf_puts(out, "\\\"");
		break;
	case '\\':
		(void)buf_puts(out, "\\\\");
		break;
	case '\b':
		(void)buf_puts(out, "\\b");
		break;
	case '\f':
		(void)buf_puts(out, "\\f");
		break;
	case '\n':
		(void)buf_puts(out, "\\n");
		break;
	case '\r':
		(void)buf_puts(out, "\\r");
		break;
	case '\t':
		(void)buf_puts(out, "\\t");
		break;
	default:
		(void)buf_printf(out, "\\u%04x", point);
	}
}

static void put_text(struct buf *out, const char *text)
{
	struct str s = str_of(text);
	(void)buf_putc(out, '"');
	for (size_t off = 0; off < s.len;) {
		uint32_t point = 0;
		size_t len = str_utf8_decode(s, off, &point);
		if (len == 0)
			(void)buf_puts(out, "\\ufffd");
		else if (point < 0x20 || point == 0x2028 || point == 0x2029 ||
			 (point < 0x7f && strchr("\"\\<>&", (int)point)))
			put_escaped(out, point);
		else
			(void)buf_append(out, str_slice(s, off, len));
		off += len ? len : 1;
	}
	(void)buf_putc(out, '"');
}

static void put_member(struct buf *out, const char *key, const char *text, bool *first)
{
	if (!text || !text[0])
		return;
	(void)buf_printf(out, "%s\"%s\":", *first ? "" : ",", key);
	put_text(out, text);
	*first = false;
}

static void put_object(struct buf *out, const struct event_object *object)
{
	bool first = true;
	(void)buf_puts(out, "{\"involvedObject\":{");
	put_member(out, "kind", object->kind, &first);
	put_member(out, "namespace", object->namespace, &first);
	put_member(out, "name", object->name, &first);
	put_member(out, "uid", object->uid, &first);
	put_member(out, "apiVersion", object->api_version, &first);
	put_member(out, "resourceVersion", object->resource_version, &first);
	put_member(out, "fieldPath", object->field_path, &first);
	(void)buf_putc(out, '}');
}

struct str words_event_json(const struct event *event, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	struct label_list metadata = words_sorted_metadata(event, arena);
	put_object(&out, &event->object);
	(void)buf_printf(&out,
			 ",\"severity\":\"%s\",\"timestamp\":", words_severity(event));
	if (event->timestamp_ms)
		put_text(&out, words_time(event, arena));
	else
		(void)buf_puts(&out, "null");
	(void)buf_puts(&out, ",\"message\":");
	put_text(&out, event->message);
	(void)buf_puts(&out, ",\"reason\":");
	put_text(&out, event->reason);
	for (size_t i = 0; i < metadata.len; i++) {
		(void)buf_puts(&out, i ? "," : ",\"metadata\":{");
		put_text(&out, metadata.items[i].key);
		(void)buf_putc(&out, ':');
		put_text(&out, metadata.items[i].value);
	}
	(void)buf_puts(&out, metadata.len ? "}" : "");
	(void)buf_puts(&out, ",\"reportingController\":");
	put_text(&out, event->reporting_controller);
	if (event->reporting_instance && event->reporting_instance[0]) {
		(void)buf_puts(&out, ",\"reportingInstance\":");
		put_text(&out, event->reporting_instance);
	}
	(void)buf_putc(&out, '}');
	return buf_to_arena(&out, arena);
}
