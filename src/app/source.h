/* SPDX-License-Identifier: MIT */
/* Which repository an automation's sourceRef means, and whether it may be written to. */
#ifndef APP_SOURCE_H
#define APP_SOURCE_H

#include "app/automation.h"

/*
 * Resolves sourceRef: this repository, or the bare repository that the admin mapped the
 * name to (imagehook.source). ERR_DENIED when the tree has a GitRepository of that name
 * that is another repository; ERR_NOTFOUND for a mapping that does not open.
 */
int source_open(struct attempt *attempt, struct err *err) MUST_CHECK;
/* Closes a mapped repository; our own stays open. */
void source_close(struct attempt *attempt);
/* The git directory of the mapped repository that was opened; "" when it is our own. */
const char *source_mapped_dir(const struct attempt *attempt);

/* Whether a URL of a GitRepository is this repository: its path ends in ours. */
bool source_is_own(const char *url, const char *git_dir);

/* What the tree's GitRepository says of the address of a mapped repository that was
 * opened; NULL when it says nothing, or it is our own. */
const char *source_project(struct attempt *attempt);
/* Whether two addresses are certainly two projects: names that differ on one host. What
 * has another host may be a mirror of any name. */
bool source_is_other(const char *url, const char *address);

/* Why nothing may be written to a repository: its host, its guarding hooks, a mirror;
 * NULL when it may. Text in the arena. */
const char *source_refusal(struct session *session, struct repo *repo);

#endif
