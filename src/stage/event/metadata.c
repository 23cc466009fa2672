/* SPDX-License-Identifier: MIT */
/* Which metadata reaches a receiver: keys of the event's and the object's own groups,
 * overlaid by what the alert gives, as upstream orders them. */
#include "base/text.h"
#include "stage/event/internal.h"
#include <stdlib.h>
#include <strings.h>

enum {
	SOURCES = 4
};

/* Lowest to highest. */
static const char *const source_names[SOURCES] = {
	"involved object annotations",
	"Alert object .spec.eventMetadata",
	"Alert object .spec.summary",
	"involved object controller metadata",
};

/* One value of a key, before the highest wins. */
struct entry {
	const char *key, *value;
	size_t source;
};

struct entries {
	struct entry *items;
	size_t len;
	size_t cap;
};

/* The group of the involved object with a slash behind it; "" for Kubernetes' own. */
static struct str object_group(const struct event *event)
{
	struct str api = str_of(event->object.api_version);
	size_t slash = str_find_char(api, '/');
	return slash == api.len ? STR("") : str_slice(api, 0, slash + 1);
}

const char *event_metadata(const struct event *event, const char *key)
{
	for (size_t i = 0; i < event->metadata.len; i++)
		if (strcmp(event->metadata.items[i].key, key) == 0)
			return event->metadata.items[i].value;
	return NULL;
}

const char *event_object_metadata(const struct event *event, const char *key)
{
	struct str group = object_group(event);
	for (size_t i = 0; group.len && i < event->metadata.len; i++) {
		struct str have = str_of(event->metadata.items[i].key);
		if (str_starts(have, group) && str_is(str_from(have, group.len), key))
			return event->metadata.items[i].value;
	}
	return NULL;
}

static bool is_own_key(const char *key)
{
	return strcmp(key, "commit") == 0 || strcmp(key, "revision") == 0 ||
	       strcmp(key, "originRevision") == 0;
}

void event_add_annotations(struct event *event, const struct label_list *annotations,
			   struct arena *arena)
{
	struct label_list all = { NULL, 0, 0 };
	for (size_t i = 0; i < event->metadata.len; i++)
		VEC_PUSH(arena, &all, event->metadata.items[i]);
	for (size_t i = 0; i < annotations->len; i++) {
		const struct label *label = &annotations->items[i];
		struct str key = str_of(label->key);
		size_t at = 0;
		if (!str_starts(key, STR(EVENT_GROUP)) ||
		    is_own_key(str_from(key, sizeof(EVENT_GROUP) - 1).ptr))
			continue;
		while (at < all.len && strcmp(all.items[at].key, label->key) != 0)
			at++;
		if (at < all.len)
			all.items[at] = *label;
		else
			VEC_PUSH(arena, &all, *label);
	}
	event->metadata = all;
}

static void add_entry(struct entries *entries, struct arena *arena, const char *key,
		      const char *value, size_t source)
{
	struct entry entry = { key, value, source };
	VEC_PUSH(arena, entries, entry);
}

/* What came with the event: its own group's keys and its object's. */
static void add_received(struct entries *entries, const struct event *event,
			 struct arena *arena)
{
	struct str group = object_group(event);
	for (size_t i = 0; i < event->metadata.len; i++) {
		const struct label *label = &event->metadata.items[i];
		struct str key = str_of(label->key);
		if (str_starts(key, STR(EVENT_GROUP))) {
			add_entry(entries, arena, label->key + sizeof(EVENT_GROUP) - 1,
				  label->value, 0);
			continue;
		}
		if (group.len == 0 || !str_starts(key, group))
			continue;
		const char *bare = label->key + group.len;
		/* how upstream tells repetitions, of no use to people */
		if (strcasecmp(bare, "checksum") == 0 ||
		    strcasecmp(bare, "digest") == 0 || strcmp(bare, "token") == 0)
			continue;
		add_entry(entries, arena, bare, label->value, SOURCES - 1);
	}
}

static int compare_entries(const void *a_ptr, const void *b_ptr)
{
	const struct entry *a = a_ptr;
	const struct entry *b = b_ptr;
	int order = strcmp(a->key, b->key);
	return order ? order : (a->source > b->source) - (a->source < b->source);
}

static void report_conflict(const struct alert *alert, const struct entry *items,
			    size_t n, struct finding_list *findings)
{
	struct buf names BUF_CLEANUP = BUF_INIT(1024);
	for (size_t i = 0; i < n; i++)
		(void)buf_printf(&names, "%s%s", i ? ", " : "",
				 source_names[items[i].source]);
	struct finding *finding = finding_add(
	    findings, SEVERITY_WARNING, "metadata-conflict", alert->meta.place,
	    "metadata key '%s' has more than one source, the last wins: %s",
	    text_clean(findings->arena, str_of(items[0].key), 60), buf_cstr(&names));
	finding->object = arena_printf(findings->arena, "Alert/%s/%s",
				       alert->meta.namespace, alert->meta.name);
}

void event_merge_metadata(const struct event *event, const struct alert *alert,
			  const struct event_rules *rules, struct arena *arena,
			  struct label_list *out, struct finding_list *findings)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct entries all = { NULL, 0, 0 };
	*out = (struct label_list){ NULL, 0, 0 };
	add_received(&all, event, &scratch);
	for (size_t i = 0; i < alert->event_metadata.len; i++) {
		const struct label *label = &alert->event_metadata.items[i];
		/* the commit of a run is what the run says */
		if (!rules->of_run || !is_own_key(label->key))
			add_entry(&all, &scratch, label->key, label->value, 1);
	}
	if (alert->summary && alert->summary[0])
		add_entry(&all, &scratch, "summary", alert->summary, 2);
	VEC_SORT(&all, compare_entries);
	for (size_t from = 0, to = 0; from < all.len; from = to) {
		for (to = from + 1; to < all.len; to++)
			if (strcmp(all.items[from].key, all.items[to].key) != 0)
				break;
		if (to - from > 1)
			report_conflict(alert, &all.items[from], to - from, findings);
		struct label *label = VEC_ADD(arena, out);
		label->key = all.items[to - 1].key;
		label->value = all.items[to - 1].value;
	}
}
