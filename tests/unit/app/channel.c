/* SPDX-License-Identifier: MIT */
#include "app/channel.h"
#include "admin/grant.h"
#include "admin/secret.h"
#include "base/log.h"
#include "tests/unit/admin/admin.h"

#define REPO    "0123456789abcdef0123456789abcdef"
#define ADDRESS "https://git.example/org/repo"

struct bench {
	struct session session;
	struct provider provider;
};

/* In the test's own home. */
#define SECRET_ID(repo_id, namespace, name) \
	(&(struct secret_id){ place->dir, repo_id, namespace, name })

static struct bench *bench_make(struct place_of_test *place)
{
	struct bench *bench = ARENA_NEW(&place->arena, struct bench);
	struct finding_list findings = FINDING_LIST_INIT(&place->arena);
	struct err err = ERR_INIT;
	bench->session.git_dir = "/srv/git/r.git";
	bench->session.home = place->dir;
	bench->session.id = REPO;
	if (config_load("/nowhere/config", NULL, &place->arena, &bench->session.config,
			&findings, &err))
		fail_msg("%s", err.text);
	bench->provider.meta.namespace = "ns";
	bench->provider.meta.name = "p";
	bench->provider.type = "gitea";
	bench->provider.address = ADDRESS;
	return bench;
}

static void put(struct place_of_test *place, const char *name, const char *key,
		const char *value)
{
	struct err err = ERR_INIT;
	if (secret_write(SECRET_ID(REPO, "ns", name), key, str_of(value), &err))
		fail_msg("%s", err.text);
}

static void allow(struct place_of_test *place, const char *name, const char *address)
{
	struct err err = ERR_INIT;
	struct grant grant = { "gitea", address };
	if (grant_add(SECRET_ID(REPO, "ns", name), &grant, &err))
		fail_msg("%s", err.text);
}

/* What a pusher reads; "" when the channel opens. */
static const char *opened(struct place_of_test *place, struct bench *bench)
{
	struct err err = ERR_INIT;
	struct provider_secret secret;
	return channel_open(&bench->session, &bench->provider, &place->arena, &secret,
			    &err)
		   ? arena_strdup(&place->arena, err.text)
		   : "";
}

static void test_one_text_for_every_refusal(void **state)
{
	struct place_of_test *place = *state;
	struct bench *bench = bench_make(place);
	static const char text[] =
	    "secret 'ns/s' not found; store it with 'imagehook "
	    "secret set ns/s token --for gitea --address " ADDRESS "'";
	bench->provider.secret_ref = "s";
	assert_string_equal(opened(place, bench), text);
	put(place, "s", "token", "t");
	assert_string_equal(opened(place, bench), text);
	allow(place, "s", "https://git.example/other");
	assert_string_equal(opened(place, bench), text);
	allow(place, "s", "https://git.example/org");
	assert_string_equal(opened(place, bench), "");
}

static void test_certificates_need_a_grant(void **state)
{
	struct place_of_test *place = *state;
	struct bench *bench = bench_make(place);
	bench->provider.cert_secret_ref = "tls";
	put(place, "tls", "ca.crt", "pem");
	/* the address that a secret holds is of a receiver, not for a certificate */
	put(place, "tls", "address", ADDRESS);
	assert_string_not_equal(opened(place, bench), "");
	allow(place, "tls", ADDRESS);
	assert_string_equal(opened(place, bench), "");
}

static void test_proxies_need_a_grant(void **state)
{
	struct place_of_test *place = *state;
	struct bench *bench = bench_make(place);
	bench->provider.proxy_secret_ref = "proxy";
	put(place, "proxy", "address", "http://proxy.example:3128");
	assert_string_not_equal(opened(place, bench), "");
	allow(place, "proxy", ADDRESS);
	assert_string_equal(opened(place, bench), "");
}

static void test_a_webhook_address_is_its_own_grant(void **state)
{
	struct place_of_test *place = *state;
	struct bench *bench = bench_make(place);
	bench->provider.type = "slack";
	bench->provider.address = "";
	bench->provider.secret_ref = "hook";
	put(place, "hook", "address", "https://hooks.example/T/B/x");
	assert_string_equal(opened(place, bench), "");
	/* a type that goes elsewhere would take the token of the hook with it */
	bench->provider.type = "telegram";
	assert_string_not_equal(opened(place, bench), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_text_for_every_refusal),
		TEST(test_certificates_need_a_grant),
		TEST(test_proxies_need_a_grant),
		TEST(test_a_webhook_address_is_its_own_grant),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
