/* SPDX-License-Identifier: MIT */
/*
 * gitolite: links its update hook, which is the access check, into every repository and
 * keeps the repository's compiled rules in gl-conf. It rewrites its hooks on `setup`.
 */
#include "host/host.h"

static bool claims_gitolite(const char *git_dir)
{
	return host_has(git_dir, "gl-conf") ||
	       host_link_holds(git_dir, "hooks/update", ".gitolite/hooks/") ||
	       host_file_holds(git_dir, "hooks/update", "Gitolite::Hooks::Update");
}

const struct host host_gitolite = {
	.name = "gitolite",
	.title = "gitolite",
	.hook = "hooks/post-receive.h00-imagehook",
	.write = "local-push",
	.refusal = "writing past its access rules is not allowed, and the way through "
		   "them (imagehook.write = local-push) is not built yet",
	.claims = claims_gitolite,
};
