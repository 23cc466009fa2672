/* SPDX-License-Identifier: MIT */
/*
 * Gitea and Forgejo: generate a driver for each hook, and `<hook>.d/gitea`, which tells
 * their database. A branch that moves without that hook is stale in the web view.
 */
#include "host/host.h"

static bool claims_gitea(const char *git_dir)
{
	return host_has(git_dir, "hooks/post-receive.d/gitea") ||
	       host_has(git_dir, "hooks/post-receive.d/forgejo");
}

const struct host host_gitea = {
	.name = "gitea",
	.title = "Gitea or Forgejo",
	.hook = "hooks/post-receive.d/imagehook",
	.write = "local-push",
	.refusal = "its database follows its own hooks, and the way through them "
		   "(imagehook.write = local-push) is not built yet",
	.claims = claims_gitea,
};
