/* SPDX-License-Identifier: MIT */
/* The double fork, and what the child keeps of this process: nothing. */
#include "hooks/launch.h"
#include "base/file.h"
#include "hooks/account.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

enum {
	EXIT_CANNOT_RUN = 127,
	FIRST_OTHER_FD = 3,
	FDS_WITHOUT_CLOSE_RANGE = 65536
};

/* What the middle process sends back. */
struct report {
	pid_t pid;
	int failure; /* errno of the exec; no second report when it succeeded */
};

static char env_path[] =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static char env_lang[] = "LANG=C.UTF-8";
static char env_zone[] = "TZ=UTC";

static void reset_signals(void)
{
	sigset_t none;
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Every descriptor but the standard ones closes at exec; `report` has to live until then.
 */
static void leave_descriptors(void)
{
	/* by number: a C library older than the kernel has no function for it */
	if (syscall(SYS_close_range, (unsigned)FIRST_OTHER_FD, ~0U,
		    CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = FIRST_OTHER_FD; fd < FDS_WITHOUT_CLOSE_RANGE; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

NORETURN static void become_worker(char *const argv[], char *const env[], int out,
				   int report)
{
	struct report failed = { getpid(), 0 };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	reset_signals();
	if (null >= 0 && chdir("/") == 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0) {
		leave_descriptors();
		(void)execve(argv[0], argv, env);
	}
	failed.failure = errno;
	(void)!write(report, &failed, sizeof(failed));
	_exit(EXIT_CANNOT_RUN);
}

/* The process in between: ends at once, so that the worker belongs to nobody's session.
 */
NORETURN static void fork_again(char *const argv[], char *const env[], int out,
				int report)
{
	(void)setsid();
	pid_t pid = fork();
	if (pid == 0)
		become_worker(argv, env, out, report);
	struct report started = { pid, pid < 0 ? errno : 0 };
	(void)!write(report, &started, sizeof(started));
	_exit(0);
}

/* Reads both processes' reports until exec closes the pipe. */
static int read_reports(int fd, pid_t *pid)
{
	struct report report;
	int failure = 0;
	ssize_t n = 0;
	*pid = -1;
	while ((n = read(fd, &report, sizeof(report))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(report))
			return EIO;
		*pid = report.pid;
		if (report.failure)
			failure = report.failure;
	}
	return *pid < 0 && !failure ? EIO : failure;
}

static int fork_and_wait(char *const argv[], char *const env[], const int out[2],
			 const int report[2], pid_t *pid)
{
	int status = 0;
	/* the worker is adopted by us, not by init, as long as we live: its end can be
	 * told
	 */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t middle = fork();
	if (middle < 0)
		return errno;
	if (middle == 0)
		fork_again(argv, env, out[1], report[1]);
	(void)close(report[1]);
	(void)close(out[1]);
	int failure = read_reports(report[0], pid);
	while (waitpid(middle, &status, 0) < 0 && errno == EINTR)
		continue;
	return failure;
}

int worker_launch(const char *program, const char *git_dir, struct worker *out,
		  struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct account account;
	/* whose end the repository's other hooks wait for: Git, which runs us */
	char *argv[] = { arena_strdup(&arena, program),
			 arena_strdup(&arena, "hook"),
			 arena_strdup(&arena, "worker"),
			 arena_strdup(&arena, "--repo"),
			 arena_strdup(&arena, git_dir),
			 arena_strdup(&arena, "--outer"),
			 arena_printf(&arena, "%d", (int)getppid()),
			 NULL };
	char *env[] = { env_path, env_lang, env_zone, NULL, NULL };
	if (account_find(geteuid(), &arena, &account))
		env[3] = arena_printf(&arena, "HOME=%s", account.home);
	int pipe_out[2];
	int report[2];
	if (pipe2(pipe_out, O_CLOEXEC) != 0)
		return err_errno(err, "cannot make a pipe");
	if (pipe2(report, O_CLOEXEC) != 0) {
		(void)close(pipe_out[0]);
		(void)close(pipe_out[1]);
		return err_errno(err, "cannot make a pipe");
	}
	int failure = fork_and_wait(argv, env, pipe_out, report, &out->pid);
	(void)close(report[0]);
	if (failure) {
		(void)close(pipe_out[0]);
		errno = failure;
		return err_errno(err, "cannot run '%s'", program);
	}
	out->out = pipe_out[0];
	return 0;
}
