/* SPDX-License-Identifier: MIT */
/*
 * A registry that misbehaves on request: what docker-registry cannot do. The repository's
 * name chooses the fault, so one server serves a whole test file:
 *
 *   faults [--challenge TEXT] [--want TEXT] [--refusal TEXT] [--token-file FILE] [--log
 * FILE]
 *
 * prints `listening on 127.0.0.1:PORT` and serves until it is killed. --challenge makes
 * `/v2/` answer 401 with that WWW-Authenticate (`%h` stands for host and port) and lists
 * demand the Authorization of --want; --refusal is the challenge for a wrong one;
 * `/token/fixed` gives what stands in --token-file. The log gets `METHOD TARGET
 * AUTHORIZATION BODY`, one line a request.
 */
#include "base/attr.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CLIENTS = 256,
	REQUEST_MAX = 65536,
	DRIP_MS = 100,
	MANY = 100000
};

enum manner {
	PLAIN,
	HANG,  /* never answers */
	RESET, /* closes with a reset */
	CUT,   /* sends a part of what it promised */
	DRIP,  /* a byte at a time */
	FLOOD  /* a gigabyte */
};

struct client {
	int fd;
	char in[REQUEST_MAX];
	size_t in_len;
	char *out;
	size_t out_len, out_cap, out_off;
	enum manner manner;
	uint64_t flood_left;
	bool busy; /* an answer is under way */
};

struct request {
	char method[16];
	char target[2048];
	char authorization[4096];
	const char *body;
};

static struct client clients[CLIENTS];
static char self[64];
static const char *challenge, *want, *refusal, *token_file;
static FILE *log_file;

static void add(struct client *client, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void add(struct client *client, const char *fmt, ...)
{
	char piece[8192];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(piece, sizeof(piece), fmt, ap);
	va_end(ap);
	size_t len = (size_t)n < sizeof(piece) ? (size_t)n : sizeof(piece) - 1;
	while (client->out_len + len + 1 > client->out_cap) {
		client->out_cap = client->out_cap ? client->out_cap * 2 : 16384;
		client->out = realloc(client->out, client->out_cap);
		if (!client->out)
			abort();
	}
	memcpy(client->out + client->out_len, piece, len + 1);
	client->out_len += len;
}

static void answer(struct client *client, int status, const char *headers,
		   const char *body)
{
	size_t len = strlen(body);
	add(client, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n%s", status,
	    headers);
	add(client, "Content-Length: %zu\r\n\r\n",
	    client->manner == CUT ? len + 1000 : len);
	for (size_t off = 0; off < len; off += 4096)
		add(client, "%.4096s", body + off);
}

static void answer_error(struct client *client, int status, const char *headers)
{
	char body[256];
	(void)snprintf(
	    body, sizeof(body),
	    "{\"errors\":[{\"code\":\"CODE_%d\",\"message\":\"as \\u001b[31masked\"}]}",
	    status);
	answer(client, status, headers, body);
}

/* How often this target was asked for, this time included. */
static unsigned count(const char *target)
{
	static struct {
		char target[256];
		unsigned n;
	} seen[256];

	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		if (!seen[i].target[0])
			(void)snprintf(seen[i].target, sizeof(seen[i].target), "%.255s",
				       target);
		if (strncmp(seen[i].target, target, 255) == 0)
			return ++seen[i].n;
	}
	return 1;
}

static void expand(const char *text, char *out, size_t size)
{
	const char *at = strstr(text, "%h");
	if (at)
		(void)snprintf(out, size, "%.*s%s%s", (int)(at - text), text, self,
			       at + 2);
	else
		(void)snprintf(out, size, "%s", text);
}

static void answer_challenge(struct client *client, const char *text)
{
	char plain[4096];
	char header[4200] = "";
	if (text[0]) {
		expand(text, plain, sizeof(plain));
		(void)snprintf(header, sizeof(header), "WWW-Authenticate: %s\r\n", plain);
	}
	answer_error(client, 401, header);
}

#define OK_BODY "{\"name\":\"x\",\"tags\":[\"1.0.0\",\"1.1.0\"]}"

static unsigned number_of(const char *text)
{
	unsigned n = 0;
	for (; *text >= '0' && *text <= '9' && n < 100000; text++)
		n = n * 10 + (unsigned)(*text - '0');
	return n;
}

/* Page k of a list that says where the next one is. */
static void answer_page(struct client *client, const char *target, unsigned pages,
			const char *origin)
{
	const char *last = strstr(target, "last=");
	unsigned page = last ? number_of(last + 5) : 0;
	char headers[512] = "";
	char body[128];
	if (page + 1 < pages)
		(void)snprintf(headers, sizeof(headers),
			       "Link: <%s?n=1&last=%u>; rel=\"next\"\r\n", origin,
			       page + 1);
	(void)snprintf(body, sizeof(body), "{\"tags\":[\"1.%u.0\"]}", page);
	answer(client, 200, headers, body);
}

static void answer_many(struct client *client)
{
	char *body = calloc(MANY, 24);
	size_t len = 0;
	if (!body)
		abort();
	len += (size_t)snprintf(body, 64, "{\"name\":\"x\",\"tags\":[\"0.0.0\"");
	for (unsigned i = 1; i < MANY; i++)
		len += (size_t)snprintf(body + len, 24, ",\"1.%u.%u\"", i % 100, i);
	(void)snprintf(body + len, 8, "]}");
	answer(client, 200, "", body);
	free(body);
}

static bool answer_manner(struct client *client, const char *name)
{
	static const struct {
		const char *name;
		enum manner manner;
	} manners[] = {
		{ "hang", HANG }, { "reset", RESET }, { "half", CUT },
		{ "drip", DRIP }, { "huge", FLOOD },
	};

	for (size_t i = 0; i < ARRAY_LEN(manners); i++) {
		if (strcmp(manners[i].name, name) != 0)
			continue;
		client->manner = manners[i].manner;
		if (client->manner == FLOOD) {
			add(client, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n"
				    "{\"tags\":[\"");
			client->flood_left = 1ULL << 30;
		} else if (client->manner == CUT || client->manner == DRIP) {
			answer(client, 200, "", OK_BODY);
		}
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	const char *headers;
	const char *body;
} bodies[] = {
	{ "ok", "", OK_BODY },
	{ "null", "", "{\"name\":\"x\",\"tags\":null}" },
	{ "missing", "", "{\"name\":\"x\"}" },
	{ "garbage", "", "tags, tags, tags" },
	{ "html", "", "<html>sign in</html>" },
	{ "errors", "", "{\"errors\":[{\"code\":\"DENIED\"}]}" },
	{ "truncated", "", "{\"name\":\"x\",\"tags\":[\"1.0.0\",\"1.1" },
	{ "invalid", "",
	  "{\"tags\":[\"1.0.0\",\"-bad\",\"a b\",\"1.0.0\",\"-bad\",null,\"\\u0031.1\","
	  "\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"]}" },
	{ "bad-link", "Link: </v2/bad-link/tags/list?last=a; rel=\"next\"\r\n", OK_BODY },
	{ "same-link", "Link: <?n=1000>; rel=\"next\"\r\n", OK_BODY },
	{ "empty-link", "Link: <?last=z>; rel=\"next\"\r\n", "{\"tags\":[]}" },
};

/* Faults of the list behind the first page. */
static bool answer_later_page(struct client *client, const char *name, const char *target)
{
	bool first = !strstr(target, "last=");
	if (strncmp(name, "page2-", 6) != 0)
		return false;
	if (first)
		answer_page(client, target, 2, "/v2/elsewhere/tags/list");
	else if (strcmp(name, "page2-gone") == 0 && count(target) > 1)
		answer_page(client, target, 2, "");
	else if (strcmp(name, "page2-gone") == 0)
		answer(client, 404, "", "");
	else if (!answer_manner(client, name + 6))
		answer_error(client, (int)number_of(name + 6), "");
	return true;
}

static void answer_list(struct client *client, const char *name, const char *target)
{
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		if (strcmp(bodies[i].name, name) == 0) {
			answer(client, 200, bodies[i].headers, bodies[i].body);
			return;
		}
	}
	if (answer_manner(client, name) || answer_later_page(client, name, target))
		return;
	if (strncmp(name, "status-", 7) == 0)
		answer_error(client, (int)number_of(name + 7), "");
	else if (strncmp(name, "once-", 5) == 0 && count(target) == 1)
		answer_error(client, (int)number_of(name + 5), "Retry-After: 0\r\n");
	else if (strcmp(name, "later") == 0 && count(target) == 1)
		answer_error(client, 429, "Retry-After: 1\r\n");
	else if (strcmp(name, "much-later") == 0)
		answer_error(client, 429, "Retry-After: 3600\r\n");
	else if (strcmp(name, "pages") == 0)
		answer_page(client, target, 3, "");
	else if (strcmp(name, "link-elsewhere") == 0)
		answer_page(client, target, 2, "http://127.0.0.1:1/evil");
	else if (strcmp(name, "endless") == 0)
		answer_page(client, target, UINT32_MAX, "");
	else if (strcmp(name, "size") == 0 && strstr(target, "n=1000"))
		answer_error(client, 400, "");
	else if (strcmp(name, "redirect") == 0)
		answer(client, 307, "Location: http://127.0.0.1:1/v2/x/tags/list\r\n",
		       "");
	else if (strcmp(name, "many") == 0)
		answer_many(client);
	else
		answer(client, 200, "", OK_BODY);
}

static void answer_manifest(struct client *client, const char *name)
{
	const char *digest =
	    "Docker-Content-Digest: sha256:"
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n";
	if (strcmp(name, "no-digest") == 0)
		digest = "";
	if (strcmp(name, "bad-digest") == 0)
		digest = "Docker-Content-Digest: sha256:short\r\n";
	if (strncmp(name, "status-", 7) == 0)
		add(client, "HTTP/1.1 %u X\r\n\r\n", number_of(name + 7));
	else
		add(client, "HTTP/1.1 200 X\r\n%sContent-Length: 7\r\n\r\n", digest);
}

static void answer_fixed_token(struct client *client)
{
	char token[6000] = "";
	char body[6100];
	FILE *file = token_file ? fopen(token_file, "re") : NULL;
	if (file) {
		token[fread(token, 1, sizeof(token) - 1, file)] = '\0';
		(void)fclose(file);
	}
	(void)snprintf(body, sizeof(body), "{\"token\":\"%s\"}", token);
	answer(client, 200, "", body);
}

static void answer_token(struct client *client, const char *kind,
			 const struct request *request)
{
	bool post = strcmp(request->method, "POST") == 0;
	if (strncmp(kind, "fixed", 5) == 0)
		answer_fixed_token(client);
	else if (strncmp(kind, "access", 6) == 0)
		answer(client, 200, "", "{\"access_token\":\"good\",\"expires_in\":300}");
	else if (strncmp(kind, "stale", 5) == 0)
		answer(client, 200, "",
		       count("stale") == 1 ? "{\"token\":\"old\"}"
					   : "{\"token\":\"good\"}");
	else if (strncmp(kind, "none", 4) == 0)
		answer(client, 200, "", "{\"expires_in\":300}");
	else if (strncmp(kind, "html", 4) == 0)
		answer(client, 200, "", "<html>");
	else if (strncmp(kind, "inject", 6) == 0)
		answer(client, 200, "", "{\"token\":\"good\\r\\nX-Evil: 1\"}");
	else if (strncmp(kind, "status-", 7) == 0)
		answer_error(client, (int)number_of(kind + 7), "");
	else if (strncmp(kind, "redirect", 8) == 0)
		answer(client, 302, "Location: http://127.0.0.1:1/\r\n", "");
	else if (strncmp(kind, "get-only", 8) == 0 && post)
		answer(client, 404, "", "");
	else
		answer(client, 200, "", "{\"token\":\"good\"}");
}

static void route(struct client *client, const struct request *request)
{
	char name[256] = "";
	const char *target = request->target;
	const char *rest = strncmp(target, "/v2/", 4) == 0 ? target + 4 : NULL;
	if (strncmp(target, "/token/", 7) == 0) {
		answer_token(client, target + 7, request);
		return;
	}
	if (!rest) {
		answer(client, 404, "", "404 page not found");
		return;
	}
	if (!*rest) {
		if (challenge)
			answer_challenge(client, challenge);
		else
			answer(client, 200, "", "{}");
		return;
	}
	if (want && strcmp(request->authorization, want) != 0) {
		answer_challenge(
		    client, refusal && request->authorization[0] ? refusal : challenge);
		return;
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(rest, "/"), rest);
	if (strstr(rest, "/manifests/"))
		answer_manifest(client, name);
	else
		answer_list(client, name, target);
}

static void take_header(const char *head, const char *name, char *out, size_t size)
{
	const char *at = strcasestr(head, name);
	if (!at)
		return;
	at += strlen(name);
	(void)snprintf(out, size, "%.*s", (int)strcspn(at, "\r\n"), at);
}

/* A whole request stands in the buffer: answers it and keeps what is behind it. */
static bool take_request(struct client *client)
{
	struct request request = { 0 };
	char length[32] = "";
	client->in[client->in_len] = '\0';
	/* a TLS hello gets what a plain server of today says */
	if (client->in_len && client->in[0] < 'A') {
		add(client, "HTTP/1.0 400 Bad Request\r\n\r\n");
		client->manner = CUT;
		return true;
	}
	char *end = strstr(client->in, "\r\n\r\n");
	if (!end)
		return false;
	*end = '\0';
	take_header(client->in, "\r\nContent-Length: ", length, sizeof(length));
	size_t whole = (size_t)(end + 4 - client->in) + number_of(length);
	if (client->in_len < whole) {
		*end = '\r';
		return false;
	}
	size_t method = strcspn(client->in, " ");
	size_t target = strcspn(client->in + method + 1, " ");
	(void)snprintf(request.method, sizeof(request.method), "%.*s", (int)method,
		       client->in);
	(void)snprintf(request.target, sizeof(request.target), "%.*s", (int)target,
		       client->in + method + 1);
	take_header(client->in, "\r\nAuthorization: ", request.authorization,
		    sizeof(request.authorization));
	request.body = end + 4;
	if (log_file) {
		(void)fprintf(log_file, "%s %s %s %.*s\n", request.method, request.target,
			      request.authorization[0] ? request.authorization : "-",
			      (int)number_of(length), request.body);
		(void)fflush(log_file);
	}
	route(client, &request);
	memmove(client->in, client->in + whole, client->in_len - whole);
	client->in_len -= whole;
	return true;
}

static void drop(struct client *client)
{
	if (client->manner == RESET) {
		struct linger linger = { 1, 0 };
		(void)setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger,
				 sizeof(linger));
	}
	(void)close(client->fd);
	free(client->out);
	memset(client, 0, sizeof(*client));
	client->fd = -1;
}

static void on_readable(struct client *client)
{
	ssize_t n = read(client->fd, client->in + client->in_len,
			 sizeof(client->in) - 1 - client->in_len);
	if (n <= 0) {
		drop(client);
		return;
	}
	client->in_len += (size_t)n;
	if (client->manner != HANG && take_request(client)) {
		client->busy = client->manner != HANG;
		if (client->manner == RESET)
			drop(client);
	}
}

static void refill(struct client *client)
{
	static char zeros[65536];
	size_t n = client->flood_left < sizeof(zeros) ? (size_t)client->flood_left
						      : sizeof(zeros);
	if (!zeros[0])
		memset(zeros, 'a', sizeof(zeros));
	ssize_t sent = write(client->fd, zeros, n);
	if (sent <= 0)
		drop(client);
	else
		client->flood_left -= (uint64_t)sent;
}

static void on_writable(struct client *client)
{
	size_t left = client->out_len - client->out_off;
	if (left == 0 && client->flood_left) {
		refill(client);
		return;
	}
	ssize_t sent = write(client->fd, client->out + client->out_off,
			     client->manner == DRIP ? 1 : left);
	if (sent < 0) {
		drop(client);
		return;
	}
	client->out_off += (size_t)sent;
	if (client->out_off < client->out_len || client->flood_left)
		return;
	if (client->manner == CUT || client->manner == FLOOD) {
		drop(client);
		return;
	}
	client->out_len = client->out_off = 0;
	client->manner = PLAIN;
	client->busy = client->in_len && take_request(client);
}

static void accept_client(int listener)
{
	int fd = accept(listener, NULL, NULL);
	for (size_t i = 0; fd >= 0 && i < CLIENTS; i++) {
		if (clients[i].fd < 0) {
			clients[i].fd = fd;
			return;
		}
	}
	if (fd >= 0)
		(void)close(fd);
}

static void serve(int listener)
{
	struct pollfd polls[CLIENTS + 1];
	int timeout = -1;
	polls[CLIENTS] = (struct pollfd){ listener, POLLIN, 0 };
	for (size_t i = 0; i < CLIENTS; i++) {
		bool drips = clients[i].busy && clients[i].manner == DRIP;
		polls[i] = (struct pollfd){ clients[i].fd,
					    drips             ? 0
					    : clients[i].busy ? POLLOUT
							      : POLLIN,
					    0 };
		timeout = drips ? DRIP_MS : timeout;
	}
	int ready = poll(polls, CLIENTS + 1, timeout);
	for (size_t i = 0; i < CLIENTS; i++) {
		if (clients[i].fd < 0)
			continue;
		if (polls[i].revents & (POLLERR | POLLHUP))
			drop(&clients[i]);
		else if (polls[i].revents & POLLIN)
			on_readable(&clients[i]);
		else if ((polls[i].revents & POLLOUT) ||
			 (ready == 0 && clients[i].busy && clients[i].manner == DRIP))
			on_writable(&clients[i]);
	}
	if (polls[CLIENTS].revents & POLLIN)
		accept_client(listener);
}

static int listen_somewhere(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 128) != 0 || getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		return -1;
	(void)snprintf(self, sizeof(self), "127.0.0.1:%u", (unsigned)ntohs(at.sin_port));
	return fd;
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--challenge") == 0)
			challenge = argv[i + 1];
		else if (strcmp(argv[i], "--want") == 0)
			want = argv[i + 1];
		else if (strcmp(argv[i], "--refusal") == 0)
			refusal = argv[i + 1];
		else if (strcmp(argv[i], "--token-file") == 0)
			token_file = argv[i + 1];
		else if (strcmp(argv[i], "--log") == 0)
			log_file = fopen(argv[i + 1], "ae");
		else
			return 2;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	int listener = listen_somewhere();
	if (listener < 0)
		return 1;
	printf("listening on %s\n", self);
	(void)fflush(stdout);
	for (;;)
		serve(listener);
}
