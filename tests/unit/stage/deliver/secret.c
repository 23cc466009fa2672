/* SPDX-License-Identifier: MIT */
#include "stage/deliver/deliver.h"
#include "tests/unit/unit.h"

typedef int read_keys(const struct deliver_key *keys, size_t n, struct arena *arena,
		      struct provider_secret *out, struct err *err);

static void refuse(read_keys *read, const struct deliver_key *keys, size_t n,
		   const char *text)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct provider_secret out = { 0 };
	struct err err = ERR_INIT;
	assert_int_equal(read(keys, n, &arena, &out, &err), ERR_INVALID);
	assert_string_equal(err.text, text);
}

static void test_values_are_trimmed(void **state)
{
	(void)state;
	const struct deliver_key keys[] = { { "address", STR(" https://x/y\n") },
					    { "token", STR("t0ken\r\n") },
					    { "username", STR("u") },
					    { "headers",
					      STR("A: b\n'C': \"1\"\nD: 010\nE: no\nF: "
						  "1.50\nG: ~\n") } };
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct provider_secret out = { 0 };
	struct err err = ERR_INIT;
	assert_int_equal(deliver_read_secret(keys, 4, &arena, &out, &err), 0);
	assert_string_equal(out.address, "https://x/y");
	assert_string_equal(out.token, "t0ken");
	assert_true(out.half_basic_auth);
	static const char *const values[] = { "b", "1", "8", "false", "1.50", "" };
	assert_int_equal(out.headers.len, ARRAY_LEN(values));
	assert_string_equal(out.headers.items[1].key, "C");
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		assert_string_equal(out.headers.items[i].value, values[i]);
}

static void test_bad_secrets_are_refused(void **state)
{
	(void)state;
	const struct deliver_key list[] = { { "headers", STR("- a\n") } };
	const struct deliver_key deep[] = { { "headers", STR("A: {b: c}\n") } };
	const struct deliver_key nul[] = { { "token", STR("a\0b") } };
	const struct deliver_key other[] = { { "aaa", STR("b") } };
	const struct deliver_key half[] = { { "tls.crt", STR("b") } };
	const struct deliver_key ftp[] = { { "address", STR("ftp://p:1") } };
	refuse(deliver_read_secret, list, 1,
	       "failed to read headers from secret: expected a map of texts");
	refuse(deliver_read_secret, deep, 1,
	       "failed to read headers from secret: 'A' is not a text");
	refuse(deliver_read_secret, nul, 1, "key 'token' holds a NUL byte");
	refuse(deliver_read_cert_secret, other, 1,
	       "failed to get TLS config: the secret has neither 'ca.crt' nor 'tls.crt' "
	       "and 'tls.key'");
	refuse(deliver_read_cert_secret, half, 1,
	       "failed to get TLS config: the secret has 'tls.crt' but not 'tls.key'");
	refuse(deliver_read_proxy_secret, ftp, 1,
	       "proxy URL must use one of the supported schemes (http, https, socks5), "
	       "got 'ftp'");
	refuse(deliver_read_proxy_secret, other, 1,
	       "invalid proxy secret: key 'address' not found or empty");
}

static void test_mask(void **state)
{
	(void)state;
	struct label header = { "X-Key", "h34der" };
	const struct provider_secret secret = { .address = "https://hook.example/T0/B0",
						.token = "t0:ken",
						.username = "user",
						.password = "passw0rd",
						.headers = { &header, 1, 1 } };
	static const char *const cases[][2] = {
		{ "POST https://hook.example/T0/B0 failed", "POST ***** failed" },
		{ "https://hook.example/T0/B0/slack?x", "*****/slack?x" },
		{ "at /T0/B0", "at *****" },
		{ "Bearer t0:ken, t0%3Aken", "Bearer *****, *****" },
		{ "Basic dXNlcjpwYXNzdzByZA==", "Basic *****" },
		{ "h34der passw0rd user", "***** ***** user" },
		{ "nothing", "nothing" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf out BUF_CLEANUP = BUF_INIT(4096);
		deliver_mask(&secret, str_of(cases[i][0]), &out);
		assert_string_equal(buf_cstr(&out), cases[i][1]);
	}
}

static bool may_retry(int code, int status, const char *retry_after, int64_t *after)
{
	struct http_header header = { "retry-after", retry_after };
	struct http_response answer = { .status = status };
	if (retry_after)
		answer.headers = (struct http_headers){ &header, 1, 1 };
	return deliver_may_retry(code, &answer, 1780747200000, after);
}

static void test_retries(void **state)
{
	(void)state;
	int64_t after = 0;
	assert_true(may_retry(ERR_NETWORK, 500, NULL, &after));
	assert_true(may_retry(ERR_NETWORK, 0, NULL, &after));
	assert_false(may_retry(ERR_NETWORK, 501, NULL, &after));
	assert_false(may_retry(ERR_NETWORK, 404, NULL, &after));
	assert_false(may_retry(ERR_NETWORK, 301, NULL, &after));
	assert_false(may_retry(ERR_INVALID, 0, NULL, &after));
	assert_true(may_retry(ERR_NETWORK, 429, " 7 ", &after));
	assert_int_equal(after, 7000);
	assert_true(may_retry(ERR_NETWORK, 503, "Sat, 06 Jun 2026 12:00:09 GMT", &after));
	assert_int_equal(after, 9000);
	assert_true(may_retry(ERR_NETWORK, 502, "7", &after));
	assert_int_equal(after, 0);
	assert_true(may_retry(ERR_NETWORK, 429, "-1", &after));
	assert_int_equal(after, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_trimmed),
		cmocka_unit_test(test_bad_secrets_are_refused),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_retries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
