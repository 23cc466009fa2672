/* SPDX-License-Identifier: MIT */
/* The context that a commit status stands under, so that later ones replace it. */
#include "base/cursor.h"
#include "base/when.h"
#include "lang/cel/cel.h"
#include "stage/event/internal.h"

static const char *lower(const char *text, struct arena *arena)
{
	char *out = arena_strdup(arena, text);
	for (char *c = out; *c; c++)
		*c = char_lower(*c);
	return out;
}

/* Upstream's: the namespace is not part of it. */
static const char *default_context(const struct delivery *delivery, struct arena *arena)
{
	const struct provider *provider = delivery->provider;
	const struct event_object *object = &delivery->event.object;
	char made[37];
	struct str uid = str_of(provider->uid);
	if (uid.len == 0) {
		event_uid("", provider->meta.kind_name, provider->meta.namespace,
			  provider->meta.name, made);
		uid = str_of(made);
	}
	uid = str_slice(uid, 0, str_find_char(uid, '-'));
	return lower(
	    arena_printf(arena, "%s/%s/%.*s", object->kind, object->name, STR_ARG(uid)),
	    arena);
}

static void set_text(struct value *map, struct arena *arena, const char *key,
		     const char *text)
{
	value_set(arena, map, key, value_text(arena, text ? text : ""));
}

static void put_text(struct value *map, struct arena *arena, const char *key,
		     const char *text)
{
	if (text && text[0])
		set_text(map, arena, key, text);
}

static struct value *make_labels(const struct label_list *labels, struct arena *arena)
{
	struct value *map = value_new(arena, VALUE_MAP);
	for (size_t i = 0; i < labels->len; i++)
		value_set(arena, map, labels->items[i].key,
			  value_text(arena, labels->items[i].value));
	return map;
}

/* A document as the cluster would hold it. */
static struct value *make_document(const struct object_meta *meta, const char *uid,
				   struct arena *arena)
{
	struct value *map = value_new(arena, VALUE_MAP);
	struct value *metadata = value_new(arena, VALUE_MAP);
	put_text(metadata, arena, "name", meta->name);
	put_text(metadata, arena, "namespace", meta->namespace);
	put_text(metadata, arena, "uid", uid);
	if (meta->labels.len)
		value_set(arena, metadata, "labels", make_labels(&meta->labels, arena));
	if (meta->annotations.len)
		value_set(arena, metadata, "annotations",
			  make_labels(&meta->annotations, arena));
	put_text(map, arena, "apiVersion", meta->api_version);
	put_text(map, arena, "kind", meta->kind_name);
	value_set(arena, map, "metadata", metadata);
	if (meta->spec) {
		struct value *spec = ARENA_NEW(arena, struct value);
		*spec = *meta->spec;
		value_set(arena, map, "spec", spec);
	}
	return map;
}

/* The event as its JSON has it: what is empty there is left out here. */
static struct value *make_event(const struct event *event, struct arena *arena)
{
	struct value *map = value_new(arena, VALUE_MAP);
	struct value *object = value_new(arena, VALUE_MAP);
	char when[32] = "";
#define PUT(key, field) put_text(object, arena, key, event->object.field);
	EVENT_OBJECT_TEXTS(PUT)
#undef PUT
	when_format_rfc3339(event->timestamp_ms, when);
	value_set(arena, map, "involvedObject", object);
	set_text(map, arena, "severity", event_severity_name(event->severity));
	value_set(arena, map, "timestamp",
		  event->timestamp_ms ? value_text(arena, when)
				      : value_new(arena, VALUE_NULL));
	set_text(map, arena, "message", event->message);
	set_text(map, arena, "reason", event->reason);
	if (event->metadata.len)
		value_set(arena, map, "metadata", make_labels(&event->metadata, arena));
	set_text(map, arena, "reportingController", event->reporting_controller);
	put_text(map, arena, "reportingInstance", event->reporting_instance);
	return map;
}

static int evaluate(const struct delivery *delivery, struct arena *arena,
		    const char **out, struct err *err)
{
	static const char *names[] = { "event", "provider", "alert" };
	const struct strings roots = { names, ARRAY_LEN(names), ARRAY_LEN(names) };
	const struct provider *provider = delivery->provider;
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct value *map = value_new(&scratch, VALUE_MAP);
	struct cel *cel = NULL;
	const char *text = NULL;
	int code = cel_compile(str_of(provider->commit_status_expr), &roots, &scratch,
			       &cel, err);
	if (code)
		return code;
	value_set(&scratch, map, "event", make_event(&delivery->event, &scratch));
	value_set(&scratch, map, "provider",
		  make_document(&provider->meta, provider->uid, &scratch));
	if (delivery->alert)
		value_set(&scratch, map, "alert",
			  make_document(&delivery->alert->meta, delivery->alert->uid,
					&scratch));
	code = cel_eval_string(cel, map, &scratch, &text, err);
	if (code == 0)
		*out = arena_strdup(arena, text);
	return code;
}

int event_status_context(const struct delivery *delivery, struct arena *arena,
			 const char **out, struct err *err)
{
	if (!delivery->provider->commit_status_expr) {
		*out = default_context(delivery, arena);
		return 0;
	}
	int code = evaluate(delivery, arena, out, err);
	if (code)
		return err_prefix(err, "failed to create commit status: failed to "
				       "evaluate the spec.commitStatusExpr CEL "
				       "expression for the event");
	return 0;
}
