/* SPDX-License-Identifier: MIT */
/*
 * Many scans at once: who shares a list, a registry's challenge and a credential, and
 * what each request gets. How one image is read is in job.c.
 */
#include "stage/scan/scan.h"
#include "base/when.h"
#include "stage/scan/work.h"

enum {
	SCAN_TIMEOUT_MS = 60000
};

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_connection(const struct http_connection *a,
			    const struct http_connection *b)
{
	return same(a->ca_pem, b->ca_pem) && same(a->cert_pem, b->cert_pem) &&
	       same(a->key_pem, b->key_pem) && same(a->proxy_url, b->proxy_url) &&
	       same(a->proxy_username, b->proxy_username) &&
	       same(a->proxy_password, b->proxy_password);
}

static bool same_credential(const struct credential *a, const struct credential *b)
{
	return a == b || (a && b && same(a->username, b->username) &&
			  same(a->password, b->password) &&
			  same(a->identity_token, b->identity_token) &&
			  same(a->registry_token, b->registry_token));
}

/* The keyring of a text, read once. */
static int get_keyring(struct run *run, const char *text, const struct keyring **out,
		       struct err *err)
{
	for (size_t i = 0; i < run->configs.len; i++) {
		if (strcmp(run->configs.items[i].text, text) == 0) {
			*out = &run->configs.items[i].keyring;
			return 0;
		}
	}
	struct config config = { .text = text };
	int code = keyring_parse(str_of(text), false, run->arena, &config.keyring, err);
	if (code)
		return code;
	VEC_PUSH(run->arena, &run->configs, config);
	*out = &run->configs.items[run->configs.len - 1].keyring;
	return 0;
}

static int find_credential(struct run *run, const struct scan_request *request,
			   const struct reference *reference,
			   const struct credential **out, struct err *err)
{
	const struct keyring *keyring = NULL;
	if (!request->docker_config)
		return 0;
	int code = get_keyring(run, request->docker_config, &keyring, err);
	if (code)
		return code;
	const struct credential *found =
	    keyring_find(keyring, reference->registry, reference->repository);
	if (!found)
		return 0;
	/* equal ones are one, so that tokens are shared by looking at the pointer */
	for (size_t i = 0; i < run->jobs.len; i++) {
		if (same_credential(run->jobs.items[i]->credential, found)) {
			*out = run->jobs.items[i]->credential;
			return 0;
		}
	}
	struct credential *copy = ARENA_NEW(run->arena, struct credential);
	*copy = *found;
	*out = copy;
	return 0;
}

static struct endpoint *get_endpoint(struct run *run, const struct job *job)
{
	const struct scan_request *request = job->request;
	const char *connect = job->reference.connect;
	const char *url = arena_printf(run->arena, "https://%s/", connect);
	bool listed = http_is_listed(run->http, "scan", url, job->path);
	for (struct endpoint *at = run->endpoints; at; at = at->next)
		if (strcmp(at->connect, connect) == 0 && at->listed == listed &&
		    at->insecure == request->insecure &&
		    same_connection(at->connection, &request->connection))
			return at;
	struct endpoint *endpoint = ARENA_NEW(run->arena, struct endpoint);
	endpoint->connect = connect;
	endpoint->connection = &request->connection;
	endpoint->insecure = request->insecure;
	endpoint->listed = listed;
	endpoint->next = run->endpoints;
	run->endpoints = endpoint;
	return endpoint;
}

static struct job *find_job(const struct run *run, const struct job *wanted)
{
	for (size_t i = 0; i < run->jobs.len; i++) {
		struct job *at = run->jobs.items[i];
		if (strcmp(at->reference.canonical, wanted->reference.canonical) == 0 &&
		    same(at->request->tag, wanted->request->tag) &&
		    at->request->insecure == wanted->request->insecure &&
		    same_credential(at->credential, wanted->credential) &&
		    same_connection(&at->request->connection,
				    &wanted->request->connection))
			return at;
	}
	return NULL;
}

/* The job of a request, new or shared; NULL with `err` when it cannot be asked. */
static struct job *add_job(struct run *run, const struct scan_request *request,
			   int64_t now, struct scan_result *result)
{
	struct job wanted = { .run = run, .request = request };
	struct err *err = &result->err;
	int code =
	    reference_parse_image(request->image, run->arena, &wanted.reference, err);
	if (code == 0)
		result->canonical = wanted.reference.canonical;
	if (code == 0 && request->tag && !reference_is_tag(str_of(request->tag)))
		code = err_set(err, ERR_INVALID, "'%s' is not a tag", request->tag);
	if (code == 0)
		code = find_credential(run, request, &wanted.reference,
				       &wanted.credential, err);
	if (code) {
		result->code = code;
		result->detail = arena_strdup(run->arena, err->text);
		return NULL;
	}
	int64_t timeout = request->timeout_ms > 0 ? request->timeout_ms : SCAN_TIMEOUT_MS;
	struct job *job = find_job(run, &wanted);
	if (!job) {
		job = ARENA_NEW(run->arena, struct job);
		*job = wanted;
		job->path = arena_printf(run->arena, "/%s", job->reference.repository);
		job->endpoint = get_endpoint(run, job);
		VEC_PUSH(run->arena, &run->jobs, job);
		if (request->progress)
			request->progress->total++;
	}
	if (now + timeout > job->deadline_ms)
		job->deadline_ms = now + timeout;
	if (job->deadline_ms > job->endpoint->call.deadline_ms)
		job->endpoint->call.deadline_ms = job->deadline_ms;
	return job;
}

/* Copies the list once into the caller's arena. */
static void keep_tags(struct job *job)
{
	struct tag_list *tags = &job->tags.tags;
	struct tag_list kept = { 0 };
	size_t bytes = 0;
	for (size_t i = 0; i < tags->len; i++)
		bytes += tags->items[i].len;
	char *text = ARENA_ARRAY(job->run->arena, char, bytes + 1);
	kept.items = ARENA_ARRAY(job->run->arena, struct str, tags->len + 1);
	kept.cap = tags->len + 1;
	for (size_t i = 0; i < tags->len; i++) {
		memcpy(text, tags->items[i].ptr, tags->items[i].len);
		kept.items[kept.len++] = (struct str){ text, tags->items[i].len };
		text += tags->items[i].len;
	}
	*tags = kept;
}

static void give(const struct job *job, struct scan_result *result)
{
	result->code = job->outcome.code;
	result->retry_after_ms = job->outcome.retry_after_ms;
	if (result->code) {
		result->err = job->outcome.err;
		result->detail = job->outcome.detail;
		return;
	}
	result->tags = job->tags.tags;
	result->dropped = job->tags.invalid.len;
	result->digest = job->digest;
}

static void release(struct run *run)
{
	for (size_t i = 0; i < run->jobs.len; i++) {
		arena_clear(&run->jobs.items[i]->arena);
		arena_clear(&run->jobs.items[i]->call.arena);
	}
	for (struct endpoint *at = run->endpoints; at; at = at->next)
		arena_clear(&at->call.arena);
	for (struct token *at = run->tokens; at; at = at->next)
		arena_clear(&at->call.arena);
}

int scan_run(struct http *http, const struct scan_request *requests, size_t n,
	     struct arena *arena, struct scan_result *results, struct err *err)
{
	struct run run = { .http = http, .arena = arena };
	struct job **jobs = ARENA_ARRAY(arena, struct job *, n + 1);
	int64_t now = when_monotonic_ms();
	for (size_t i = 0; i < n; i++) {
		results[i] = (struct scan_result){ 0 };
		jobs[i] = add_job(&run, &requests[i], now, &results[i]);
	}
	for (size_t i = 0; i < run.jobs.len; i++)
		job_start(run.jobs.items[i]);
	int code = http_run(http, err);
	for (size_t i = 0; code == 0 && i < run.jobs.len; i++)
		keep_tags(run.jobs.items[i]);
	for (size_t i = 0; code == 0 && i < n; i++)
		if (jobs[i])
			give(jobs[i], &results[i]);
	release(&run);
	return code;
}
