/* SPDX-License-Identifier: MIT */
/* What install, uninstall and status all have to know of a repository first. */
#ifndef APP_SITE_H
#define APP_SITE_H

#include "adapter/git/repo.h"
#include "admin/config.h"
#include "app/hooks_folder.h"
#include "base/finding.h"
#include "base/gitconfig.h"
#include "host/host.h"
#include "state/registry.h"
#include <sys/stat.h>

struct site {
	struct arena arena;
	/* in: make the home of an owner who has none yet; else `home` may be "" */
	bool makes_home;
	const char *git_dir; /* real path */
	struct stat st;      /* of it */
	int64_t born_ns;     /* 0: the file system does not tell */
	struct repo *repo;
	const struct host *host;
	struct config *config;
	struct finding_list findings; /* of the configuration */
	const char *home;
	struct repository_list registry;
	enum registry_verdict verdict;
	const struct repository_record *record; /* NULL: none */
	struct hooks_folder folder;
};

/*
 * Becomes the owner, then reads all of the above; a host that is not supported is no
 * failure here. Call site_release() in any case. ERR_NOTFOUND when it is no repository.
 */
int site_open(struct site *site, const char *path, struct err *err) MUST_CHECK;
/* Closes the repository and frees the arena. */
void site_release(struct site *site);
#define SITE_CLEANUP CLEANUP(site_release)

/* Sets or removes (value NULL) a key of the repository's own configuration, by git. */
int site_set(struct site *site, const char *key, const char *value,
	     struct err *err) MUST_CHECK;
/* Removes the whole section [imagehook]. */
int site_forget_section(struct site *site, struct err *err) MUST_CHECK;

/* What is odd about the branch that documents come from: findings with a hint that says
 * what to do; none when all is well (DESIGN 4.2). */
void site_check_branch(struct site *site, struct finding_list *findings);

/* Warns of a home that the repository's own configuration names: 'run --all' looks in
 * the one of its owner alone, where nothing of it is recorded. */
void site_check_home(struct site *site, struct finding_list *findings);

/* The repository or work tree that the folder lies in; NULL: in none. Looks at the
 * folders above it only. */
const char *site_outer(const char *git_dir, struct arena *arena);

/* The program and hook program that this process belongs to. */
struct programs {
	const char *program; /* absolute path of imagehook */
	const char *hook;    /* absolute path of the hook program */
	struct str bytes;    /* of the hook program */
};

/* Finds them beside /proc/self/exe, or below PREFIX/libexec. Call it before
 * owner_become(): the owner may not be able to read them. ERR_NOTFOUND. */
int programs_find(struct arena *arena, struct programs *out, struct err *err) MUST_CHECK;

#endif
