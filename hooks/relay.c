/* SPDX-License-Identifier: MIT */
/* What of the worker's output the pusher sees, and for how long the push waits for it. */
#include "base/buf.h"
#include "base/when.h"
#include "hooks/launch.h"
#include "hooks/say.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LINE_BYTES = 4096,
	/* how long a worker that closed its output without a NUL may take to be dead */
	LAST_BREATH_MS = 200
};

enum end {
	END_OPEN,   /* the deadline passed */
	END_CLOSED, /* without a NUL: it may have died */
	END_ORDERLY
};

/* Says every whole line of `held` and keeps the rest; a line that never ends is cut. */
static void say_lines(struct buf *held, bool all)
{
	struct str rest = buf_str(held);
	for (;;) {
		size_t at = str_find_char(rest, '\n');
		if (at == rest.len && !(rest.len && (all || rest.len >= LINE_BYTES)))
			break;
		say_line(str_slice(rest, 0, at));
		rest = str_from(rest, at + 1);
	}
	if (rest.len)
		memmove(held->ptr, rest.ptr, rest.len);
	buf_truncate(held, rest.len);
}

/* Takes what arrived; END_OPEN while there may be more. */
static enum end take(int fd, struct buf *held)
{
	char chunk[LINE_BYTES];
	ssize_t n = read(fd, chunk, sizeof(chunk));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return END_OPEN;
	if (n <= 0)
		return END_CLOSED;
	size_t nul = str_find_char((struct str){ chunk, (size_t)n }, '\0');
	(void)buf_append(held, (struct str){ chunk, nul });
	say_lines(held, false);
	return nul < (size_t)n ? END_ORDERLY : END_OPEN;
}

static enum end copy_lines(int fd, int64_t deadline_ms)
{
	struct buf held BUF_CLEANUP = BUF_INIT(2 * LINE_BYTES);
	enum end end = END_OPEN;
	while (end == END_OPEN) {
		struct pollfd poll_fd = { fd, POLLIN, 0 };
		int64_t left = deadline_ms - when_monotonic_ms();
		if (left <= 0)
			break;
		int n = poll(&poll_fd, 1, (int)(left > 60000 ? 60000 : left));
		if (n > 0)
			end = take(fd, &held);
		else if (n < 0 && errno != EINTR)
			break;
	}
	say_lines(&held, true);
	return end;
}

/* Waits shortly for a worker that may be ending; true when it has. */
static bool has_ended(pid_t pid, int *status)
{
	int64_t until_ms = when_monotonic_ms() + LAST_BREATH_MS;
	for (useconds_t pause_us = 100;; pause_us *= 2) {
		pid_t got = waitpid(pid, status, WNOHANG);
		if (got != 0)
			return got == pid;
		if (when_monotonic_ms() >= until_ms)
			return false;
		(void)usleep(pause_us);
	}
}

static void say_bad_end(pid_t pid)
{
	int status = 0;
	if (!has_ended(pid, &status))
		return;
	if (WIFSIGNALED(status))
		say("the program died of signal %d; tell this server's admin",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status))
		say("the program failed with status %d; tell this server's admin",
		    WEXITSTATUS(status));
}

void worker_relay(const struct worker *worker, int64_t deadline_ms)
{
	switch (copy_lines(worker->out, deadline_ms)) {
	case END_OPEN:
		say("the work goes on in the background; the push is done");
		break;
	case END_CLOSED:
		say_bad_end(worker->pid);
		break;
	case END_ORDERLY:
		break;
	}
}
