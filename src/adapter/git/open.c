/* SPDX-License-Identifier: MIT */
/*
 * Recognises a repository and reads the facts about it from its own config file, without
 * libgit2 and without a child; decides which formats are refused.
 */
#include "adapter/git/internal.h"
#include "base/cursor.h"
#include "base/file.h"
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* Extensions that neither change how objects and refs are stored nor forbid a write. */
static const struct {
	const char *key;
	const char *value; /* NULL: any */
} harmless[] = {
	{ "noop", NULL },
	{ "objectformat", "sha1" },
	{ "refstorage", "files" },
	{ "worktreeconfig", NULL },
	{ "partialclone", NULL },
	{ "preciousobjects", NULL },
	{ "relativeworktrees", NULL },
};

bool repo_is_git_dir(const char *path, struct arena *arena)
{
	return file_exists(file_join(arena, path, "HEAD")) &&
	       file_is_dir(file_join(arena, path, "objects"), false) &&
	       file_is_dir(file_join(arena, path, "refs"), false);
}

int repo_find(const char *path, struct arena *arena, const char **out, struct err *err)
{
	const char *dir = path;
	if (!repo_is_git_dir(dir, arena)) {
		dir = file_join(arena, path, ".git");
		if (file_exists(dir) && !file_is_dir(dir, false))
			return err_set(err, ERR_UNSUPPORTED,
				       "'%s' is a linked work tree or a submodule: "
				       "name its repository",
				       path);
		if (!repo_is_git_dir(dir, arena))
			return err_set(err, ERR_NOTFOUND, "'%s' is no git repository",
				       path);
	}
	if (file_exists(file_join(arena, dir, "commondir")))
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s' belongs to a linked work tree: name its repository",
			       path);
	return file_real_path(dir, arena, out, err);
}

static int read_config(struct repo *repo, struct err *err)
{
	const char *path = file_join(&repo->arena, repo->facts.git_dir, "config");
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	int code = file_read(path, &text, err);
	if (code == ERR_NOTFOUND)
		return 0;
	if (!code)
		code = gitconfig_parse(buf_str(&text), &repo->arena, &repo->config, err);
	if (code)
		(void)err_at(err, path, err->line, 0);
	return code;
}

static bool is_harmless(const struct gitconfig_entry *entry)
{
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
		if (strcmp(entry->key, harmless[i].key) == 0)
			return !harmless[i].value ||
			       (entry->value &&
				strcasecmp(entry->value, harmless[i].value) == 0);
	return false;
}

/* Formats: git refuses what it does not know from version 1 on, and so do we. */
static int judge_format(struct repo *repo, struct err *err)
{
	const char *text = gitconfig_get(&repo->config, "core.repositoryformatversion");
	uint64_t version = 0;
	if (text && (!number_parse(str_of(text), UINT32_MAX, &version) || version > 1))
		return err_set(err, ERR_UNSUPPORTED,
			       "repository format version '%s' is not supported", text);
	for (size_t i = 0; i < repo->config.len; i++) {
		const struct gitconfig_entry *entry = &repo->config.items[i];
		if (strcmp(entry->section, "extensions") != 0 || is_harmless(entry))
			continue;
		const char *value = entry->value ? entry->value : "true";
		if (strcmp(entry->key, "objectformat") == 0)
			repo->facts.sha256 = strcasecmp(value, "sha256") == 0;
		if (strcmp(entry->key, "objectformat") == 0 ||
		    strcmp(entry->key, "refstorage") == 0)
			return err_set(
			    err, ERR_UNSUPPORTED, "%s '%s' is not supported yet: only %s",
			    strcmp(entry->key, "refstorage") == 0 ? "ref storage"
								  : "object format",
			    value,
			    strcmp(entry->key, "refstorage") == 0 ? "files" : "sha1");
		if (version == 0 && strcmp(entry->key, "compatobjectformat") != 0)
			continue;
		repo->facts.unsupported =
		    arena_printf(&repo->arena, "extensions.%s = %s", entry->key, value);
	}
	return 0;
}

/* Whether a fetch into this repository would overwrite every ref. */
static bool is_mirror(const struct gitconfig *config)
{
	for (size_t i = 0; i < config->len; i++) {
		const struct gitconfig_entry *entry = &config->items[i];
		bool yes = false;
		if (strcmp(entry->section, "remote") != 0)
			continue;
		if (strcmp(entry->key, "mirror") == 0 &&
		    gitconfig_bool(entry->value, &yes) && yes)
			return true;
		if (strcmp(entry->key, "fetch") == 0 && entry->value &&
		    (strcmp(entry->value, "+refs/*:refs/*") == 0 ||
		     strcmp(entry->value, "+refs/heads/*:refs/heads/*") == 0))
			return true;
	}
	return false;
}

static int take_facts(struct repo *repo, struct err *err)
{
	struct repo_facts *facts = &repo->facts;
	struct stat st;
	bool bare = !str_ends(str_of(facts->git_dir), STR("/.git"));
	const char *text = gitconfig_get(&repo->config, "core.bare");
	if (text && !gitconfig_bool(text, &bare))
		return err_set(err, ERR_INVALID, "core.bare '%s' is no boolean", text);
	if (stat(facts->git_dir, &st) != 0)
		return err_errno(err, "cannot look at '%s'", facts->git_dir);
	facts->bare = bare;
	facts->owner_uid = st.st_uid;
	facts->owner_gid = st.st_gid;
	facts->shared = gitconfig_get(&repo->config, "core.sharedrepository");
	facts->mirror = is_mirror(&repo->config);
	facts->has_info_refs =
	    file_exists(file_join(&repo->arena, facts->git_dir, "info/refs"));
	return 0;
}

int repo_open(const char *path, struct repo **out, struct err *err)
{
	struct repo *repo REPO_CLEANUP = xcalloc(1, sizeof(*repo));
	int code = repo_find(path, &repo->arena, &repo->facts.git_dir, err);
	if (!code)
		code = read_config(repo, err);
	if (!code)
		code = judge_format(repo, err);
	if (!code)
		code = take_facts(repo, err);
	if (code)
		return code;
	*out = repo;
	repo = NULL;
	return 0;
}

void repo_free(struct repo *repo)
{
	if (!repo)
		return;
	library_close(repo);
	packs_free(repo->packs);
	deflate_release(repo);
	arena_clear(&repo->arena);
	free(repo);
}

void repo_cleanup(struct repo *const *repo)
{
	repo_free(*repo);
}

const struct repo_facts *repo_facts(const struct repo *repo)
{
	return &repo->facts;
}

const char *repo_config(const struct repo *repo, const char *key)
{
	return gitconfig_get(&repo->config, key);
}

bool repo_in_quarantine(const char *git_dir)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	const char *real = NULL;
	const char *own = NULL;
	if (getenv("GIT_QUARANTINE_PATH"))
		return true;
	const char *objects = getenv("GIT_OBJECT_DIRECTORY");
	if (!objects)
		return getenv("GIT_ALTERNATE_OBJECT_DIRECTORIES") != NULL;
	if (file_real_path(objects, &arena, &real, &err) ||
	    file_real_path(file_join(&arena, git_dir, "objects"), &arena, &own, &err))
		return true;
	return strcmp(real, own) != 0;
}
