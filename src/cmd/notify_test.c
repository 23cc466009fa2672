/* SPDX-License-Identifier: MIT */
/*
 * One event through one provider of a repository, under the rules of a real delivery, and
 * every request with its answer as a person may see them. Nothing is queued or retried.
 */
#include "cmd/notify_test.h"
#include "app/channel.h"
#include "app/events.h"
#include "app/net.h"
#include "app/stop.h"
#include "app/wanted.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"

enum {
	SHOWN_BYTES = 4096 /* of an answer */
};

struct test {
	struct session *session;
	const struct provider *provider;
	struct provider_secret secret;
	struct delivery delivery;
	struct deliver_state state;
	struct http_request request;
	struct http *http;
	struct buf *out;
	int code;
	struct err err;
};

/* Without secrets and control characters; first the secrets, which a cut or an escape
 * would hide from the mask. */
static const char *masked(const struct test *test, struct str text)
{
	struct arena *arena = &test->session->arena;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES * 2);
	struct buf clean BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES * 4);
	deliver_mask_dialogue(&test->state, text, &out);
	text_escape(&clean, buf_str(&out), true);
	return arena_strndup(arena, buf_str(&clean));
}

static void tell_request(const struct test *test)
{
	const struct http_request *request = &test->request;
	(void)buf_printf(test->out, "> %s %s\n", request->method,
			 masked(test, str_of(request->url)));
	for (size_t i = 0; i < request->headers.len; i++) {
		const struct http_header *header = &request->headers.items[i];
		(void)buf_printf(test->out, "> %s: %s\n", header->name,
				 notify_is_public_header(header->name)
				     ? masked(test, str_of(header->value))
				     : DELIVER_MASKED);
	}
	if (request->body.len)
		(void)buf_printf(test->out, ">\n%s\n", masked(test, request->body));
}

/* A receiver may answer with what it was sent, or with an escape sequence. */
static void tell_answer(const struct test *test, const struct http_response *answer)
{
	struct arena *arena = &test->session->arena;
	(void)buf_printf(test->out, "< %d\n", answer->status);
	if (str_trim(answer->body).len)
		(void)buf_printf(
		    test->out, "%s\n",
		    text_clean(arena, str_of(masked(test, answer->body)), SHOWN_BYTES));
}

static void advance(struct test *test, const struct http_response *answer);

static void on_answer(void *ctx, int code, const struct err *err,
		      const struct http_response *answer)
{
	struct test *test = ctx;
	if (code == 0) {
		advance(test, answer);
		return;
	}
	test->code = code;
	test->err = *err;
	if (answer->detail)
		(void)err_set(&test->err, code, "%s", answer->detail);
}

static void advance(struct test *test, const struct http_response *answer)
{
	struct arena *arena = &test->session->arena;
	enum deliver_next next = DELIVER_SEND;
	test->request = (struct http_request){ 0 };
	test->code =
	    deliver_step(&test->state, answer, &test->request, &next, &test->err);
	/* behind the step: it may hold a token, which is known as one only now */
	if (answer)
		tell_answer(test, answer);
	if (test->code || next == DELIVER_DONE)
		return;
	test->code = channel_prepare(test->session, &test->request, arena, &test->err);
	if (test->code)
		return;
	test->request.timeout_ms = test->provider->timeout_ms;
	tell_request(test);
	test->code =
	    http_start(test->http, &test->request, arena, on_answer, test, &test->err);
}

static int find_provider(struct session *session, const struct document_set *set,
			 struct wanted *wanted, const struct provider **out,
			 struct err *err)
{
	const struct object_meta *meta = NULL;
	int code = wanted_begin(session, wanted, err);
	if (!code)
		code = wanted_one(wanted, set, &meta, err);
	if (code)
		return code;
	*out = WANTED_AS(struct provider, meta);
	return meta->valid ? 0
			   : err_set(err, ERR_INVALID, "%s",
				     meta->message ? meta->message : "it is not valid");
}

/* About the tip of the documents' branch, so that a forge knows its commit. */
static void make_delivery(struct test *test, const struct loaded *loaded)
{
	struct arena *arena = &test->session->arena;
	struct event event =
	    events_new(test->session, "GitRepository", test->provider->meta.namespace,
		       "imagehook-test", when_now_ms());
	const char *hex = arena_strdup(arena, loaded->tip.hex);
	struct label *commit = VEC_ADD(arena, &event.metadata);
	commit->key = "commit";
	commit->value = hex;
	struct label *revision = VEC_ADD(arena, &event.metadata);
	revision->key = "revision";
	revision->value = load_revision(arena, loaded->branch, hex);
	event.reason = "Test";
	event.message = "This is a test of imagehook; nothing needs to be done.";
	test->delivery = (struct delivery){
		.provider = test->provider,
		.event = event,
		.commit_status = "imagehook/test",
		.id = arena_printf(arena, "test-%lld", (long long)when_now_ms()),
	};
	test->state = (struct deliver_state){ .delivery = &test->delivery,
					      .secret = &test->secret,
					      .arena = arena };
}

static int send_test(struct test *test, struct wanted *wanted, struct err *err)
{
	struct session *session = test->session;
	struct loaded loaded = { 0 };
	struct http *http CLEANUP(net_http_cleanup) = NULL;
	int code = stop_check(session, err);
	if (!code)
		code = load_documents(session, &loaded, err);
	if (!code)
		code = find_provider(session, &loaded.documents, wanted, &test->provider,
				     err);
	if (!code)
		code = channel_open(session, test->provider, &session->arena,
				    &test->secret, err);
	if (!code)
		code = channel_http(session, &http, err);
	if (code)
		return code;
	test->http = http;
	make_delivery(test, &loaded);
	advance(test, NULL);
	code = http_run(http, err);
	net_log_contacted(session, http);
	if (!code && test->code)
		code =
		    err_set(err, test->code, "%s", masked(test, str_of(test->err.text)));
	return code;
}

int notify_test(const char *repo, const char *provider, const char *cluster)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct test test = { .session = &session, .out = &out };
	struct err err = ERR_INIT;
	struct wanted wanted = { .kind = "Provider", .cluster = cluster };
	int code = open_as_owner(&session, repo, &err);
	wanted_take_name(&wanted, provider, &session.arena);
	if (!code)
		code = send_test(&test, &wanted, &err);
	(void)fwrite(buf_cstr(&out), 1, out.len, code ? stderr : stdout);
	if (code)
		return command_fail(&err);
	(void)printf("imagehook: %s: %s\n", provider,
		     test.state.skipped ? "nothing to send" : "sent");
	return EXIT_DONE;
}
