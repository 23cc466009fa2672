/* SPDX-License-Identifier: MIT */
/* The tree of the documents' tip, for the checks of Kustomizations and HelmReleases. */
#ifndef APP_CHECKS_H
#define APP_CHECKS_H

#include "app/load.h"
#include "stage/event/kustomize.h"

/* Checks what the loaded documents say against their own tree. ERR_IO when the tree
 * cannot be read. */
int checks_run(struct session *session, const struct loaded *loaded,
	       struct check_list *out, struct err *err) MUST_CHECK;

#endif
