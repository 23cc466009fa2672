/* SPDX-License-Identifier: MIT */
/* Questions about hooks that only git's whole configuration answers. */
#include "app/hooks_folder.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/proc.h"
#include <dirent.h>
#include <sys/stat.h>

enum {
	NEIGHBOURS_MAX = 1000,
	GIT_TIMEOUT_MS = 30000
};

/* Runs `git --git-dir=DIR config ARGS` (at most 6); the exit status, or -1. */
static int ask_git(const char *git_dir, const char *const *args, struct arena *arena,
		   struct buf *out)
{
	const char *argv[16] = { "git", arena_printf(arena, "--git-dir=%s", git_dir),
				 "config" };
	struct err ignored = ERR_INIT;
	int status = 0;
	for (size_t n = 3; *args && n < ARRAY_LEN(argv) - 1; n++)
		argv[n] = *args++;
	struct proc_spec spec = {
		.argv = argv, .cwd = git_dir, .timeout_ms = GIT_TIMEOUT_MS, .out = out
	};
	return proc_run(&spec, &status, &ignored) ? -1 : status;
}

/* The configured folder, or NULL. */
static const char *ask_hooks_path(const char *git_dir, struct arena *arena,
				  const char **scope)
{
	static const char *const args[] = { "--show-scope", "--type=path", "--get",
					    "core.hooksPath", NULL };
	struct buf text BUF_CLEANUP = BUF_INIT(2 * LIMIT_PATH_BYTES);
	*scope = "";
	if (ask_git(git_dir, args, arena, &text) != 0)
		return NULL;
	struct str line = str_trim(buf_str(&text));
	size_t tab = str_find_char(line, '\t');
	*scope = arena_strndup(arena, str_slice(line, 0, tab));
	return arena_strndup(arena, str_from(line, tab + 1));
}

static bool is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);
	return strncmp(path, folder, len) == 0 && (path[len] == '/' || !path[len]);
}

int hooks_folder_find(const char *git_dir, struct arena *arena, struct hooks_folder *out,
		      struct err *err)
{
	struct hooks_folder folder = { .scope = "" };
	struct err missing = ERR_INIT;
	const char *configured = ask_hooks_path(git_dir, arena, &folder.scope);
	if (!configured)
		configured = "hooks";
	folder.path = configured[0] == '/' ? arena_strdup(arena, configured)
					   : file_join(arena, git_dir, configured);
	folder.real = folder.path;
	if (!file_exists(folder.path)) {
		folder.is_missing = true;
	} else if (!file_is_dir(folder.path, false)) {
		return err_set(err, ERR_UNSUPPORTED,
			       "hooks are switched off here: '%s' is not a folder "
			       "(core.hooksPath, set %s)",
			       folder.path, *folder.scope ? folder.scope : "by a link");
	} else if (file_real_path(folder.path, arena, &folder.real, &missing)) {
		*err = missing;
		return err->code;
	}
	folder.is_outside = !is_below(folder.real, git_dir);
	*out = folder;
	return 0;
}

/* Whether the repository at `dir` takes its hooks from `folder`. */
static bool uses(const char *dir, const struct hooks_folder *folder, struct arena *arena)
{
	struct hooks_folder theirs = { 0 };
	struct err ignored = ERR_INIT;
	return file_exists(file_join(arena, dir, "HEAD")) &&
	       file_is_dir(file_join(arena, dir, "objects"), false) &&
	       hooks_folder_find(dir, arena, &theirs, &ignored) == 0 && theirs.real &&
	       strcmp(theirs.real, folder->real) == 0;
}

void hooks_folder_users(const struct hooks_folder *folder, const char *git_dir,
			struct arena *arena, struct strings *out)
{
	char *parent = arena_strdup(arena, git_dir);
	char *slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return;
	*slash = '\0';
	DIR *dir = opendir(parent);
	if (!dir)
		return;
	const struct dirent *entry = NULL;
	size_t seen = 0;
	while ((entry = readdir(dir)) != NULL && seen < NEIGHBOURS_MAX) {
		if (entry->d_name[0] == '.')
			continue;
		const char *path = file_join(arena, parent, entry->d_name);
		seen++;
		if (strcmp(path, git_dir) != 0 && uses(path, folder, arena))
			strings_add(arena, out, path);
	}
	(void)closedir(dir);
	strings_sort(out);
}

void hooks_folder_config_hooks(const char *git_dir, struct arena *arena,
			       struct strings *out)
{
	static const char *const args[] = { "--get-regexp", "^hook\\..*\\.event$",
					    "^post-receive$", NULL };
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	if (ask_git(git_dir, args, arena, &text) != 0)
		return;
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line)) {
		struct str name = str_slice(line, 0, str_rfind_char(line, '.'));
		const char *hook =
		    arena_strndup(arena, str_from(name, sizeof("hook.") - 1));
		if (!strings_contain(out, hook))
			strings_add(arena, out, hook);
	}
}
