/* SPDX-License-Identifier: MIT */
/* What an App's login buys: for whom it is kept, how long, and what becomes of it when
 * the forge takes it back. */
#include "stage/deliver/tokens.h"
#include "base/file.h"
#include "stage/deliver/deliver.h"
#include "tests/unit/unit.h"

enum {
	MINUTE_MS = 60 * 1000
};

/* 2026-06-06T12:00:00Z */
static const int64_t now_ms = 1780747200000;

/* A commit status by an App, and what the forge answers. */
struct dialogue {
	struct arena *arena;
	struct provider provider;
	struct provider_secret secret;
	struct delivery delivery;
	struct tokens *tokens;
	struct deliver_state state;
	int code;
	struct err err;
};

static void init(struct dialogue *dialogue, struct tokens *tokens, struct arena *arena)
{
	struct buf pem BUF_CLEANUP = BUF_INIT(65536);
	assert_int_equal(file_read("fixtures/provider/app-key.pem", &pem, &dialogue->err),
			 0);
	*dialogue = (struct dialogue){ .arena = arena, .tokens = tokens };
	dialogue->provider = (struct provider){
		.meta = { .name = "forge", .namespace = "ns", .valid = true },
		.type = "github",
		.address = "https://github.com/o/r",
		.username = "",
		.channel = "",
		.proxy = ""
	};
	dialogue->secret.app_id = "1";
	dialogue->secret.app_installation_id = "7";
	dialogue->secret.app_private_key = arena_strndup(arena, buf_str(&pem));
	dialogue->delivery = (struct delivery){
		.provider = &dialogue->provider,
		.event = { .object = { .kind = "Kustomization",
				       .namespace = "ns",
				       .name = "apps",
				       .uid = "",
				       .api_version = "",
				       .resource_version = "",
				       .field_path = "" },
			   .severity = EVENT_INFO,
			   .message = "done",
			   .reason = "Done",
			   .reporting_controller = "",
			   .reporting_instance = "" },
		.commit_status = "imagehook/x",
		.id = "id",
	};
	struct label *commit = VEC_ADD(arena, &dialogue->delivery.event.metadata);
	commit->key = "commit";
	commit->value = "0123456789abcdef0123456789abcdef01234567";
}

/* The next request as `METHOD PATH BEARER`, claims as `claim`; "done", or the error. */
static const char *go_on(struct dialogue *dialogue, int status, const char *body)
{
	struct http_response answer = { .status = status, .body = str_of(body) };
	struct http_request request = { 0 };
	enum deliver_next next = DELIVER_SEND;
	struct str bearer = STR("");
	int code = deliver_step(&dialogue->state, status ? &answer : NULL, &request,
				&next, &dialogue->err);
	if (code)
		return dialogue->err.text;
	if (next == DELIVER_DONE)
		return "done";
	const char *value = http_header_get(&request.headers, "Authorization");
	if (value && str_starts(str_of(value), STR("Bearer ")))
		bearer = str_from(str_of(value), 7);
	if (str_starts(bearer, STR("eyJ")))
		bearer = STR("claim");
	struct str path = str_of(request.url);
	return arena_printf(dialogue->arena, "%s %.*s %.*s", request.method,
			    STR_ARG(str_from(path, sizeof("https://api.github.com") - 1)),
			    STR_ARG(bearer));
}

static const char *begin_at(struct dialogue *dialogue, int64_t at_ms)
{
	dialogue->state = (struct deliver_state){ .delivery = &dialogue->delivery,
						  .secret = &dialogue->secret,
						  .arena = dialogue->arena,
						  .tokens = dialogue->tokens,
						  .now_ms = at_ms };
	return go_on(dialogue, 0, "");
}

#define BUY "POST /app/installations/7/access_tokens claim"
#define LOOK                                                                       \
	"GET /repos/o/r/commits/0123456789abcdef0123456789abcdef01234567/statuses" \
	"?per_page=50 "
#define SET "POST /repos/o/r/statuses/0123456789abcdef0123456789abcdef01234567 "

#define SOLD(token, expires) "{\"token\":\"" token "\",\"expires_at\":\"" expires "\"}"

static void test_one_login_serves_many(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tokens tokens CLEANUP(tokens_release) = { 0 };
	struct dialogue one;
	init(&one, &tokens, &arena);
	assert_string_equal(begin_at(&one, now_ms), BUY);
	assert_string_equal(go_on(&one, 201, SOLD("first", "2026-06-06T13:00:00Z")),
			    LOOK "first");
	assert_string_equal(go_on(&one, 200, "[]"), SET "first");
	assert_string_equal(go_on(&one, 201, "{}"), "done");
	assert_string_equal(begin_at(&one, now_ms + 54 * MINUTE_MS), LOOK "first");
	assert_string_equal(begin_at(&one, now_ms + 55 * MINUTE_MS), BUY);
}

static void test_how_long(void **state)
{
	(void)state;

	static const struct {
		const char *answer;
		int64_t minutes;
		const char *next;
	} rows[] = {
		/* an hour at most, whatever is said */
		{ SOLD("t", "2099-01-01T00:00:00Z"), 54, LOOK "t" },
		{ SOLD("t", "2099-01-01T00:00:00Z"), 55, BUY },
		{ SOLD("t", "2026-06-06T12:06:00Z"), 0, LOOK "t" },
		{ SOLD("t", "2026-06-06T12:05:00Z"), 0, BUY },
		{ SOLD("t", "2026-06-06T11:00:00Z"), 0, BUY },
		{ SOLD("t", "soon"), 0, BUY },
		{ "{\"token\":\"t\"}", 0, BUY },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct tokens tokens CLEANUP(tokens_release) = { 0 };
		struct dialogue one;
		init(&one, &tokens, &arena);
		assert_string_equal(begin_at(&one, now_ms), BUY);
		assert_string_equal(go_on(&one, 201, rows[i].answer), LOOK "t");
		assert_string_equal(begin_at(&one, now_ms + rows[i].minutes * MINUTE_MS),
				    rows[i].next);
	}
}

/* Another key, App, server, way there: another login. */
static void test_whose_it_is(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tokens tokens CLEANUP(tokens_release) = { 0 };
	struct dialogue one;
	init(&one, &tokens, &arena);
	assert_string_equal(begin_at(&one, now_ms), BUY);
	assert_string_equal(go_on(&one, 201, SOLD("t", "2026-06-06T13:00:00Z")),
			    LOOK "t");
	const struct provider_secret secret = one.secret;
	const char **fields[] = { &one.secret.app_id, &one.secret.app_base_url,
				  &one.secret.ca_pem, &one.secret.proxy };
	static const char *const values[] = { "2", "https://api.github.com/x/", "PEM",
					      "http://proxy.example:3128" };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		*fields[i] = values[i];
		assert_non_null(strstr(begin_at(&one, now_ms), "access_tokens claim"));
		one.secret = secret;
	}
	one.secret.app_private_key = arena_printf(&arena, "%s\n", secret.app_private_key);
	assert_string_equal(begin_at(&one, now_ms), BUY);
	one.secret = secret;
	one.provider.address = "https://github.com/o/other";
	assert_string_equal(begin_at(&one, now_ms),
			    "GET /repos/o/other/commits/"
			    "0123456789abcdef0123456789abcdef01234567/statuses?per_page="
			    "50 t");
	one.provider.type = "githubpullrequestcomment";
	struct label *change = VEC_ADD(&arena, &one.delivery.event.metadata);
	change->key = "change_request";
	change->value = "1";
	/* which asks for the App's name too */
	assert_string_equal(begin_at(&one, now_ms), "GET /app claim");
}

static void test_a_token_that_is_taken_back(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct tokens tokens CLEANUP(tokens_release) = { 0 };
	struct dialogue one;
	init(&one, &tokens, &arena);
	(void)begin_at(&one, now_ms);
	(void)go_on(&one, 201, SOLD("old", "2026-06-06T13:00:00Z"));
	assert_string_equal(begin_at(&one, now_ms), LOOK "old");
	assert_string_equal(go_on(&one, 200, "[]"), SET "old");
	assert_string_equal(go_on(&one, 401, "{}"), BUY);
	assert_string_equal(go_on(&one, 201, SOLD("new-token", "2026-06-06T13:00:00Z")),
			    LOOK "new-token");
	/* once: a new one that is no good either is a failure, which shows neither */
	assert_string_equal(go_on(&one, 401, "no new-token here"),
			    "could not list commit statuses: request failed with status "
			    "code 401: no ***** here");
	assert_string_equal(begin_at(&one, now_ms), LOOK "new-token");
}

static void test_without_memory(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct dialogue one;
	init(&one, NULL, &arena);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(begin_at(&one, now_ms), BUY);
		assert_string_equal(go_on(&one, 201, SOLD("t", "2026-06-06T13:00:00Z")),
				    LOOK "t");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_login_serves_many),
		cmocka_unit_test(test_how_long),
		cmocka_unit_test(test_whose_it_is),
		cmocka_unit_test(test_a_token_that_is_taken_back),
		cmocka_unit_test(test_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
