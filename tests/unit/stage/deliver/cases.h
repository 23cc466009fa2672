/* SPDX-License-Identifier: MIT */
/* Rows of fixtures/provider/ as deliveries: JSON in the shapes of Kubernetes. */
#ifndef TESTS_UNIT_STAGE_DELIVER_CASES_H
#define TESTS_UNIT_STAGE_DELIVER_CASES_H

#include "adapter/json/json.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "stage/deliver/deliver.h"

struct case_row {
	const char *id;
	struct provider provider;
	struct provider_secret secret;
	struct delivery delivery;
	const struct value *responses;
	const struct value *expect;
	int code; /* of reading the secrets */
	struct err err;
};

static inline const char *case_text(const struct value *map, const char *key,
				    struct arena *arena)
{
	const char *text = value_get_text(map, key, arena);
	return text ? text : "";
}

static inline const char *case_ref(const struct value *spec, const char *key,
				   struct arena *arena)
{
	return value_get_text(value_get(spec, key), "name", arena);
}

static inline void case_labels(const struct value *map, struct arena *arena,
			       struct label_list *out)
{
	for (size_t i = 0; map && map->kind == VALUE_MAP && i < map->map.len; i++) {
		const struct value_entry *entry = &map->map.items[i];
		struct label label = { arena_strndup(arena, entry->key),
				       arena_strndup(arena, entry->value->string) };
		VEC_PUSH(arena, out, label);
	}
}

static inline void case_event(const struct value *from, struct arena *arena,
			      struct event *out)
{
	const struct value *object = value_get(from, "involvedObject");
	const char *severity = case_text(from, "severity", arena);
	const char *time = case_text(from, "timestamp", arena);
	out->object = (struct event_object){
		.kind = case_text(object, "kind", arena),
		.namespace = case_text(object, "namespace", arena),
		.name = case_text(object, "name", arena),
		.uid = case_text(object, "uid", arena),
		.api_version = case_text(object, "apiVersion", arena),
		.resource_version = case_text(object, "resourceVersion", arena),
		.field_path = case_text(object, "fieldPath", arena),
	};
	out->severity = strcmp(severity, "error") == 0  ? EVENT_ERROR
			: strcmp(severity, "info") == 0 ? EVENT_INFO
							: EVENT_TRACE;
	(void)when_parse_rfc3339(str_of(time), &out->timestamp_ms);
	out->message = case_text(from, "message", arena);
	out->reason = case_text(from, "reason", arena);
	out->reporting_controller = case_text(from, "reportingController", arena);
	out->reporting_instance = case_text(from, "reportingInstance", arena);
	case_labels(value_get(from, "metadata"), arena, &out->metadata);
}

static inline size_t case_keys(const struct value *map, struct arena *arena,
			       struct deliver_key **out)
{
	if (!map || map->kind != VALUE_MAP)
		return 0;
	*out = ARENA_ARRAY(arena, struct deliver_key, map->map.len + 1);
	for (size_t i = 0; i < map->map.len; i++)
		(*out)[i] =
		    (struct deliver_key){ arena_strndup(arena, map->map.items[i].key),
					  map->map.items[i].value->string };
	return map->map.len;
}

static inline void case_secrets(const struct value *row, struct arena *arena,
				struct case_row *out)
{
	struct deliver_key *keys = NULL;
	size_t n = case_keys(value_get(row, "secret"), arena, &keys);
	if (keys)
		out->code = deliver_read_secret(keys, n, arena, &out->secret, &out->err);
	keys = NULL;
	n = case_keys(value_get(row, "certSecret"), arena, &keys);
	if (keys && out->code == 0)
		out->code =
		    deliver_read_cert_secret(keys, n, arena, &out->secret, &out->err);
	keys = NULL;
	n = case_keys(value_get(row, "proxySecret"), arena, &keys);
	if (keys && out->code == 0)
		out->code =
		    deliver_read_proxy_secret(keys, n, arena, &out->secret, &out->err);
}

static inline void case_read(const struct value *row, struct arena *arena,
			     struct case_row *out)
{
	const struct value *document = value_get(row, "provider");
	const struct value *meta = value_get(document, "metadata");
	const struct value *spec = value_get(document, "spec");
	*out = (struct case_row){ .id = case_text(row, "id", arena) };
	out->provider = (struct provider){
		.uid = case_text(meta, "uid", arena),
		.type = case_text(spec, "type", arena),
		.channel = case_text(spec, "channel", arena),
		.username = case_text(spec, "username", arena),
		.address = case_text(spec, "address", arena),
		.proxy = case_text(spec, "proxy", arena),
		.secret_ref = case_ref(spec, "secretRef", arena),
	};
	out->provider.meta.namespace = case_text(meta, "namespace", arena);
	out->provider.meta.name = case_text(meta, "name", arena);
	out->delivery.provider = &out->provider;
	out->delivery.commit_status = value_get_text(row, "commitStatus", arena);
	case_event(value_get(row, "event"), arena, &out->delivery.event);
	if (value_get(row, "recovered")) {
		struct event *failed = ARENA_NEW(arena, struct event);
		case_event(value_get(row, "recovered"), arena, failed);
		out->delivery.recovered = failed;
	}
	case_secrets(row, arena, out);
	out->responses = value_get(row, "responses");
	out->expect = value_get(row, "expect");
}

#endif
