/* SPDX-License-Identifier: MIT */
/*
 * How git itself is called: by the repository's absolute path, with an environment that
 * is built here and overrides for every setting of the repository's own config that
 * could make a reading child run a program or talk to somebody.
 */
#include "adapter/git/internal.h"
#include "base/limits.h"
#include "base/text.h"

enum {
	ARGS_MAX = 96,
	ENV_MAX = 24
};

static const char *const common_env[] = {
	"LC_ALL=C",
	"GIT_NO_REPLACE_OBJECTS=1",
	"GIT_TERMINAL_PROMPT=0",
	"GIT_OPTIONAL_LOCKS=0",
	"GIT_PAGER=cat",
	"GIT_EDITOR=false",
};

static const char *const reading_env[] = {
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_ATTR_NOSYSTEM=1",
	/* a promisor remote must not be asked for objects: no transport at all */
	"GIT_ALLOW_PROTOCOL=none",
	"GIT_NO_LAZY_FETCH=1",
};

static const char *const reading_overrides[] = {
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.attributesFile=/dev/null",
	"-c", "core.pager=cat",
	"-c", "core.untrackedCache=false",
	"-c", "submodule.recurse=false",
	"-c", "diff.external=",
	"-c", "core.sshCommand=false",
	"-c", "core.alternateRefsCommand=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "color.ui=false",
	"-c", "core.deltaBaseCacheLimit=128m",
};

struct list {
	const char **items;
	size_t len;
	size_t max;
};

static void add_all(struct list *list, const char *const *items, size_t n)
{
	for (size_t i = 0; i < n && list->len + 1 < list->max; i++)
		list->items[list->len++] = items[i];
	list->items[list->len] = NULL;
}

static size_t count_items(const char *const *items)
{
	size_t n = 0;
	while (items[n])
		n++;
	return n;
}

static int build_args(const struct repo *repo, const struct git_command *command,
		      struct list *args, struct arena *arena, struct err *err)
{
	const char *head[] = { "git", "--no-pager", "--no-replace-objects", NULL };
	head[3] = arena_printf(arena, "--git-dir=%s", repo->facts.git_dir);
	add_all(args, head, ARRAY_LEN(head));
	if (command->kind == GIT_CHILD_READS)
		add_all(args, reading_overrides, ARRAY_LEN(reading_overrides));
	size_t n = count_items(command->args);
	if (args->len + n + 1 > args->max)
		return err_set(err, ERR_INTERNAL, "too many arguments for git");
	add_all(args, command->args, n);
	return 0;
}

int git_run(struct repo *repo, const struct git_command *command, struct buf *errors,
	    int *exit_status, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *arg_items[ARGS_MAX];
	const char *env_items[ENV_MAX];
	struct list args = { arg_items, 0, ARRAY_LEN(arg_items) };
	struct list env = { env_items, 0, ARRAY_LEN(env_items) };
	int code = build_args(repo, command, &args, &arena, err);
	if (code)
		return code;
	add_all(&env, proc_base_env(), count_items(proc_base_env()));
	add_all(&env, common_env, ARRAY_LEN(common_env));
	if (command->env)
		add_all(&env, command->env, count_items(command->env));
	if (command->kind == GIT_CHILD_READS)
		add_all(&env, reading_env, ARRAY_LEN(reading_env));
	struct proc_spec spec = {
		.argv = args.items,
		.env = env.items,
		.cwd = repo->facts.git_dir,
		.input = command->input,
		.timeout_ms = command->timeout_ms,
		.out = command->out,
		.errors = errors,
		/* one that writes may repack, or run hooks of others */
		.memory_bytes =
		    command->kind == GIT_CHILD_READS ? (size_t)LIMIT_CHILD_MIB << 20 : 0,
	};
	return proc_run(&spec, exit_status, err);
}

const char *git_complaint(const struct buf *errors, struct arena *arena)
{
	enum {
		COMPLAINT_MAX = 400
	};
	struct str rest = buf_str(errors);
	struct str line = STR("");
	while (str_line(&rest, &line) && line.len == 0)
		continue;
	if (str_starts(line, STR("fatal: ")) || str_starts(line, STR("error: ")))
		line = str_from(line, 7);
	return line.len ? text_clean(arena, line, COMPLAINT_MAX) : "git gave no reason";
}

int repo_effective_config(struct repo *repo, const struct gitconfig **out,
			  struct err *err)
{
	static const char *const args[] = { "config", "--list", "-z", NULL };
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_CONFIG_BYTES);
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	struct git_command command = {
		.kind = GIT_CHILD_WRITES, .args = args, .out = &text, .timeout_ms = 30000
	};
	int status = 0;
	*out = &repo->effective;
	if (repo->effective_is_loaded)
		return 0;
	int code = git_run(repo, &command, &errors, &status, err);
	if (code)
		return code;
	if (status != 0)
		return err_set(err, ERR_INVALID, "git cannot read its configuration: %s",
			       git_complaint(&errors, &repo->arena));
	struct str rest = buf_str(&text);
	struct str record;
	while (rest.len && str_split(&rest, '\0', &record)) {
		size_t lf = str_find_char(record, '\n');
		struct str name = str_slice(record, 0, lf);
		size_t first = str_find_char(name, '.');
		size_t last = str_rfind_char(name, '.');
		struct gitconfig_entry entry = { "", "", "", NULL, 0 };
		if (first >= name.len)
			continue;
		entry.section = arena_strndup(&repo->arena, str_slice(name, 0, first));
		entry.key = arena_strndup(&repo->arena, str_from(name, last + 1));
		if (first < last)
			entry.subsection = arena_strndup(
			    &repo->arena, str_slice(name, first + 1, last - first - 1));
		if (lf < record.len)
			entry.value =
			    arena_strndup(&repo->arena, str_from(record, lf + 1));
		VEC_PUSH(&repo->arena, &repo->effective, entry);
	}
	repo->effective_is_loaded = true;
	return 0;
}
