/* SPDX-License-Identifier: MIT */
/* How the views of the kinds are made; only view.c and its siblings include this. */
#ifndef APP_VIEWER_H
#define APP_VIEWER_H

#include "app/view.h"

struct viewer {
	struct session *session;
	struct arena *arena;
	const struct loaded *loaded;
	const struct wanted *wanted;
	struct object_views *out;
};

/*
 * Adds a view with empty cells and the object's shape; *status is its status, to be
 * filled. `ready` NULL: as the condition says. A document that is wrong now is shown as
 * wrong, whatever is remembered.
 */
struct object_view *viewer_add(struct viewer *viewer, const struct object_meta *meta,
			       const struct condition *recorded, const char *ready,
			       struct value **status);
/* Sets a key unless the text is NULL or empty. */
void viewer_put(struct arena *arena, struct value *map, const char *key,
		const char *text);
/* RFC 3339, "" for 0. */
const char *viewer_time(struct arena *arena, int64_t ms);

/* GitRepositories, Kustomizations and HelmReleases. */
int viewer_checked(struct viewer *viewer, struct err *err) MUST_CHECK;
/* Providers and Alerts. */
int viewer_providers(struct viewer *viewer, struct err *err) MUST_CHECK;
/* Alerts, with how the deliveries of each went. */
int viewer_alerts(struct viewer *viewer, struct err *err) MUST_CHECK;

#endif
