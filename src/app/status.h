/* SPDX-License-Identifier: MIT */
/* How imagehook stands in one repository. */
#ifndef APP_STATUS_H
#define APP_STATUS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/value.h"

/*
 * Looks at the repository at `git_dir` (NULL: the current folder). Changes nothing. *out
 * is a map, the same that `-o json` prints; *is_well is false when something there needs
 * an admin. ERR_NOTFOUND, ERR_DENIED, ERR_IO.
 */
int status_look(const char *git_dir, struct arena *arena, struct value **out,
		bool *is_well, struct err *err) MUST_CHECK;
/* The map as lines for a person. */
void status_print(const struct value *status, struct buf *out);

#endif
