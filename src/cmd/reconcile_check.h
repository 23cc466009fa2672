/* SPDX-License-Identifier: MIT */
/* `imagehook reconcile kustomization|helmrelease NAME`. */
#ifndef CMD_RECONCILE_CHECK_H
#define CMD_RECONCILE_CHECK_H

#include "app/wanted.h"
#include "cmd/repo_options.h"

/* Checks the wanted Kustomization or HelmRelease against the tree as it is now, and sends
 * its event whether or not it is news. Returns the exit status: failed when the check
 * did. */
int reconcile_check(const char *repo, struct wanted *wanted);

#endif
