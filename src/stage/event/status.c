/* SPDX-License-Identifier: MIT */
/* The context that a commit status stands under, so that later ones replace it. */
#include "base/cursor.h"
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

int event_status_context(const struct delivery *delivery, struct arena *arena,
			 const char **out, struct err *err)
{
	(void)err;
	*out = default_context(delivery, arena);
	return 0;
}
