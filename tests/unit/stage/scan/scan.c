/* SPDX-License-Identifier: MIT */
/* What one call with many requests shares, and what the policy does to it; the protocol
 * itself is tested in tests/e2e/scan.bats. */
#include "stage/scan/scan.h"
#include "base/when.h"
#include "tests/unit/loopback.h"
#include "tests/unit/unit.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *answer(const char *line)
{
	if (strstr(line, " /v2/ "))
		return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	if (strstr(line, "/a/tags/"))
		return "HTTP/1.1 200 OK\r\n\r\n{\"tags\":[\"1\",\"2\"]}";
	if (strstr(line, "/manifests/1 "))
		return "HTTP/1.1 200 OK\r\nDocker-Content-Digest: " DIGEST "\r\n\r\n";
	if (strstr(line, "/manifests/2 "))
		return "HTTP/1.1 200 OK\r\nDocker-Content-Digest: sha256:12\r\n\r\n";
	if (strstr(line, "/manifests/3 "))
		return "HTTP/1.1 200 OK\r\n\r\n";
	return "HTTP/1.1 404 Not Found\r\n\r\n{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}";
}

struct fixture {
	struct loopback server;
	struct arena arena;
	struct http_policy policy;
	struct err err;
	char registry[32];
};

static int setup(void **state)
{
	struct fixture *fixture = xcalloc(1, sizeof(*fixture));
	fixture->server = loopback_start(answer);
	(void)snprintf(fixture->registry, sizeof(fixture->registry), "127.0.0.1:%u",
		       fixture->server.port);
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	loopback_stop(&fixture->server);
	arena_clear(&fixture->arena);
	free_ptr(state);
	return 0;
}

static struct scan_request request_for(struct fixture *fixture, const char *path)
{
	return (struct scan_request){
		.image = arena_printf(&fixture->arena, "%s/%s", fixture->registry, path),
		.insecure = true,
		.timeout_ms = 5000,
	};
}

static void permit(struct fixture *fixture, const char *entry)
{
	strings_add(&fixture->arena, &fixture->policy.allow_hosts, entry);
	strings_add(&fixture->arena, &fixture->policy.insecure_hosts, entry);
}

static void run(struct fixture *fixture, const struct scan_request *requests, size_t n,
		struct scan_result *results)
{
	struct http *http = NULL;
	assert_int_equal(http_new(&fixture->policy, &http, &fixture->err), 0);
	assert_int_equal(
	    scan_run(http, requests, n, &fixture->arena, results, &fixture->err), 0);
	http_free(http);
}

static void test_sharing(void **state)
{
	struct fixture *fixture = *state;
	struct scan_request requests[4];
	struct scan_result results[4];
	struct scan_progress progress = { 0 };
	char asked[8192];
	permit(fixture, "127.0.0.1");
	requests[0] = request_for(fixture, "a");
	requests[1] = request_for(fixture, "b");
	requests[2] = request_for(fixture, "a");
	requests[3] = request_for(fixture, "not//one");
	for (int i = 0; i < 4; i++)
		requests[i].progress = &progress;
	run(fixture, requests, 4, results);
	for (int i = 0; i < 4; i += 2)
		if (i < 3)
			assert_int_equal(results[i].tags.len, 2);
	assert_true(str_is(results[2].tags.items[0], "2"));
	assert_int_equal(results[0].code, 0);
	assert_int_equal(results[1].code, ERR_NOTFOUND);
	assert_int_equal(results[1].tags.len, 0);
	assert_int_equal(results[3].code, ERR_INVALID);
	assert_null(results[3].canonical);
	assert_int_equal(progress.total, 2);
	assert_int_equal(progress.done, 2);
	/* one ping for the registry, one list for equal requests */
	assert_string_equal(loopback_requests(&fixture->server, asked),
			    "GET /v2/ HTTP/1.1\n"
			    "GET /v2/a/tags/list?n=1000 HTTP/1.1\n"
			    "GET /v2/b/tags/list?n=1000 HTTP/1.1\n");
}

static void test_digest(void **state)
{
	struct fixture *fixture = *state;
	struct scan_request requests[4];
	struct scan_result results[4];
	permit(fixture, "scan=127.0.0.1/a");
	for (int i = 0; i < 4; i++) {
		requests[i] = request_for(fixture, "a");
		requests[i].tag = i == 0 ? "1" : i == 1 ? "2" : i == 2 ? "3" : "no tag";
	}
	run(fixture, requests, 4, results);
	assert_int_equal(results[0].code, 0);
	assert_string_equal(results[0].digest, DIGEST);
	assert_int_equal(results[1].code, ERR_INVALID);
	assert_null(results[1].digest);
	assert_string_equal(
	    results[2].err.text,
	    arena_printf(&fixture->arena,
			 "HEAD http://%s/v2/a/manifests/3: response did not include "
			 "Docker-Content-Digest header",
			 fixture->registry));
	assert_string_equal(results[3].err.text, "'no tag' is not a tag");
}

/* Nothing tells an unlisted host that listens from one that does not, or does not exist,
 * or is refused for its address; the log has the difference. */
static void test_unlisted_hosts_read_the_same(void **state)
{
	struct fixture *fixture = *state;
	static const char *const images[] = { "127.0.0.1:1/a",  "nonexistent.invalid/a",
					      "10.255.255.1/a", "169.254.169.254/a",
					      "localhost/a",    NULL };
	char asked[8192];
	permit(fixture, "notify=127.0.0.1");
	permit(fixture, "scan=127.0.0.1/other");
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct scan_request request = request_for(fixture, "a");
		struct scan_result result;
		if (images[i])
			request.image = images[i];
		const char *host =
		    arena_printf(&fixture->arena, "%.*s",
				 (int)strcspn(request.image, "/"), request.image);
		request.insecure = i % 2 == 0;
		run(fixture, &request, 1, &result);
		assert_int_equal(result.code, ERR_NETWORK);
		assert_string_equal(
		    result.err.text,
		    arena_printf(&fixture->arena,
				 "no usable answer from '%s': check the name and whether "
				 "it asks for a secret; why is in the server's log, and "
				 "shown here once the admin lists the host in "
				 "imagehook.allowHost",
				 host));
		assert_non_null(result.detail);
		assert_string_not_equal(result.detail, result.err.text);
	}
	assert_string_equal(loopback_requests(&fixture->server, asked), "");
}

static void test_never_addresses(void **state)
{
	struct fixture *fixture = *state;
	struct scan_request request = request_for(fixture, "a");
	struct scan_result result;
	permit(fixture, "*");
	request.image = "169.254.169.254/a";
	run(fixture, &request, 1, &result);
	assert_string_equal(result.err.text,
			    "'169.254.169.254': address 169.254.169.254 is "
			    "not permitted");
	request.image = "0.0.0.0/a";
	run(fixture, &request, 1, &result);
	assert_string_equal(result.err.text,
			    "'0.0.0.0': address 0.0.0.0 is not permitted");
	strings_add(&fixture->arena, &fixture->policy.deny_addresses, "127.0.0.0/8");
	request = request_for(fixture, "a");
	run(fixture, &request, 1, &result);
	assert_string_equal(result.err.text,
			    arena_printf(&fixture->arena,
					 "'%s': address 127.0.0.1 is not permitted",
					 fixture->registry));
}

static void test_insecure_needs_permission(void **state)
{
	struct fixture *fixture = *state;
	struct scan_request request = request_for(fixture, "a");
	struct scan_result result;
	char asked[8192];
	strings_add(&fixture->arena, &fixture->policy.allow_hosts, "127.0.0.1");
	run(fixture, &request, 1, &result);
	assert_string_equal(result.err.text,
			    arena_printf(&fixture->arena,
					 "'%s': plain HTTP is not permitted for it "
					 "(imagehook.insecureHost)",
					 fixture->registry));
	assert_string_equal(loopback_requests(&fixture->server, asked), "");
}

static void test_a_dead_registry_delays_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct scan_request requests[41];
	struct scan_result results[41];
	/* listens and never accepts, so that connections hang in the handshake */
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int dead = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(dead, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(dead, 8), 0);
	assert_int_equal(getsockname(dead, (struct sockaddr *)&at, &size), 0);
	permit(fixture, "127.0.0.1");
	for (int i = 0; i < 40; i++) {
		requests[i] = request_for(fixture, "a");
		requests[i].timeout_ms = 1000;
		requests[i].image = arena_printf(&fixture->arena, "127.0.0.1:%u/r%d",
						 (unsigned)ntohs(at.sin_port), i);
	}
	requests[40] = request_for(fixture, "a");
	int64_t start = when_monotonic_ms();
	run(fixture, requests, 41, results);
	assert_true(when_monotonic_ms() - start < 4000);
	(void)close(dead);
	assert_int_equal(results[40].tags.len, 2);
	for (int i = 0; i < 40; i++)
		assert_int_equal(results[i].code, ERR_TIMEOUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sharing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unlisted_hosts_read_the_same, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_never_addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_insecure_needs_permission, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_dead_registry_delays_no_other,
						setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
