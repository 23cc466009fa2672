/* SPDX-License-Identifier: MIT */
/*
 * A receiver for tests: keeps every request and answers as its path asks.
 *
 *   capture DIR     listens on loopback, writes its port to DIR/port, each request to
 *                   DIR/request-N (head and body as they came), and a line
 *                   `METHOD PATH` to DIR/log when its answer begins
 *
 * /slow/MS/...            answers after so many milliseconds
 * /hang/...               never answers
 * /status/CODE/...        answers with that status; a redirection leads to /moved
 * /later/CODE/SECONDS/... the same with Retry-After
 * /huge/CODE/...          sends 100 MB, as announced
 * /flood/CODE/...         sends 100 MB without an end in sight
 * /half/CODE/...          closes within its body
 * /garbage/...            answers with what is not HTTP
 * /reset/...              resets the connection
 * /once/...               as the rest of its path asks, the first time only
 *
 * A file DIR/answers/PATH holds the status and, behind a blank, the body for this path.
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
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	REQUEST_MAX = 1 << 20,
	HUGE_BYTES = 100 << 20
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

static bool is_in_log(const char *line)
{
	char path[4096];
	char seen[4096];
	bool found = false;
	(void)snprintf(path, sizeof(path), "%s/log", folder);
	FILE *file = fopen(path, "r");
	while (file && !found && fgets(seen, sizeof(seen), file))
		found = strcmp(seen, line) == 0;
	if (file)
		(void)fclose(file);
	return found;
}

/* One answer as it will be sent. */
struct reply {
	long status;
	long retry_after_s; /* -1: none */
	const char *body;
	size_t bytes; /* that are announced; 0: until the connection ends */
};

static void send_head(int fd, const struct reply *reply)
{
	char text[512];
	char later[64] = "";
	bool moved = reply->status / 100 == 3;
	if (reply->retry_after_s >= 0)
		(void)snprintf(later, sizeof(later), "Retry-After: %ld\r\n",
			       reply->retry_after_s);
	int len = snprintf(text, sizeof(text),
			   "HTTP/1.1 %ld Answer\r\nContent-Type: application/json\r\n"
			   "%s%sConnection: close\r\n",
			   reply->status, later, moved ? "Location: /moved\r\n" : "");
	if (reply->bytes)
		len += snprintf(text + len, sizeof(text) - (size_t)len,
				"Content-Length: %zu\r\n", reply->bytes);
	len += snprintf(text + len, sizeof(text) - (size_t)len, "\r\n");
	if (write(fd, text, (size_t)len) < 0)
		exit(1);
}

static void send_much(int fd)
{
	static char piece[65536];
	memset(piece, 'x', sizeof(piece));
	for (size_t sent = 0; sent < HUGE_BYTES;) {
		ssize_t got = write(fd, piece, sizeof(piece));
		if (got <= 0)
			return;
		sent += (size_t)got;
	}
}

static void reset(int fd)
{
	struct linger now = { 1, 0 };
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* What has no status, or no end. False: it is to be answered. */
static bool misbehave(int fd, const char *path)
{
	static const char garbage[] = "SSH-2.0-OpenSSH_9.2\r\n";
	struct str whole = str_of(path);
	if (str_starts(whole, STR("/hang/")))
		(void)pause();
	if (str_starts(whole, STR("/reset/")))
		reset(fd);
	else if (!str_starts(whole, STR("/garbage/")))
		return false;
	else if (write(fd, garbage, sizeof(garbage) - 1) < 0)
		exit(1);
	return true;
}

/* `/PREFIX/STATUS/`, and `/SECONDS/` behind it. */
static void take_status(const char *path, struct reply *reply)
{
	static const char *const prefixes[] = { "/status/", "/later/", "/huge/",
						"/flood/", "/half/" };
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		long status = number_behind(path, prefixes[i]);
		if (status < 0)
			continue;
		reply->status = status;
		const char *rest = strchr(path + strlen(prefixes[i]), '/');
		if (i == 1 && rest)
			reply->retry_after_s = number_behind(rest, "/");
		return;
	}
}

/* What a test put down for this path; `text` takes its body. */
static void take_file(const char *path, char *text, size_t size, struct reply *reply)
{
	char name[4096];
	uint64_t status = 0;
	struct str rest;
	(void)snprintf(name, sizeof(name), "%s/answers%s", folder, path);
	name[strcspn(name, "?")] = '\0';
	FILE *file = fopen(name, "r");
	if (!file)
		return;
	text[fread(text, 1, size - 1, file)] = '\0';
	(void)fclose(file);
	rest = str_of(text);
	if (!cursor_number(&rest, 999, &status) || !cursor_char(&rest, ' '))
		return;
	reply->status = (long)status;
	reply->body = rest.ptr;
}

static void answer(int fd, const char *method, const char *path, const char *line)
{
	char fail[4096];
	char text[65536];
	struct reply reply = { .status = 200,
			       .retry_after_s = -1,
			       .body = strcmp(method, "GET") == 0 ? "[]" : "{}" };
	struct str whole = str_of(path);
	long slow_ms = number_behind(path, "/slow/");
	if (slow_ms > 0)
		(void)usleep((useconds_t)slow_ms * 1000);
	keep("log", line, strlen(line));
	if (misbehave(fd, path))
		return;
	take_status(path, &reply);
	take_file(path, text, sizeof(text), &reply);
	(void)snprintf(fail, sizeof(fail), "%s/fail", folder);
	if (str_ends(whole, STR("/version")))
		reply.body = "{\"version\":\"1.22.0\"}";
	if (file_exists(fail))
		reply.status = 500;
	bool floods = str_starts(whole, STR("/flood/"));
	bool is_huge = floods || str_starts(whole, STR("/huge/"));
	reply.bytes = strlen(reply.body);
	if (is_huge)
		reply.bytes = floods ? 0 : HUGE_BYTES;
	if (str_starts(whole, STR("/half/")))
		reply.bytes += 1000;
	send_head(fd, &reply);
	if (is_huge)
		send_much(fd);
	else if (write(fd, reply.body, strlen(reply.body)) < 0)
		exit(1);
}

static void serve(int fd, unsigned number)
{
	char *text = calloc(1, REQUEST_MAX + 1);
	char name[64];
	char line[4096];
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
	(void)snprintf(line, sizeof(line), "%s %s\n", method_text, path_text);
	const char *manner = path_text;
	if (str_starts(path, STR("/once/")))
		manner = is_in_log(line) ? "/" : path_text + strlen("/once");
	answer(fd, method_text, manner, line);
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
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			serve(fd, number);
		}
		(void)close(fd);
	}
}
