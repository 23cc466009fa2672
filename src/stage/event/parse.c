/* SPDX-License-Identifier: MIT */
/* Events in JSON, from outside. */
#include "adapter/json/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include "stage/event/event.h"
#include <stdlib.h>

static const char *const severities[] = {
	[EVENT_TRACE] = "trace",
	[EVENT_INFO] = "info",
	[EVENT_ERROR] = "error",
};

const char *event_severity_name(enum event_severity severity)
{
	return severities[severity];
}

/* One text of an object; absent and null are "". */
struct slot {
	const char *key;
	const char **out;
};

static int read_texts(const struct value *map, const char *prefix, struct arena *arena,
		      const struct slot *slots, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct value *value = value_get(map, slots[i].key);
		*slots[i].out = "";
		if (!value || value->kind == VALUE_NULL)
			continue;
		if (value->kind != VALUE_STRING)
			return err_set(err, ERR_INVALID, "%s%s is a %s, not a string",
				       prefix, slots[i].key,
				       value_kind_name(value->kind));
		*slots[i].out = arena_strndup(arena, value->string);
	}
	return 0;
}

static int read_object(const struct value *root, struct arena *arena,
		       struct event_object *out, struct err *err)
{
	const struct value *map = value_get(root, "involvedObject");
	const struct slot slots[] = {
#define SLOT(key, field) { key, &out->field },
		EVENT_OBJECT_TEXTS(SLOT)
#undef SLOT
	};
	if (!map || map->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID,
			       "involvedObject is missing or not an object");
	int code =
	    read_texts(map, "involvedObject.", arena, slots, ARRAY_LEN(slots), err);
	if (code)
		return code;
	if (out->kind[0] == '\0' || out->name[0] == '\0')
		return err_set(err, ERR_INVALID, "involvedObject.%s is missing",
			       out->kind[0] ? "name" : "kind");
	return 0;
}

static int read_severity(const struct value *root, struct arena *arena,
			 enum event_severity *out, struct err *err)
{
	const char *text = value_get_text(root, "severity", arena);
	for (size_t i = 0; text && i < ARRAY_LEN(severities); i++)
		if (strcmp(text, severities[i]) == 0) {
			*out = (enum event_severity)i;
			return 0;
		}
	if (!value_get(root, "severity"))
		return err_set(err, ERR_INVALID,
			       "severity is missing: info or error is expected");
	return err_set(err, ERR_INVALID,
		       "severity '%s' is not one of info, error and trace",
		       text ? text_clean(arena, str_of(text), 60) : "?");
}

static int read_timestamp(const struct value *root, struct arena *arena, int64_t *out,
			  struct err *err)
{
	const struct value *value = value_get(root, "timestamp");
	*out = 0;
	if (!value || value->kind == VALUE_NULL)
		return 0;
	if (value->kind == VALUE_STRING && when_parse_rfc3339(value->string, out))
		return 0;
	return err_set(err, ERR_INVALID,
		       "timestamp '%s' is not a time such as 2026-06-06T12:00:00Z",
		       value->kind == VALUE_STRING ? text_clean(arena, value->string, 60)
						   : value_kind_name(value->kind));
}

static int compare_labels(const void *a, const void *b)
{
	return strcmp(((const struct label *)a)->key, ((const struct label *)b)->key);
}

static int read_metadata(const struct value *root, struct arena *arena,
			 struct label_list *out, struct err *err)
{
	const struct value *map = value_get(root, "metadata");
	*out = (struct label_list){ NULL, 0, 0 };
	if (!map || map->kind == VALUE_NULL)
		return 0;
	if (map->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "metadata is a %s, not an object",
			       value_kind_name(map->kind));
	if (map->map.len > LIMIT_EVENT_METADATA)
		return err_set(err, ERR_LIMIT,
			       "metadata has too many entries (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_EVENT_METADATA));
	for (size_t i = 0; i < map->map.len; i++) {
		const struct value_entry *entry = &map->map.items[i];
		if (entry->value->kind != VALUE_STRING)
			return err_set(err, ERR_INVALID,
				       "metadata '%s' is a %s, not a string",
				       text_clean(arena, entry->key, 60),
				       value_kind_name(entry->value->kind));
		struct label *label = VEC_ADD(arena, out);
		label->key = arena_strndup(arena, entry->key);
		label->value = arena_strndup(arena, entry->value->string);
	}
	VEC_SORT(out, compare_labels);
	return 0;
}

int event_parse(struct str json, struct arena *arena, struct event *out, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct value *root = NULL;
	struct event event = { 0 };
	const struct slot slots[] = {
		{ "message", &event.message },
		{ "reason", &event.reason },
		{ "reportingController", &event.reporting_controller },
		{ "reportingInstance", &event.reporting_instance },
	};
	if (json.len > LIMIT_EVENT_BYTES)
		return err_set(err, ERR_LIMIT, "the event is too long (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_EVENT_BYTES));
	int code = json_parse(json, &scratch, &root, err);
	if (code)
		return code;
	if (root->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "the event is a %s, not an object",
			       value_kind_name(root->kind));
	code = read_object(root, arena, &event.object, err);
	if (code == 0)
		code = read_severity(root, arena, &event.severity, err);
	if (code == 0)
		code = read_timestamp(root, arena, &event.timestamp_ms, err);
	if (code == 0)
		code = read_texts(root, "", arena, slots, ARRAY_LEN(slots), err);
	if (code == 0)
		code = read_metadata(root, arena, &event.metadata, err);
	if (code == 0)
		*out = event;
	return code;
}

static bool is_kind(const char *kind)
{
	static const char *const kinds[] = {
#define EVENT_KIND(name, api_version) name,
#include "model/event_kinds.list"
#undef EVENT_KIND
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* A text that stands on one line. */
struct line {
	const char *key, *text;
};

static bool is_line(const char *text)
{
	return text_is_printable(str_of(text)) && !strpbrk(text, "\n\t");
}

int event_check(const struct event *event, struct err *err)
{
	const struct event_object *object = &event->object;
	const struct line lines[] = {
		{ "involvedObject.uid", object->uid },
		{ "involvedObject.apiVersion", object->api_version },
		{ "involvedObject.resourceVersion", object->resource_version },
		{ "involvedObject.fieldPath", object->field_path },
		{ "reason", event->reason },
		{ "reportingController", event->reporting_controller },
		{ "reportingInstance", event->reporting_instance },
	};
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	if (!is_kind(object->kind))
		return err_set(err, ERR_INVALID,
			       "involvedObject.kind '%s' is not a kind that Flux knows",
			       text_clean(&scratch, str_of(object->kind), 60));
	if (!text_is_dns_subdomain(str_of(object->name)))
		return err_set(err, ERR_INVALID, "involvedObject.name '%s' is not a name",
			       text_clean(&scratch, str_of(object->name), 60));
	if (!text_is_dns_label(str_of(object->namespace)))
		return err_set(err, ERR_INVALID,
			       "involvedObject.namespace '%s' is not a namespace",
			       text_clean(&scratch, str_of(object->namespace), 60));
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (!is_line(lines[i].text))
			return err_set(err, ERR_INVALID, "control characters in %s",
				       lines[i].key);
	if (event->reason[0] == '\0')
		return err_set(err, ERR_INVALID, "reason is missing");
	if (!text_is_printable(str_of(event->message)))
		return err_set(err, ERR_INVALID, "control characters in message");
	for (size_t i = 0; i < event->metadata.len; i++)
		if (!is_line(event->metadata.items[i].key) ||
		    !text_is_printable(str_of(event->metadata.items[i].value)))
			return err_set(
			    err, ERR_INVALID, "control characters in metadata '%s'",
			    text_clean(&scratch, str_of(event->metadata.items[i].key),
				       60));
	return 0;
}
