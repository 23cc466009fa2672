/* SPDX-License-Identifier: MIT */
/*
 * Decides how a work tree is walked and how a file is replaced: by descriptors of
 * folders, so that no component can become a link between looking and opening.
 */
#include "cmd/edit_tree.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
	const struct edit_tree *tree;
	struct buf text; /* of the file in hand */
	unsigned serial; /* of temporary files */
	size_t depth;
};

struct entry {
	const char *name;
	unsigned char type;
};

struct entry_list {
	struct entry *items;
	size_t len;
	size_t cap;
};

static void fail(const struct walk *walk, const struct err *err)
{
	walk->tree->failed(walk->tree->ctx, err);
}

static void fail_errno(const struct walk *walk, const char *what, const char *path)
{
	struct err err = ERR_INIT;
	if (errno == ELOOP)
		(void)err_set(&err, ERR_DENIED, "'%s' is a link, which is not followed",
			      path);
	else
		(void)err_errno(&err, "cannot %s '%s'", what, path);
	fail(walk, &err);
}

/* Reads a file of known size in one go, more when it grew. */
static int read_file(struct walk *walk, int fd, off_t size, struct err *err)
{
	buf_truncate(&walk->text, 0);
	size_t more = size > 0 ? (size_t)size + 1 : 1;
	if (size >= 0 && more <= walk->text.max && buf_reserve(&walk->text, more)) {
		ssize_t n = read(fd, walk->text.ptr, more);
		if (n < 0 && errno != EINTR)
			return err_errno(err, "read");
		walk->text.len = n > 0 ? (size_t)n : 0;
		walk->text.ptr[walk->text.len] = '\0';
		if (n >= 0 && walk->text.len < more)
			return 0;
	}
	return file_read_fd(fd, &walk->text, err);
}

/* Makes a new file beside the old one; its name goes to `name`. */
static int create_beside(struct walk *walk, int dir_fd, char name[static 64])
{
	for (int tries = 0; tries < 100; tries++) {
		(void)snprintf(name, 64, ".imagehook-%ld-%u", (long)getpid(),
			       walk->serial++);
		int fd =
		    openat(dir_fd, name,
			   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int replace_file(struct walk *walk, int dir_fd, const char *name,
			const struct stat *old, struct str text, struct err *err)
{
	char beside[64];
	int fd FD_CLEANUP = create_beside(walk, dir_fd, beside);
	if (fd < 0)
		return err_errno(err, "cannot write beside it");
	int code = file_write_fd(fd, text, err);
	/* another owner's file stays theirs only when we may say so */
	if (!code && (old->st_uid != geteuid() || old->st_gid != getegid()))
		(void)!fchown(fd, old->st_uid, old->st_gid);
	if (!code && fchmod(fd, old->st_mode & 07777) != 0)
		code = err_errno(err, "cannot set its mode");
	if (!code && renameat(dir_fd, beside, dir_fd, name) != 0)
		code = err_errno(err, "cannot replace it");
	if (code)
		(void)unlinkat(dir_fd, beside, 0);
	return code;
}

static void edit_open_file(struct walk *walk, int dir_fd, int fd, const char *name,
			   const char *path)
{
	struct err err = ERR_INIT;
	struct stat st;
	if (fstat(fd, &st) != 0) {
		fail_errno(walk, "look at", path);
		return;
	}
	if (!S_ISREG(st.st_mode))
		return;
	int code = read_file(walk, fd, st.st_size, &err);
	if (!code) {
		struct str text = buf_str(&walk->text);
		struct str edited = walk->tree->edit(walk->tree->ctx, path, text);
		if (edited.ptr != text.ptr && !str_eq(edited, text))
			code = replace_file(walk, dir_fd, name, &st, edited, &err);
	}
	if (code) {
		(void)err_prefix(&err, "'%s'", path);
		fail(walk, &err);
	}
}

static void edit_file(struct walk *walk, int dir_fd, const char *name, const char *path)
{
	int fd FD_CLEANUP = openat(
	    dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		fail_errno(walk, "open", path);
	else
		edit_open_file(walk, dir_fd, fd, name, path);
}

static int compare_entries(const void *a_ptr, const void *b_ptr)
{
	const struct entry *a = a_ptr;
	const struct entry *b = b_ptr;
	return strcmp(a->name, b->name);
}

static void close_dir(DIR *const *dir)
{
	if (*dir)
		(void)closedir(*dir);
}

static unsigned char type_of(int dir_fd, const struct dirent *entry)
{
	struct stat st;
	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_LNK;
}

/* Folders and wanted files, ordered by name. */
static int list_folder(const struct walk *walk, DIR *dir, struct arena *arena,
		       struct entry_list *out)
{
	for (;;) {
		errno = 0;
		const struct dirent *found = readdir(dir);
		if (!found)
			break;
		unsigned char type = type_of(dirfd(dir), found);
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		if (type != DT_DIR &&
		    (type != DT_REG || !walk->tree->wants(str_of(found->d_name))))
			continue;
		struct entry entry = { arena_strdup(arena, found->d_name), type };
		VEC_PUSH(arena, out, entry);
	}
	VEC_SORT(out, compare_entries);
	return errno ? -1 : 0;
}

/* Recursion ends at LIMIT_TREE_DEPTH. Takes fd over. */
static void edit_folder(struct walk *walk, int fd, const char *path)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct entry_list entries = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	DIR *dir CLEANUP(close_dir) = fdopendir(fd);
	if (!dir || list_folder(walk, dir, &arena, &entries)) {
		if (!dir)
			close_fd(&fd);
		fail_errno(walk, "list", path);
		return;
	}
	if (walk->depth >= LIMIT_TREE_DEPTH) {
		(void)err_set(&err, ERR_LIMIT, "'%s': " LIMIT_FMT, path,
			      LIMIT_ARG(LIMIT_TREE_DEPTH));
		fail(walk, &err);
		return;
	}
	walk->depth++;
	for (size_t i = 0; i < entries.len; i++) {
		const char *name = entries.items[i].name;
		const char *inner = file_join(&arena, path, name);
		if (entries.items[i].type != DT_DIR) {
			edit_file(walk, dirfd(dir), name, inner);
			continue;
		}
		int next = openat(dirfd(dir), name,
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (next < 0)
			fail_errno(walk, "open", inner);
		else
			edit_folder(walk, next, inner);
	}
	walk->depth--;
}

static void release_walk(struct walk *walk)
{
	buf_release(&walk->text);
}

/* The folder that holds `path`, and the name in it. */
static const char *split_path(const char *path, struct arena *arena, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	if (!slash)
		return ".";
	if (slash == path)
		return "/";
	return arena_strndup(arena, (struct str){ path, (size_t)(slash - path) });
}

static void edit_path(struct walk *walk, const char *path, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct stat st;
	const char *name = NULL;
	if (lstat(path, &st) != 0) {
		fail_errno(walk, "find", path);
		return;
	}
	bool is_folder = S_ISDIR(st.st_mode);
	if (!is_folder && !S_ISREG(st.st_mode)) {
		(void)err_set(&err, ERR_DENIED, "'%s' is %s", path,
			      S_ISLNK(st.st_mode) ? "a link, which is not followed"
						  : "neither a file nor a folder");
		fail(walk, &err);
		return;
	}
	const char *folder = is_folder ? path : split_path(path, arena, &name);
	int fd = open(folder,
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC | (is_folder ? O_NOFOLLOW : 0));
	if (fd < 0) {
		fail_errno(walk, "open", folder);
	} else if (is_folder) {
		edit_folder(walk, fd, path);
	} else {
		edit_file(walk, fd, name, path);
		close_fd(&fd);
	}
}

void edit_tree_walk(const struct edit_tree *tree, const char *path)
{
	struct walk walk CLEANUP(release_walk) = { .tree = tree,
						   .text = BUF_INIT(LIMIT_OBJECT_BYTES) };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	/* a slash at the end would follow a link */
	struct str trimmed = str_of(path);
	while (trimmed.len > 1 && trimmed.ptr[trimmed.len - 1] == '/')
		trimmed.len--;
	edit_path(&walk, arena_strndup(&arena, trimmed), &arena);
}
