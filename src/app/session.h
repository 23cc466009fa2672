/* SPDX-License-Identifier: MIT */
/* One repository with its configuration, home, store and git handle: what every run
 * stands on. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "adapter/git/repo.h"
#include "admin/config.h"
#include "base/finding.h"
#include "base/handover.h"
#include "state/store.h"

struct session {
	struct arena arena; /* everything whose life is the run */
	const char *git_dir;
	struct repo *repo;
	struct config *config;
	struct file_identity config_files[2]; /* as they were when it was read */
	const char *home;                     /* of this Unix owner */
	const char *dir;                      /* <home>/<id> */
	const char *id;
	struct store *store;
	struct finding_list findings;
	struct file_identity permitted[2]; /* see stop_check() */
	bool is_permitted;
};

/*
 * Opens the repository at `path` (NULL: the current directory). Fails with what to do
 * when it is no repository, not installed, owned by another Unix user, or its
 * configuration is wrong. Returns 0; ERR_NOTFOUND, ERR_DENIED, ERR_INVALID, ERR_BUSY,
 * ERR_IO.
 */
int session_open(struct session *session, const char *path, struct err *err) MUST_CHECK;
/* Closes store and repository and frees the arena. */
void session_release(struct session *session);
#define SESSION_CLEANUP CLEANUP(session_release)

/* Reads the configuration again when its files have changed; the documents that were
 * loaded are then as old. ERR_INVALID, ERR_IO. */
int session_refresh(struct session *session, bool *changed, struct err *err) MUST_CHECK;

/* repo_find() at `path`, NULL for the current directory; the error says how another one
 * is named. */
int session_git_dir(const char *path, struct arena *arena, const char **out,
		    struct err *err) MUST_CHECK;

/* ERR_NOTFOUND with what to do: to install, or where to go from a clone. */
int session_not_installed(const char *git_dir, struct err *err);

/* Whether `git_dir` is that of a work tree, by its name alone. */
bool session_is_clone(const char *git_dir);

#endif
