/* SPDX-License-Identifier: MIT */
/*
 * The hand-over between the hook program and imagehook, in two places of the git
 * directory that are neither secret nor believed: `imagehook/watch` (what the hook needs
 * to know to leave at once) and the spool `imagehook/jobs/` ("look again").
 */
#ifndef BASE_HANDOVER_H
#define BASE_HANDOVER_H

#include "base/err.h"
#include "base/limits.h"
#include "base/vec.h"

/* Stands in the hook program's bytes, its version and LF behind it. */
#define HANDOVER_HOOK_MARK "imagehook-hook version "

/* Identity of a file that the watch file was made from: another one means out of date. */
struct file_identity {
	const char *path;
	uint64_t inode;
	int64_t mtime_ns;
	uint64_t size; /* UINT64_MAX: the file did not exist */
};

struct watch {
	const char *program; /* absolute path of imagehook */
	int64_t foreground_ms;
	bool every_branch;   /* the list below is not to be used */
	struct strings refs; /* full names; one that ends in '/' covers all below it */
	VEC_OF(struct file_identity) made_from; /* HEAD and the configuration files */
};

/* Takes inode, time and size of what is at `path` (borrowed), links followed; nothing
 * there has an identity too. */
void file_identity_take(const char *path, struct file_identity *out);
/* Whether the same is still there. */
bool file_identity_holds(const struct file_identity *identity);

/* Joins `<git_dir>/<rel>` into `path`; ERR_LIMIT when that is too long. */
int handover_path(char path[LIMIT_PATH_BYTES], const char *git_dir, const char *rel,
		  struct err *err) MUST_CHECK;

/*
 * Makes `<git_dir>/imagehook` and its spool when they are missing, with the modes and the
 * group of objects/: who may write objects there may leave a job, only the owner the
 * rest.
 */
int handover_prepare(const char *git_dir, struct err *err) MUST_CHECK;
/* Removes both with all that is in them; nothing there is a success. */
int handover_remove(const char *git_dir, struct err *err) MUST_CHECK;

/* Writes `<git_dir>/imagehook/watch` atomically, only when its contents would change. */
int watch_write(const char *git_dir, const struct watch *watch,
		struct err *err) MUST_CHECK;
/*
 * Reads it, sorts `refs`, and sets every_branch when a file of made_from is another one
 * by now. ERR_NOTFOUND; ERR_INVALID when damaged or not the repository owner's alone (it
 * names a program to start): then every branch is watched.
 */
int watch_read(const char *git_dir, struct arena *arena, struct watch *out,
	       struct err *err) MUST_CHECK;
/* The text of a watch file alone, without looking at made_from. ERR_INVALID. Pure. */
int watch_parse(struct str text, struct arena *arena, struct watch *out,
		struct err *err) MUST_CHECK;
/* Whether a push to this ref must start a run, for a watch that watch_read() gave. Pure,
 * O(log n). */
bool watch_covers(const struct watch *watch, const char *full_ref);

struct job {
	const char *file; /* its name in the spool */
	struct strings
	    lines; /* "old new ref" of watched refs, for the log and the output only */
	const char *pusher; /* as claimed, or "" */
};

struct job_list {
	struct job *items; /* oldest first */
	size_t len;
	size_t cap;
};

/* Puts a job into the spool durably (temporary, fsync, rename); beyond LIMIT_JOBS it
 * joins those that wait. ERR_DENIED when this user may not. */
int job_write(const char *git_dir, const struct strings *lines, const char *pusher,
	      struct err *err) MUST_CHECK;
/* Waiting jobs, at most LIMIT_JOBS; unreadable ones count with no lines. */
int job_list(const char *git_dir, struct arena *arena, struct job_list *out,
	     struct err *err) MUST_CHECK;
/* Whether any job waits, or the spool cannot be read. */
bool job_waits(const char *git_dir);
/* The text of one job file; false when damaged, `out` is unchanged then. Pure. */
bool job_parse(struct str text, struct arena *arena, struct job *out);
/* Removes a job once it is done. */
void job_done(const char *git_dir, const struct job *job);

#endif
