/* SPDX-License-Identifier: MIT */
/* How root gives up being root for one repository. */
#include "app/owner.h"
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

void owner_name(uid_t uid, char *out, size_t out_bytes)
{
	const struct passwd *pw = getpwuid(uid);
	if (pw)
		(void)snprintf(out, out_bytes, "%s", pw->pw_name);
	else
		(void)snprintf(out, out_bytes, "%lu", (unsigned long)uid);
}

static int drop_to(const struct stat *owner, struct err *err)
{
	/* the name service is asked before the rights to ask are gone */
	const struct passwd *pw = getpwuid(owner->st_uid);
	char home[4096];
	(void)snprintf(home, sizeof(home), "%s", pw ? pw->pw_dir : "/");
	if (setgroups(0, NULL) != 0 || setgid(owner->st_gid) != 0 ||
	    setuid(owner->st_uid) != 0)
		return err_errno(err, "cannot become user %lu",
				 (unsigned long)owner->st_uid);
	/* what comes back to root was not given up */
	if (setuid(0) == 0)
		return err_set(err, ERR_INTERNAL, "still root after becoming user %lu",
			       (unsigned long)owner->st_uid);
	if (setenv("HOME", home, 1) != 0)
		return err_errno(err, "cannot set HOME");
	return 0;
}

int owner_become(const char *git_dir, struct err *err)
{
	struct stat owner;
	char name[256];
	if (stat(git_dir, &owner) != 0)
		return err_errno(err, "cannot look at '%s'", git_dir);
	if (geteuid() == owner.st_uid)
		return 0;
	if (geteuid() == 0)
		return drop_to(&owner, err);
	owner_name(owner.st_uid, name, sizeof(name));
	return err_set(err, ERR_DENIED,
		       "'%s' belongs to the user '%s': run this as that user or as root",
		       git_dir, name);
}
