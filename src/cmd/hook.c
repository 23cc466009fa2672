/* SPDX-License-Identifier: MIT */
/*
 * `imagehook hook worker`: what the hook program starts after a push to a watched ref.
 * Its standard output goes to the pusher until it is closed; then the work goes on
 * unseen.
 */
#include "app/drain.h"
#include "app/owner.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/when.h"
#include "cmd/repo_options.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ROUNDS = 8,
	OUTER_WAIT_MS = 30000,
	OUTER_POLL_US = 20000,
	DRAIN_LINGER_MS = 60000,
	DRAIN_WAIT_MS = 60000
};

struct hook_options {
	const char *repo;
	int64_t outer;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct hook_options),
	OPT_NUMBER_ROW(0, "outer", struct hook_options, outer, "PID",
		       "the receive-pack whose end other hooks wait for"),
};

struct worker {
	bool is_silent; /* the pusher's pipe was closed */
};

static void go_silent(struct worker *worker)
{
	if (worker->is_silent)
		return;
	/* a NUL byte tells the hook that all is well and nothing more comes */
	(void)putchar('\0');
	(void)fflush(stdout);
	(void)fflush(stderr);
	int fd FD_CLEANUP = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		worker->is_silent = true;
}

/* A push that changed nothing that matters does not wait for what merely fell due. */
static void on_snapshot(void *ctx, bool matters)
{
	if (!matters)
		go_silent(ctx);
}

static void print_lines(const struct strings *lines)
{
	for (size_t i = 0; i < lines->len; i++)
		printf("%s\n", lines->items[i]);
	(void)fflush(stdout);
}

/* The pusher reads one line that is his to act on; the whole text goes to the log. */
static void print_failure(struct session *session, const struct err *err)
{
	char text[ERR_TEXT_BYTES + ERR_PATH_BYTES];
	err_format(err, text, sizeof(text));
	log_line(LOG_LEVEL_ERROR,
		 LOG_FIELDS({ "repository", session->git_dir ? session->git_dir : "?" },
			    { "trigger", "push" }, { "verdict", text }));
	struct strings lines = { 0 };
	report_pusher_error(text, &session->arena, &lines);
	print_lines(&lines);
}

/* Other hooks run when the outer push is over, as Git would start them for a push of our
 * own. */
static void await_outer(int64_t pid)
{
	int64_t until = when_monotonic_ms() + OUTER_WAIT_MS;
	while (pid > 1 && kill((pid_t)pid, 0) == 0 && when_monotonic_ms() < until)
		(void)usleep(OUTER_POLL_US);
}

/* A pusher who is neither owner nor root left a job; somebody else will run it. */
static bool leave_to_owner(const char *repo)
{
	struct stat st;
	char name[64];
	if (!repo || stat(repo, &st) != 0 || geteuid() == 0 || geteuid() == st.st_uid)
		return false;
	owner_name(st.st_uid, name, sizeof(name));
	printf("imagehook: noted; the next run of the user '%s' looks at this push\n",
	       name);
	return true;
}

/* The push has returned and the lock is free: nobody waits for a receiver. */
static void deliver(struct session *session)
{
	struct drain_options options = { .linger_ms = DRAIN_LINGER_MS,
					 .wait_ms = DRAIN_WAIT_MS };
	struct drain_report report = { 0 };
	struct err err = ERR_INIT;
	if (drain_run(session, &options, &report, &err))
		log_line(LOG_LEVEL_ERROR, LOG_FIELDS({ "repository", session->git_dir },
						     { "error", err.text }));
}

static int work_once(const struct hook_options *options, struct worker *worker,
		     bool *again)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct run_report report = { 0 };
	struct strings lines = { 0 };
	struct err err = ERR_INIT;
	struct run_options run = { .trigger = RUN_PUSH,
				   .on_snapshot = on_snapshot,
				   .ctx = worker };
	if (leave_to_owner(options->repo))
		return EXIT_DONE;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = run_repository(&session, &run, &report, &err);
	if (code) {
		print_failure(&session, &err);
		/* what the pusher can put right is not for the server's admin */
		return code == ERR_NOTFOUND ? EXIT_DONE : EXIT_FAILED;
	}
	if (report.queued) {
		printf("imagehook: queued; the next run looks at this push\n");
		return EXIT_DONE;
	}
	if (report.joined) {
		printf("imagehook: a run is under way; it looks at this push too\n");
		return EXIT_DONE;
	}
	report_pusher(&session, &report, &lines);
	print_lines(&lines);
	go_silent(worker);
	await_outer(options->outer);
	if (run_pending_hooks(&session, &err))
		log_line(LOG_LEVEL_ERROR, LOG_FIELDS({ "repository", session.git_dir },
						     { "error", err.text }));
	*again = !report.is_off && run_has_jobs(&session);
	if (!*again && !report.is_off)
		deliver(&session);
	return EXIT_DONE;
}

static int run_hook(void *options_ptr, const struct strings *words);

const struct command command_hook = {
	.name = "hook",
	.usage = "worker --repo DIR",
	.summary = "Does the work of a push; Git's hook program calls it.",
	.details =
	    "'imagehook install' puts the hook program in place; there is no need to call this\n"
	    "by hand.",
	.example = "imagehook hook worker --repo /srv/git/fleet.git",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct hook_options),
	.run = run_hook,
};

static int run_hook(void *options_ptr, const struct strings *words)
{
	const struct hook_options *options = options_ptr;
	struct worker worker = { false };
	int status = EXIT_DONE;
	if (words->len != 1 || strcmp(words->items[0], "worker") != 0)
		return command_usage(&command_hook, "expected 'worker'");
	proc_limit_self(); /* a push must not eat the host */
	(void)signal(SIGPIPE, SIG_IGN);
	/* a push that came while we worked left a job: it is ours to look at */
	for (int i = 0; i < ROUNDS; i++) {
		bool again = false;
		status = work_once(options, &worker, &again);
		if (!again)
			break;
	}
	return status;
}
