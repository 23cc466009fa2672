/* SPDX-License-Identifier: MIT */
/* `imagehook notify --test`: one event of our own through one provider of a repository.
 */
#ifndef CMD_NOTIFY_TEST_H
#define CMD_NOTIFY_TEST_H

#include "cmd/repo_options.h"

/*
 * Sends a test event through the provider `NS/NAME` of the repository and prints each
 * request, masked, with its answer: to stdout, or to stderr when the receiver did not
 * take it. `cluster` NULL: the only one that has it. Returns the exit status.
 */
int notify_test(const char *repo, const char *provider, const char *cluster);

/* Whether a header that a provider sets may be shown. */
bool notify_is_public_header(const char *name);

#endif
