/* SPDX-License-Identifier: MIT */
/*
 * GitLab: Gitaly keeps repositories below @hashed/ or +gitaly/ and votes on every change
 * of a ref; one that it did not make is lost or splits its replicas.
 */
#include "base/file.h"
#include "base/gitconfig.h"
#include "base/limits.h"
#include "host/host.h"

/* GitLab writes the project's path into the repository's configuration. */
static bool names_project(const char *git_dir)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err ignored = ERR_INIT;
	struct gitconfig config = { NULL, 0, 0 };
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	if (file_read(file_join(&arena, git_dir, "config"), &text, &ignored) ||
	    gitconfig_parse(buf_str(&text), &arena, &config, &ignored))
		return false;
	return gitconfig_get(&config, "gitlab.fullpath") != NULL;
}

static bool claims_gitlab(const char *git_dir)
{
	static const char *const parts[] = { "/@hashed/", "/+gitaly/", "/@snippets/",
					     "/@groups/", "/@pools/",  "/@cluster/" };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strstr(git_dir, parts[i]))
			return true;
	return host_link_holds(git_dir, "hooks", "gitlab-shell") ||
	       host_link_holds(git_dir, "hooks", "gitaly") || names_project(git_dir);
}

const struct host host_gitlab = {
	.name = "gitlab",
	.title = "GitLab",
	.hook = "custom_hooks/post-receive.d/imagehook",
	.write = "remote-push",
	.refusal = "a branch may only move through Gitaly, and the way there "
		   "(imagehook.write = remote-push) is not built yet",
	.claims = claims_gitlab,
};
