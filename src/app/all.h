/* SPDX-License-Identifier: MIT */
/* Every installed repository of this Unix owner, or of all owners when called by root. */
#ifndef APP_ALL_H
#define APP_ALL_H

#include "app/run.h"

/* Runs the recorded repositories (below `root`; NULL: all), one child for each that has
 * something due. Prints a line for each failure. Returns 0, or -1 when one failed. */
int all_run(const char *root, bool now, bool quiet);
/* The same for what waits in their outboxes alone. */
int all_deliver(const char *root);

#endif
