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

static int drop_to(uid_t uid, gid_t gid, struct err *err)
{
	/* the name service is asked before the rights to ask are gone */
	const struct passwd *pw = getpwuid(uid);
	char home[4096];
	(void)snprintf(home, sizeof(home), "%s", pw ? pw->pw_dir : "/");
	if (setgroups(0, NULL) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
		return err_errno(err, "cannot become user %lu", (unsigned long)uid);
	/* what comes back to root was not given up */
	if (setuid(0) == 0)
		return err_set(err, ERR_INTERNAL, "still root after becoming user %lu",
			       (unsigned long)uid);
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
		return drop_to(owner.st_uid, owner.st_gid, err);
	owner_name(owner.st_uid, name, sizeof(name));
	return err_set(err, ERR_DENIED,
		       "'%s' belongs to the user '%s': run this as that user or as root",
		       git_dir, name);
}

/* Looks at the folder's owner only: root opens nothing there. */
static bool has_home(const struct passwd *pw)
{
	char path[4096];
	struct stat st;
	(void)snprintf(path, sizeof(path), "%s/.local/state/imagehook", pw->pw_dir);
	return pw->pw_uid != 0 && pw->pw_dir[0] == '/' &&
	       ((lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
		 st.st_uid == pw->pw_uid) ||
		(lstat("/var/lib/imagehook", &st) == 0 && S_ISDIR(st.st_mode) &&
		 st.st_uid == pw->pw_uid));
}

void owner_list(struct arena *arena, struct owners *out)
{
	setpwent();
	for (const struct passwd *pw = getpwent(); pw; pw = getpwent()) {
		if (!has_home(pw))
			continue;
		struct owner *owner = VEC_ADD(arena, out);
		owner->uid = pw->pw_uid;
		owner->gid = pw->pw_gid;
	}
	endpwent();
}

int owner_drop_to(const struct owner *owner, struct err *err)
{
	return drop_to(owner->uid, owner->gid, err);
}
