/* SPDX-License-Identifier: MIT */
/* `imagehook reconcile kustomization NAME`. */
#ifndef CMD_RECONCILE_CHECK_H
#define CMD_RECONCILE_CHECK_H

#include "cmd/repo_options.h"

/* Checks the Kustomization against the tree as it is now, and sends its event whether or
 * not it is news. Returns the exit status: failed when the check did. */
int reconcile_check(const char *repo, const char *namespace, const char *name);

#endif
