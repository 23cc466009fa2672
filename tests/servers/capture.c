/* SPDX-License-Identifier: MIT */
/*
 * A receiver for tests: keeps every request and answers as its path asks.
 *
 *   capture DIR     listens on loopback, writes its port to DIR/port, each request to
 *                   DIR/request-N (head and body as they came), and a line
 *                   `METHOD PATH` to DIR/log when its answer begins
 *
 * /slow/MS/...      answers after so many milliseconds
 * /status/CODE/...  answers with that status, Retry-After: 1
 * /reset/...        closes without an answer
 * While DIR/fail exists, everything is answered with 500. A GET is answered with an empty
 * list, a path that ends in /version with a version.
 */
#include "base/cursor.h"
#include "base/file.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REQUEST_MAX = 1 << 20
};

static const char *folder;

/* The number behind `prefix` in the path; -1 when it does not begin so. */
static long number_behind(const char *path, const char *prefix)
{
	struct str rest = str_of(path);
	uint64_t number = 0;
	if (!cursor_text(&rest, prefix) || !cursor_number(&rest, 100000, &number))
		return -1;
	return (long)number;
}

static size_t body_length(const char *head)
{
	static const char name[] = "\ncontent-length:";
	for (const char *at = head; *at; at++) {
		size_t i = 0;
		while (name[i] && char_lower(at[i]) == name[i])
			i++;
		if (name[i])
			continue;
		struct str rest = str_of(at + i);
		uint64_t number = 0;
		cursor_skip_blank(&rest);
		return cursor_number(&rest, REQUEST_MAX, &number) ? (size_t)number : 0;
	}
	return 0;
}

/* Reads one request whole; 0 when the other side is gone. */
static size_t read_request(int fd, char *text)
{
	size_t len = 0;
	for (;;) {
		ssize_t got = read(fd, text + len, REQUEST_MAX - len);
		if (got <= 0)
			return 0;
		len += (size_t)got;
		text[len] = '\0';
		const char *end = strstr(text, "\r\n\r\n");
		if (end && len >= (size_t)(end + 4 - text) + body_length(text))
			return len;
	}
}

static void keep(const char *name, const char *text, size_t len)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "a");
	if (!file)
		exit(1);
	(void)fwrite(text, 1, len, file);
	(void)fclose(file);
}

static void answer(int fd, const char *method, const char *path)
{
	char text[512];
	char line[4096];
	char fail[4096];
	long status = number_behind(path, "/status/");
	long slow_ms = number_behind(path, "/slow/");
	const char *body = strcmp(method, "GET") == 0 ? "[]" : "{}";
	struct str whole = str_of(path);
	(void)snprintf(fail, sizeof(fail), "%s/fail", folder);
	if (str_ends(whole, STR("/version")))
		body = "{\"version\":\"1.22.0\"}";
	if (file_exists(fail))
		status = 500;
	if (slow_ms > 0)
		(void)usleep((useconds_t)slow_ms * 1000);
	(void)snprintf(line, sizeof(line), "%s %s\n", method, path);
	keep("log", line, strlen(line));
	if (number_behind(path, "/reset/") >= 0)
		return;
	int len = snprintf(text, sizeof(text),
			   "HTTP/1.1 %ld Answer\r\nContent-Type: application/json\r\n"
			   "%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
			   status < 0 ? 200 : status,
			   status == 429 || status == 503 ? "Retry-After: 1\r\n" : "",
			   strlen(body), body);
	if (write(fd, text, (size_t)len) < 0)
		exit(1);
}

static void serve(int fd, unsigned number)
{
	char *text = calloc(1, REQUEST_MAX + 1);
	char name[64];
	size_t len = text ? read_request(fd, text) : 0;
	if (len == 0)
		exit(1);
	(void)snprintf(name, sizeof(name), "request-%u", number);
	keep(name, text, len);
	struct str rest = { text, len };
	struct str method = { NULL, 0 };
	struct str path = { NULL, 0 };
	(void)str_split(&rest, ' ', &method);
	(void)str_split(&rest, ' ', &path);
	char method_text[16];
	char path_text[2048];
	(void)snprintf(method_text, sizeof(method_text), "%.*s", STR_ARG(method));
	(void)snprintf(path_text, sizeof(path_text), "%.*s", STR_ARG(path));
	answer(fd, method_text, path_text);
	free(text);
	exit(0);
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(address);
	char port[16];
	int one = 1;
	if (argc != 2)
		return 2;
	folder = argv[1];
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 1024) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &bytes) != 0)
		return 1;
	(void)signal(SIGCHLD, SIG_IGN);
	(void)snprintf(port, sizeof(port), "%u\n", ntohs(address.sin_port));
	keep("port", port, strlen(port));
	for (unsigned number = 1;; number++) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		if (fork() == 0)
			serve(fd, number);
		(void)close(fd);
	}
}
