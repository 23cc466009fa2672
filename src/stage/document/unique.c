/* SPDX-License-Identifier: MIT */
/* Which object a name stands for: the lists' order, names that stand twice in a cluster,
 * and finding by name. */
#include "base/text.h"
#include "model/event.h"
#include "stage/document/tree.h"
#include <stdlib.h>

static int compare_keys(const struct object_meta *a, const struct object_meta *b)
{
	int order = strcmp(a->cluster, b->cluster);
	if (order == 0)
		order = strcmp(a->kind_name, b->kind_name);
	if (order == 0)
		order = strcmp(a->namespace, b->namespace);
	return order ? order : strcmp(a->name, b->name);
}

static int compare_metas(const void *a_ptr, const void *b_ptr)
{
	const struct object_meta *a = a_ptr;
	const struct object_meta *b = b_ptr;
	int order = compare_keys(a, b);
	if (order == 0)
		order = str_cmp(a->place.path, b->place.path);
	if (order == 0)
		order = (a->place.line > b->place.line) - (a->place.line < b->place.line);
	if (order == 0)
		order = (a->place.col > b->place.col) - (a->place.col < b->place.col);
	return order;
}

/* A list of structs that begin with their meta. */
struct metas {
	char *items;
	size_t len;
	size_t bytes;
};

static struct object_meta *meta_at(const struct metas *list, size_t i)
{
	return (struct object_meta *)(void *)(list->items + i * list->bytes);
}

static void report_conflict(struct object_meta *meta, const struct object_meta *other,
			    struct arena *arena, struct finding_list *findings)
{
	struct finding *finding = document_refuse(
	    meta, findings, meta->place, "duplicate-object", "Invalid",
	    arena_printf(arena,
			 "%s '%s/%s' stands also at %.*s:%lu with a different spec, so "
			 "neither is used",
			 meta->kind_name, meta->namespace, meta->name,
			 STR_ARG(other->place.path), (unsigned long)other->place.line));
	finding->hint = "if they belong to different clusters, give each one's folder to "
			"imagehook.path";
}

/* Objects [from, to) have one name: the first stays, unusable when the specs differ. */
static void settle_group(const struct metas *list, size_t from, size_t to,
			 struct arena *arena, struct finding_list *findings)
{
	bool equal = true;
	for (size_t i = from + 1; i < to; i++)
		equal = equal && strcmp(meta_at(list, from)->spec_hash,
					meta_at(list, i)->spec_hash) == 0;
	for (size_t i = from; i < to && !equal; i++)
		report_conflict(meta_at(list, i),
				meta_at(list, i == from ? from + 1 : from), arena,
				findings);
}

static size_t settle_list(struct metas list, struct arena *arena,
			  struct finding_list *findings)
{
	size_t kept = 0;
	if (list.len > 1)
		qsort(list.items, list.len, list.bytes, compare_metas);
	for (size_t from = 0, to = 0; from < list.len; from = to) {
		bool judged = document_kinds[meta_at(&list, from)->kind]->judged;
		for (to = from + 1; judged && to < list.len; to++)
			if (compare_keys(meta_at(&list, from), meta_at(&list, to)))
				break;
		if (to - from > 1)
			settle_group(&list, from, to, arena, findings);
		if (kept != from)
			memmove(list.items + kept * list.bytes,
				list.items + from * list.bytes, list.bytes);
		kept++;
	}
	return kept;
}

#define SETTLE(set, findings, list)                                                  \
	((list)->len =                                                               \
	     settle_list((struct metas){ (char *)(void *)(list)->items, (list)->len, \
					 sizeof(*(list)->items) },                   \
			 (set)->arena, findings))

void unique_settle(struct document_set *set, struct finding_list *findings)
{
	SETTLE(set, findings, &set->repositories);
	SETTLE(set, findings, &set->policies);
	SETTLE(set, findings, &set->automations);
	SETTLE(set, findings, &set->providers);
	SETTLE(set, findings, &set->alerts);
	SETTLE(set, findings, &set->others);
}

static int order_meta(const void *key, const void *item)
{
	return compare_keys(key, item);
}

static const void *find_meta(struct metas list, const struct object_meta *key)
{
	return list.len ? bsearch(key, list.items, list.len, list.bytes, order_meta)
			: NULL;
}

const struct image_repository *document_find_repository(const struct document_set *set,
							const struct image_policy *policy)
{
	const struct object_meta key = {
		.cluster = policy->meta.cluster,
		.kind_name = document_kinds[DOCUMENT_IMAGE_REPOSITORY]->name,
		.namespace = policy->repository_namespace,
		.name = policy->repository_name,
	};
	return find_meta((struct metas){ (char *)(void *)set->repositories.items,
					 set->repositories.len,
					 sizeof(*set->repositories.items) },
			 &key);
}

const struct provider *document_find_provider(const struct document_set *set,
					      const struct alert *alert)
{
	const struct object_meta key = {
		.cluster = alert->meta.cluster,
		.kind_name = document_kinds[DOCUMENT_PROVIDER]->name,
		.namespace = alert->meta.namespace,
		.name = alert->provider_ref,
	};
	return find_meta((struct metas){ (char *)(void *)set->providers.items,
					 set->providers.len,
					 sizeof(*set->providers.items) },
			 &key);
}

void resolve_namespace_labels(const struct document_set *set, const char *cluster,
			      const char *namespace, struct label_list *out)
{
	const struct label name = { "kubernetes.io/metadata.name", namespace };
	VEC_PUSH(set->arena, out, name);
	for (size_t i = 0; i < set->others.len; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind != DOCUMENT_NAMESPACE ||
		    strcmp(meta->cluster, cluster) != 0 ||
		    strcmp(meta->name, namespace) != 0)
			continue;
		for (size_t k = 0; k < meta->labels.len; k++)
			if (strcmp(meta->labels.items[k].key, name.key) != 0)
				VEC_PUSH(set->arena, out, meta->labels.items[k]);
	}
}
