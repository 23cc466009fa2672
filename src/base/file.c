/* SPDX-License-Identifier: MIT */
/* Reading, atomic replacing, walking without links and locking of files. */
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void close_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

int file_read_fd(int fd, struct buf *out, struct err *err)
{
	char chunk[32768];
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "read");
		if (n == 0)
			return 0;
		if (!buf_append(out, (struct str){ chunk, (size_t)n }))
			return err_set(err, ERR_LIMIT, "more than %zu bytes", out->max);
	}
}

/* Reads what `flags` opens, unless it is of another kind than wanted. */
static int read_path(const char *path, int flags, bool any_kind, struct buf *out,
		     struct err *err)
{
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	struct stat st;
	if (fstat(fd, &st) != 0)
		return err_errno(err, "cannot look at '%s'", path);
	if (any_kind && S_ISDIR(st.st_mode))
		return err_set(err, ERR_INVALID, "'%s' is a folder", path);
	if (!any_kind && !S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "'%s' is not a regular file", path);
	int code = file_read_fd(fd, out, err);
	return code ? err_prefix(err, "'%s'", path) : 0;
}

int file_read(const char *path, struct buf *out, struct err *err)
{
	return read_path(path, O_NONBLOCK, false, out, err);
}

int file_read_given(const char *path, struct buf *out, struct err *err)
{
	return read_path(path, 0, true, out, err);
}

/* Opens the next component; the last must be a regular file, the others folders. */
static int open_component(int dir_fd, const char *name, bool last, int *out_fd,
			  struct err *err)
{
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, ERR_DENIED, "'%s' is not a file name", name);
	int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
	int fd = openat(dir_fd, name, last ? flags : flags | O_DIRECTORY);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_set(err, ERR_DENIED, "'%s' is a link or no folder", name);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", name);
	struct stat st;
	if (last && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		(void)close(fd);
		return err_set(err, ERR_DENIED, "'%s' is not a regular file", name);
	}
	*out_fd = fd;
	return 0;
}

int file_open_below(int dir_fd, const char *rel, int *out_fd, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	if ((size_t)snprintf(path, sizeof(path), "%s", rel) >= sizeof(path))
		return err_set(err, ERR_LIMIT, "path of more than %d bytes",
			       LIMIT_PATH_BYTES);
	if (path[0] == '/')
		return err_set(err, ERR_DENIED, "'%s' is not a relative path", rel);
	int at = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	if (at < 0)
		return err_errno(err, "cannot use the folder");
	char *name = path;
	for (;;) {
		char *slash = strchr(name, '/');
		if (slash)
			*slash = '\0';
		int next = -1;
		int code = open_component(at, name, !slash, &next, err);
		(void)close(at);
		if (code)
			return code;
		at = next;
		if (!slash)
			break;
		name = slash + 1;
	}
	*out_fd = at;
	return 0;
}

int file_write_fd(int fd, struct str bytes, struct err *err)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "write");
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

static int sync_folder_of(const char *path, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	(void)snprintf(dir, sizeof(dir), "%s", path);
	char *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	int fd FD_CLEANUP = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0)
		return err_errno(err, "cannot sync '%s'", slash ? dir : ".");
	return 0;
}

static int fill_temporary(int fd, struct str bytes, mode_t mode,
			  enum file_durability durability, struct err *err)
{
	int code = file_write_fd(fd, bytes, err);
	if (code)
		return code;
	if (fchmod(fd, mode) != 0)
		return err_errno(err, "cannot set the mode");
	if (durability == FILE_DURABLE && fsync(fd) != 0)
		return err_errno(err, "cannot sync");
	return 0;
}

int file_write_atomic(const char *path, struct str bytes, mode_t mode,
		      enum file_durability durability, struct err *err)
{
	char temporary[LIMIT_PATH_BYTES];
	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >=
	    sizeof(temporary))
		return err_set(err, ERR_LIMIT, "path of more than %d bytes",
			       LIMIT_PATH_BYTES);
	int fd FD_CLEANUP = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot write beside '%s'", path);
	int code = fill_temporary(fd, bytes, mode, durability, err);
	if (code)
		(void)err_prefix(err, "'%s'", path);
	else if (rename(temporary, path) != 0)
		code = err_errno(err, "cannot replace '%s'", path);
	if (code) {
		(void)unlink(temporary);
		return code;
	}
	return durability == FILE_DURABLE ? sync_folder_of(path, err) : 0;
}

int file_make_dirs(const char *path, mode_t mode, struct err *err)
{
	char dir[LIMIT_PATH_BYTES];
	if ((size_t)snprintf(dir, sizeof(dir), "%s", path) >= sizeof(dir))
		return err_set(err, ERR_LIMIT, "path of more than %d bytes",
			       LIMIT_PATH_BYTES);
	if (!dir[0])
		return err_set(err, ERR_INVALID, "'' is not a folder's path");
	for (char *at = dir + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char kept = *at;
		*at = '\0';
		if (mkdir(dir, mode) != 0 && errno != EEXIST)
			return err_errno(err, "cannot make the folder '%s'", dir);
		*at = kept;
		if (!kept)
			break;
	}
	if (!file_is_dir(path, false))
		return err_set(err, ERR_IO, "'%s' is not a folder", path);
	return 0;
}

bool file_exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

bool file_is_dir(const char *path, bool nofollow)
{
	struct stat st;
	int failed = nofollow ? lstat(path, &st) : stat(path, &st);
	return !failed && S_ISDIR(st.st_mode);
}

char *file_join(struct arena *arena, const char *dir, const char *name)
{
	size_t dir_len = strlen(dir);
	size_t name_len = strlen(name);
	bool ends = dir_len && dir[dir_len - 1] == '/';
	char *path = arena_alloc(arena, dir_len + name_len + 2, 1);
	/* the room is zeroed, and with it the NUL */
	/* NOLINTBEGIN(bugprone-not-null-terminated-result) */
	memcpy(path, dir, dir_len);
	if (!ends)
		path[dir_len++] = '/';
	memcpy(path + dir_len, name, name_len);
	/* NOLINTEND(bugprone-not-null-terminated-result) */
	return path;
}

int file_real_path(const char *path, struct arena *arena, const char **out,
		   struct err *err)
{
	char *real CLEANUP(free_ptr) = realpath(path, NULL);
	if (!real)
		return err_errno(err, "cannot find '%s'", path);
	*out = arena_strdup(arena, real);
	return 0;
}

int file_lock(const char *path, int64_t wait_ms, int *out_fd, struct err *err)
{
	int fd FD_CLEANUP = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_errno(err, "cannot open the lock '%s'", path);
	int64_t until = when_monotonic_ms() + wait_ms;
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return err_errno(err, "cannot lock '%s'", path);
		if (when_monotonic_ms() >= until)
			return err_set(err, ERR_BUSY, "'%s' is locked by another process",
				       path);
		(void)usleep(20000);
	}
	*out_fd = fd;
	fd = -1;
	return 0;
}
