/* SPDX-License-Identifier: MIT */
/* Ages, lines and JSON of events. */
#include "cmd/event_text.h"
#include "adapter/json/json.h"
#include "base/when.h"

/* `3m44s`, `2h5m`, `4d3h`: the two largest parts. */
static const char *age_text(struct arena *arena, int64_t ms)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;
	if (s < 60)
		return arena_printf(arena, "%llds", (long long)s);
	if (s < 3600)
		return arena_printf(arena, "%lldm%llds", (long long)(s / 60),
				    (long long)(s % 60));
	if (s < 86400)
		return arena_printf(arena, "%lldh%lldm", (long long)(s / 3600),
				    (long long)(s / 60 % 60));
	return arena_printf(arena, "%lldd%lldh", (long long)(s / 86400),
			    (long long)(s / 3600 % 24));
}

const char *event_text_seen(struct arena *arena, const struct event_record *record)
{
	int64_t now_ms = when_now_ms();
	const char *last = age_text(arena, now_ms - record->time_ms);
	return record->count > 1
		   ? arena_printf(arena, "%s (x%u over %s)", last, record->count,
				  age_text(arena, now_ms - record->first_ms))
		   : last;
}

struct value *event_text_value(struct arena *arena, const struct event_record *record)
{
	struct value *map = value_new(arena, VALUE_MAP);
	struct value *object = value_new(arena, VALUE_MAP);
	struct value *metadata = NULL;
	struct err ignored = ERR_INIT;
	char text[32];
	value_set(arena, object, "kind", value_text(arena, record->kind));
	value_set(arena, object, "namespace", value_text(arena, record->namespace));
	value_set(arena, object, "name", value_text(arena, record->name));
	value_set(arena, map, "involvedObject", object);
	value_set(arena, map, "severity", value_text(arena, record->severity));
	when_format_rfc3339(record->time_ms, text);
	value_set(arena, map, "timestamp", value_text(arena, text));
	value_set(arena, map, "message", value_text(arena, record->message));
	value_set(arena, map, "reason", value_text(arena, record->reason));
	if (json_parse(str_of(record->metadata), arena, &metadata, &ignored) == 0)
		value_set(arena, map, "metadata", metadata);
	if (*record->transition)
		value_set(arena, map, "transition",
			  value_text(arena, record->transition));
	value_set(arena, map, "count", value_int(arena, record->count));
	when_format_rfc3339(record->first_ms, text);
	value_set(arena, map, "firstTimestamp", value_text(arena, text));
	return map;
}

const char *event_text_type(const struct event_record *record)
{
	return strcmp(record->severity, "error") == 0 ? "Warning" : "Normal";
}

const char *event_text_line(struct arena *arena, const char *message)
{
	char *out = arena_strndup(arena, str_trim(str_of(message)));
	size_t len = 0;
	for (const char *c = out; *c; c++) {
		bool breaks = *c == '\n' || *c == '\t';
		if (!breaks || out[len - 1] != ' ')
			out[len++] = breaks ? ' ' : *c;
	}
	out[len] = '\0';
	return out;
}
