/* SPDX-License-Identifier: MIT */
/* Gathering facts of one repository; what follows from them is decided by the commands.
 */
#include "app/site.h"
#include "app/config_edit.h"
#include "app/owner.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include <fcntl.h>
#include <unistd.h>

enum {
	HOOK_PROGRAM_BYTES_MAX = 16 * 1024 * 1024
};

static int64_t ask_birth(const char *path)
{
	struct statx born;
	if (statx(AT_FDCWD, path, 0, STATX_BTIME, &born) != 0 ||
	    !(born.stx_mask & STATX_BTIME))
		return 0;
	return born.stx_btime.tv_sec * 1000000000 + born.stx_btime.tv_nsec;
}

static int find_git_dir(struct site *site, const char *path, struct err *err)
{
	const char *real = NULL;
	int code = file_real_path(path ? path : ".", &site->arena, &real, err);
	if (!code)
		code = repo_find(real, &site->arena, &site->git_dir, err);
	if (code)
		return code;
	if (stat(site->git_dir, &site->st) != 0)
		return err_errno(err, "cannot look at '%s'", site->git_dir);
	site->born_ns = ask_birth(site->git_dir);
	return 0;
}

static int read_registry(struct site *site, struct err *err)
{
	site->home = "";
	/* never installed, as far as its configuration tells */
	if (!site->makes_home && !*config_text(site->config, CONFIG_ID) &&
	    !*config_text(site->config, CONFIG_STATE))
		return 0;
	int code = config_home(site->config, &site->arena, &site->home, err);
	if (!code)
		code = registry_read(site->home, &site->arena, &site->registry, err);
	if (code)
		return code;
	site->verdict =
	    registry_judge(&site->registry, site->git_dir,
			   config_text(site->config, CONFIG_ID), &site->record);
	return 0;
}

int site_open(struct site *site, const char *path, struct err *err)
{
	site->findings.arena = &site->arena;
	int code = find_git_dir(site, path, err);
	if (!code)
		code = owner_become(site->git_dir, err);
	if (!code)
		code = repo_open(site->git_dir, &site->repo, err);
	if (code)
		return code;
	site->host = host_detect(site->git_dir);
	code = config_load(NULL, site->git_dir, &site->arena, &site->config,
			   &site->findings, err);
	if (!code)
		code = read_registry(site, err);
	if (!code)
		code = hooks_folder_find(site->git_dir, &site->arena, &site->folder, err);
	return code;
}

void site_release(struct site *site)
{
	repo_free(site->repo);
	site->repo = NULL;
	arena_clear(&site->arena);
}

int site_set(struct site *site, const char *key, const char *value, struct err *err)
{
	const char *set[] = { key, value, NULL };
	const char *unset[] = { "--unset-all", key, NULL };
	return config_edit(&site->arena, site->git_dir, value ? set : unset, err);
}

int site_forget_section(struct site *site, struct err *err)
{
	static const char *const args[] = { "--remove-section", "imagehook", NULL };
	struct gitconfig config = { NULL, 0, 0 };
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	int code =
	    file_read(file_join(&site->arena, site->git_dir, "config"), &text, err);
	if (!code)
		code = gitconfig_parse(buf_str(&text), &site->arena, &config, err);
	if (code)
		return code;
	for (size_t i = 0; i < config.len; i++)
		if (strcmp(config.items[i].section, "imagehook") == 0)
			return config_edit(&site->arena, site->git_dir, args, err);
	return 0;
}

/* What to say when HEAD names a branch that does not exist. */
static void say_missing_branch(struct site *site, const char *named,
			       const struct repo_refs *branches,
			       struct finding_list *findings)
{
	struct place nowhere = { { NULL, 0 }, 0, 0 };
	struct finding *finding = NULL;
	if (branches->len == 0) {
		finding = finding_add(findings, SEVERITY_INFO, "no-branch", nowhere,
				      "no branch yet; HEAD names '%s'", named);
		finding->hint =
		    arena_printf(findings->arena,
				 "if your team pushes another one: git "
				 "--git-dir=%s symbolic-ref HEAD refs/heads/NAME",
				 site->git_dir);
	} else if (branches->len == 1) {
		const char *only = branches->items[0].name;
		finding = finding_add(findings, SEVERITY_WARNING, "head-branch", nowhere,
				      "HEAD names '%s', which does not exist; '%s' is "
				      "used, the only branch",
				      named, only + sizeof("refs/heads/") - 1);
		finding->hint =
		    arena_printf(findings->arena, "git --git-dir=%s symbolic-ref HEAD %s",
				 site->git_dir, only);
	} else {
		finding = finding_add(findings, SEVERITY_ERROR, "head-branch", nowhere,
				      "HEAD names '%s', which does not exist, and there "
				      "are %zu others",
				      named, branches->len);
		finding->hint = arena_printf(
		    findings->arena,
		    "git config --file %s/config imagehook.branch BRANCH", site->git_dir);
	}
}

void site_check_branch(struct site *site, struct finding_list *findings)
{
	const char *named = config_text(site->config, CONFIG_BRANCH);
	bool configured = *named;
	struct repo_refs branches = { NULL, 0, 0 };
	struct oid tip;
	struct err ignored = ERR_INIT;
	struct place nowhere = { { NULL, 0 }, 0, 0 };
	if (!configured && repo_head_branch(site->repo, &site->arena, &named, &ignored)) {
		finding_add(findings, SEVERITY_ERROR, "head-branch", nowhere,
			    "HEAD names no branch")
		    ->hint = arena_printf(
		    findings->arena,
		    "git config --file %s/config imagehook.branch BRANCH", site->git_dir);
		return;
	}
	const char *ref = arena_printf(&site->arena, "refs/heads/%s", named);
	if (repo_resolve(site->repo, ref, &tip, &ignored) == 0)
		return;
	if (configured)
		(void)finding_add(findings, SEVERITY_WARNING, "no-branch", nowhere,
				  "the branch '%s' (imagehook.branch) does not exist yet",
				  named);
	else if (repo_list_refs(site->repo, "refs/heads/", &site->arena, &branches,
				&ignored) == 0)
		say_missing_branch(site, named, &branches, findings);
}

void site_check_home(struct site *site, struct finding_list *findings)
{
	struct arena *arena = &site->arena;
	struct config *common = NULL;
	struct finding_list ignored = FINDING_LIST_INIT(arena);
	struct place nowhere = { { NULL, 0 }, 0, 0 };
	struct err err = ERR_INIT;
	const char *home = config_text(site->config, CONFIG_STATE);
	if (!*home || config_load(NULL, NULL, arena, &common, &ignored, &err) ||
	    strcmp(home, config_text(common, CONFIG_STATE)) == 0)
		return;
	finding_add(findings, SEVERITY_WARNING, "own-state", nowhere,
		    "imagehook.state names a folder for this repository alone: 'run "
		    "--all' and the timer pass it by")
	    ->hint = arena_printf(findings->arena,
				  "name it in " CONFIG_SYSTEM_PATH
				  ", or call 'imagehook run --repo %s' by a timer",
				  site->git_dir);
}

int programs_find(struct arena *arena, struct programs *out, struct err *err)
{
	static const char *const places[] = { "imagehook-hook",
					      "../libexec/imagehook/imagehook-hook" };
	struct buf bytes BUF_CLEANUP = BUF_INIT(HOOK_PROGRAM_BYTES_MAX);
	struct programs found = { 0 };
	int code = file_real_path("/proc/self/exe", arena, &found.program, err);
	if (code)
		return code;
	char *folder = arena_strdup(arena, found.program);
	*strrchr(folder, '/') = '\0';
	for (size_t i = 0; i < ARRAY_LEN(places) && !found.hook; i++) {
		const char *path = file_join(arena, *folder ? folder : "/", places[i]);
		if (file_read(path, &bytes, err) == 0)
			found.hook = path;
		else if (err->code != ERR_NOTFOUND)
			return err->code;
	}
	if (!found.hook)
		return err_set(err, ERR_NOTFOUND,
			       "the hook program is missing beside '%s'; build or "
			       "install imagehook again",
			       found.program);
	found.bytes = buf_to_arena(&bytes, arena);
	*out = found;
	return 0;
}

const char *site_outer(const char *git_dir, struct arena *arena)
{
	struct str path = str_of(git_dir);
	for (size_t at = str_rfind_char(path, '/'); at > 0 && at < path.len;
	     at = str_rfind_char(path, '/')) {
		path = str_slice(path, 0, at);
		const char *dir = arena_strndup(arena, path);
		if (file_exists(file_join(arena, dir, ".git")) ||
		    repo_is_git_dir(dir, arena))
			return dir;
	}
	return NULL;
}
