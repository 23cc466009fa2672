/* SPDX-License-Identifier: MIT */
/*
 * What a push would have done after the ref moved: dumb HTTP's index, cgit's age file,
 * automatic maintenance when it is due.
 */
#include "adapter/git/internal.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/when.h"
#include <dirent.h>
#include <sys/stat.h>

enum {
	GC_AUTO = 6700,         /* git's default: loose objects */
	GC_AUTO_PACK_LIMIT = 50 /* and packs */
};

static void close_folder(DIR **dir)
{
	if (*dir)
		(void)closedir(*dir);
}

/* Entries of a folder whose names end in `suffix`. */
static size_t count_entries(const char *path, struct str suffix)
{
	size_t n = 0;
	DIR *dir CLEANUP(close_folder) = opendir(path);
	for (const struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir))
		n += e->d_name[0] != '.' && str_ends(str_of(e->d_name), suffix);
	return n;
}

static int64_t number_or(const struct gitconfig *config, const char *key,
			 int64_t otherwise)
{
	int64_t number = 0;
	const char *text = gitconfig_get(config, key);
	if (!text || !number_parse_signed(str_of(text), INT32_MAX, &number))
		return otherwise;
	return number;
}

/* git's own estimate: one fan-out folder of 256 stands for all. */
static bool maintenance_is_due(const struct repo *repo, const struct gitconfig *config,
			       struct arena *arena)
{
	bool wanted = true;
	const char *text = gitconfig_get(config, "receive.autogc");
	int64_t loose = number_or(config, "gc.auto", GC_AUTO);
	int64_t packs = number_or(config, "gc.autopacklimit", GC_AUTO_PACK_LIMIT);
	if (loose <= 0 || (text && gitconfig_bool(text, &wanted) && !wanted))
		return false;
	const char *dir = repo->facts.git_dir;
	size_t sample = count_entries(file_join(arena, dir, "objects/17"), STR(""));
	if (sample > (size_t)(loose + 255) / 256)
		return true;
	return packs > 0 && count_entries(file_join(arena, dir, "objects/pack"),
					  STR(".pack")) > (size_t)packs;
}

static int run_quietly(struct repo *repo, const char *const *args, struct err *err)
{
	struct git_command command = { .kind = GIT_CHILD_WRITES, .args = args };
	int status = 0;
	int code = git_run(repo, &command, NULL, &status, err);
	if (!code && status)
		return err_set(err, ERR_IO, "git %s ended with status %d", args[0],
			       status);
	return code;
}

/* What cgit shows as "idle": the time in `info/web/last-modified`, if there is one. */
static int refresh_age_file(const struct repo *repo, struct arena *arena, struct err *err)
{
	char now[32];
	struct stat st;
	const char *path =
	    file_join(arena, repo->facts.git_dir, "info/web/last-modified");
	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	when_format_rfc3339(when_now_ms(), now);
	const char *text = arena_printf(arena, "%.10s %.8s +0000\n", now, now + 11);
	return file_write_atomic(path, str_of(text), st.st_mode & 0777, FILE_FAST, err);
}

int repo_after_move(struct repo *repo, struct err *err)
{
	/* gc.autoDetach: what takes long goes on without us */
	static const char *const maintenance[] = {
		"-c",          "gc.autoDetach=true",
		"-c",          "maintenance.autoDetach=true",
		"maintenance", "run",
		"--auto",      "--quiet",
		NULL
	};
	static const char *const server_info[] = { "update-server-info", NULL };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct gitconfig *config = NULL;
	int code = refresh_age_file(repo, &arena, err);
	if (!code && file_exists(file_join(&arena, repo->facts.git_dir, "info/refs")))
		code = run_quietly(repo, server_info, err);
	if (!code)
		code = repo_effective_config(repo, &config, err);
	if (!code && maintenance_is_due(repo, config, &arena))
		code = run_quietly(repo, maintenance, err);
	return code;
}
