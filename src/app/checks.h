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

/* Why a result is not judged, or why a GitRepository is not looked at. */
const char *checks_not_judged(const struct object_meta *meta);
/* Whether a GitRepository document is this repository, on the branch that was read. */
bool checks_is_own(struct session *session, const struct loaded *loaded,
		   const struct object_meta *meta);

#endif
