/* SPDX-License-Identifier: MIT */
/* Running one child: pipes, deadline, limits. Which program and environment is the
 * caller's. */
#include "base/proc.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	DEFAULT_TIMEOUT_MS = 600000,
	EXIT_NO_PROGRAM = 127,
	CHUNK_BYTES = 65536
};

const char *const *proc_base_env(void)
{
	static char path[] =
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char lang[] = "LANG=C.UTF-8";
	static char zone[] = "TZ=UTC";
	static char home[1024] = "";
	static const char *env[] = { path, lang, zone, home, NULL };
	if (!home[0]) {
		const struct passwd *pw = getpwuid(geteuid());
		(void)snprintf(home, sizeof(home), "HOME=%s", pw ? pw->pw_dir : "/");
	}
	return env;
}

/* The three pipes of a child; the child's ends are closed by the parent after fork. */
struct pipes {
	int in[2];
	int out[2];
	int errors[2];
	int report[2]; /* errno of a failed exec */
};

static void close_pair(const int pair[2])
{
	close_fd(&pair[0]);
	close_fd(&pair[1]);
}

static void close_pipes(const struct pipes *pipes)
{
	close_pair(pipes->in);
	close_pair(pipes->out);
	close_pair(pipes->errors);
	close_pair(pipes->report);
}

/* Moves a descriptor behind the standard three, whose places the child fills: a caller
 * may have started without them. Keeps -1. */
static int above_standard(int fd)
{
	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void)close(fd);
	return moved;
}

static int open_pair(int pair[2], struct err *err)
{
	if (pipe2(pair, O_CLOEXEC) != 0)
		return err_errno(err, "cannot make a pipe");
	pair[0] = above_standard(pair[0]);
	pair[1] = above_standard(pair[1]);
	if (pair[0] < 0 || pair[1] < 0)
		return err_errno(err, "cannot make a pipe");
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	static const int reset[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCHLD, SIGPIPE };
	for (size_t i = 0; i < ARRAY_LEN(reset); i++)
		(void)signal(reset[i], SIG_DFL);
}

static int null_device(int flags)
{
	return above_standard(open("/dev/null", flags | O_CLOEXEC));
}

/* The soft limit alone, which a child can take back. */
static void bound(int resource, rlim_t value)
{
	struct rlimit limit;
	if (getrlimit(resource, &limit) != 0)
		return;
	limit.rlim_cur = value < limit.rlim_max ? value : limit.rlim_max;
	(void)setrlimit(resource, &limit);
}

void proc_limit_self(void)
{
	bound(RLIMIT_CORE, 0);
	bound(RLIMIT_CPU, LIMIT_WORKER_SECONDS);
#ifndef __SANITIZE_ADDRESS__ /* its shadow is larger than any limit */
	bound(RLIMIT_DATA, (rlim_t)LIMIT_WORKER_MIB << 20);
#endif
}

static void bound_child(const struct proc_spec *spec)
{
	int64_t timeout_ms = spec->timeout_ms ? spec->timeout_ms : DEFAULT_TIMEOUT_MS;
	bound(RLIMIT_CPU, RLIM_INFINITY);
	bound(RLIMIT_DATA, RLIM_INFINITY);
	if (!spec->memory_bytes)
		return;
	bound(RLIMIT_CPU, (rlim_t)timeout_ms / 1000 + 1);
	bound(RLIMIT_DATA, spec->memory_bytes);
}

NORETURN static void run_child(const struct proc_spec *spec, const struct pipes *pipes)
{
	int in = spec->input.len ? pipes->in[0] : null_device(O_RDONLY);
	int out = spec->out || spec->sink ? pipes->out[1] : null_device(O_WRONLY);
	int errors = spec->errors ? pipes->errors[1] : null_device(O_WRONLY);
	if (spec->new_session)
		(void)setsid();
	else
		(void)setpgid(0, 0);
	reset_signals();
	bound_child(spec);
	if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(errors, 2) == 2 &&
	    (!spec->cwd || chdir(spec->cwd) == 0)) {
		const char *const *env = spec->env ? spec->env : proc_base_env();
		/* also where execvp() looks for PATH */
		environ = (char **)(uintptr_t)env;
		(void)execvp(spec->argv[0], (char *const *)(uintptr_t)spec->argv);
	}
	int failure = errno;
	(void)!write(pipes->report[1], &failure, sizeof(failure));
	_exit(EXIT_NO_PROGRAM);
}

/* One child in flight. */
struct child {
	const struct proc_spec *spec;
	pid_t pid;
	int in, out, errors;
	struct str unsent;
	int64_t deadline_ms;
};

static void feed(struct child *child)
{
	ssize_t n = write(child->in, child->unsent.ptr, child->unsent.len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n >= 0)
		child->unsent = str_from(child->unsent, (size_t)n);
	/* a child that does not read its input is no failure of ours */
	if (n < 0 || child->unsent.len == 0) {
		(void)close(child->in);
		child->in = -1;
	}
}

static int take_output(struct child *child, struct err *err)
{
	char chunk[CHUNK_BYTES];
	ssize_t n = read(child->out, chunk, sizeof(chunk));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		(void)close(child->out);
		child->out = -1;
		return 0;
	}
	struct str bytes = { chunk, (size_t)n };
	if (child->spec->sink)
		return child->spec->sink(child->spec->sink_ctx, bytes, err);
	if (!buf_append(child->spec->out, bytes))
		return err_set(err, ERR_LIMIT, "'%s' wrote more than %zu bytes",
			       child->spec->argv[0], child->spec->out->max);
	return 0;
}

static void take_errors(struct child *child)
{
	char chunk[4096];
	ssize_t n = read(child->errors, chunk, sizeof(chunk));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		(void)close(child->errors);
		child->errors = -1;
		return;
	}
	struct buf *errors = child->spec->errors;
	size_t room = errors->max - errors->len;
	(void)buf_append(errors, str_slice((struct str){ chunk, (size_t)n }, 0, room));
}

/* Moves bytes until stdout and stderr are closed. */
static int converse(struct child *child, struct err *err)
{
	while (child->out >= 0 || child->errors >= 0 || child->in >= 0) {
		struct pollfd fds[3] = { { child->in, POLLOUT, 0 },
					 { child->out, POLLIN, 0 },
					 { child->errors, POLLIN, 0 } };
		int64_t left = child->deadline_ms - when_monotonic_ms();
		if (left <= 0)
			return err_set(err, ERR_TIMEOUT, "'%s' took too long",
				       child->spec->argv[0]);
		int n = poll(fds, 3, (int)(left > 60000 ? 60000 : left));
		if (n < 0 && errno != EINTR)
			return err_errno(err, "poll");
		if (n <= 0)
			continue;
		if (fds[0].revents)
			feed(child);
		if (fds[1].revents) {
			int code = take_output(child, err);
			if (code)
				return code;
		}
		if (fds[2].revents)
			take_errors(child);
	}
	return 0;
}

/* Waits for the child that closed its output; the deadline still holds. */
static int await_end(const struct child *child, int *status, struct err *err)
{
	for (int64_t pause_us = 50;;) {
		pid_t got = waitpid(child->pid, status, WNOHANG);
		if (got == child->pid)
			return 0;
		if (got < 0 && errno != EINTR)
			return err_errno(err, "waitpid");
		if (when_monotonic_ms() >= child->deadline_ms)
			return err_set(err, ERR_TIMEOUT, "'%s' took too long",
				       child->spec->argv[0]);
		(void)usleep((useconds_t)pause_us);
		pause_us = pause_us < 10000 ? pause_us * 2 : pause_us;
	}
}

static int finish(struct child *child, int code, int *exit_status, struct err *err)
{
	int status = 0;
	close_fd(&child->in);
	close_fd(&child->out);
	close_fd(&child->errors);
	if (!code)
		code = await_end(child, &status, err);
	if (code) {
		(void)kill(-child->pid, SIGKILL);
		(void)kill(child->pid, SIGKILL);
		while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		return code;
	}
	if (WIFSIGNALED(status))
		return err_set(err, ERR_INTERNAL, "'%s' died of signal %d",
			       child->spec->argv[0], WTERMSIG(status));
	*exit_status = WEXITSTATUS(status);
	return 0;
}

/* Whether exec failed, told through a pipe that a successful exec closes. */
static int await_exec(int fd, const char *program, struct err *err)
{
	int failure = 0;
	ssize_t n = 0;
	do {
		n = read(fd, &failure, sizeof(failure));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(failure))
		return 0;
	errno = failure;
	return err_errno(err, "cannot run '%s'", program);
}

static void set_nonblocking(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static int start(struct pipes *pipes, struct child *child, struct err *err)
{
	if (open_pair(pipes->in, err) || open_pair(pipes->out, err) ||
	    open_pair(pipes->errors, err) || open_pair(pipes->report, err))
		return err->code;
	child->pid = fork();
	if (child->pid < 0)
		return err_errno(err, "cannot fork");
	if (child->pid == 0)
		run_child(child->spec, pipes);
	return 0;
}

/* Hands the parent's ends over to `child` and closes the rest. */
static void keep_parent_ends(struct pipes *pipes, struct child *child)
{
	const struct proc_spec *spec = child->spec;
	if (spec->input.len) {
		child->in = pipes->in[1];
		pipes->in[1] = -1;
		set_nonblocking(child->in);
	}
	if (spec->out || spec->sink) {
		child->out = pipes->out[0];
		pipes->out[0] = -1;
		set_nonblocking(child->out);
	}
	if (spec->errors) {
		child->errors = pipes->errors[0];
		pipes->errors[0] = -1;
		set_nonblocking(child->errors);
	}
	close_pipes(pipes);
}

int proc_run(const struct proc_spec *spec, int *exit_status, struct err *err)
{
	struct pipes pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	int64_t timeout_ms = spec->timeout_ms ? spec->timeout_ms : DEFAULT_TIMEOUT_MS;
	struct child child = { .spec = spec,
			       .in = -1,
			       .out = -1,
			       .errors = -1,
			       .unsent = spec->input,
			       .deadline_ms = when_monotonic_ms() + timeout_ms };
	int code = start(&pipes, &child, err);
	if (code) {
		close_pipes(&pipes);
		return code;
	}
	int report = pipes.report[0];
	pipes.report[0] = -1;
	keep_parent_ends(&pipes, &child);
	code = await_exec(report, spec->argv[0], err);
	(void)close(report);
	void (*old_pipe)(int) = signal(SIGPIPE, SIG_IGN);
	if (!code)
		code = converse(&child, err);
	code = finish(&child, code, exit_status, err);
	(void)signal(SIGPIPE, old_pipe);
	return code;
}
