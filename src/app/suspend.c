/* SPDX-License-Identifier: MIT */
/* imagehook.suspend: who is in it, and writing it by git. */
#include "app/suspend.h"
#include "app/config_edit.h"
#include "model/event.h"
#include "stage/event/kustomize.h"

#define KEY config_key_name(CONFIG_SUSPEND)

/* In every cluster, and in its own alone. */
struct names {
	const char *everywhere, *here;
};

static struct names names_of(struct arena *arena, const struct object_meta *meta)
{
	const char *name =
	    arena_printf(arena, "%s/%s/%s", meta->kind_name, meta->namespace, meta->name);
	return (struct names){ name, *meta->cluster ? arena_printf(arena, "%s/%s",
								   meta->cluster, name)
						    : name };
}

static bool is_held(struct session *session, const struct object_meta *meta)
{
	const struct strings *held = config_list(session->config, CONFIG_SUSPEND);
	if (!held->len)
		return false;
	struct names names = names_of(&session->arena, meta);
	return strings_contain(held, names.everywhere) ||
	       strings_contain(held, names.here);
}

/* The kinds that are decoded have a field of their own. */
#define HOLD(session, list)                                                         \
	for (size_t i = 0; i < (list).len; i++)                                     \
		if (is_held(session, &(list).items[i].meta)) {                      \
			(list).items[i].meta.held = (list).items[i].suspend = true; \
		}

void suspend_apply(struct session *session, struct document_set *set)
{
	HOLD(session, set->repositories)
	HOLD(session, set->policies)
	HOLD(session, set->automations)
	HOLD(session, set->providers)
	HOLD(session, set->alerts)
	for (size_t i = 0; i < set->others.len; i++)
		set->others.items[i].meta.held =
		    is_held(session, &set->others.items[i].meta);
}

int suspend_add(struct session *session, const struct object_meta *meta, struct err *err)
{
	struct names names = names_of(&session->arena, meta);
	const char *args[] = { "--add", KEY, names.here, NULL };
	return is_held(session, meta)
		   ? 0
		   : config_edit(&session->arena, session->git_dir, args, err);
}

static int remove_one(struct session *session, const char *name, struct err *err)
{
	const char *args[] = { "--fixed-value", "--unset-all", KEY, name, NULL };
	int code = config_edit(&session->arena, session->git_dir, args, err);
	return code == ERR_NOTFOUND ? 0 : code;
}

static bool is_held_still(struct session *session, const struct object_meta *meta,
			  struct err *err)
{
	struct finding_list ignored = FINDING_LIST_INIT(&session->arena);
	return config_load(NULL, session->git_dir, &session->arena, &session->config,
			   &ignored, err) == 0 &&
	       is_held(session, meta);
}

int suspend_remove(struct session *session, const struct object_meta *meta,
		   struct err *err)
{
	struct names names = names_of(&session->arena, meta);
	struct object_meta document = *meta;
	document.held = false;
	int code = remove_one(session, names.here, err);
	if (!code)
		code = remove_one(session, names.everywhere, err);
	if (code)
		return code;
	if (check_is_suspended(&document))
		return err_set(
		    err, ERR_INVALID,
		    "%s '%s/%s' is suspended by its document, %.*s:%u; push it "
		    "without 'suspend: true'",
		    meta->kind_name, meta->namespace, meta->name,
		    STR_ARG(meta->place.path), (unsigned)meta->place.line);
	if (meta->held && is_held_still(session, meta, err))
		return err_set(err, ERR_INVALID, "%s '%s/%s' is suspended by %s in %s",
			       meta->kind_name, meta->namespace, meta->name, KEY,
			       config_source(session->config, CONFIG_SUSPEND));
	return 0;
}
