/* SPDX-License-Identifier: MIT */
#include "adapter/http/allow.h"
#include "tests/unit/unit.h"

static const struct {
	const char *entry;
	struct allow_target target;
	bool matches;
} cases[] = {

#define TARGET(use, host, port, path)                  \
	{                                              \
		use, { host, sizeof(host) - 1 }, port, \
		{                                      \
			path, sizeof(path) - 1         \
		}                                      \
	}
	{ "registry.internal", TARGET("scan", "registry.internal", 5000, "/a"), true },
	{ "REGISTRY.internal", TARGET("scan", "registry.INTERNAL.", 443, "/a"), true },
	{ "registry.internal:5000", TARGET("scan", "registry.internal", 5000, "/a"),
	  true },
	{ "registry.internal:5000", TARGET("scan", "registry.internal", 443, "/a"),
	  false },
	{ "scan=registry.internal", TARGET("scan", "registry.internal", 443, "/a"),
	  true },
	{ "scan=registry.internal", TARGET("notify", "registry.internal", 443, "/a"),
	  false },
	{ "r.internal:5000/team-a/", TARGET("scan", "r.internal", 5000, "/team-a/app"),
	  true },
	{ "r.internal:5000/team-a", TARGET("scan", "r.internal", 5000, "/team-a"), true },
	{ "r.internal:5000/team-a/", TARGET("scan", "r.internal", 5000, "/team-ab/app"),
	  false },
	/* what leads out of the prefix once the other side has read it */
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/../b"), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/.."), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/x/%2E%2e/b"), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/x%2f..%2Fb"), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/x\\..\\b"), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/..;x/b"), false },
	{ "r.internal/a/", TARGET("notify", "r.internal", 443, "/a/v1..v2/%2f/b"), true },
	{ "r.internal/", TARGET("notify", "r.internal", 443, "/a/../b"), true },
	{ "r.internal", TARGET("notify", "r.internal", 443, "/a/../b"), true },
	{ "r.internal/", TARGET("scan", "r.internal", 1, "/anything"), true },
	{ "*.internal", TARGET("scan", "a.internal", 443, "/"), true },
	{ "*.internal", TARGET("scan", "internal", 443, "/"), false },
	{ "*.internal", TARGET("scan", "a.internal.evil.example", 443, "/"), false },
	{ "*", TARGET("scan", "whatever", 1, "/"), true },
	{ "[::1]:5000", TARGET("scan", "[0:0::1]", 5000, "/"), true },
	{ "127.0.0.1", TARGET("scan", "[::ffff:127.0.0.1]", 1, "/"), true },
	{ "127.0.0.1", TARGET("scan", "127.0.0.10", 1, "/"), false },
	{ "not an entry", TARGET("scan", "not an entry", 1, "/"), false },
#undef TARGET
};

static void test_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *item = cases[i].entry;
		struct strings entries = { &item, 1, 1 };
		if (allow_matches(&entries, &cases[i].target) != cases[i].matches)
			fail_msg("row %zu: '%s'", i, cases[i].entry);
	}
}

static void test_check(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	assert_int_equal(allow_check("scan=registry.internal:5000/team-a/", &err), 0);
	assert_int_equal(allow_check("*", &err), 0);
	assert_int_equal(allow_check("https://x", &err), ERR_INVALID);
	assert_string_equal(err.text,
			    "'https://x' is not [USE=]HOST[:PORT][/PATH] such as "
			    "registry.internal:5000/team-a/");
	assert_int_equal(allow_check("x:0", &err), ERR_INVALID);
	assert_int_equal(allow_check("x:65536", &err), ERR_INVALID);
	assert_int_equal(allow_check("", &err), ERR_INVALID);
	assert_int_equal(allow_check("pull=x", &err), ERR_INVALID);
	assert_string_equal(err.text, "'pull=x': the use is scan or notify");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
