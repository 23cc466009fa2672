/* SPDX-License-Identifier: MIT */
/* Walking a folder; what its files mean is left to the stages. */
#include "app/folder.h"
#include "base/file.h"
#include "base/limits.h"
#include "stage/rewrite/rewrite.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_dir(DIR *const *dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Reads at most one byte more than a file may have, so that the limit can be seen. */
static int read_file(int fd, struct buf *out, const char *path, struct err *err)
{
	char block[16384];
	while (out->len <= LIMIT_FILE_BYTES) {
		ssize_t n = read(fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "'%s'", path);
		if (n == 0)
			return 0;
		(void)buf_append(out, (struct str){ block, (size_t)n });
	}
	buf_truncate(out, LIMIT_FILE_BYTES + 1);
	return 0;
}

static bool matters(struct str path, struct str text)
{
	return document_is_candidate(path, text) ||
	       str_find(text, STR(REWRITE_TOKEN)) < text.len;
}

static int add_file(struct folder_files *files, int fd, const char *path, bool always,
		    struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES + 32768);
	int code = read_file(fd, &text, path, err);
	if (code || (!always && !matters(str_of(path), buf_str(&text))))
		return code;
	if (files->len >= LIMIT_FILES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_FILES));
	struct document_file *file = VEC_ADD(files->arena, files);
	file->path = str_of(arena_strdup(files->arena, path));
	file->text = buf_to_arena(&text, files->arena);
	return 0;
}

static int walk_folder(struct folder_files *files, int dir_fd, const char *path,
		       size_t depth, struct err *err);

/* An entry that vanished or is neither file nor folder is passed over. */
static int walk_entry(struct folder_files *files, int dir_fd, const char *name,
		      const char *path, size_t depth, struct err *err)
{
	struct stat st;
	if (++files->entries > LIMIT_TREE_ENTRIES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_ENTRIES));
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) ||
	    (S_ISREG(st.st_mode) && !rewrite_is_candidate(str_of(name))))
		return 0;
	int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	if (S_ISDIR(st.st_mode))
		flags |= O_DIRECTORY;
	int fd FD_CLEANUP = openat(dir_fd, name, flags);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return 0;
	if (fd < 0)
		return err_errno(err, "'%s'", path);
	if (!S_ISDIR(st.st_mode))
		return add_file(files, fd, path, false, err);
	return walk_folder(files, fd, path, depth + 1, err);
}

static int walk_folder(struct folder_files *files, int dir_fd, const char *path,
		       size_t depth, struct err *err)
{
	if (depth > LIMIT_TREE_DEPTH)
		return err_set(err, ERR_LIMIT, "'%s': " LIMIT_FMT, path,
			       LIMIT_ARG(LIMIT_TREE_DEPTH));
	int copy = dup(dir_fd);
	DIR *dir CLEANUP(close_dir) = copy < 0 ? NULL : fdopendir(copy);
	if (!dir)
		return err_errno(err, "'%s'", path);
	for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
		struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    strcmp(name, ".git") == 0)
			continue;
		const char *full = path[0] ? file_join(&scratch, path, name) : name;
		int code = walk_entry(files, dir_fd, name, full, depth, err);
		if (code)
			return code;
	}
	return 0;
}

int folder_read(struct folder_files *files, const char *path, struct err *err)
{
	struct stat st;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_errno(err, "'%s'", path);
	/* findings name files as they stand in the tree, without a leading dot */
	while (path[0] == '.' && path[1] == '/')
		path += 2;
	if (!S_ISDIR(st.st_mode))
		return add_file(files, fd, path, true, err);
	return walk_folder(files, fd, strcmp(path, ".") == 0 ? "" : path, 0, err);
}
