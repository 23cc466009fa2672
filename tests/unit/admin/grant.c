/* SPDX-License-Identifier: MIT */
#include "admin/grant.h"
#include "admin/secret.h"
#include "tests/unit/admin/admin.h"

#define REPO "0123456789abcdef0123456789abcdef"

/* In the test's own home. */
#define SECRET_ID(repo_id, namespace, name) \
	(&(struct secret_id){ place->dir, repo_id, namespace, name })

static const struct {
	const char *use, *granted; /* the grant */
	const char *type, *address;
	bool is_permitted;
} rules[] = {
	/* uses */
	{ "github", "", "github", "", true },
	{ "github", "", "github", NULL, true },
	{ "github", "", "gitlab", "", false },
	{ "scan", "", "github", "", false },
	/* no address is the type's own, not any */
	{ "github", "", "github", "https://github.com/org/repo", false },
	{ "github", "https://github.com", "github", "", false },
	/* scheme, host, port */
	{ "gitea", "https://git.example", "gitea", "https://git.example/org/repo", true },
	{ "gitea", "https://git.example", "gitea", "https://GIT.example/org/repo", true },
	{ "gitea", "https://git.example", "gitea", "http://git.example/org/repo", false },
	{ "gitea", "https://git.example", "gitea", "https://git.example.evil/o/r",
	  false },
	{ "gitea", "https://git.example", "gitea", "https://evil/git.example", false },
	{ "gitea", "https://git.example", "gitea", "https://git.example:443/o/r", true },
	{ "gitea", "http://git.example:80", "gitea", "http://git.example/o/r", true },
	{ "gitea", "https://git.example", "gitea", "https://git.example:8443/o", false },
	{ "gitea", "https://git.example:8443", "gitea", "https://git.example/o", false },
	{ "gitea", "https://git.example", "gitea", "ssh://git@git.example:22/o/r", true },
	{ "gitea", "https://git.example/o/r", "gitea", "git@git.example:o/r.git", true },
	/* what is no host for those that connect is none here */
	{ "generic", "https://a.example", "generic", "https://evil?@a.example/", false },
	{ "generic", "https://a.example", "generic", "https://evil#@a.example/", false },
	{ "generic", "https://a.example", "generic", "https://evil\\@a.example/", false },
	{ "generic", "https://a.example", "generic", "https://a.example?@evil/", false },
	{ "generic", "https://a.example", "generic", "https://a.example#@evil/", false },
	{ "generic", "https://a.example", "generic", "https://a.example\\@evil/", false },
	{ "generic", "https://a.example", "generic", "https://a.example?a=b", true },
	{ "generic", "https://a.example", "generic", "https://a.example@evil/", false },
	{ "generic", "https://a.example", "generic", "https://u@a.example/x", true },
	/* project paths, on the border of a component */
	{ "github", "https://github.com/org/repo", "github",
	  "https://github.com/org/repo", true },
	{ "github", "https://github.com/org/repo", "github",
	  "https://github.com/org/repo.git", true },
	{ "github", "https://github.com/org/", "github", "https://github.com/org/repo/",
	  true },
	{ "github", "https://github.com/org", "github", "https://github.com/org/repo",
	  true },
	{ "github", "https://github.com/org/repo", "github",
	  "https://github.com/org/repo2", false },
	{ "github", "https://github.com/org/repo", "github", "https://github.com/org",
	  false },
	{ "github", "https://github.com/org", "github",
	  "https://github.com/org/../other/repo", false },
	{ "github", "https://github.com/org", "github",
	  "https://github.com/org/%2e%2e/other", false },
	{ "github", "https://github.com/org/repo", "github",
	  "https://github.com/other?/org/repo", false },
	/* the API host of a forge, and nothing else below or above it */
	{ "github", "https://github.com", "github", "https://api.github.com/repos/o/r",
	  true },
	{ "github", "https://api.github.com", "github", "https://github.com/o/r", false },
	{ "github", "https://github.com", "github", "https://x.github.com/o/r", false },
	{ "github", "https://github.com", "github", "https://api.evil/github.com",
	  false },
};

#define USES                                                                          \
	"scan, generic, generic-hmac, slack, discord, rocket, msteams, googlechat, "  \
	"webex, telegram, lark, matrix, opsgenie, pagerduty, alertmanager, grafana, " \
	"sentry, datadog, zulip, zoom, incident.io, githubdispatch, github, gitlab, " \
	"gitea, bitbucket, bitbucketserver, azuredevops, githubpullrequestcomment, "  \
	"gitlabmergerequestcomment, giteapullrequestcomment"

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct grant grant = { rules[i].use, rules[i].granted };
		struct grants grants = { &grant, 1, 1 };
		if (grant_permits(&grants, rules[i].type, rules[i].address) !=
		    rules[i].is_permitted)
			fail_msg("%s at '%s', asked for %s at '%s': not %s", grant.use,
				 grant.address, rules[i].type,
				 rules[i].address ? rules[i].address : "(none)",
				 rules[i].is_permitted ? "permitted" : "refused");
	}
	struct grants none = { NULL, 0, 0 };
	assert_false(grant_permits(&none, "github", ""));
}

static void add(struct place_of_test *place, const char *use, const char *address)
{
	struct err err = ERR_INIT;
	struct grant grant = { use, address };
	if (grant_add(SECRET_ID(REPO, "ns", "n"), &grant, &err))
		fail_msg("%s", err.text);
}

static size_t count(struct place_of_test *place)
{
	struct err err = ERR_INIT;
	struct grants grants = { NULL, 0, 0 };
	if (grant_list(SECRET_ID(REPO, "ns", "n"), &place->arena, &grants, &err))
		fail_msg("%s", err.text);
	return grants.len;
}

static void put(struct place_of_test *place, const char *key)
{
	struct err err = ERR_INIT;
	if (secret_write(SECRET_ID(REPO, "ns", "n"), key, STR("v"), &err))
		fail_msg("%s", err.text);
}

static void test_added_once(void **state)
{
	struct place_of_test *place = *state;
	put(place, "token");
	assert_int_equal(count(place), 0);
	add(place, "github", "https://github.com/org");
	add(place, "github", "https://github.com/org");
	add(place, "pagerduty", "");
	assert_int_equal(count(place), 2);
	assert_int_equal(place_mode(place, REPO "/grants/ns/n"), 0600);
	assert_int_equal(place_mode(place, REPO "/grants/ns"), 0700);
}

static void test_gone_with_the_secret(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	put(place, "token");
	put(place, "other");
	add(place, "github", "https://github.com/org");
	assert_int_equal(secret_delete(SECRET_ID(REPO, "ns", "n"), "other", &err), 0);
	assert_int_equal(count(place), 1);
	/* with the last key, and with the whole secret */
	assert_int_equal(secret_delete(SECRET_ID(REPO, "ns", "n"), "token", &err), 0);
	put(place, "token");
	assert_int_equal(count(place), 0);
	add(place, "github", "");
	assert_int_equal(secret_delete(SECRET_ID(REPO, "ns", "n"), NULL, &err), 0);
	put(place, "token");
	assert_int_equal(count(place), 0);
	assert_int_equal(grant_delete(SECRET_ID(REPO, "ns", "nothing"), &err), 0);
	assert_int_equal(grant_delete(SECRET_ID(REPO, "..", "n"), &err), ERR_INVALID);
}

static const struct {
	struct grant grant;
	const char *error;
} wrong[] = {
	{ { "git hub", "" },
	  "'git hub' is not a use; did you mean 'github'? There are: " USES },
	{ { "github", "https://a b" }, "the address has a blank or control character" },
	{ { "github", "https://a\nscan x" },
	  "the address has a blank or control character" },
	{ { "github", "github.com" },
	  "'github.com' is not an address such as https://github.com/org/repo" },
	{ { "github", "https://" },
	  "'https://' is not an address such as https://github.com/org/repo" },
};

static void test_errors(void **state)
{
	struct place_of_test *place = *state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct err err = ERR_INIT;
		assert_int_equal(
		    grant_add(SECRET_ID(REPO, "ns", "n"), &wrong[i].grant, &err),
		    ERR_INVALID);
		assert_string_equal(err.text, wrong[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rules),
		TEST(test_added_once),
		TEST(test_gone_with_the_secret),
		TEST(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
