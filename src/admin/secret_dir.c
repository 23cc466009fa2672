/* SPDX-License-Identifier: MIT */
/* Entering, listing and writing folders of secrets by descriptor, never by path. */
#include "admin/secret_dir.h"
#include "base/file.h"
#include "base/limits.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_child(int dir_fd, const char *name, enum dir_mode mode, int *out_fd,
		      struct err *err)
{
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, ERR_DENIED, "'%s' is not a folder name", name);
	if (mode == DIR_MAKE && mkdirat(dir_fd, name, 0700) != 0 && errno != EEXIST)
		return err_errno(err, "cannot make the folder '%s'", name);
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_set(err, ERR_DENIED, "'%s' is a link or no folder", name);
	if (fd < 0)
		return err_errno(err, "cannot open the folder '%s'", name);
	*out_fd = fd;
	return 0;
}

int dir_open_below(int dir_fd, const char *rel, enum dir_mode mode, int *out_fd,
		   struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	if ((size_t)snprintf(path, sizeof(path), "%s", rel) >= sizeof(path))
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_PATH_BYTES));
	int at = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	if (at < 0)
		return err_errno(err, "cannot use the folder");
	char *rest = path;
	for (char *name = strsep(&rest, "/"); name; name = strsep(&rest, "/")) {
		int next = -1;
		int code = open_child(at, name, mode, &next, err);
		(void)close(at);
		if (code)
			return code;
		at = next;
	}
	*out_fd = at;
	return 0;
}

int dir_open(const char *path, int *out_fd, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot open the folder '%s'", path);
	*out_fd = fd;
	return 0;
}

int dir_names(int dir_fd, bool (*accept)(struct str), struct arena *arena,
	      struct strings *out, struct err *err)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		int code = err_errno(err, "cannot list a folder");
		close_fd(&fd);
		return code;
	}
	for (const struct dirent *at = readdir(dir); at; at = readdir(dir))
		if (accept(str_of(at->d_name)))
			strings_add(arena, out, at->d_name);
	(void)closedir(dir);
	strings_sort(out);
	return 0;
}

static int fill(int dir_fd, const char *temporary, struct str bytes, struct err *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd FD_CLEANUP = openat(dir_fd, temporary, flags, 0600);
	if (fd < 0)
		return err_errno(err, "cannot write '%s'", temporary);
	int code = file_write_fd(fd, bytes, err);
	if (!code && (fchmod(fd, 0600) != 0 || fsync(fd) != 0))
		code = err_errno(err, "cannot sync '%s'", temporary);
	return code;
}

int dir_write(int dir_fd, const char *name, struct str bytes, struct err *err)
{
	char temporary[300];
	if ((size_t)snprintf(temporary, sizeof(temporary), "~%s.%ld", name,
			     (long)getpid()) >= sizeof(temporary))
		return err_set(err, ERR_LIMIT, "name '%s' is too long", name);
	/* what a killed process of the same number left */
	(void)unlinkat(dir_fd, temporary, 0);
	int code = fill(dir_fd, temporary, bytes, err);
	if (!code && renameat(dir_fd, temporary, dir_fd, name) != 0)
		code = err_errno(err, "cannot replace '%s'", name);
	if (!code && fsync(dir_fd) != 0)
		code = err_errno(err, "cannot sync the folder of '%s'", name);
	if (code)
		(void)unlinkat(dir_fd, temporary, 0);
	return code;
}
