/* SPDX-License-Identifier: MIT */
/*
 * Puts new objects into the store: who may, under which umask, loose or as one pack.
 */
#include "adapter/git/internal.h"
#include "adapter/git/libgit2.h"
#include "base/cursor.h"
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PACK_FROM = 100 /* objects; git's own receive.unpackLimit */
};

int repo_check_writable(struct repo *repo, struct err *err)
{
	const struct repo_facts *facts = &repo->facts;
	if (repo_in_quarantine(facts->git_dir))
		return err_set(err, ERR_DENIED,
			       "nothing is written while a push is still being judged "
			       "(quarantine)");
	if (getenv("GIT_NAMESPACE"))
		return err_set(err, ERR_DENIED, "nothing is written under GIT_NAMESPACE");
	if (facts->mirror)
		return err_set(err, ERR_DENIED,
			       "the repository is a mirror: the next fetch would undo "
			       "the commit");
	if (facts->unsupported)
		return err_set(err, ERR_UNSUPPORTED,
			       "the repository uses '%s', which is not supported",
			       facts->unsupported);
	if (geteuid() != facts->owner_uid)
		return err_set(err, ERR_DENIED,
			       "user %u does not own the repository, user %u does",
			       (unsigned)geteuid(), facts->owner_uid);
	return 0;
}

/* The permissions that core.sharedRepository names, 0 for none of its own. */
static mode_t shared_mode(const char *shared, bool *replaces)
{
	static const struct {
		const char *word;
		mode_t mode;
	} words[] = { { "umask", 0 },
		      { "group", 0070 },
		      { "all", 0075 },
		      { "world", 0075 },
		      { "everybody", 0075 } };

	bool yes = false;
	uint32_t mode = 0;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(shared, words[i].word) == 0)
			return words[i].mode;
	if (strcmp(shared, "1") == 0)
		return 0070;
	if (strcmp(shared, "2") == 0)
		return 0075;
	if (gitconfig_bool(shared, &yes) && !char_is_digit(shared[0]))
		return yes ? 0070 : 0;
	for (const char *c = shared; *c; c++) {
		if (*c < '0' || *c > '7' || mode > 0777)
			return 0;
		mode = mode * 8 + (uint32_t)(*c - '0');
	}
	if ((mode & 0600) != 0600)
		return 0;
	*replaces = true;
	mode &= 0666;
	return mode | (mode & 0444) >> 2;
}

/* The umask under which git would create files here, given the process's own. */
static mode_t umask_of(const struct repo *repo, mode_t current)
{
	bool replaces = false;
	if (!repo->facts.shared)
		return current;
	mode_t mode = shared_mode(repo->facts.shared, &replaces);
	return replaces ? 0777 & ~mode : current & ~mode;
}

/* The library looked at the store before; it must look again. */
static int look_again(struct repo *repo, struct err *err)
{
	packs_free(repo->packs);
	repo->packs = NULL;
	int result = repo->odb ? git_odb_refresh(repo->odb) : 0;
	return result ? library_err(err, result, "cannot read the store again") : 0;
}

int objects_write(struct repo *repo, const struct new_objects *objects, struct err *err)
{
	int code = repo_check_writable(repo, err);
	if (code)
		return code;
	mode_t old = umask(077);
	mode_t mask = umask_of(repo, old);
	(void)umask(mask);
	code = objects->len < PACK_FROM ? loose_write(repo, objects, 0444 & ~mask, err)
					: pack_write(repo, objects, 0444 & ~mask, err);
	(void)umask(old);
	return code ? code : look_again(repo, err);
}
