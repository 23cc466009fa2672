/* SPDX-License-Identifier: MIT */
/*
 * One image: its pages, or one tag's digest. Decides what each answer means; a list that
 * stops anywhere is no list.
 */
#include "base/limits.h"
#include "base/when.h"
#include "stage/scan/link.h"
#include "stage/scan/refusal.h"
#include "stage/scan/work.h"
#include <strings.h>

#define ACCEPT                                                        \
	"application/vnd.oci.image.index.v1+json, "                   \
	"application/vnd.docker.distribution.manifest.list.v2+json, " \
	"application/vnd.oci.image.manifest.v1+json, "                \
	"application/vnd.docker.distribution.manifest.v2+json"

/* Asked in turn while a registry refuses the number. */
static const char *const page_sizes[] = { "n=1000", "n=100", "" };

static void finish(struct job *job)
{
	job->finished = true;
	arena_clear(&job->call.arena);
	if (job->request->progress)
		job->request->progress->done++;
}

void job_fail(struct job *job, const struct outcome *outcome)
{
	job->outcome = *outcome;
	finish(job);
}

static void fail_with(struct job *job, int code, const char *text)
{
	struct call *call = &job->call;
	outcome_set(job->run, &call->outcome, job->endpoint->listed,
		    job->reference.connect, code, "%s %s: %s", call->request.method,
		    call->request.url, text);
	job_fail(job, &call->outcome);
}

void job_start(struct job *job)
{
	endpoint_join(job->endpoint, job);
}

static const struct challenge *choose(const struct job *job)
{
	const struct challenges *list =
	    job->challenges.len ? &job->challenges : &job->endpoint->challenges;
	if (job->credential && job->credential->identity_token)
		for (size_t i = 0; i < list->len; i++)
			if (list->items[i].scheme == CHALLENGE_BEARER)
				return &list->items[i];
	return challenge_choose(list);
}

void job_authorize(struct job *job)
{
	struct arena *arena = job->run->arena;
	const struct credential *credential = job->credential;
	const struct challenge *challenge = choose(job);
	if (credential && credential->registry_token) {
		job->authorization =
		    arena_printf(arena, "Bearer %s", credential->registry_token);
	} else if (challenge && challenge->scheme == CHALLENGE_BEARER) {
		token_join(job, challenge);
		return;
	} else {
		job->authorization = basic_authorization(credential, arena);
	}
	job_request(job);
}

static void restart(struct job *job)
{
	arena_clear(&job->arena);
	job->tags = (struct tag_page){ 0 };
	job->queries = (struct strings){ 0 };
	job->page = 0;
	job->body_bytes = 0;
}

static const char *first_query(const struct job *job)
{
	return page_sizes[job->page_size];
}

static const char *job_url(const struct job *job)
{
	const char *query = job->queries.len ? job->queries.items[job->queries.len - 1]
					     : first_query(job);
	const char *scheme = job->endpoint->plain ? "http" : "https";
	if (job->request->tag)
		return arena_printf(job->run->arena, "%s://%s/v2/%s/manifests/%s", scheme,
				    job->reference.connect, job->reference.repository,
				    job->request->tag);
	return arena_printf(job->run->arena, "%s://%s/v2/%s/tags/list%s%s", scheme,
			    job->reference.connect, job->reference.repository,
			    query[0] ? "?" : "", query);
}

/* The challenges of a 401; a malformed header counts as none. */
static void read_challenges(struct job *job, struct challenges *out)
{
	const struct http_headers *headers = &job->call.response->headers;
	struct err ignored = ERR_INIT;
	int code = 0;
	for (size_t i = 0; i < headers->len && code == 0; i++)
		if (strcasecmp(headers->items[i].name, "WWW-Authenticate") == 0)
			code = challenge_parse(str_of(headers->items[i].value),
					       job->run->arena, out, &ignored);
}

static void fail_with_status(struct job *job)
{
	int status = job->call.response->status;
	const char *note = "";
	if (status == 401 || status == 403)
		note = job->credential ? " (the credentials were refused)"
				       : " (there are no credentials for this registry)";
	outcome_of_status(&job->call, job->reference.connect, note);
	job_fail(job, &job->call.outcome);
}

/*
 * A 401 where a token was sent asks for a new one from the same realm, once: some
 * registries name Basic here, which would send the password where a token belongs. Where
 * the registry had asked for nothing, what it asks for now counts.
 */
static void on_unauthorized(struct job *job)
{
	struct challenges found = { 0 };
	bool had_token = job->token != NULL;
	read_challenges(job, &found);
	const struct challenge *bearer = NULL;
	for (size_t i = 0; i < found.len && !bearer; i++)
		if (found.items[i].scheme == CHALLENGE_BEARER)
			bearer = &found.items[i];
	bool is_fixed = job->credential && job->credential->registry_token;
	if (job->asked_again || is_fixed || (!had_token && !bearer)) {
		fail_with_status(job);
		return;
	}
	job->asked_again = true;
	if (bearer && bearer->scope)
		job->extra_scopes = bearer->scope;
	if (!had_token)
		job->challenges = found;
	job_authorize(job);
}

static void on_digest(struct job *job)
{
	const char *digest =
	    http_header_get(&job->call.response->headers, "Docker-Content-Digest");
	if (!digest || !reference_is_digest(str_of(digest))) {
		fail_with(job, ERR_INVALID,
			  digest
			      ? "the Docker-Content-Digest header is not a sha256 digest"
			      : "response did not include Docker-Content-Digest "
				"header");
		return;
	}
	job->digest = arena_strdup(job->run->arena, digest);
	finish(job);
}

/* Takes one page's tags; the number of tags in it, or a negative code with `err`. */
static int take_page(struct job *job, size_t *n, struct err *err)
{
	const struct http_response *response = job->call.response;
	size_t before = job->tags.tags.len + job->tags.invalid.len;
	job->body_bytes += response->body.len;
	if (job->body_bytes > LIMIT_SCAN_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_SCAN_BYTES));
	int code = tags_parse(response->body, &job->arena, &job->tags, err);
	*n = job->tags.tags.len + job->tags.invalid.len - before;
	return code;
}

static int go_on(struct job *job, const char *query, struct err *err)
{
	if (job->page + 1 >= LIMIT_TAG_PAGES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TAG_PAGES));
	if (!query[0] || strcmp(query, first_query(job)) == 0 ||
	    strings_contain(&job->queries, query))
		return err_set(err, ERR_INVALID,
			       "the link to the next page leads to a page that was read "
			       "already");
	strings_add(&job->arena, &job->queries, query);
	job->page++;
	return 0;
}

static void on_page(struct job *job)
{
	struct err err = ERR_INIT;
	const char *next = NULL;
	size_t n = 0;
	int code = take_page(job, &n, &err);
	if (code == 0)
		code = link_next(&job->call.response->headers, &job->arena, &next, &err);
	if (job->request->progress && code == 0) {
		job->request->progress->pages++;
		job->request->progress->tags += n;
	}
	/* a page without tags is the end whatever it links to */
	bool is_last = !next || n == 0;
	if (code == 0 && !is_last)
		code = go_on(job, next, &err);
	if (code) {
		fail_with(job, code, err.text);
		return;
	}
	job->asked_again = false;
	if (!is_last) {
		job_request(job);
		return;
	}
	tags_order(&job->tags.tags);
	tags_order(&job->tags.invalid);
	finish(job);
}

/* Whether a refusal of the first page may be about its size. */
static bool is_about_size(const struct job *job)
{
	int status = job->call.response->status;
	return !job->request->tag && job->page == 0 &&
	       job->page_size + 1 < ARRAY_LEN(page_sizes) && status >= 400 &&
	       status < 500 && status != 401 && status != 403 && status != 404 &&
	       status != 408 && status != 410 && status != 429;
}

static void on_answer(struct call *call)
{
	struct job *job = call->owner;
	int status = call->response->status;
	if (call->outcome.code) {
		job_fail(job, &call->outcome);
	} else if (status == 200) {
		if (job->request->tag)
			on_digest(job);
		else
			on_page(job);
	} else if (status == 401) {
		on_unauthorized(job);
	} else if (is_about_size(job)) {
		job->page_size++;
		job_request(job);
	} else if (job->page > 0 && status == 404 && !job->restarted) {
		/* the tag that the page began behind is gone: once from the start */
		job->restarted = true;
		restart(job);
		job_request(job);
	} else {
		fail_with_status(job);
	}
}

void job_request(struct job *job)
{
	struct call *call = &job->call;
	struct arena *arena = job->run->arena;
	struct err err = ERR_INIT;
	if (job->token && job->token->expires_ms <= when_monotonic_ms()) {
		token_join(job, choose(job));
		return;
	}
	call->run = job->run;
	call->owner = job;
	call->then = on_answer;
	call->deadline_ms = job->deadline_ms;
	call->request.method = job->request->tag ? "HEAD" : "GET";
	call->request.url = job_url(job);
	call->request.path = job->path;
	call->request.connection = job->request->connection;
	call->request.insecure = job->endpoint->plain;
	call->request.headers = (struct http_headers){ 0 };
	int code = 0;
	if (job->authorization)
		code = http_header_add(arena, &call->request.headers, "Authorization",
				       job->authorization, &err);
	if (code == 0)
		code = http_header_add(arena, &call->request.headers, "Accept",
				       job->request->tag ? ACCEPT : "application/json",
				       &err);
	if (code) {
		fail_with(job, code, "the credentials have a control character");
		return;
	}
	call_send(call);
}
