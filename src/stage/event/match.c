/* SPDX-License-Identifier: MIT */
/* Whether one alert takes one event: upstream's tests in upstream's order, then the gates
 * in front of the provider, then the delivery. */
#include "adapter/crypto/crypto.h"
#include "adapter/regex/regex.h"
#include "base/text.h"
#include "stage/event/internal.h"
#include <stdlib.h>

static const struct {
	const char *name;
	unsigned flags;
} types[] = {

#define PROVIDER_TYPE(file, name, flags) { name, flags },
#define PROVIDER_LEFT_OUT(name, why)     { name, PROVIDER_UNSUPPORTED },
#include "model/provider_types.list"
#undef PROVIDER_TYPE
#undef PROVIDER_LEFT_OUT
};

/* enum provider_flag; 0 for an unknown type. */
static unsigned flags_of(const struct provider *provider)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, provider->type) == 0)
			return types[i].flags;
	return 0;
}

static struct finding *report(const struct event_match *match, enum severity severity,
			      const char *id, struct place place, const char *text)
{
	struct finding *finding =
	    finding_add(match->findings, severity, id, place, "%s", text);
	finding->object =
	    arena_printf(match->findings->arena, "Alert/%s/%s",
			 match->alert->meta.namespace, match->alert->meta.name);
	return finding;
}

static bool has_label(const struct label_list *labels, const struct label *wanted)
{
	for (size_t i = 0; i < labels->len; i++)
		if (strcmp(labels->items[i].key, wanted->key) == 0)
			return strcmp(labels->items[i].value, wanted->value) == 0;
	return false;
}

static bool source_matches(const struct event_match *match,
			   const struct event_source *source)
{
	const struct event *event = match->event;
	const struct event_object *object = &event->object;
	if (strcmp(source->namespace, object->namespace) != 0 ||
	    strcmp(source->kind, object->kind) != 0 ||
	    (match->alert->errors_only && event->severity != EVENT_ERROR) ||
	    (strcmp(source->name, "*") != 0 && strcmp(source->name, object->name) != 0))
		return false;
	if (!source->has_labels)
		return true;
	if (event->object_missing) {
		struct arena *arena = match->findings->arena;
		(void)report(
		    match, SEVERITY_WARNING, "source-fetch-failed", source->place,
		    arena_printf(arena,
				 "matchLabels cannot be judged: %s '%s/%s' is "
				 "not in the tree",
				 text_clean(arena, str_of(object->kind), 60),
				 text_clean(arena, str_of(object->namespace), 64),
				 text_clean(arena, str_of(object->name), 253)));
		return false;
	}
	for (size_t i = 0; i < source->match_labels.len; i++)
		if (!has_label(&event->labels, &source->match_labels.items[i]))
			return false;
	return true;
}

static bool any_source_matches(const struct event_match *match)
{
	for (size_t i = 0; i < match->alert->sources.len; i++)
		if (source_matches(match, &match->alert->sources.items[i]))
			return true;
	return false;
}

/* Whether one expression of the list matches the message; an invalid one is left out,
 * which was said when the alert was read. */
static bool list_matches(const struct event_match *match, const struct strings *list)
{
	for (size_t i = 0; i < list->len; i++) {
		struct regex *own REGEX_CLEANUP = NULL;
		struct err ignored = ERR_INIT;
		const struct regex *regex = event_cache_regex(
		    match->rules->cache, list->items[i], &own, &ignored);
		if (regex && regex_matches(regex, str_of(match->event->message)))
			return true;
	}
	return false;
}

static enum event_verdict judge_alert(const struct event_match *match)
{
	const struct alert *alert = match->alert;
	const struct event_object *object = &match->event->object;
	if (alert->suspend)
		return EVENT_ALERT_SUSPENDED;
	if (!any_source_matches(match))
		return EVENT_NO_SOURCE;
	if (alert->inclusion_list.len && !list_matches(match, &alert->inclusion_list))
		return EVENT_NOT_INCLUDED;
	if (list_matches(match, &alert->exclusion_list))
		return EVENT_EXCLUDED;
	if (!match->rules->no_cross_namespace ||
	    strcmp(object->namespace, alert->meta.namespace) == 0)
		return EVENT_TAKEN;
	struct arena *arena = match->findings->arena;
	(void)report(
	    match, SEVERITY_ERROR, "cross-namespace", alert->meta.place,
	    arena_printf(arena,
			 "discarding event, access denied to cross-namespace sources: "
			 "alert '%s/%s' can't process event from '%s/%s/%s'",
			 alert->meta.namespace, alert->meta.name,
			 text_clean(arena, str_of(object->kind), 60),
			 text_clean(arena, str_of(object->namespace), 64),
			 text_clean(arena, str_of(object->name), 253)));
	return EVENT_CROSS_NAMESPACE;
}

static enum event_verdict judge_provider(const struct event_match *match,
					 const struct provider *provider)
{
	const struct event *event = match->event;
	const char *status = event_object_metadata(event, "commit_status");
	bool is_update = status && strcmp(status, "update") == 0;
	if (!provider) {
		struct arena *arena = match->findings->arena;
		(void)report(
		    match, SEVERITY_ERROR, "unknown-provider",
		    match->alert->provider_place,
		    arena_printf(
			arena,
			"failed to read provider: "
			"Provider.notification.toolkit.fluxcd.io \"%s\" not found",
			match->alert->provider_ref));
		return EVENT_NO_PROVIDER;
	}
	/* what is wrong with it was said when it was read */
	if (!provider->meta.valid)
		return EVENT_NO_PROVIDER;
	if (provider->suspend)
		return EVENT_PROVIDER_SUSPENDED;
	if (flags_of(provider) & PROVIDER_COMMIT_STATUS)
		return event->severity == EVENT_ERROR || is_update ||
			       event_metadata(event, EVENT_GROUP "commit")
			   ? EVENT_TAKEN
			   : EVENT_NOT_FOR_PROVIDER;
	if (is_update && !(flags_of(provider) & PROVIDER_TAKES_UPDATES))
		return EVENT_NOT_FOR_PROVIDER;
	return EVENT_TAKEN;
}

/* With its NUL, so that no text runs into the next. */
static void put(struct buf *out, const char *text)
{
	(void)buf_puts(out, text ? text : "");
	(void)buf_putc(out, '\0');
}

/* Stable: the same event to the same provider is the same delivery. */
static const char *make_id(const struct delivery *delivery, struct arena *arena)
{
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	const struct object_meta *meta = &delivery->provider->meta;
	const struct event *event = &delivery->event;
	char hex[HASH_MAX_HEX];
	put(&text, meta->cluster);
	put(&text, meta->namespace);
	put(&text, meta->name);
	put(&text, delivery->commit_status);
#define PUT(key, field) put(&text, event->object.field);
	EVENT_OBJECT_TEXTS(PUT)
#undef PUT
	(void)buf_printf(&text, "%d,%lld,", (int)event->severity,
			 (long long)event->timestamp_ms);
	put(&text, event->message);
	put(&text, event->reason);
	put(&text, event->reporting_controller);
	put(&text, event->reporting_instance);
	for (size_t i = 0; i < event->metadata.len; i++) {
		put(&text, event->metadata.items[i].key);
		put(&text, event->metadata.items[i].value);
	}
	hash_hex(HASH_SHA256, buf_str(&text), hex);
	return arena_strndup(arena, str_slice(str_of(hex), 0, 32));
}

static bool has_key(const struct label_list *list, const char *key)
{
	for (size_t i = 0; i < list->len; i++)
		if (strcmp(list->items[i].key, key) == 0)
			return true;
	return false;
}

/* An event that the alert takes: the gates of its provider, then the delivery. */
static int make_delivery(const struct event_match *match, const struct provider *provider,
			 struct arena *arena, struct delivery *out,
			 enum event_verdict *verdict, struct err *err)
{
	struct delivery delivery = { .provider = provider,
				     .alert = match->alert,
				     .event = *match->event };
	*verdict = judge_provider(match, provider);
	if (*verdict != EVENT_TAKEN)
		return 0;
	event_merge_metadata(match->event, match->alert, match->rules, arena,
			     &delivery.event.metadata, match->findings);
	if (flags_of(provider) & PROVIDER_COMMENT &&
	    !has_key(&delivery.event.metadata, "change_request")) {
		*verdict = EVENT_NOT_FOR_PROVIDER;
		return 0;
	}
	if (flags_of(provider) & PROVIDER_COMMIT_STATUS) {
		int code =
		    event_status_context(&delivery, arena, &delivery.commit_status, err);
		if (code)
			return code;
	}
	delivery.id = make_id(&delivery, arena);
	*out = delivery;
	return 0;
}

int event_match(const struct event_match *match, const struct provider *provider,
		struct arena *arena, struct delivery *out, enum event_verdict *verdict,
		struct err *err)
{
	*verdict = judge_alert(match);
	if (*verdict != EVENT_TAKEN)
		return 0;
	return make_delivery(match, provider, arena, out, verdict, err);
}

const struct provider *event_find_provider(const struct document_set *set,
					   const struct alert *alert)
{
	for (size_t i = 0; i < set->providers.len; i++) {
		const struct object_meta *meta = &set->providers.items[i].meta;
		if (strcmp(meta->name, alert->provider_ref) == 0 &&
		    strcmp(meta->namespace, alert->meta.namespace) == 0 &&
		    strcmp(meta->cluster, alert->meta.cluster) == 0)
			return &set->providers.items[i];
	}
	return NULL;
}

static int compare_alerts(const void *a_ptr, const void *b_ptr)
{
	const struct object_meta *a = &(*(const struct alert *const *)a_ptr)->meta;
	const struct object_meta *b = &(*(const struct alert *const *)b_ptr)->meta;
	int order = strcmp(a->namespace, b->namespace);
	if (order == 0)
		order = strcmp(a->name, b->name);
	return order ? order : strcmp(a->cluster, b->cluster);
}

static void add_once(struct delivery_list *out, struct arena *arena, size_t from,
		     const struct delivery *delivery)
{
	for (size_t i = from; i < out->len; i++) {
		if (strcmp(out->items[i].id, delivery->id) != 0)
			continue;
		VEC_PUSH(arena, &out->items[i].also, delivery->alert);
		return;
	}
	VEC_PUSH(arena, out, *delivery);
}

static void dispatch_one(const struct event_match *match, const struct document_set *set,
			 struct arena *arena, size_t from, struct delivery_list *out)
{
	struct delivery delivery = { 0 };
	enum event_verdict verdict = EVENT_NO_SOURCE;
	struct err err = ERR_INIT;
	const struct alert *alert = match->alert;
	const struct event_object *object = &match->event->object;
	if (judge_alert(match) != EVENT_TAKEN)
		return;
	const struct provider *provider = event_find_provider(set, alert);
	int code = make_delivery(match, provider, arena, &delivery, &verdict, &err);
	if (code == 0 && verdict == EVENT_TAKEN)
		add_once(out, arena, from, &delivery);
	if (code == 0)
		return;
	struct arena *texts = match->findings->arena;
	(void)report(
	    match, SEVERITY_ERROR, "dispatch-failed",
	    provider ? provider->expr_place : alert->meta.place,
	    arena_printf(texts, "failed to dispatch notification for %s/%s/%s: %s",
			 text_clean(texts, str_of(object->kind), 60),
			 text_clean(texts, str_of(object->namespace), 64),
			 text_clean(texts, str_of(object->name), 253), err.text));
}

void event_dispatch(const struct event *event, const struct document_set *set,
		    const struct event_rules *rules, struct arena *arena,
		    struct delivery_list *out, struct finding_list *findings)
{
	const struct alert_list *alerts = &set->alerts;
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	const struct alert **ordered =
	    ARENA_ARRAY(&scratch, const struct alert *, alerts->len + 1);
	size_t from = out->len;
	size_t n = 0;
	for (size_t i = 0; i < alerts->len; i++)
		if (alerts->items[i].meta.valid)
			ordered[n++] = &alerts->items[i];
	if (n > 1)
		qsort(ordered, n, sizeof(*ordered), compare_alerts);
	for (size_t i = 0; i < n; i++) {
		const struct event_match match = { event, ordered[i], rules, findings };
		dispatch_one(&match, set, arena, from, out);
	}
}
