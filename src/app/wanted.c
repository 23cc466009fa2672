/* SPDX-License-Identifier: MIT */
/* Finding objects by kind, cluster, namespace and name, and the errors for none and for
 * too many. */
#include "app/wanted.h"
#include "model/event.h"
#include "stage/document/document.h"

static void add_clusters(struct session *session, struct strings *out)
{
	document_clusters(config_list(session->config, CONFIG_PATH), &session->arena,
			  out);
}

/* `'a', 'b' or 'c'` */
static const char *list_text(struct arena *arena, const struct strings *list)
{
	const char *text = "";
	for (size_t i = 0; i < list->len; i++)
		text = arena_printf(arena, "%s%s'%s'", text,
				    i == 0               ? ""
				    : i + 1 == list->len ? " or "
							 : ", ",
				    list->items[i]);
	return text;
}

static int check_cluster(struct session *session, struct wanted *wanted, struct err *err)
{
	const char *given = wanted->cluster;
	struct strings clusters = { 0 };
	struct strings cleaned = { 0 };
	struct strings one = { &given, 1, 1 };
	add_clusters(session, &clusters);
	document_clusters(&one, &session->arena, &cleaned);
	if (cleaned.len)
		wanted->cluster = cleaned.items[0];
	if (strings_contain(&clusters, wanted->cluster))
		return 0;
	return clusters.len
		   ? err_set(err, ERR_NOTFOUND,
			     "there is no cluster '%s' in imagehook.path, but %s", given,
			     list_text(&session->arena, &clusters))
		   : err_set(err, ERR_NOTFOUND,
			     "there is no cluster '%s': imagehook.path names none",
			     given);
}

void wanted_take_name(struct wanted *wanted, const char *word, struct arena *arena)
{
	const char *slash = strchr(word, '/');
	wanted->name = slash ? slash + 1 : word;
	if (slash)
		wanted->namespace =
		    arena_strndup(arena, (struct str){ word, (size_t)(slash - word) });
}

int wanted_begin(struct session *session, struct wanted *wanted, struct err *err)
{
	if (!wanted->namespace && !wanted->any_namespace)
		wanted->namespace = config_text(session->config, CONFIG_NAMESPACE);
	return wanted->cluster ? check_cluster(session, wanted, err) : 0;
}

bool wanted_is(const struct wanted *wanted, const struct object_meta *meta)
{
	return (!wanted->kind || strcmp(wanted->kind, meta->kind_name) == 0) &&
	       (!wanted->cluster || strcmp(wanted->cluster, meta->cluster) == 0) &&
	       (!wanted->namespace || strcmp(wanted->namespace, meta->namespace) == 0) &&
	       (!wanted->name || strcmp(wanted->name, meta->name) == 0);
}

bool wanted_is_across_clusters(struct session *session, const struct wanted *wanted)
{
	struct strings clusters = { 0 };
	add_clusters(session, &clusters);
	return !wanted->cluster && clusters.len > 1;
}

int wanted_none(const struct wanted *wanted, struct err *err)
{
	const char *kind = wanted->kind ? wanted->kind : "";
	const char *blank = *kind ? " " : "";
	const char *where = wanted->namespace ? wanted->namespace : "any";
	if (wanted->name)
		return err_set(err, ERR_NOTFOUND,
			       "%s%sobject '%s' not found in \"%s\" namespace", kind,
			       blank, wanted->name, where);
	return err_set(err, ERR_NOTFOUND, "no %s%sobjects found in \"%s\" namespace",
		       kind, blank, where);
}

static void look(const struct wanted *wanted, struct arena *arena, struct metas *out,
		 const void *items, size_t len, size_t bytes)
{
	for (size_t i = 0; i < len; i++) {
		const struct object_meta *meta =
		    WANTED_AS(struct object_meta, (const char *)items + i * bytes);
		if (wanted_is(wanted, meta))
			VEC_PUSH(arena, out, meta);
	}
}

#define LOOK(list) \
	look(wanted, set->arena, out, (list).items, (list).len, sizeof(*(list).items))

void wanted_list(const struct wanted *wanted, const struct document_set *set,
		 struct metas *out)
{
	LOOK(set->repositories);
	LOOK(set->policies);
	LOOK(set->automations);
	LOOK(set->providers);
	LOOK(set->alerts);
	LOOK(set->others);
}

bool wanted_any(const struct wanted *wanted, const struct document_set *set)
{
	struct metas metas = { 0 };
	wanted_list(wanted, set, &metas);
	return metas.len > 0;
}

int wanted_one(const struct wanted *wanted, const struct document_set *set,
	       const struct object_meta **out, struct err *err)
{
	struct metas metas = { 0 };
	struct strings clusters = { 0 };
	wanted_list(wanted, set, &metas);
	if (!metas.len)
		return wanted_none(wanted, err);
	for (size_t i = 0; i < metas.len; i++)
		strings_add(set->arena, &clusters, metas.items[i]->cluster);
	if (metas.len > 1)
		return err_set(err, ERR_INVALID,
			       "%s object '%s' is in several clusters; say --cluster %s",
			       wanted->kind, wanted->name,
			       list_text(set->arena, &clusters));
	*out = metas.items[0];
	return 0;
}
