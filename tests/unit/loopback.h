/* SPDX-License-Identifier: MIT */
/* A web server in a child process for unit tests: one answer a connection, chosen by a
 * function of the test, and every request line in a pipe. */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include "base/attr.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct loopback {
	pid_t pid;
	unsigned port;
	int requests; /* the reading end */
};

/* Gets the request's first line, gives the whole answer; NULL: close without one. */
typedef const char *loopback_answer(const char *line);

static inline void loopback_serve(int listener, int log_fd, loopback_answer *answer)
{
	for (;;) {
		char in[8192];
		size_t len = 0;
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			_exit(1);
		while (len < sizeof(in) - 1) {
			ssize_t n = read(fd, in + len, sizeof(in) - 1 - len);
			if (n <= 0)
				break;
			len += (size_t)n;
			in[len] = '\0';
			if (in[0] < 'A' || strstr(in, "\r\n\r\n"))
				break;
		}
		const char *out = "HTTP/1.0 400 Bad Request\r\n\r\n"; /* a TLS hello */
		if (len && in[0] >= 'A') {
			in[strcspn(in, "\r")] = '\n';
			in[strcspn(in, "\n") + 1] = '\0';
			if (write(log_fd, in, strlen(in)) < 0)
				_exit(1);
			out = answer(in);
		}
		if (out && write(fd, out, strlen(out)) < 0)
			_exit(1);
		(void)close(fd);
	}
}

static inline struct loopback loopback_start(loopback_answer *answer)
{
	struct loopback out = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int ends[2];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (pipe2(ends, O_NONBLOCK) != 0 ||
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		abort();
	out.port = ntohs(at.sin_port);
	out.requests = ends[0];
	out.pid = fork();
	if (out.pid == 0)
		loopback_serve(fd, ends[1], answer);
	(void)close(fd);
	(void)close(ends[1]);
	return out;
}

/* What was asked so far, into out[8192]. */
static inline const char *loopback_requests(const struct loopback *loopback, char *out)
{
	ssize_t n = read(loopback->requests, out, 8191);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static inline void loopback_stop(const struct loopback *loopback)
{
	(void)kill(loopback->pid, SIGKILL);
	(void)waitpid(loopback->pid, NULL, 0);
	(void)close(loopback->requests);
}

#endif
