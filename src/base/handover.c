/* SPDX-License-Identifier: MIT */
/*
 * The folder of the hand-over and the watch file: a line-based text that ends in `end`,
 * so that a torn one is known. Who may write what follows from the modes of objects/: who
 * can put an object there can push, and may leave a job. The jobs are in spool.c.
 */
#include "base/handover.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define WATCH_HEAD "imagehook watch 1"
#define TEXT_END   "end"

int handover_path(char path[LIMIT_PATH_BYTES], const char *git_dir, const char *rel,
		  struct err *err)
{
	int n = snprintf(path, LIMIT_PATH_BYTES, "%s/%s", git_dir, rel);
	if (n < 0 || n >= LIMIT_PATH_BYTES)
		return err_set(err, ERR_LIMIT, "path of more than %d bytes",
			       LIMIT_PATH_BYTES);
	return 0;
}

void file_identity_take(const char *path, struct file_identity *out)
{
	struct stat st;
	*out = (struct file_identity){ .path = path, .size = UINT64_MAX };
	if (stat(path, &st) != 0)
		return;
	out->inode = st.st_ino;
	out->mtime_ns =
	    (int64_t)st.st_mtim.tv_sec * 1000000000 + (int64_t)st.st_mtim.tv_nsec;
	out->size = (uint64_t)st.st_size;
}

bool file_identity_holds(const struct file_identity *identity)
{
	struct file_identity now;
	file_identity_take(identity->path, &now);
	return now.inode == identity->inode && now.mtime_ns == identity->mtime_ns &&
	       now.size == identity->size;
}

/* Makes `<git_dir>/<rel>` with exactly `mode` and the group of objects/; one that exists
 * stays as it is. */
static int make_folder(const char *git_dir, const char *rel, mode_t mode, gid_t gid,
		       struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int code = handover_path(path, git_dir, rel, err);
	if (code)
		return code;
	if (mkdir(path, 0700) != 0)
		return errno == EEXIST
			   ? 0
			   : err_errno(err, "cannot make the folder '%s'", path);
	/* a group that this user is not in cannot be given, and is not needed then */
	(void)!chown(path, (uid_t)-1, gid);
	if (chmod(path, mode) != 0)
		return err_errno(err, "cannot set the mode of '%s'", path);
	return 0;
}

static int look_at_objects(const char *git_dir, struct stat *st, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int code = handover_path(path, git_dir, "objects", err);
	if (code)
		return code;
	return stat(path, st) == 0 ? 0 : err_errno(err, "cannot look at '%s'", path);
}

int handover_prepare(const char *git_dir, struct err *err)
{
	struct stat st;
	int code = look_at_objects(git_dir, &st, err);
	if (code)
		return code;
	mode_t mode = st.st_mode & 02777;
	mode_t spool = mode | 0700;
	/* several users: each removes only jobs of his own, the owner of the folder any
	 */
	if (mode & 0022)
		spool |= 01000;
	code = make_folder(git_dir, "imagehook", (mode & ~(mode_t)0022) | 0700, st.st_gid,
			   err);
	if (!code)
		code = make_folder(git_dir, "imagehook/jobs", spool, st.st_gid, err);
	return code;
}

static bool is_one_line(const char *text)
{
	return !strchr(text, '\n');
}

static int format_watch(const struct watch *watch, struct buf *out, struct err *err)
{
	bool clean = is_one_line(watch->program);
	(void)buf_printf(out, WATCH_HEAD "\nprogram %s\nforeground %lld\n",
			 watch->program, (long long)watch->foreground_ms);
	if (watch->every_branch)
		(void)buf_puts(out, "every\n");
	for (size_t i = 0; i < watch->made_from.len; i++) {
		const struct file_identity *from = &watch->made_from.items[i];
		clean = clean && is_one_line(from->path);
		(void)buf_printf(out, "from %llu %lld %llu %s\n",
				 (unsigned long long)from->inode,
				 (long long)from->mtime_ns,
				 (unsigned long long)from->size, from->path);
	}
	for (size_t i = 0; i < watch->refs.len; i++) {
		clean = clean && is_one_line(watch->refs.items[i]);
		(void)buf_printf(out, "ref %s\n", watch->refs.items[i]);
	}
	(void)buf_puts(out, TEXT_END "\n");
	if (!clean)
		return err_set(err, ERR_INVALID, "a watched name holds a line feed");
	if (out->full)
		return err_set(err, ERR_LIMIT,
			       "the watch file is too large (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_WATCH_BYTES));
	return 0;
}

int watch_write(const char *git_dir, const struct watch *watch, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	struct err ignored = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_WATCH_BYTES);
	struct buf old BUF_CLEANUP = BUF_INIT(LIMIT_WATCH_BYTES);
	int code = handover_path(path, git_dir, "imagehook/watch", err);
	if (!code)
		code = format_watch(watch, &text, err);
	if (!code)
		code = handover_prepare(git_dir, err);
	if (!code)
		code = look_at_objects(git_dir, &st, err);
	if (code)
		return code;
	if (file_read(path, &old, &ignored) == 0 && str_eq(buf_str(&old), buf_str(&text)))
		return 0;
	mode_t mode = (st.st_mode & 0444) | 0600;
	return file_write_atomic(path, buf_str(&text), mode, FILE_FAST, err);
}

/* A number, a blank behind it. */
static bool take_number(struct str *rest, uint64_t *out)
{
	return cursor_number(rest, UINT64_MAX, out) && cursor_char(rest, ' ');
}

/* `INODE MTIME SIZE PATH` */
static bool take_identity(struct str rest, struct arena *arena,
			  struct file_identity *identity)
{
	uint64_t mtime = 0;
	if (!take_number(&rest, &identity->inode))
		return false;
	bool before_epoch = cursor_char(&rest, '-');
	if (!take_number(&rest, &mtime) || mtime > INT64_MAX ||
	    !take_number(&rest, &identity->size) || !rest.len)
		return false;
	identity->mtime_ns = before_epoch ? -(int64_t)mtime : (int64_t)mtime;
	identity->path = arena_strndup(arena, rest);
	return true;
}

static bool take_watch_line(struct str line, struct arena *arena, struct watch *out)
{
	uint64_t number = 0;
	if (cursor_text(&line, "program ")) {
		out->program = arena_strndup(arena, line);
		return line.len && line.ptr[0] == '/';
	}
	if (cursor_text(&line, "foreground ")) {
		out->foreground_ms = 0;
		if (!number_parse(line, INT32_MAX, &number))
			return false;
		out->foreground_ms = (int64_t)number;
		return true;
	}
	if (cursor_text(&line, "from "))
		return take_identity(line, arena, VEC_ADD(arena, &out->made_from));
	if (cursor_text(&line, "ref ")) {
		VEC_PUSH(arena, &out->refs, arena_strndup(arena, line));
		return line.len > 0;
	}
	out->every_branch = true;
	return str_is(line, "every");
}

int watch_parse(struct str text, struct arena *arena, struct watch *out, struct err *err)
{
	struct watch watch = { .foreground_ms = -1 };
	struct str rest = text;
	struct str line;
	bool ended = false;
	uint32_t at = 1;
	bool headed = str_line(&rest, &line) && str_is(line, WATCH_HEAD);
	while (headed && !ended && str_line(&rest, &line)) {
		at++;
		ended = str_is(line, TEXT_END);
		if (!ended && (memchr(line.ptr, '\0', line.len) ||
			       !take_watch_line(line, arena, &watch)))
			break;
	}
	if (!ended || rest.len || !watch.program || watch.foreground_ms < 0) {
		(void)err_set(err, ERR_INVALID, "the watch file is damaged");
		return err_at(err, NULL, at, 0);
	}
	strings_sort(&watch.refs);
	*out = watch;
	return 0;
}

/* Opens `<git_dir>/<rel>` without following a link at its end, without waiting for a
 * writer; only a regular file. */
static int open_regular(const char *git_dir, const char *rel, int *out_fd,
			struct stat *st, struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int code = handover_path(path, git_dir, rel, err);
	if (code)
		return code;
	int fd FD_CLEANUP =
	    open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_errno(err, "cannot open '%s'", path);
	if (fstat(fd, st) != 0 || !S_ISREG(st->st_mode))
		return err_set(err, ERR_INVALID, "'%s' is not a regular file", path);
	*out_fd = fd;
	fd = -1;
	return 0;
}

int watch_read(const char *git_dir, struct arena *arena, struct watch *out,
	       struct err *err)
{
	struct stat st;
	struct stat git_st;
	int fd FD_CLEANUP = -1;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_WATCH_BYTES);
	int code = open_regular(git_dir, "imagehook/watch", &fd, &st, err);
	if (code)
		return code == ERR_NOTFOUND
			   ? code
			   : err_set(err, ERR_INVALID, "the watch file cannot be read");
	/* it names a program that other users' pushes start */
	if (stat(git_dir, &git_st) != 0 ||
	    (st.st_uid != git_st.st_uid && st.st_uid != 0) || (st.st_mode & 0022))
		return err_set(err, ERR_INVALID,
			       "the watch file is not the repository owner's alone");
	if (file_read_fd(fd, &text, err))
		return err_set(err, ERR_INVALID, "the watch file is too large");
	struct watch watch;
	code = watch_parse(buf_str(&text), arena, &watch, err);
	if (code)
		return code;
	for (size_t i = 0; i < watch.made_from.len && !watch.every_branch; i++)
		watch.every_branch = !file_identity_holds(&watch.made_from.items[i]);
	*out = watch;
	return 0;
}

bool watch_covers(const struct watch *watch, const char *full_ref)
{
	struct str ref = str_of(full_ref);
	if (watch->every_branch && str_starts(ref, STR("refs/heads/")))
		return true;
	if (strings_sorted_contain(&watch->refs, ref))
		return true;
	for (size_t i = 0; i < ref.len; i++)
		if (ref.ptr[i] == '/' &&
		    strings_sorted_contain(&watch->refs, str_slice(ref, 0, i + 1)))
			return true;
	return false;
}
