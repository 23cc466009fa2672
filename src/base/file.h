/* SPDX-License-Identifier: MIT */
/* Files as the program needs them: bounded reads, atomic writes, no links followed where
 * asked. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include <sys/types.h>

/* For CLEANUP(): closes *fd unless it is negative. */
void close_fd(const int *fd);
#define FD_CLEANUP CLEANUP(close_fd)

/* Reads until the end of a descriptor. ERR_LIMIT when it holds more than out->max,
 * ERR_IO. */
int file_read_fd(int fd, struct buf *out, struct err *err) MUST_CHECK;
/* Reads a regular file, following links. ERR_NOTFOUND, ERR_DENIED, ERR_LIMIT, ERR_IO. */
int file_read(const char *path, struct buf *out, struct err *err) MUST_CHECK;
/* The same for what a person named on the command line: a pipe, such as `<(command)`, is
 * read to its end as well; a folder is ERR_INVALID. */
int file_read_given(const char *path, struct buf *out, struct err *err) MUST_CHECK;
/* Opens `rel` (which may hold '/') below the directory dir_fd component by component: no
 * `..`, no absolute path, no link anywhere, a regular file at the end (ERR_DENIED
 * otherwise). Read only. */
int file_open_below(int dir_fd, const char *rel, int *out_fd, struct err *err) MUST_CHECK;
/* Writes all bytes, through short writes and EINTR. */
int file_write_fd(int fd, struct str bytes, struct err *err) MUST_CHECK;

enum file_durability {
	FILE_FAST,
	FILE_DURABLE
};

/* Replaces or creates `path` with mode `mode` (umask not applied) by a temporary file
 * beside it and rename; FILE_DURABLE syncs file and folder. A link at `path` is replaced,
 * not followed. */
int file_write_atomic(const char *path, struct str bytes, mode_t mode,
		      enum file_durability durability, struct err *err) MUST_CHECK;
/* Creates `path` and its missing parents with `mode`; an existing folder stays as it is.
 */
int file_make_dirs(const char *path, mode_t mode, struct err *err) MUST_CHECK;
bool file_exists(const char *path); /* of any kind; a dangling link exists */
/* Whether a directory is there, without following a last link when nofollow. */
bool file_is_dir(const char *path, bool nofollow);
/* `dir/name` in the arena, with one slash between. */
char *file_join(struct arena *arena, const char *dir, const char *name);
/* realpath() into the arena. */
int file_real_path(const char *path, struct arena *arena, const char **out,
		   struct err *err) MUST_CHECK;

/* Takes an exclusive flock on `path`, creating it with mode 0600. `wait_ms` 0 tries once.
 * ERR_BUSY when somebody else holds it. The lock lasts as long as *out_fd is open. */
int file_lock(const char *path, int64_t wait_ms, int *out_fd, struct err *err) MUST_CHECK;

#endif
