/* SPDX-License-Identifier: MIT */
/*
 * The receivers of T12 in one process that costs next to nothing: who measures how soon
 * somebody has a message must not compete with twenty-five servers for two processors.
 *
 *   receivers SLOW FAST DELAY_MS    listens on so many loopback ports, prints them in a
 *                                   line (the slow ones first), then a line `NS INDEX`
 *                                   for each request when it is there: nanoseconds since
 *                                   1970. Fast ones answer at once, slow ones late.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	PORTS_MAX = 100,
	CLIENTS_MAX = 200
};

struct client {
	int index; /* of its port */
	long long answer_at_ns;
};

static struct pollfd fds[PORTS_MAX + CLIENTS_MAX];
static struct client clients[PORTS_MAX + CLIENTS_MAX];
static int ports, slow, delay_ms;

static long long now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int listen_one(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &bytes) != 0)
		exit(1);
	printf("%d ", ntohs(address.sin_port));
	return fd;
}

static void take_client(int index)
{
	int fd = accept(fds[index].fd, NULL, NULL);
	for (int i = ports; fd >= 0 && i < PORTS_MAX + CLIENTS_MAX; i++) {
		if (fds[i].fd >= 0)
			continue;
		fds[i] = (struct pollfd){ .fd = fd, .events = POLLIN };
		clients[i] = (struct client){ .index = index };
		return;
	}
	exit(1);
}

/* A request of a notification comes in one piece, or its head with a piece to follow. */
static void read_request(int i)
{
	static char text[65536];
	ssize_t got = read(fds[i].fd, text, sizeof(text) - 1);
	if (got <= 0) {
		(void)close(fds[i].fd);
		fds[i].fd = -1;
		return;
	}
	text[got] = '\0';
	const char *end = strstr(text, "\r\n\r\n");
	if (!end || !end[4])
		return;
	printf("%lld %d\n", now_ns(), clients[i].index);
	clients[i].answer_at_ns =
	    now_ns() + (clients[i].index < slow ? delay_ms * 1000000LL : 0);
}

static void answer_due(void)
{
	static const char text[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	for (int i = ports; i < PORTS_MAX + CLIENTS_MAX; i++) {
		if (fds[i].fd < 0 || clients[i].answer_at_ns == 0 ||
		    clients[i].answer_at_ns > now_ns())
			continue;
		if (write(fds[i].fd, text, sizeof(text) - 1) < 0)
			exit(1);
		(void)close(fds[i].fd);
		fds[i].fd = -1;
		clients[i].answer_at_ns = 0;
	}
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	slow = (int)strtol(argv[1], NULL, 10);
	ports = slow + (int)strtol(argv[2], NULL, 10);
	delay_ms = (int)strtol(argv[3], NULL, 10);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < PORTS_MAX + CLIENTS_MAX; i++)
		fds[i] = (struct pollfd){ .fd = i < ports ? listen_one() : -1,
					  .events = POLLIN };
	printf("\n");
	for (;;) {
		if (poll(fds, PORTS_MAX + CLIENTS_MAX, 20) < 0)
			return 1;
		for (int i = 0; i < PORTS_MAX + CLIENTS_MAX; i++) {
			if (fds[i].fd < 0 || fds[i].revents == 0)
				continue;
			if (i < ports)
				take_client(i);
			else
				read_request(i);
		}
		answer_due();
	}
}
