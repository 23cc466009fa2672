/* SPDX-License-Identifier: MIT */
#include "admin/config.h"
#include "base/limits.h"
#include "tests/unit/admin/admin.h"

struct loaded {
	struct config *config;
	struct finding_list findings;
	const char *found; /* every finding, a line each, without the folder */
};

static const char *describe(struct place_of_test *place, const struct finding_list *list)
{
	struct buf out BUF_CLEANUP = BUF_INIT(65536);
	for (size_t i = 0; i < list->len; i++) {
		const struct finding *f = &list->items[i];
		struct str path = f->place.path;
		path = str_from(path, str_rfind_char(path, '/') + 1);
		assert_true(buf_printf(&out, "%.*s:%u: %s: %s [%s]\n", STR_ARG(path),
				       (unsigned)f->place.line,
				       severity_name(f->severity), f->text, f->id));
	}
	return arena_strdup(&place->arena, buf_cstr(&out));
}

/* Loads two files; NULL: there is none. */
static struct loaded load(struct place_of_test *place, const char *system,
			  const char *repository)
{
	struct err err = ERR_INIT;
	struct loaded loaded = { .findings = FINDING_LIST_INIT(&place->arena) };
	(void)mkdir(place_file(place, "x.git"), 0755);
	if (system)
		place_write(place, "system", system, 0644);
	if (repository)
		place_write(place, "x.git/config", repository, 0644);
	if (config_load(place_file(place, "system"), place_file(place, "x.git"),
			&place->arena, &loaded.config, &loaded.findings, &err))
		fail_msg("%s", err.text);
	loaded.found = describe(place, &loaded.findings);
	return loaded;
}

static void test_defaults(void **state)
{
	struct loaded loaded = load(*state, NULL, NULL);
	const char *why = NULL;
	assert_string_equal(loaded.found, "");
	assert_true(config_bool(loaded.config, CONFIG_ENABLED));
	assert_true(config_bool(loaded.config, CONFIG_RUN_HOOKS));
	assert_string_equal(config_text(loaded.config, CONFIG_WRITE), "");
	assert_string_equal(config_text(loaded.config, CONFIG_NAMESPACE), "flux-system");
	assert_int_equal(config_ms(loaded.config, CONFIG_FOREGROUND), 5000);
	assert_int_equal(config_ms(loaded.config, CONFIG_HOOK_TIMEOUT), 600000);
	assert_int_equal(config_int(loaded.config, CONFIG_MAX_COMMITS), 6);
	assert_int_equal(config_list(loaded.config, CONFIG_PATH)->len, 0);
	assert_string_equal(config_source(loaded.config, CONFIG_ID), "default");
	assert_false(config_is_stopped(loaded.config, &why));
}

static void test_values_of_both_files(void **state)
{
	struct place_of_test *place = *state;
	struct loaded loaded = load(place,
				    "[imagehook]\n"
				    "\tforeground = 1m30s\n"
				    "\tallowHost = one\n"
				    "\tallowHost = scan=two:5000/team-a/\n"
				    "\tbranch = system\n"
				    "\tpath = dropped\n"
				    "\trunHooks = no\n",
				    "[core]\n\tbare = true\n"
				    "[imagehook]\n"
				    "\tALLOWHOST = three\n"
				    "\tbranch = feature/x\n"
				    "\tpath =\n"
				    "\tpath = clusters/a\n"
				    "\tmaxCommits = 0\n"
				    "\trunHooks\n"
				    "\tid = 0123456789abcdef0123456789abcdef\n"
				    "\tsource = infra=/srv/git/infra.git\n"
				    "\tdenyAddress = 10.0.0.0/8\n"
				    "\tdenyAddress = fd00::/8\n"
				    "\tcommitter = Image Bot <bot@example.com>\n");
	const struct strings *hosts = config_list(loaded.config, CONFIG_ALLOW_HOST);
	const struct strings *paths = config_list(loaded.config, CONFIG_PATH);
	assert_string_equal(loaded.found, "");
	assert_int_equal(config_ms(loaded.config, CONFIG_FOREGROUND), 90000);
	assert_string_equal(config_source(loaded.config, CONFIG_FOREGROUND),
			    place_file(place, "system"));
	assert_int_equal(hosts->len, 3);
	assert_string_equal(hosts->items[1], "scan=two:5000/team-a/");
	assert_string_equal(hosts->items[2], "three");
	assert_string_equal(config_text(loaded.config, CONFIG_BRANCH), "feature/x");
	assert_string_equal(config_source(loaded.config, CONFIG_BRANCH),
			    place_file(place, "x.git/config"));
	assert_int_equal(paths->len, 1);
	assert_string_equal(paths->items[0], "clusters/a");
	assert_int_equal(config_int(loaded.config, CONFIG_MAX_COMMITS), 0);
	assert_true(config_bool(loaded.config, CONFIG_RUN_HOOKS));
	assert_int_equal(config_list(loaded.config, CONFIG_DENY_ADDRESS)->len, 2);
}

static const struct {
	const char *text; /* behind [imagehook] */
	const char *found;
} mistakes[] = {
	{ "brnch = main", "config:2: error: unknown key 'imagehook.brnch'; did you mean "
			  "'imagehook.branch'? [config-unknown-key]\n" },
	{ "allowhosts = x",
	  "config:2: error: unknown key 'imagehook.allowhosts'; did you mean "
	  "'imagehook.allowHost'? [config-unknown-key]\n" },
	{ "zzzzzzzz = x",
	  "config:2: error: unknown key 'imagehook.zzzzzzzz'; 'imagehook config' lists "
	  "the keys [config-unknown-key]\n" },
	{ "[imagehook \"x\"]\nbranch = a",
	  "config:3: error: unknown section [imagehook \"x\"]; keys stand in [imagehook] "
	  "[config-unknown-key]\n" },
	{ "enabled = maybe",
	  "config:2: error: imagehook.enabled: 'maybe' is not a boolean such as true or "
	  "false [config-bad-value]\n" },
	{ "write = nome",
	  "config:2: error: imagehook.write: 'nome' is not one of direct, local-push, "
	  "remote-push, none [config-bad-value]\n" },
	{ "foreground = 5 m",
	  "config:2: error: imagehook.foreground: '5 m' is not a duration such as 5s or "
	  "1m30s [config-bad-value]\n" },
	{ "foreground = -5s",
	  "config:2: error: imagehook.foreground: '-5s' is not a duration such as 5s or "
	  "1m30s [config-bad-value]\n" },
	{ "foreground", "config:2: error: imagehook.foreground has no value; expected a "
			"duration such as 5s or 1m30s [config-bad-value]\n" },
	{ "maxCommits = six",
	  "config:2: error: imagehook.maxCommits: 'six' is not a number from 0 to "
	  "1000000 [config-bad-value]\n" },
	{ "maxCommits =",
	  "config:2: error: imagehook.maxCommits: '' is not a number from 0 to 1000000 "
	  "[config-bad-value]\n" },
	{ "denyAddress = 10.0.0.0/33",
	  "config:2: error: imagehook.denyAddress: '10.0.0.0/33' is not an address range "
	  "such as 10.0.0.0/8 or fd00::/8 [config-bad-value]\n" },
	{ "branch = refs/heads/main",
	  "config:2: error: imagehook.branch: 'refs/heads/main' is not a branch name such "
	  "as main, without 'refs/heads/' [config-bad-value]\n" },
	{ "branch = a..b",
	  "config:2: error: imagehook.branch: 'a..b' is not a branch name such as main, "
	  "without 'refs/heads/' [config-bad-value]\n" },
	{ "path = a/../../b",
	  "config:2: error: imagehook.path: 'a/../../b' is not a path inside the "
	  "repository [config-bad-value]\n" },
	{ "allowHost = https://x/",
	  "config:2: error: imagehook.allowHost: 'https://x/' is not a host such as "
	  "registry.internal:5000/team-a/ or scan=registry.internal [config-bad-value]\n" },
	{ "source = infra",
	  "config:2: error: imagehook.source: 'infra' is not a mapping such as "
	  "infra=/srv/git/infra.git [config-bad-value]\n" },
	{ "committer = nobody",
	  "config:2: error: imagehook.committer: 'nobody' is not an identity such as "
	  "'Image Bot <bot@example.com>' [config-bad-value]\n" },
	{ "state = here",
	  "config:2: error: imagehook.state: 'here' is not an absolute path "
	  "[config-bad-value]\n" },
	{ "proxy = proxy:3128",
	  "config:2: error: imagehook.proxy: 'proxy:3128' is not a proxy such as "
	  "http://proxy.internal:3128 [config-bad-value]\n" },
	{ "namespace = A_B",
	  "config:2: error: imagehook.namespace: 'A_B' is not a namespace of letters a-z, "
	  "digits and '-' [config-bad-value]\n" },
	{ "id = 12", "config:2: error: imagehook.id: '12' is not an id of 32 hex digits; "
		     "'imagehook install' writes it [config-bad-value]\n" },
	{ "branch = \"a\\bc\"", "config:2: error: imagehook.branch holds control "
				"characters or is not UTF-8 [config-bad-value]\n" },
};

/* One mistake neither hides the next nor takes effect, and nothing is written. */
static void test_mistakes(void **state)
{
	struct place_of_test *place = *state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		const char *why = NULL;
		const char *text = arena_printf(
		    &place->arena, "[imagehook]\n%s\n[imagehook]\nauthorEmail = a@b\n",
		    mistakes[i].text);
		struct loaded loaded = load(place, NULL, text);
		assert_string_equal(loaded.found, mistakes[i].found);
		assert_string_equal(config_text(loaded.config, CONFIG_AUTHOR_EMAIL),
				    "a@b");
		assert_string_equal(config_text(loaded.config, CONFIG_BRANCH), "");
		assert_int_equal(config_ms(loaded.config, CONFIG_FOREGROUND), 5000);
		assert_true(config_is_stopped(loaded.config, &why));
		assert_non_null(strstr(why, "x.git/config:"));
	}
}

static void test_bad_syntax(void **state)
{
	const char *why = NULL;
	struct loaded loaded = load(*state, "[imagehook\nenabled = false\n", NULL);
	assert_int_equal(loaded.findings.len, 1);
	assert_string_equal(loaded.findings.items[0].id, "config-syntax");
	assert_true(config_is_stopped(loaded.config, &why));
}

static void test_the_system_file_stops_a_host(void **state)
{
	struct place_of_test *place = *state;
	const char *why = NULL;
	struct loaded loaded = load(place, "[imagehook]\nenabled = false\n",
				    "[imagehook]\nenabled = true\nwrite = direct\n");
	assert_false(config_bool(loaded.config, CONFIG_ENABLED));
	assert_true(config_is_stopped(loaded.config, &why));
	assert_string_equal(why, "imagehook.enabled is false in the system file");
	loaded = load(place, "[imagehook]\nwrite = none\n",
		      "[imagehook]\nwrite = direct\nwrite =\n");
	assert_string_equal(config_text(loaded.config, CONFIG_WRITE), "none");
	assert_true(config_is_stopped(loaded.config, &why));
	assert_string_equal(why, "imagehook.write is none in the system file");
	/* any other value of the system file is a default for the repository */
	loaded = load(place, "[imagehook]\nwrite = direct\n",
		      "[imagehook]\nwrite = none\nenabled =\n");
	assert_true(config_is_stopped(loaded.config, &why));
	assert_string_equal(why, "imagehook.enabled is false");
	loaded = load(place, "[imagehook]\nid = 0123456789abcdef0123456789abcdef\n", "");
	assert_string_equal(loaded.found,
			    "system:2: error: imagehook.id belongs in a repository's own "
			    "config [config-bad-value]\n");
}

static const char widening[] = "[imagehook]\n\tpushBranch = *\n\tmaxCommits = 9\n";

/* Whether the widening key counts, and nothing else is lost with it. */
static void expect_trust(struct place_of_test *place, bool trusted)
{
	struct err err = ERR_INIT;
	struct config *config = NULL;
	struct finding_list findings = FINDING_LIST_INIT(&place->arena);
	assert_int_equal(config_load(place_file(place, "none"),
				     place_file(place, "x.git"), &place->arena, &config,
				     &findings, &err),
			 0);
	assert_int_equal(config_int(config, CONFIG_MAX_COMMITS), 9);
	assert_string_equal(config_text(config, CONFIG_PUSH_BRANCH), trusted ? "*" : "");
	assert_int_equal(findings.len, trusted ? 0 : 1);
	const char *why = NULL;
	assert_false(config_is_stopped(config, &why));
	if (trusted)
		return;
	assert_string_equal(findings.items[0].id, "config-untrusted");
	assert_int_equal(findings.items[0].severity, SEVERITY_WARNING);
	assert_non_null(findings.items[0].hint);
}

static void test_who_may_widen_trust(void **state)
{
	struct place_of_test *place = *state;
	const char *dir = place_file(place, "x.git");
	const char *file = place_file(place, "x.git/config");
	(void)load(place, NULL, widening);
	expect_trust(place, true);
	assert_int_equal(chmod(file, 0664), 0);
	expect_trust(place, false);
	assert_int_equal(chmod(file, 0646), 0);
	expect_trust(place, false);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(chmod(dir, 02775), 0);
	expect_trust(place, false);
	assert_int_equal(chmod(dir, 0700), 0);
	expect_trust(place, true);
	assert_int_equal(rename(file, place_file(place, "elsewhere")), 0);
	assert_int_equal(symlink("../elsewhere", file), 0);
	expect_trust(place, false);
}

static void test_unreadable_files(void **state)
{
	struct place_of_test *place = *state;
	struct err err = ERR_INIT;
	struct config *config = NULL;
	struct finding_list findings = FINDING_LIST_INIT(&place->arena);
	assert_int_equal(
	    config_load(place->dir, NULL, &place->arena, &config, &findings, &err),
	    ERR_IO);
	struct buf big BUF_CLEANUP = BUF_INIT(2 * LIMIT_CONFIG_BYTES);
	while (big.len <= LIMIT_CONFIG_BYTES)
		assert_true(buf_puts(&big, "# a comment of some length\n"));
	place_write(place, "big", buf_cstr(&big), 0644);
	assert_int_equal(config_load(place_file(place, "big"), NULL, &place->arena,
				     &config, &findings, &err),
			 ERR_LIMIT);
	assert_non_null(strstr(err.text, "1048576 bytes of a configuration file"));
	assert_null(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_values_of_both_files),
		TEST(test_mistakes),
		TEST(test_bad_syntax),
		TEST(test_the_system_file_stops_a_host),
		TEST(test_who_may_widen_trust),
		TEST(test_unreadable_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
