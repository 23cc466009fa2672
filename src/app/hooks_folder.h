/* SPDX-License-Identifier: MIT */
/* Where git looks for a repository's hooks, and who else looks there (TRUST 16). */
#ifndef APP_HOOKS_FOLDER_H
#define APP_HOOKS_FOLDER_H

#include "base/err.h"
#include "base/vec.h"

struct hooks_folder {
	const char *path; /* absolute, as configured */
	const char *real; /* without links; `path` when it does not exist yet */
	const char
	    *scope; /* of core.hooksPath: "local", "global", "system"; "" = unset */
	bool is_missing;
	bool is_outside; /* beyond the git directory: others may use it */
};

/*
 * Asks git, as the current user, for core.hooksPath in every configuration file.
 * ERR_UNSUPPORTED when it switches hooks off (it names no folder); ERR_IO.
 */
int hooks_folder_find(const char *git_dir, struct arena *arena, struct hooks_folder *out,
		      struct err *err) MUST_CHECK;
/* Other repositories beside this one whose hooks are in the same folder; at most 1,000
 * neighbours are looked at. */
void hooks_folder_users(const struct hooks_folder *folder, const char *git_dir,
			struct arena *arena, struct strings *out);
/* Names of hooks that git's configuration defines for post-receive (git >= 2.54). */
void hooks_folder_config_hooks(const char *git_dir, struct arena *arena,
			       struct strings *out);

#endif
