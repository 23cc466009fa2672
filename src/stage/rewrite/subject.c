/* SPDX-License-Identifier: MIT */
/* Finds the few fields of each document that say what it is, by one walk over the events
 * with the keys of the two outermost mappings in hand. */
#include "stage/rewrite/subject.h"

struct walk {
	struct arena *arena;
	struct subject *subject;
	size_t depth;
	struct str outer; /* key of the root mapping */
	struct str inner; /* key of the mapping below it */
	bool has_mac;
	bool mac_only;
};

static void set_text(struct walk *walk, const char **field, struct str content)
{
	if (!*field)
		*field = arena_strndup(walk->arena, content);
}

static void meet_field(struct walk *walk, struct str content)
{
	struct object_id *id = &walk->subject->id;
	if (walk->depth == 1) {
		if (str_is(walk->outer, "apiVersion"))
			set_text(walk, &id->api_version, content);
		else if (str_is(walk->outer, "kind"))
			set_text(walk, &id->kind, content);
		return;
	}
	if (str_is(walk->outer, "metadata")) {
		if (str_is(walk->inner, "name"))
			set_text(walk, &id->name, content);
		else if (str_is(walk->inner, "namespace"))
			set_text(walk, &id->namespace, content);
	} else if (str_is(walk->outer, "sops")) {
		walk->has_mac = walk->has_mac || str_is(walk->inner, "mac");
		walk->mac_only =
		    walk->mac_only || (str_is(walk->inner, "mac_only_encrypted") &&
				       str_is(content, "true"));
	}
}

static void meet_scalar(struct walk *walk, const struct scan_event *event)
{
	if (event->role == SCAN_KEY) {
		if (walk->depth == 1)
			walk->outer = event->content;
		else
			walk->inner = event->content;
		if (walk->depth == 1 && str_is(event->content, "sops")) {
			walk->subject->line = event->line;
			walk->subject->col = event->col;
		}
	} else if (event->role == SCAN_VALUE) {
		meet_field(walk, event->content);
	}
}

static void finish(struct walk *walk)
{
	if (!walk->subject)
		return;
	struct object_id *id = &walk->subject->id;
	walk->subject->sealed = walk->has_mac && !walk->mac_only;
	id->api_version = id->api_version ? id->api_version : "";
	id->kind = id->kind ? id->kind : "";
	id->name = id->name ? id->name : "";
	id->namespace = id->namespace ? id->namespace : "";
}

/* A sequence, or a mapping too deep to matter. */
static bool is_foreign(const struct walk *walk, const struct scan_event *event)
{
	return event->kind == SCAN_SEQUENCE || walk->depth >= 2 ||
	       event->role == SCAN_KEY;
}

void subject_read(const struct scan_events *events, struct arena *arena,
		  struct subject_list *out)
{
	struct walk walk = { .arena = arena };
	size_t foreign = 0; /* open collections that do not matter */
	for (size_t i = 0; i < events->len; i++) {
		const struct scan_event *event = &events->items[i];
		if (event->kind == SCAN_DOCUMENT) {
			struct subject *subject = VEC_ADD(arena, out);
			subject->first_event = i;
			walk = (struct walk){ .arena = arena, .subject = subject };
		} else if (event->kind == SCAN_SEQUENCE || event->kind == SCAN_MAPPING) {
			if (foreign || is_foreign(&walk, event))
				foreign++;
			else
				walk.depth++;
		} else if (event->kind == SCAN_END) {
			if (foreign)
				foreign--;
			else
				walk.depth--;
		} else if (event->kind == SCAN_DOCUMENT_END) {
			finish(&walk);
		} else if (event->kind == SCAN_SCALAR && !foreign && walk.depth &&
			   walk.subject) {
			meet_scalar(&walk, event);
		}
	}
}

const struct subject *subject_of(const struct subject_list *subjects, size_t event)
{
	size_t low = 0;
	size_t high = subjects->len;
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		if (subjects->items[mid].first_event <= event)
			low = mid;
		else
			high = mid;
	}
	return &subjects->items[low];
}
