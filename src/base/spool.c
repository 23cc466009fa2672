/* SPDX-License-Identifier: MIT */
/*
 * The spool: one file for each push that waits, named by its time. Other users may leave
 * files there too, so nothing in it is believed and no link is followed. What a job means
 * is decided above.
 */
#include "base/cursor.h"
#include "base/file.h"
#include "base/handover.h"
#include "base/when.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOB_HEAD "imagehook job 1"
#define TEXT_END "end"

enum {
	STALE_TEMPORARY_S = 86400
};

static void put_clean(struct buf *out, const char *text)
{
	for (const char *at = text; *at; at++)
		(void)buf_putc(out, (unsigned char)*at < ' ' ? '?' : *at);
}

static void format_job(const struct strings *lines, const char *pusher, struct buf *out)
{
	(void)buf_puts(out, JOB_HEAD "\npusher ");
	put_clean(out, pusher);
	(void)buf_putc(out, '\n');
	for (size_t i = 0; i < lines->len; i++) {
		size_t before = out->len;
		(void)buf_puts(out, "line ");
		put_clean(out, lines->items[i]);
		(void)buf_putc(out, '\n');
		if (out->full || out->len + sizeof(TEXT_END) > out->max) {
			/* the rest is for the log only: what does not fit is left out */
			buf_truncate(out, before);
			break;
		}
	}
	(void)buf_puts(out, TEXT_END "\n");
}

/* A job is named by digits and dashes; temporaries hold a dot. */
static bool is_job_name(const char *name)
{
	size_t len = strspn(name, "0123456789-");
	return len > 0 && name[len] == '\0';
}

/*
 * Opens the spool, neither `imagehook` nor `jobs` being a link: where several users may
 * write the git directory, a link could lead our writing and removing elsewhere.
 */
static int open_spool(const char *git_dir, int *out_fd, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	char path[LIMIT_PATH_BYTES];
	int code = handover_path(path, git_dir, "imagehook", err);
	if (code)
		return code;
	int folder FD_CLEANUP = open(path, flags);
	int fd = folder < 0 ? -1 : openat(folder, "jobs", flags);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_set(err, ERR_DENIED, "the spool '%s/jobs' is no folder", path);
	if (fd < 0)
		return err_errno(err, "cannot open the spool '%s/jobs'", path);
	*out_fd = fd;
	return 0;
}

/* Calls `visit` for every entry of the spool. ERR_NOTFOUND without a spool. */
static int walk_spool(const char *git_dir,
		      bool (*visit)(void *ctx, DIR *dir, const char *name), void *ctx,
		      struct err *err)
{
	int fd = -1;
	int code = open_spool(git_dir, &fd, err);
	if (code)
		return code;
	DIR *dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return err_errno(err, "cannot read the spool of '%s'", git_dir);
	}
	const struct dirent *entry = NULL;
	while ((entry = readdir(dir)) != NULL && visit(ctx, dir, entry->d_name))
		continue;
	(void)closedir(dir);
	return 0;
}

static bool count_job(void *ctx, DIR *dir, const char *name)
{
	(void)dir;
	size_t *count = ctx;
	*count += is_job_name(name);
	return *count < LIMIT_JOBS;
}

/* Writes the job below a descriptor of the spool, so that no link is followed. */
static int write_job(const char *git_dir, const char *name, struct str text,
		     struct err *err)
{
	char path[LIMIT_PATH_BYTES];
	int fd FD_CLEANUP = -1;
	int code = open_spool(git_dir, &fd, err);
	if (code)
		return code;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", fd, name);
	code = file_write_atomic(path, text, 0644, FILE_DURABLE, err);
	/* the path of a descriptor tells nobody anything */
	return code ? err_set(err, code, "cannot write to the spool of '%s': %s", git_dir,
			      strerror(errno))
		    : 0;
}

int job_write(const char *git_dir, const struct strings *lines, const char *pusher,
	      struct err *err)
{
	char name[128];
	struct timespec now = { 0, 0 };
	size_t count = 0;
	struct err ignored = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_JOB_BYTES);
	/* a full spool says "look again" already; one that may be written but not read is
	 * never full */
	if (walk_spool(git_dir, count_job, &count, &ignored) == 0 && count >= LIMIT_JOBS)
		return 0;
	format_job(lines, pusher, &text);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(name, sizeof(name), "%012lld%09ld-%ld", (long long)now.tv_sec,
		       now.tv_nsec, (long)getpid());
	int code = write_job(git_dir, name, buf_str(&text), err);
	if (code != ERR_NOTFOUND)
		return code;
	/* the first job, or somebody tidied up */
	code = handover_prepare(git_dir, err);
	return code ? code : write_job(git_dir, name, buf_str(&text), err);
}

bool job_parse(struct str text, struct arena *arena, struct job *out)
{
	struct str rest = text;
	struct str line;
	struct strings lines = { NULL, 0, 0 };
	const char *pusher = "";
	if (!str_line(&rest, &line) || !str_is(line, JOB_HEAD))
		return false;
	while (str_line(&rest, &line)) {
		if (str_is(line, TEXT_END)) {
			if (rest.len)
				return false;
			out->lines = lines;
			out->pusher = pusher;
			return true;
		}
		if (line.len && memchr(line.ptr, '\0', line.len))
			return false;
		if (cursor_text(&line, "pusher "))
			pusher = arena_strndup(arena, line);
		else if (cursor_text(&line, "line "))
			VEC_PUSH(arena, &lines, arena_strndup(arena, line));
		else
			return false;
	}
	return false;
}

static void read_job(int spool, struct arena *arena, struct job *job)
{
	struct err ignored = ERR_INIT;
	int fd FD_CLEANUP = -1;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_JOB_BYTES);
	if (file_open_below(spool, job->file, &fd, &ignored) == 0 &&
	    file_read_fd(fd, &text, &ignored) == 0)
		(void)job_parse(buf_str(&text), arena, job);
}

struct collecting {
	struct arena *arena;
	struct job_list *jobs;
};

/* Removes what a killed hook left half-written a day ago. */
static void tidy_up(DIR *dir, const char *name)
{
	struct stat st;
	if (strspn(name, "0123456789-") == 0 || name[0] == '-')
		return;
	if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) &&
	    when_now_ms() / 1000 - (int64_t)st.st_mtim.tv_sec > STALE_TEMPORARY_S)
		(void)unlinkat(dirfd(dir), name, 0);
}

static bool collect_job(void *ctx, DIR *dir, const char *name)
{
	struct collecting *collecting = ctx;
	if (!is_job_name(name)) {
		tidy_up(dir, name);
		return true;
	}
	struct job *job = VEC_ADD(collecting->arena, collecting->jobs);
	job->file = arena_strdup(collecting->arena, name);
	job->pusher = "";
	return collecting->jobs->len < LIMIT_JOBS;
}

static int compare_jobs(const void *a, const void *b)
{
	return strcmp(((const struct job *)a)->file, ((const struct job *)b)->file);
}

int job_list(const char *git_dir, struct arena *arena, struct job_list *out,
	     struct err *err)
{
	struct job_list jobs = { NULL, 0, 0 };
	struct collecting collecting = { arena, &jobs };
	int code = walk_spool(git_dir, collect_job, &collecting, err);
	if (code && code != ERR_NOTFOUND)
		return code;
	VEC_SORT(&jobs, compare_jobs);
	int spool FD_CLEANUP = -1;
	if (jobs.len && open_spool(git_dir, &spool, err))
		return err->code;
	for (size_t i = 0; i < jobs.len; i++)
		read_job(spool, arena, &jobs.items[i]);
	*out = jobs;
	return 0;
}

void job_done(const char *git_dir, const struct job *job)
{
	struct err ignored = ERR_INIT;
	int spool FD_CLEANUP = -1;
	if (open_spool(git_dir, &spool, &ignored) == 0)
		(void)unlinkat(spool, job->file, 0);
}

/* The timer asks this of every repository: three calls, nothing allocated. Only the last
 * part of the path is kept from being a link, as nothing is read but names. */
bool job_waits(const char *git_dir)
{
	_Alignas(struct dirent64) char names[4096];
	char path[LIMIT_PATH_BYTES];
	struct err err = ERR_INIT;
	if (handover_path(path, git_dir, "imagehook/jobs", &err))
		return true;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	for (;;) {
		ssize_t got = getdents64(fd, names, sizeof(names));
		if (got <= 0)
			return got < 0;
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(names + at);
			if (is_job_name(entry->d_name))
				return true;
			at += entry->d_reclen;
		}
	}
}

static bool remove_entry(void *ctx, DIR *dir, const char *name)
{
	(void)ctx;
	if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		(void)unlinkat(dirfd(dir), name, 0);
	return true;
}

int handover_remove(const char *git_dir, struct err *err)
{
	static const char *const last[] = { "imagehook/jobs", "imagehook/watch",
					    "imagehook" };
	char path[LIMIT_PATH_BYTES];
	int code = walk_spool(git_dir, remove_entry, NULL, err);
	/* a link in the place of a folder is removed itself */
	if (code && code != ERR_NOTFOUND && code != ERR_DENIED)
		return code;
	for (size_t i = 0; i < ARRAY_LEN(last); i++) {
		code = handover_path(path, git_dir, last[i], err);
		if (code)
			return code;
		if (remove(path) != 0 && errno != ENOENT)
			return err_errno(err, "cannot remove '%s'", path);
	}
	return 0;
}
