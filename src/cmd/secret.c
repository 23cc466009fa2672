/* SPDX-License-Identifier: MIT */
/* `imagehook secret set|list|delete`: values come from stdin or a file and go nowhere
 * else. */
#include "admin/secret.h"
#include "admin/grant.h"
#include "admin/manifest.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "cmd/prompt.h"
#include "cmd/secret_list.h"
#include "cmd/where.h"
#include "state/outbox.h"
#include <unistd.h>

extern const struct command command_secret;

struct options {
	struct strings repos;
	const char *file;
	const char *docker_server;
	const char *docker_username;
	const char *output;
	struct strings uses;
	struct strings addresses;
	bool raw;
	bool shared;
};

static const struct opt opts[] = {
	OPT_LIST_ROW('C', "repo", struct options, repos, "DIR",
		     "the repository (default: the current directory); with --shared, "
		     "a pattern of the repositories that may use it"),
	OPT_FLAG_ROW(0, "shared", struct options, shared,
		     "the secrets of all repositories of this owner"),
	OPT_TEXT_ROW('f', "file", struct options, file, "FILE",
		     "set: read Secret manifests (YAML); '-' is stdin"),
	OPT_TEXT_ROW(0, "docker-server", struct options, docker_server, "HOST",
		     "set: a registry login; the password is read from stdin"),
	OPT_TEXT_ROW(0, "docker-username", struct options, docker_username, "USER",
		     "set: the user of that login"),
	OPT_FLAG_ROW(0, "raw", struct options, raw,
		     "set: keep a single line's end as part of the value"),
	OPT_LIST_ROW(0, "for", struct options, uses, "USE",
		     "set: what it may be used for: 'scan' or the type of a provider"),
	OPT_LIST_ROW(0, "address", struct options, addresses, "URL",
		     "set: where it may go; without it, where the type goes by itself"),
	OPT_CHOICE_ROW('o', "output", struct options, output, "text|json",
		       "list: how to print it"),
};

/* What every sub-command works on. */
struct task {
	const struct options *options;
	const struct strings *words;
	struct arena *arena;
	struct secret_id secret;
	const char *key; /* NULL: none given */
	struct err *err;
};

/* NS/NAME, or NAME in the namespace of the configuration. */
static int take_name(struct task *task, const struct config *config)
{
	const char *word = task->words->items[1];
	const char *slash = strchr(word, '/');
	task->secret.name = slash ? slash + 1 : word;
	task->secret.namespace =
	    slash
		? arena_strndup(task->arena, (struct str){ word, (size_t)(slash - word) })
		: config_text(config, CONFIG_NAMESPACE);
	task->key = task->words->len > 2 ? task->words->items[2] : NULL;
	return secret_check_names(task->secret.namespace, task->secret.name, task->key,
				  task->err);
}

/* A line end behind a single line is the terminal's or echo's, not the secret's. */
static struct str without_line_end(struct str value)
{
	struct str trimmed = value;
	if (str_ends(trimmed, STR("\n")))
		trimmed.len--;
	if (trimmed.len < value.len && str_ends(trimmed, STR("\r")))
		trimmed.len--;
	return str_find_char(trimmed, '\n') < trimmed.len ? value : trimmed;
}

static int read_value(const struct task *task, const char *what, struct str *out)
{
	struct buf value BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	const char *prompt = arena_printf(task->arena, "%s for %s/%s", what,
					  task->secret.namespace, task->secret.name);
	int code = prompt_secret(prompt, &value, task->err);
	if (code == ERR_LIMIT)
		return err_set(task->err, code, LIMIT_FMT, LIMIT_ARG(LIMIT_SECRET_BYTES));
	if (code)
		return code;
	*out = buf_to_arena(&value, task->arena);
	if (!task->options->raw)
		*out = without_line_end(*out);
	if (out->len == 0)
		return err_set(task->err, ERR_INVALID,
			       "the value is empty; nothing was stored");
	return 0;
}

/* Every grant that is asked for: each use for each address. */
static void list_grants(const struct task *task, struct grants *out)
{
	const struct options *options = task->options;
	const struct strings *addresses = &options->addresses;
	for (size_t i = 0; i < options->uses.len; i++)
		for (size_t k = 0; k == 0 || k < addresses->len; k++) {
			struct grant grant = { options->uses.items[i],
					       addresses->len ? addresses->items[k]
							      : "" };
			VEC_PUSH(task->arena, out, grant);
		}
}

/* Before anything is read or stored. */
static int check_grants(const struct task *task)
{
	struct grants grants = { NULL, 0, 0 };
	int code = 0;
	list_grants(task, &grants);
	for (size_t i = 0; i < grants.len && !code; i++)
		code = grant_check(&grants.items[i], task->err);
	return code;
}

static int add_grants(const struct task *task)
{
	struct grants grants = { NULL, 0, 0 };
	int code = 0;
	list_grants(task, &grants);
	for (size_t i = 0; i < grants.len && !code; i++) {
		const struct grant *grant = &grants.items[i];
		code = grant_add(&task->secret, grant, task->err);
		if (!code)
			printf("secret %s/%s: granted for %s%s%s\n",
			       task->secret.namespace, task->secret.name, grant->use,
			       *grant->address ? " at " : "", grant->address);
	}
	return code;
}

/* --shared --repo GLOB... */
static int add_readers(const struct task *task)
{
	const struct strings *globs = &task->options->repos;
	if (!task->options->shared || !globs->len)
		return 0;
	int code = secret_share(task->secret.home, task->secret.namespace,
				task->secret.name, globs, task->err);
	for (size_t i = 0; i < globs->len && !code; i++)
		printf("secret %s/%s: shared with %s\n", task->secret.namespace,
		       task->secret.name, globs->items[i]);
	return code;
}

static int store_value(const struct task *task, const char *key, struct str value)
{
	/* readers first: those who lose it must not see the new value */
	if (add_readers(task) || secret_write(&task->secret, key, value, task->err))
		return command_fail(task->err);
	printf("secret %s/%s: key '%s' stored\n", task->secret.namespace,
	       task->secret.name, key);
	if (add_grants(task))
		return command_fail(task->err);
	return EXIT_DONE;
}

static int set_docker(const struct task *task)
{
	const struct options *options = task->options;
	struct str password = { NULL, 0 };
	if (read_value(task, "password", &password))
		return command_fail(task->err);
	if (!str_is_utf8(password, NULL) ||
	    str_find_char(password, '\n') < password.len) {
		(void)err_set(task->err, ERR_INVALID,
			      "the password is not one line of UTF-8");
		return command_fail(task->err);
	}
	return store_value(task, ".dockerconfigjson",
			   docker_config(task->arena, options->docker_server,
					 options->docker_username, password));
}

static int set_value(const struct task *task)
{
	struct str value = { NULL, 0 };
	struct err ignored = ERR_INIT;
	if (read_value(task, task->key ? task->key : "value", &value))
		return command_fail(task->err);
	bool is_docker = docker_config_check(value, &ignored) == 0;
	if (task->key && strcmp(task->key, ".dockerconfigjson") == 0 && !is_docker) {
		(void)err_set(task->err, ERR_INVALID,
			      "the value is not a docker config, a JSON object with "
			      "'auths'; --docker-server makes one");
		return command_fail(task->err);
	}
	const char *key = is_docker ? ".dockerconfigjson" : "token";
	return store_value(task, task->key ? task->key : key, value);
}

/* Like `kubectl apply`: afterwards the secret is what the manifest says. */
static int replace_secret(const struct task *task, const struct manifest_secret *secret)
{
	struct secret before = { NULL, 0, 0 };
	struct err ignored = ERR_INIT;
	struct secret_reader reader = { task->secret.home, task->secret.repo_id, NULL };
	(void)!secret_read(&reader, secret->namespace, secret->name, task->arena, &before,
			   &ignored);
	for (size_t i = 0; i < secret->data.len; i++) {
		const struct secret_entry *entry = &secret->data.items[i];
		int code =
		    secret_write(&task->secret, entry->key, entry->value, task->err);
		if (code)
			return code;
	}
	for (size_t i = 0; i < before.len; i++)
		if (!secret_get(&secret->data, before.items[i].key))
			(void)!secret_delete(&task->secret, before.items[i].key,
					     &ignored);
	return 0;
}

static int read_manifests(const struct task *task, struct buf *text)
{
	const char *file = task->options->file;
	int code = strcmp(file, "-") == 0 ? file_read_fd(STDIN_FILENO, text, task->err)
					  : file_read_given(file, text, task->err);
	if (code == ERR_LIMIT)
		(void)err_set(task->err, code, LIMIT_FMT, LIMIT_ARG(LIMIT_FILE_BYTES));
	return code;
}

static int set_manifests(const struct task *task, const char *namespace)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	struct manifest_secrets secrets = { NULL, 0, 0 };
	const char *file = task->options->file;
	if (read_manifests(task, &text))
		return command_fail(task->err);
	if (manifest_read(buf_str(&text), namespace, task->arena, &secrets, task->err)) {
		const char *shown = strcmp(file, "-") == 0 ? "stdin" : file;
		(void)err_at(task->err, shown, task->err->line, task->err->col);
		return command_fail(task->err);
	}
	for (size_t i = 0; i < secrets.len; i++) {
		const struct manifest_secret *secret = &secrets.items[i];
		struct task one = *task;
		one.secret.namespace = secret->namespace;
		one.secret.name = secret->name;
		if (replace_secret(&one, secret))
			return command_fail(task->err);
		printf("secret %s/%s stored:", secret->namespace, secret->name);
		for (size_t k = 0; k < secret->data.len; k++)
			printf(" %s", secret->data.items[k].key);
		printf("\n");
		if (add_grants(&one))
			return command_fail(task->err);
	}
	return EXIT_DONE;
}

static int run_delete(const struct task *task)
{
	if (secret_delete(&task->secret, task->key, task->err))
		return command_fail(task->err);
	printf("secret %s/%s%s%s deleted\n", task->secret.namespace, task->secret.name,
	       task->key ? ": key " : "", task->key ? task->key : "");
	return EXIT_DONE;
}

static int run_list(const struct task *task, const char *git_dir)
{
	struct secret_rows rows = { NULL, 0, 0 };
	int code = secret_rows_read(task->secret.home, task->secret.repo_id, git_dir,
				    task->arena, &rows, task->err);
	if (code)
		return command_fail(task->err);
	if (task->options->output && strcmp(task->options->output, "json") == 0)
		secret_rows_json(&rows, task->arena);
	else
		secret_rows_text(&rows, task->arena);
	return EXIT_DONE;
}

static bool is_delete(const char *verb)
{
	return strcmp(verb, "delete") == 0 || strcmp(verb, "remove") == 0;
}

/* What is wrong with the words and options; NULL: nothing. Words that may be a value are
 * never repeated. */
static const char *check_usage(const struct options *options, const struct strings *words)
{
	const char *verb = words->len ? words->items[0] : "";
	bool is_docker = options->docker_server || options->docker_username;
	if (!options->shared && options->repos.len > 1)
		return "one repository at a time; --shared takes several patterns";
	if (options->shared && options->repos.len && strcmp(verb, "set") != 0)
		return "--shared takes --repo only to set: who may use the secret";
	if (strcmp(verb, "list") == 0)
		return words->len > 1 ? "'list' takes no name" : NULL;
	if (is_delete(verb))
		return words->len == 2 || words->len == 3
			   ? NULL
			   : "'delete' takes NS/NAME [KEY]";
	if (strcmp(verb, "set") != 0)
		return "expected 'set', 'list' or 'delete'";
	if (options->addresses.len && !options->uses.len)
		return "--address needs --for";
	if (options->shared && options->file)
		return "--shared takes one secret by its name, not -f";
	if (words->len > 3 || (words->len == 3 && strchr(words->items[2], '=')))
		return "a value is never given on the command line, where others see "
		       "it: pipe it in";
	if (options->file)
		return words->len > 1 || is_docker
			   ? "'set -f' takes the names from the manifest"
			   : NULL;
	if (words->len < 2)
		return "'set' takes NS/NAME [KEY] or -f FILE";
	if (!is_docker)
		return NULL;
	if (!options->docker_server || !options->docker_username)
		return "--docker-server and --docker-username go together";
	return words->len > 2 ? "a registry login has no KEY: it is '.dockerconfigjson'"
			      : NULL;
}

/* Deliveries that waited for a secret need not wait longer. The secret is stored: without
 * a store, or with one that is at work, they are tried again by themselves. */
static void wake_deliveries(const struct task *task)
{
	struct store *store STORE_CLEANUP = NULL;
	struct err ignored = ERR_INIT;
	bool was_lost = false;
	if (!file_exists(file_join(task->arena, task->secret.home, "state.db")))
		return;
	if (store_open(task->secret.home, &store, &was_lost, &ignored) == 0)
		(void)!outbox_wake(store,
				   task->options->shared ? NULL : task->secret.repo_id,
				   when_now_ms(), &ignored);
}

/* Nothing here says whose repositories the patterns are meant for, and to the home of
 * another owner nothing leads. */
static void warn_root(const struct task *task, const char *git_dir)
{
	if (task->options->shared && !git_dir && geteuid() == 0)
		(void)fprintf(stderr,
			      "hint: this is for root's own repositories; for those of "
			      "another owner call it as that user, or in one of them\n");
}

static int run_set(const struct task *task, const struct where *where)
{
	int status = EXIT_DONE;
	warn_root(task, where->git_dir);
	if (check_grants(task))
		return command_fail(task->err);
	if (task->options->file)
		status =
		    set_manifests(task, config_text(where->config, CONFIG_NAMESPACE));
	else
		status =
		    task->options->docker_server ? set_docker(task) : set_value(task);
	wake_deliveries(task);
	return status;
}

/* A shared secret lies in the home that the repository here, or the host, has. */
static int find_home(struct where *where, struct task *task)
{
	const struct options *options = task->options;
	if (options->shared) {
		task->secret.repo_id = SECRET_SHARED;
		int code = where_load(where, NULL, task->err);
		return code ? code
			    : where_owner_home(where, &task->secret.home, task->err);
	}
	const char *repo = options->repos.len ? options->repos.items[0] : NULL;
	int code = where_load(where, repo, task->err);
	return code ? code
		    : where_home(where, &task->secret.repo_id, &task->secret.home,
				 task->err);
}

static int run_secret(void *options_ptr, const struct strings *words)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct where where = { .arena = &arena };
	struct task task = {
		.options = options_ptr, .words = words, .arena = &arena, .err = &err
	};
	const char *mistake = check_usage(task.options, words);
	if (mistake)
		return command_usage(&command_secret, "%s", mistake);
	if (find_home(&where, &task))
		return command_fail(&err);
	if (words->len > 1 && take_name(&task, where.config))
		return command_fail(&err);
	if (strcmp(words->items[0], "list") == 0)
		return run_list(&task, task.options->shared ? NULL : where.git_dir);
	if (is_delete(words->items[0]))
		return run_delete(&task);
	return run_set(&task, &where);
}

const struct command command_secret = {
	.name = "secret",
	.usage =
	    "set [options] NS/NAME [KEY] | set -f FILE | list | delete NS/NAME [KEY]",
	.summary = "Stores, lists and deletes the secrets of a repository.",
	.details =
	    "Secrets are files of the server that only the repository's owner can read; "
	    "they are\nnever in the repository and never printed. The value is read from "
	    "stdin; on a\nterminal it is asked for without echo.\n\n"
	    "A value of one line is stored without its line end, so that 'echo' can be "
	    "piped in;\n--raw keeps it. Anything longer (keys, certificates) is stored "
	    "byte for byte.\n\n"
	    "Without KEY a docker config is stored as '.dockerconfigjson', anything else "
	    "as 'token'.\nWithout NS/ the namespace is imagehook.namespace "
	    "(flux-system).\n\n"
	    "'set -f' takes Kubernetes Secret manifests (data and stringData); the "
	    "secret is then\nwhat the manifest says, keys that it does not have are "
	    "removed. A registry login may\nbe used for scans of the hosts that it "
	    "names; --for and --address hold for each secret\nof the manifest.\n\n"
	    "A webhook address kept in a secret (key 'address') says itself where it may "
	    "go. Anything\nelse is of use to a Provider only with --for TYPE and, when the "
	    "document has an address,\n--address URL; a host covers everything on it. "
	    "That holds for a CA certificate too:\nit says whom to trust with secrets.",
	.example =
	    "imagehook secret set -C /srv/git/infra.git flux-system/slack-url address\n"
	    "imagehook secret set flux-system/ghcr-credentials \\\n"
	    "    --docker-server ghcr.io --docker-username bot < token.txt\n"
	    "kubectl get secret -n flux-system ghcr-credentials -o yaml | imagehook "
	    "secret set -f -\n"
	    "imagehook secret set flux-system/github-token token --for github \\\n"
	    "    --address https://github.com/org/repo < token.txt\n"
	    "imagehook secret set -f tls.yaml --for alertmanager \\\n"
	    "    --address https://alertmanager.internal\n"
	    "imagehook secret set flux-system/slack-url address --shared \\\n"
	    "    --repo '/srv/git/team/*.git' < url.txt\n"
	    "imagehook secret list",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct options),
	.run = run_secret,
};
