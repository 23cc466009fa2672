/* SPDX-License-Identifier: MIT */
/* Looks an event's object up among the documents of every kind. */
#include "app/subject.h"
#include "stage/event/event.h"

static bool is_it(const struct object_meta *meta, const char *cluster,
		  const struct event_object *object)
{
	return strcmp(meta->kind_name, object->kind) == 0 &&
	       strcmp(meta->namespace, object->namespace) == 0 &&
	       strcmp(meta->name, object->name) == 0 &&
	       (!cluster || strcmp(meta->cluster, cluster) == 0);
}

/* Every row of a list begins with what all documents have. */
#define RETURN_IF_IN(list)                                                 \
	do {                                                               \
		for (size_t i = 0; i < (list).len; i++)                    \
			if (is_it(&(list).items[i].meta, cluster, object)) \
				return &(list).items[i].meta;              \
	} while (0)

const struct object_meta *subject_find(const struct document_set *set,
				       const char *cluster,
				       const struct event_object *object)
{
	RETURN_IF_IN(set->others);
	RETURN_IF_IN(set->repositories);
	RETURN_IF_IN(set->policies);
	RETURN_IF_IN(set->automations);
	return NULL;
}

void subject_fill(struct event *event, const struct object_meta *meta, bool is_own,
		  struct arena *arena)
{
	event->object_missing = !meta;
	if (!meta)
		return;
	event->labels = meta->labels;
	if (is_own)
		event_add_annotations(event, &meta->annotations, arena);
}
