/* SPDX-License-Identifier: MIT */
/*
 * Where an owner's state and secrets live (TRUST 11). The environment has no say: a hook
 * and a shell of the same user must find the same home.
 */
#include "admin/config.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

static const char shared_home[] = "/var/lib/imagehook";

/* Whether nothing lies in the folder, or a store of ours: then its mode is ours to set.
 */
static bool is_ours_or_empty(const char *path)
{
	bool is_empty = true;
	bool has_store = false;
	DIR *dir = opendir(path);
	if (!dir)
		return false;
	for (const struct dirent *at = readdir(dir); at; at = readdir(dir)) {
		if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0)
			continue;
		is_empty = false;
		has_store |= strcmp(at->d_name, "state.db") == 0;
	}
	(void)closedir(dir);
	return is_empty || has_store;
}

/* Takes every right from others, in a folder of this user that serves nothing else. */
static int make_private(const char *dir, struct err *err)
{
	struct stat st;
	int fd FD_CLEANUP = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_errno(err, "cannot open the folder '%s'", dir);
	if (st.st_uid != geteuid())
		return err_set(err, ERR_DENIED, "the folder '%s' belongs to another user",
			       dir);
	if ((st.st_mode & 077) == 0)
		return 0;
	if (!is_ours_or_empty(dir))
		return err_set(
		    err, ERR_DENIED,
		    "the folder '%s' holds other things and is open to others; "
		    "imagehook needs one of its own, or 'chmod 700' on this one",
		    dir);
	if (fchmod(fd, 0700) != 0)
		return err_errno(err, "cannot set the mode of '%s'", dir);
	return 0;
}

/* Whether the host-wide home is this user's: a folder that is its own, or one that it may
 * make. Root does not take another user's, although it could. */
static bool may_use_shared_home(void)
{
	struct stat st;
	if (lstat(shared_home, &st) == 0)
		return S_ISDIR(st.st_mode) && st.st_uid == geteuid();
	return errno == ENOENT && mkdir(shared_home, 0700) == 0;
}

static int find_home(const struct config *config, struct arena *arena, const char **out,
		     struct err *err)
{
	const char *configured = config_text(config, CONFIG_STATE);
	const struct passwd *user = NULL;
	if (*configured) {
		*out = configured;
		return 0;
	}
	if (may_use_shared_home()) {
		*out = shared_home;
		return 0;
	}
	user = getpwuid(geteuid());
	const char *dir = user ? user->pw_dir : NULL;
	if (!dir || dir[0] != '/')
		return err_set(err, ERR_NOTFOUND,
			       "this user has no home folder; set imagehook.state");
	*out = file_join(arena, dir, ".local/state/imagehook");
	return 0;
}

int config_home(const struct config *config, struct arena *arena, const char **out,
		struct err *err)
{
	const char *home = NULL;
	int code = find_home(config, arena, &home, err);
	if (!code)
		code = file_make_dirs(home, 0700, err);
	if (!code)
		code = make_private(home, err);
	if (code)
		return err_prefix(err, "state folder");
	*out = home;
	return 0;
}
