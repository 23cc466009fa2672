/* SPDX-License-Identifier: MIT */
/*
 * The timer's tick over every recorded repository: a look at the store tells which have
 * something due, and each of those runs in a child of its own, so that no repository can
 * harm or delay another.
 */
#include "app/all.h"
#include "app/drain.h"
#include "app/owner.h"
#include "app/print.h"
#include "app/report.h"
#include "app/site.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/when.h"
#include "state/outbox.h"
#include "state/registry.h"
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	WORKERS = 4,
	ROUNDS = 8
};

struct tick {
	const char *root; /* real path, NULL: everywhere */
	bool now;
	bool quiet;
	bool deliver; /* only what waits in the outbox */
	size_t running;
	bool failed;
};

static bool is_below(const char *path, const char *root)
{
	size_t len = strlen(root);
	return strncmp(path, root, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* A receiver that is away is no failure of the tick: its messages stay. */
static int deliver_due(struct session *session, struct err *err)
{
	struct drain_options options = { .linger_ms = 0 };
	struct drain_report report = { 0 };
	return drain_run(session, &options, &report, err);
}

static int deliver_child(const char *git_dir)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct err err = ERR_INIT;
	int code = session_open(&session, git_dir, &err);
	if (!code)
		code = deliver_due(&session, &err);
	if (code)
		print_line(stderr, "imagehook: %s: %s", git_dir, err.text);
	return code ? 1 : 0;
}

static int run_round(const struct tick *tick, bool now, const char *git_dir, bool *again)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct run_report report = { 0 };
	struct run_options options = { .trigger = now ? RUN_COMMAND : RUN_TIMER,
				       .now = now };
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct err err = ERR_INIT;
	int code = session_open(&session, git_dir, &err);
	if (!code)
		code = run_repository(&session, &options, &report, &err);
	if (!code && !report.joined)
		code = run_pending_hooks(&session, &err);
	if (!code)
		code = deliver_due(&session, &err);
	if (code) {
		print_line(stderr, "imagehook: %s: %s", git_dir, err.text);
		return 1;
	}
	if (report.nothing_due)
		return 0;
	report_terminal(&session, &report, &text);
	if (text.len && !tick->quiet)
		printf("%s:\n%s", git_dir, buf_cstr(&text));
	(void)fflush(stdout);
	*again = !report.joined && !report.is_off && run_has_jobs(&session);
	return report_is_failure(&session, &report);
}

/* A push that came while we worked left a job: it is ours to look at. */
static int run_child(const struct tick *tick, const char *git_dir)
{
	bool again = true;
	int failed = 0;
	if (tick->deliver)
		return deliver_child(git_dir);
	for (int i = 0; i < ROUNDS && again; i++) {
		again = false;
		failed |= run_round(tick, tick->now && i == 0, git_dir, &again);
	}
	return failed;
}

static void await_one(struct tick *tick)
{
	int status = 0;
	while (waitpid(-1, &status, 0) < 0 && errno == EINTR)
		continue;
	tick->running--;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		tick->failed = true;
}

static void start_child(struct tick *tick, const char *git_dir)
{
	if (tick->running >= WORKERS)
		await_one(tick);
	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		proc_limit_self();
		_exit(run_child(tick, git_dir));
	}
	if (pid < 0)
		tick->failed = true;
	else
		tick->running++;
}

static bool is_nested(const char *path)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	return site_outer(path, &arena) != NULL;
}

static int compare_id(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool has_delivery(const struct strings *due, const char *id)
{
	return due->len &&
	       bsearch(id, due->items, due->len, sizeof(*due->items), compare_id);
}

static bool is_due(const struct tick *tick, struct store *store,
		   const struct strings *deliveries,
		   const struct repository_record *record)
{
	int64_t now_ms = when_now_ms();
	if (record->uninstalled || (tick->root && !is_below(record->path, tick->root)))
		return false;
	bool due =
	    tick->now || has_delivery(deliveries, record->id) ||
	    (!tick->deliver && run_is_due(store, record->id, record->path, now_ms));
	/* whoever writes the one around it could put it there */
	return due && !is_nested(record->path);
}

/* The recorded repositories that have something due, as one look at the store shows; it
 * is closed again before any fork. */
static int list_due(struct tick *tick, struct arena *arena, struct strings *out,
		    struct err *err)
{
	struct config *config = NULL;
	struct finding_list findings = FINDING_LIST_INIT(arena);
	const char *home = NULL;
	struct repository_list list = { 0 };
	struct strings deliveries = { 0 };
	struct store *store STORE_CLEANUP = NULL;
	bool was_lost = false;
	int code = config_load(NULL, NULL, arena, &config, &findings, err);
	if (!code)
		code = config_home(config, arena, &home, err);
	if (!code)
		code = registry_read(home, arena, &list, err);
	if (!code)
		code = store_open(home, &store, &was_lost, err);
	if (!code)
		code = store_begin_reading(store, err);
	if (!code)
		code = outbox_due_repos(store, when_now_ms(), arena, &deliveries, err);
	if (code)
		return code;
	for (size_t i = 0; i < list.len; i++)
		if (is_due(tick, store, &deliveries, &list.items[i]))
			strings_add(arena, out, list.items[i].path);
	store_rollback(store);
	return 0;
}

static int run_due(struct tick *tick)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings due = { 0 };
	struct err err = ERR_INIT;
	if (list_due(tick, &arena, &due, &err)) {
		print_line(stderr, "imagehook: %s", err.text);
		return -1;
	}
	for (size_t i = 0; i < due.len; i++)
		start_child(tick, due.items[i]);
	while (tick->running)
		await_one(tick);
	return tick->failed ? -1 : 0;
}

NORETURN static void run_as(const struct owner *owner, const struct tick *tick)
{
	struct tick own = { .root = tick->root,
			    .now = tick->now,
			    .quiet = tick->quiet,
			    .deliver = tick->deliver };
	struct err err = ERR_INIT;
	int code = owner_drop_to(owner, &err);
	if (code)
		print_line(stderr, "imagehook: %s", err.text);
	else
		code = run_due(&own);
	(void)fflush(stdout);
	_exit(code ? 1 : 0);
}

/* Root's own, then those of every other owner, each by a process that is that owner's:
 * nobody waits for another's. */
static int run_tick(struct tick *tick, const char *root)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct owners owners = { 0 };
	struct err err = ERR_INIT;
	if (root && file_real_path(root, &arena, &tick->root, &err)) {
		print_line(stderr, "imagehook: %s", err.text);
		return -1;
	}
	if (geteuid() == 0)
		owner_list(&arena, &owners);
	(void)fflush(stdout);
	for (size_t i = 0; i < owners.len; i++) {
		pid_t pid = fork();
		if (pid == 0)
			run_as(&owners.items[i], tick);
		if (pid < 0)
			tick->failed = true;
		else
			tick->running++;
	}
	int code = run_due(tick);
	while (tick->running)
		await_one(tick);
	return code || tick->failed ? -1 : 0;
}

int all_run(const char *root, bool now, bool quiet)
{
	struct tick tick = { .now = now, .quiet = quiet };
	return run_tick(&tick, root);
}

int all_deliver(const char *root)
{
	struct tick tick = { .deliver = true };
	return run_tick(&tick, root);
}
