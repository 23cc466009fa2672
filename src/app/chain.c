/* SPDX-License-Identifier: MIT */
/*
 * The repository's other hooks, run for our commit as Git would have run them for a push:
 * deploy hooks must see it (TRUST 9). Never with our lock, never before the outer push
 * has ended.
 */
#include "app/hook_file.h"
#include "app/pipeline.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	OUTPUT_BYTES = 65536
};

static bool is_runnable(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static const char *hooks_dir(struct arena *arena, struct repo *repo)
{
	const char *git_dir = repo_facts(repo)->git_dir;
	const char *configured = repo_config(repo, "core.hookspath");
	if (!configured || !*configured)
		return file_join(arena, git_dir, "hooks");
	return configured[0] == '/' ? arena_strdup(arena, configured)
				    : file_join(arena, git_dir, configured);
}

/* The chained post-receive hooks in byte order. */
static void list_chained(struct session *session, const char *dir, struct strings *out)
{
	const char *folder = file_join(&session->arena, dir, "post-receive.d");
	DIR *handle = opendir(folder);
	if (!handle)
		return;
	for (const struct dirent *entry = readdir(handle); entry;
	     entry = readdir(handle)) {
		const char *path = file_join(&session->arena, folder, entry->d_name);
		struct hook_look look = { 0 };
		hook_file_look(path, &session->arena, &look);
		/* ours may stand there too, behind a driver that is not ours */
		if (entry->d_name[0] != '.' && look.kind != HOOK_OURS &&
		    is_runnable(path))
			strings_add(&session->arena, out, path);
	}
	(void)closedir(handle);
	strings_sort(out);
}

/* One hook, in the repository that it stands in. */
struct call {
	const char *git_dir;
	const char *path;
	const char *argument;
	struct str input;
};

static void run_hook(struct session *session, const struct call *call)
{
	struct arena *arena = &session->arena;
	struct buf output BUF_CLEANUP = BUF_INIT(OUTPUT_BYTES);
	struct err err = ERR_INIT;
	struct strings env = { 0 };
	int status = 0;
	for (const char *const *entry = proc_base_env(); *entry; entry++)
		strings_add(arena, &env, *entry);
	strings_add(arena, &env, "GIT_DIR=.");
	const char **env_items = ARENA_ARRAY(arena, const char *, env.len + 1);
	memcpy(env_items, env.items, env.len * sizeof(*env_items));
	const char *argv[] = { call->path, call->argument, NULL };
	struct proc_spec spec = { .argv = argv,
				  .env = env_items,
				  .cwd = call->git_dir,
				  .input = call->input,
				  .timeout_ms =
				      config_ms(session->config, CONFIG_HOOK_TIMEOUT),
				  .errors = &output,
				  .new_session = true };
	if (proc_run(&spec, &status, &err))
		log_line(LOG_LEVEL_WARNING,
			 LOG_FIELDS({ "repository", call->git_dir },
				    { "hook", call->path }, { "verdict", err.text }));
	else
		log_line(LOG_LEVEL_INFO,
			 LOG_FIELDS({ "repository", call->git_dir },
				    { "hook", call->path },
				    { "status", arena_printf(arena, "%d", status) },
				    { "output", buf_cstr(&output) }));
}

/* A mapped repository sees our commit as it sees any push: if its hook is ours too, that
 * one looks at the commit for its own documents. */
static void list_post_receive(struct session *session, const struct intent *intent,
			      const char *dir, struct strings *out)
{
	const char *hook = file_join(&session->arena, dir, "post-receive");
	if (!*intent->git_dir)
		list_chained(session, dir, out);
	else if (is_runnable(hook))
		strings_add(&session->arena, out, hook);
}

static void run_for_commit(struct session *session, const struct intent *intent)
{
	struct arena *arena = &session->arena;
	struct repo *mapped REPO_CLEANUP = NULL;
	struct err err = ERR_INIT;
	struct strings hooks = { 0 };
	if (*intent->git_dir && repo_open(intent->git_dir, &mapped, &err)) {
		log_line(LOG_LEVEL_WARNING, LOG_FIELDS({ "repository", intent->git_dir },
						       { "verdict", err.text }));
		return;
	}
	struct repo *repo = mapped ? mapped : session->repo;
	const char *dir = hooks_dir(arena, repo);
	struct call call = { .git_dir = repo_facts(repo)->git_dir,
			     .input =
				 str_of(arena_printf(arena, "%s %s %s\n", intent->old_oid,
						     intent->new_oid, intent->ref)) };
	list_post_receive(session, intent, dir, &hooks);
	for (size_t i = 0; i < hooks.len; i++) {
		call.path = hooks.items[i];
		run_hook(session, &call);
	}
	call.path = file_join(arena, dir, "post-update");
	call.argument = intent->ref;
	call.input = (struct str){ NULL, 0 };
	if (is_runnable(call.path))
		run_hook(session, &call);
}

int run_pending_hooks(struct session *session, struct err *err)
{
	struct intent_list intents = { 0 };
	int code = store_intent_list(session->store, session->id, &session->arena,
				     &intents, err);
	for (size_t i = 0; i < intents.len && !code; i++) {
		const struct intent *intent = &intents.items[i];
		if (!intent->confirmed || !intent->hooks_pending)
			continue;
		/* marked first: a hook that kills us must not be run for ever */
		code = store_intent_hooks_done(session->store, intent->id, err);
		if (!code)
			run_for_commit(session, intent);
	}
	return code;
}
