/* SPDX-License-Identifier: MIT */
/*
 * Gogs: each hook is a short script that calls `gogs hook --config=... NAME`, which runs
 * the repository's own hooks from custom_hooks/.
 */
#include "host/host.h"

static bool claims_gogs(const char *git_dir)
{
	static const char *const delegates[] = { "hooks/post-receive", "hooks/update",
						 "hooks/pre-receive" };
	for (size_t i = 0; i < ARRAY_LEN(delegates); i++)
		if (host_file_holds(git_dir, delegates[i], " hook --config="))
			return true;
	return false;
}

const struct host host_gogs = {
	.name = "gogs",
	.title = "Gogs",
	.hook = "custom_hooks/post-receive",
	.write = "local-push",
	.refusal = "its feed and webhooks follow its own hooks, and the way through them "
		   "(imagehook.write = local-push) is not built yet",
	.claims = claims_gogs,
};
