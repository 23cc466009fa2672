/* SPDX-License-Identifier: MIT */
/*
 * Tokens for Bearer registries: one request for all that wait for the same one. Decides
 * where a credential may go: the realm that the registry itself named, by https, or by
 * http when the registry was reached so.
 */
#include "adapter/json/json.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/when.h"
#include "stage/scan/work.h"
#include <strings.h>

enum {
	SCOPES_MAX = 16,
	LIFE_LEAST_MS = 60000,
	LIFE_MOST_MS = 86400000,
	LIFE_MARGIN_MS = 5000
};

#define CLIENT "imagehook"

static void wake(struct token *token)
{
	struct jobs waiting = token->waiting;
	token->waiting = (struct jobs){ 0 };
	for (size_t i = 0; i < waiting.len; i++) {
		struct job *job = waiting.items[i];
		if (token->state != STATE_READY) {
			job_fail(job, &token->outcome);
			continue;
		}
		job->authorization = token->value;
		job_request(job);
	}
}

static void append_escaped(struct buf *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (char_is_alnum(*c) || strchr("-._~", *c))
			(void)buf_putc(out, *c);
		else
			(void)buf_printf(out, "%%%02X", (unsigned)(unsigned char)*c);
	}
}

static void append_field(struct buf *out, const char *name, const char *value)
{
	if (out->len)
		(void)buf_putc(out, '&');
	(void)buf_puts(out, name);
	(void)buf_putc(out, '=');
	append_escaped(out, value);
}

static void send_get(struct token *token)
{
	struct call *call = &token->call;
	struct arena *arena = call->run->arena;
	const struct credential *credential = token->credential;
	struct buf query BUF_CLEANUP = BUF_INIT(LIMIT_TOKEN_BYTES);
	struct str scopes = str_of(token->scopes);
	struct str scope;
	const char *authorization = basic_authorization(credential, arena);
	if (token->service[0])
		append_field(&query, "service", token->service);
	while (str_split(&scopes, ' ', &scope))
		append_field(&query, "scope", arena_strndup(arena, scope));
	append_field(&query, "client_id", CLIENT);
	token->by_post = false;
	call->request.method = "GET";
	call->request.body = (struct str){ 0 };
	call->request.headers = (struct http_headers){ 0 };
	if (authorization && credential) {
		append_field(&query, "account", credential->username);
		struct http_header header = { "Authorization", authorization };
		VEC_PUSH(arena, &call->request.headers, header);
	}
	call->request.url =
	    arena_printf(arena, "%s%c%s", token->realm,
			 strchr(token->realm, '?') ? '&' : '?', buf_cstr(&query));
	call_send(call);
}

static void send_post(struct token *token)
{
	struct call *call = &token->call;
	struct arena *arena = call->run->arena;
	struct buf form BUF_CLEANUP = BUF_INIT(LIMIT_TOKEN_BYTES);
	append_field(&form, "grant_type", "refresh_token");
	append_field(&form, "refresh_token", token->credential->identity_token);
	append_field(&form, "service", token->service);
	append_field(&form, "client_id", CLIENT);
	append_field(&form, "scope", token->scopes);
	token->by_post = true;
	call->request.method = "POST";
	call->request.url = token->realm;
	call->request.body = buf_to_arena(&form, arena);
	call->request.headers = (struct http_headers){ 0 };
	struct http_header header = { "Content-Type",
				      "application/x-www-form-urlencoded" };
	VEC_PUSH(arena, &call->request.headers, header);
	call_send(call);
}

static int64_t read_life(const struct value *root)
{
	const struct value *seconds = value_get(root, "expires_in");
	int64_t life = LIFE_LEAST_MS;
	if (seconds && seconds->kind == VALUE_INT && seconds->integer > 60)
		life = seconds->integer < LIFE_MOST_MS / 1000 ? seconds->integer * 1000
							      : LIFE_MOST_MS;
	return life - LIFE_MARGIN_MS;
}

static int read_token(struct token *token, struct err *err)
{
	struct call *call = &token->call;
	struct value *root = NULL;
	struct err broken = ERR_INIT;
	struct http_headers headers = { 0 };
	if (json_parse(call->response->body, &call->arena, &root, &broken) != 0)
		return err_set(err, ERR_INVALID, "the token answer is not JSON");
	const char *value = value_get_text(root, "access_token", &call->arena);
	if (!value || !value[0])
		value = value_get_text(root, "token", &call->arena);
	if (!value || !value[0])
		return err_set(err, ERR_INVALID, "no token in bearer response");
	token->value = arena_printf(call->run->arena, "Bearer %s", value);
	if (http_header_add(&call->arena, &headers, "Authorization", token->value,
			    &broken) != 0)
		return err_set(err, ERR_INVALID, "the token has a control character");
	token->expires_ms = when_monotonic_ms() + read_life(root);
	return 0;
}

/* Host and port of the realm, for messages. */
static const char *realm_host(const struct token *token)
{
	struct str rest = str_of(strstr(token->realm, "://") + 3);
	rest = str_slice(rest, 0, str_find_char(rest, '?'));
	return arena_strndup(token->call.run->arena,
			     str_slice(rest, 0, str_find_char(rest, '/')));
}

static void on_answer(struct call *call)
{
	struct token *token = call->owner;
	const char *host = realm_host(token);
	struct err err = ERR_INIT;
	bool has_pair = token->credential && token->credential->username &&
			token->credential->password;
	if (call->outcome.code == 0 && call->response->status == 404 && token->by_post &&
	    has_pair) {
		send_get(token);
		return;
	}
	if (call->outcome.code == 0 && call->response->status != 200) {
		int status = call->response->status;
		bool refused = status == 401 || status == 403;
		outcome_of_status(call, host,
				  !refused            ? ""
				  : token->credential ? " (the credentials were refused)"
						      : " (there are no credentials for "
							"this registry)");
	} else if (call->outcome.code == 0 && read_token(token, &err) != 0) {
		outcome_set(call->run, &call->outcome, call->response->listed, host,
			    err.code, "%s %.*s: %s", call->request.method,
			    STR_ARG(str_slice(str_of(token->realm), 0,
					      str_find_char(str_of(token->realm), '?'))),
			    err.text);
	}
	token->state = call->outcome.code ? STATE_FAILED : STATE_READY;
	token->outcome = call->outcome;
	/* Whoever asks for a failed one later within the run gets the same answer: the
	 * same pair is never tried twice, because that locks accounts. */
	wake(token);
}

static int compare_scopes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The repository's own scope and what a 401 asked for, sorted, each once. */
static const char *join_scopes(struct job *job)
{
	struct str items[SCOPES_MAX];
	size_t n = 0;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_TOKEN_BYTES / 4);
	struct str rest = str_of(job->extra_scopes);
	struct str scope;
	items[n++] = str_of(arena_printf(job->run->arena, "repository:%s:pull",
					 job->reference.repository));
	while (rest.ptr && n < SCOPES_MAX && str_split(&rest, ' ', &scope))
		if (scope.len)
			items[n++] = scope;
	qsort(items, n, sizeof(items[0]), compare_scopes);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(items[i], items[i - 1])) {
			(void)buf_puts(&out, out.len ? " " : "");
			(void)buf_append(&out, items[i]);
		}
	return arena_strndup(job->run->arena, buf_str(&out));
}

/* An absolute realm; NULL when a credential must not go there. */
static const char *resolve_realm(const struct job *job, const char *realm)
{
	const struct endpoint *endpoint = job->endpoint;
	if (realm[0] == '/' && realm[1] != '/')
		return arena_printf(job->run->arena, "%s://%s%s",
				    endpoint->plain ? "http" : "https", endpoint->connect,
				    realm);
	if (strncasecmp(realm, "https://", 8) == 0)
		return realm;
	if (strncasecmp(realm, "http://", 7) == 0 && endpoint->plain)
		return realm;
	return NULL;
}

/* Whether a URL's host is that of the registry, whatever the ports. */
static bool is_same_host(const char *url, const char *connect)
{
	struct str rest = str_of(strstr(url, "://") + 3);
	struct str host = str_of(connect);
	size_t colon = str_rfind_char(host, ':');
	size_t bracket = str_rfind_char(host, ']');
	if (colon < host.len && (bracket == host.len || bracket < colon))
		host.len = colon;
	return rest.len >= host.len && strncasecmp(rest.ptr, host.ptr, host.len) == 0 &&
	       (rest.len == host.len || strchr(":/?", rest.ptr[host.len]));
}

static struct token *find_token(struct job *job, const char *realm, const char *service,
				const char *scopes)
{
	for (struct token *at = job->run->tokens; at; at = at->next)
		if (at->credential == job->credential && at->endpoint == job->endpoint &&
		    strcmp(at->realm, realm) == 0 && strcmp(at->service, service) == 0 &&
		    strcmp(at->scopes, scopes) == 0)
			return at;
	struct token *token = ARENA_NEW(job->run->arena, struct token);
	token->realm = realm;
	token->service = service;
	token->scopes = scopes;
	token->credential = job->credential;
	token->endpoint = job->endpoint;
	token->next = job->run->tokens;
	job->run->tokens = token;
	return token;
}

static void fetch(struct token *token, const struct job *job)
{
	struct call *call = &token->call;
	token->state = STATE_PENDING;
	call->run = job->run;
	call->owner = token;
	call->then = on_answer;
	call->deadline_ms = job->deadline_ms;
	call->request.connection = *job->endpoint->connection;
	call->request.insecure = job->endpoint->plain;
	call->request.max_response_bytes = LIMIT_TOKEN_BYTES;
	call->request.path =
	    is_same_host(token->realm, job->endpoint->connect) ? job->path : NULL;
	if (token->credential && token->credential->identity_token)
		send_post(token);
	else
		send_get(token);
}

void token_join(struct job *job, const struct challenge *challenge)
{
	struct outcome outcome = { 0 };
	const char *realm =
	    challenge->realm ? resolve_realm(job, challenge->realm) : NULL;
	if (!realm) {
		outcome_set(job->run, &outcome, job->endpoint->listed,
			    job->reference.connect, ERR_DENIED, "%s",
			    challenge->realm
				? "the registry's token realm is not an https URL"
				: "malformed www-authenticate, missing realm");
		job_fail(job, &outcome);
		return;
	}
	struct token *token = find_token(
	    job, realm, challenge->service ? challenge->service : "", join_scopes(job));
	/* the one that the job has already was refused, or is too old */
	bool fresh = token->state == STATE_READY && token->value != job->authorization &&
		     token->expires_ms > when_monotonic_ms();
	job->token = token;
	if (token->state == STATE_FAILED) {
		job_fail(job, &token->outcome);
		return;
	}
	if (fresh) {
		job->authorization = token->value;
		job_request(job);
		return;
	}
	VEC_PUSH(job->run->arena, &token->waiting, job);
	if (token->state != STATE_PENDING)
		fetch(token, job);
}
