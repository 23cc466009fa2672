/* SPDX-License-Identifier: MIT */
/* The table of Git hosts and the order in which they are told apart. */
#include "host/host.h"
#include "base/file.h"
#include "base/limits.h"
#include <fcntl.h>
#include <unistd.h>

enum {
	LOOK_BYTES = 65536
};

/* The forges come before gitolite and GitLab, which share names with each other. */
const struct host *const hosts[] = {
	&host_gitea, &host_gogs, &host_gitolite, &host_gitlab, &host_plain, NULL,
};

const struct host *host_detect(const char *git_dir)
{
	size_t i = 0;
	while (hosts[i + 1] && !hosts[i]->claims(git_dir))
		i++;
	return hosts[i];
}

int host_require(const char *git_dir, const struct host **out, struct err *err)
{
	*out = host_detect(git_dir);
	if (!(*out)->refusal)
		return 0;
	return err_set(err, ERR_UNSUPPORTED, "'%s' is a repository of %s: %s", git_dir,
		       (*out)->title, (*out)->refusal);
}

static bool join(char path[LIMIT_PATH_BYTES], const char *git_dir, const char *rel)
{
	int n = snprintf(path, LIMIT_PATH_BYTES, "%s/%s", git_dir, rel);
	return n > 0 && n < LIMIT_PATH_BYTES;
}

bool host_has(const char *git_dir, const char *rel)
{
	char path[LIMIT_PATH_BYTES];
	return join(path, git_dir, rel) && file_exists(path);
}

bool host_file_holds(const char *git_dir, const char *rel, const char *needle)
{
	char path[LIMIT_PATH_BYTES];
	char text[LOOK_BYTES];
	if (!join(path, git_dir, rel))
		return false;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	struct str head = { text, n < 0 ? 0 : (size_t)n };
	return str_find(head, str_of(needle)) < head.len;
}

bool host_link_holds(const char *git_dir, const char *rel, const char *needle)
{
	char path[LIMIT_PATH_BYTES];
	char target[LIMIT_PATH_BYTES];
	if (!join(path, git_dir, rel))
		return false;
	ssize_t n = readlink(path, target, sizeof(target));
	struct str seen = { target, n < 0 ? 0 : (size_t)n };
	return str_find(seen, str_of(needle)) < seen.len;
}
