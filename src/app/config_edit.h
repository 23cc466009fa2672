/* SPDX-License-Identifier: MIT */
/* Changing a repository's own configuration, by git. */
#ifndef APP_CONFIG_EDIT_H
#define APP_CONFIG_EDIT_H

#include "base/arena.h"
#include "base/err.h"

/* `git config --file GIT_DIR/config ARGS`; args ends with NULL, at most six. ERR_NOTFOUND
 * when what is to be removed is not there, ERR_IO with git's words. */
int config_edit(struct arena *arena, const char *git_dir, const char *const *args,
		struct err *err) MUST_CHECK;

#endif
