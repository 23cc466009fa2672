/* SPDX-License-Identifier: MIT */
/*
 * Which hooks of others judge what enters the repository: files of the effective hooks
 * folder and, from git 2.54 on, commands in the configuration.
 */
#include "adapter/git/internal.h"
#include "base/file.h"
#include <unistd.h>

static const char *const guarding[] = { "pre-receive", "update", "proc-receive",
					"reference-transaction" };

/* core.hooksPath as git reads it: `~/` is the owner's home, relative to the git dir. */
static const char *find_hooks_dir(const struct repo *repo, const struct gitconfig *config,
				  struct arena *arena)
{
	const char *path = gitconfig_get(config, "core.hookspath");
	if (!path || !path[0])
		return file_join(arena, repo->facts.git_dir, "hooks");
	if (path[0] == '/')
		return path;
	if (path[0] == '~' && path[1] == '/') {
		for (const char *const *env = proc_base_env(); *env; env++)
			if (str_starts(str_of(*env), STR("HOME=")))
				return file_join(arena, *env + 5, path + 2);
	}
	return file_join(arena, repo->facts.git_dir, path);
}

static bool is_guarding(const char *event)
{
	for (size_t i = 0; i < ARRAY_LEN(guarding); i++)
		if (event && strcmp(event, guarding[i]) == 0)
			return true;
	return false;
}

/* Whether an executable is imagehook's: it says so in its bytes. */
static bool is_ours(const char *path)
{
	enum {
		HOOK_BYTES_MAX = 16 << 20
	};
	struct err ignored = ERR_INIT;
	struct buf bytes BUF_CLEANUP = BUF_INIT(HOOK_BYTES_MAX);
	if (file_read(path, &bytes, &ignored))
		return false;
	struct str mark = STR(REPO_HOOK_MARK);
	return str_find(buf_str(&bytes), mark) < bytes.len;
}

/* Hooks of the configuration: hook.NAME.event, unless hook.NAME.enabled is off. */
static void add_config_hooks(const struct gitconfig *config, struct arena *arena,
			     struct strings *out)
{
	for (size_t i = 0; i < config->len; i++) {
		const struct gitconfig_entry *entry = &config->items[i];
		bool enabled = true;
		if (strcmp(entry->section, "hook") != 0 ||
		    strcmp(entry->key, "event") != 0 || !is_guarding(entry->value))
			continue;
		const char *text = gitconfig_get(
		    config, arena_printf(arena, "hook.%s.enabled", entry->subsection));
		if (!text || !gitconfig_bool(text, &enabled) || enabled)
			strings_add(arena, out,
				    arena_printf(arena, "%s (hook.%s)", entry->value,
						 entry->subsection));
	}
}

int repo_guarding_hooks(struct repo *repo, struct arena *arena, struct strings *out,
			struct err *err)
{
	const struct gitconfig *config = NULL;
	int code = repo_effective_config(repo, &config, err);
	if (code)
		return code;
	const char *dir = find_hooks_dir(repo, config, arena);
	for (size_t i = 0; i < ARRAY_LEN(guarding); i++) {
		const char *path = file_join(arena, dir, guarding[i]);
		if (access(path, X_OK) == 0 && !file_is_dir(path, false) &&
		    !is_ours(path))
			strings_add(arena, out, guarding[i]);
	}
	add_config_hooks(config, arena, out);
	return 0;
}
