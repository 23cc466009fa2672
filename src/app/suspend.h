/* SPDX-License-Identifier: MIT */
/* Objects that the admin suspended on this server; the documents in Git stay as they
 * are. */
#ifndef APP_SUSPEND_H
#define APP_SUSPEND_H

#include "app/load.h"

/* Suspends what imagehook.suspend names, as if the documents said so. */
void suspend_apply(struct session *session, struct document_set *set);

/* Adds an object to imagehook.suspend of the repository's own configuration; one that is
 * there already is no failure. ERR_IO. */
int suspend_add(struct session *session, const struct object_meta *meta,
		struct err *err) MUST_CHECK;
/*
 * Removes it. ERR_INVALID, with what to do, when it stays suspended: by its document, or
 * by the system's configuration. ERR_IO.
 */
int suspend_remove(struct session *session, const struct object_meta *meta,
		   struct err *err) MUST_CHECK;

#endif
