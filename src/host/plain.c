/* SPDX-License-Identifier: MIT */
/* A bare repository that Git alone serves. */
#include "host/host.h"

static bool claims_plain(const char *git_dir)
{
	(void)git_dir;
	return true;
}

const struct host host_plain = {
	.name = "plain",
	.title = "plain Git",
	.hook = "hooks/post-receive",
	.write = "direct",
	.claims = claims_plain,
};
