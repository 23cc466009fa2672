/* SPDX-License-Identifier: MIT */
#include "adapter/http/http.h"
#include "base/when.h"
#include "tests/unit/loopback.h"
#include "tests/unit/unit.h"

static const char *answer(const char *line)
{
	static char big[20000];
	if (strstr(line, " /ok "))
		return "HTTP/1.1 201 Created\r\nX-One:  a b \r\nx-ONE: c\r\n\r\nbody";
	if (strstr(line, " /move "))
		return "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n";
	if (strstr(line, " /half "))
		return "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf";
	if (strstr(line, " /headers ")) {
		size_t len = (size_t)snprintf(big, sizeof(big), "HTTP/1.1 200 OK\r\n");
		for (int i = 0; i < 300; i++)
			len += (size_t)snprintf(big + len, 32, "X-%d: x\r\n", i);
		(void)snprintf(big + len, 8, "\r\n");
		return big;
	}
	return NULL;
}

struct got {
	int calls;
	int code;
	struct err err;
	struct http_response response;
};

static void on_done(void *ctx, int code, const struct err *err,
		    const struct http_response *response)
{
	struct got *got = ctx;
	got->calls++;
	got->code = code;
	got->err = *err;
	got->response = *response;
}

struct fixture {
	struct loopback server;
	struct arena arena;
	struct http_policy policy;
	struct http *http;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	fixture->server = loopback_start(answer);
	strings_add(&fixture->arena, &fixture->policy.allow_hosts, "127.0.0.1");
	strings_add(&fixture->arena, &fixture->policy.insecure_hosts, "127.0.0.1");
	*state = fixture;
	return http_new(&fixture->policy, &fixture->http, &fixture->err);
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	loopback_stop(&fixture->server);
	http_free(fixture->http);
	arena_clear(&fixture->arena);
	free_ptr(state);
	return 0;
}

static struct http_request request_to(struct fixture *fixture, const char *path)
{
	return (struct http_request){
		.method = "GET",
		.url = arena_printf(&fixture->arena, "http://127.0.0.1:%u%s",
				    fixture->server.port, path),
		.use = "scan",
		.timeout_ms = 5000,
		.insecure = true,
	};
}

static struct got fetch(struct fixture *fixture, const struct http_request *request)
{
	struct got got = { 0 };
	assert_int_equal(http_start(fixture->http, request, &fixture->arena, on_done,
				    &got, &fixture->err),
			 0);
	assert_int_equal(http_run(fixture->http, &fixture->err), 0);
	assert_int_equal(got.calls, 1);
	return got;
}

static void test_answer(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/ok");
	struct strings contacted = { 0 };
	struct got got = fetch(fixture, &request);
	assert_int_equal(got.code, 0);
	assert_int_equal(got.response.status, 201);
	assert_true(str_is(got.response.body, "body"));
	assert_string_equal(http_header_get(&got.response.headers, "x-one"), "a b");
	assert_null(http_header_get(&got.response.headers, "x-two"));
	assert_null(got.response.detail);
	http_contacted(fixture->http, &fixture->arena, &contacted);
	assert_int_equal(contacted.len, 1);
	assert_string_equal(contacted.items[0], "127.0.0.1");
}

static void test_another_policy(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/ok");
	struct http_policy stricter = fixture->policy;
	struct http_policy broken = fixture->policy;
	strings_add(&fixture->arena, &stricter.deny_addresses, "127.0.0.0/8");
	strings_add(&fixture->arena, &broken.deny_addresses, "127.0.0.0/80");
	assert_int_equal(fetch(fixture, &request).code, 0);
	assert_int_equal(http_set_policy(fixture->http, &stricter, &fixture->err), 0);
	/* on the connection that stands, too */
	assert_int_equal(fetch(fixture, &request).code, ERR_DENIED);
	assert_int_equal(http_set_policy(fixture->http, &broken, &fixture->err),
			 ERR_INVALID);
	assert_int_equal(fetch(fixture, &request).code, ERR_DENIED);
	assert_int_equal(http_set_policy(fixture->http, &fixture->policy, &fixture->err),
			 0);
	assert_int_equal(fetch(fixture, &request).code, 0);
}

static void test_no_redirect_is_followed(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/move");
	struct got got = fetch(fixture, &request);
	assert_int_equal(got.code, 0);
	assert_int_equal(got.response.status, 302);
}

static void test_limits(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/headers");
	struct got got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_LIMIT);
	assert_int_equal(got.response.fault, HTTP_FAULT_LIMIT);
	request = request_to(fixture, "/ok");
	request.max_response_bytes = 3;
	got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_LIMIT);
	assert_non_null(strstr(got.err.text, "limit: 3 bytes of one answer"));
	request.max_response_bytes = 4;
	assert_int_equal(fetch(fixture, &request).code, 0);
}

static void test_a_status_suffices(void **state)
{
	struct fixture *fixture = *state;

	static const struct {
		const char *path;
		const char *body;
		size_t max;
	} rows[] = {
		{ "/half", "half", 0 },  /* it broke off */
		{ "/half", "half", 99 }, /* it would be too large */
		{ "/ok", "", 3 },        /* it was */
		{ "/ok", "body", 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_request request = request_to(fixture, rows[i].path);
		request.status_suffices = true;
		request.max_response_bytes = rows[i].max;
		struct got got = fetch(fixture, &request);
		assert_int_equal(got.code, 0);
		assert_int_equal(got.response.status, 201);
		assert_int_equal(got.response.fault, HTTP_FAULT_NONE);
		assert_true(str_is(got.response.body, rows[i].body));
	}
	struct http_request request = request_to(fixture, "/half");
	assert_int_equal(fetch(fixture, &request).code, ERR_NETWORK);
	request = request_to(fixture, "/nothing");
	request.status_suffices = true;
	assert_int_equal(fetch(fixture, &request).code, ERR_NETWORK);
}

static void test_no_answer(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/nothing");
	struct got got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_NETWORK);
	assert_int_equal(got.response.fault, HTTP_FAULT_BROKEN);
	assert_int_equal(got.response.status, 0);
	request.deadline_ms = when_monotonic_ms() - 1;
	got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_TIMEOUT);
}

static void test_a_refusing_port_rests(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/");
	request.url = "http://127.0.0.1:1/";
	for (int i = 0; i < 5; i++)
		assert_int_equal(fetch(fixture, &request).response.fault,
				 HTTP_FAULT_CONNECT);
	assert_string_equal(fetch(fixture, &request).err.text,
			    "'127.0.0.1:1': it is left alone for a while after several "
			    "failed connections");
}

static void test_refusals(void **state)
{
	struct fixture *fixture = *state;
	static const char *const bad[] = {
		"ftp://a/",     "https://u:p@a/", "a", "https://a/\r\nX:",
		"https://a b/", "file:///x",      ""
	};
	struct http_request request = request_to(fixture, "/ok");
	struct got got = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		request.url = bad[i];
		assert_int_equal(http_start(fixture->http, &request, &fixture->arena,
					    on_done, &got, &fixture->err),
				 ERR_INVALID);
	}
	request = request_to(fixture, "/ok");
	request.insecure = false;
	got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_DENIED);
	request.insecure = true;
	request.connection.proxy_url = "http://127.0.0.1:1";
	request.url = "http://192.0.2.1/";
	got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_DENIED);
	assert_false(got.response.listed);
}

/* It would read what the request carries. */
static void test_plain_http_goes_through_listed_proxies_alone(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/ok");
	request.connection.proxy_url = "http://192.0.2.1:443";
	struct got got = fetch(fixture, &request);
	assert_int_equal(got.code, ERR_DENIED);
	assert_string_equal(got.err.text,
			    arena_printf(&fixture->arena,
					 "'127.0.0.1:%u': plain HTTP goes only through a "
					 "proxy in imagehook.allowHost",
					 fixture->server.port));
	request.connection.proxy_url =
	    arena_printf(&fixture->arena, "http://127.0.0.1:%u", fixture->server.port);
	assert_int_equal(fetch(fixture, &request).response.fault, HTTP_FAULT_BROKEN);
}

/* A web hook's path is a secret. */
static void test_a_refused_url_is_not_quoted_whole(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = request_to(fixture, "/ok");
	struct got got = { 0 };
	request.url = "https://user:pass@[bad/hidden?hidden";
	assert_int_equal(http_start(fixture->http, &request, &fixture->arena, on_done,
				    &got, &fixture->err),
			 ERR_INVALID);
	assert_string_equal(fixture->err.text,
			    "'https://[bad' is not an https URL without credentials");
}

static void test_headers(void **state)
{
	struct fixture *fixture = *state;
	struct http_headers headers = { 0 };
	assert_int_equal(
	    http_header_add(&fixture->arena, &headers, "A", "b\tc", &fixture->err), 0);
	assert_int_equal(
	    http_header_add(&fixture->arena, &headers, "A", "b\r\nC: d", &fixture->err),
	    ERR_INVALID);
	assert_string_equal(fixture->err.text, "header 'A' has a control character");
	assert_int_equal(
	    http_header_add(&fixture->arena, &headers, "A b", "c", &fixture->err),
	    ERR_INVALID);
	assert_int_equal(
	    http_header_add(&fixture->arena, &headers, "", "c", &fixture->err),
	    ERR_INVALID);
	assert_int_equal(headers.len, 1);
	assert_int_equal(http_check_address_range("10.0.0.0/8", &fixture->err), 0);
	assert_int_equal(http_check_address_range("10/8", &fixture->err), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_redirect_is_followed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_status_suffices, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_refusing_port_rests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    test_plain_http_goes_through_listed_proxies_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_refused_url_is_not_quoted_whole,
						setup, teardown),
		cmocka_unit_test_setup_teardown(test_headers, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
