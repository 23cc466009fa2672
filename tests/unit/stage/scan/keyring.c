/* SPDX-License-Identifier: MIT */
#include "stage/scan/keyring.h"
#include "base/file.h"
#include "stage/scan/reference.h"
#include "stage/scan/scan.h"
#include "tests/unit/unit.h"

#define MATCHES "fixtures/scan/keyring-matches.tsv"

/* Rows of `KEY[ KEY]...<TAB>IMAGE<TAB>KEY that matches, or -`. */
static void check_row(struct str line)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct reference reference = { 0 };
	struct keyring keyring = { 0 };
	struct err err = ERR_INIT;
	struct str keys, key, image, want;
	struct str rest = line;
	const char *json = "";
	assert_true(str_split(&rest, '\t', &keys));
	assert_true(str_split(&rest, '\t', &image));
	assert_true(str_split(&rest, '\t', &want));
	while (str_split(&keys, ' ', &key))
		json = arena_printf(
		    &arena, "%s%s\"%.*s\":{\"username\":\"%.*s\",\"password\":\"x\"}",
		    json, json[0] ? "," : "", STR_ARG(key), STR_ARG(key));
	json = arena_printf(&arena, "{\"auths\":{%s}}", json);
	assert_int_equal(keyring_parse(str_of(json), false, &arena, &keyring, &err), 0);
	assert_int_equal(
	    reference_parse(arena_strndup(&arena, image), &arena, &reference, &err), 0);
	const struct credential *found =
	    keyring_find(&keyring, reference.registry, reference.repository);
	if (!str_is(want, found ? found->username : "-"))
		fail_msg("%.*s: got %s", STR_ARG(line), found ? found->username : "-");
}

static void test_matches(void **state)
{
	(void)state;
	struct buf file BUF_CLEANUP = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct str line;
	assert_int_equal(file_read(MATCHES, &file, &err), 0);
	struct str rest = buf_str(&file);
	while (str_line(&rest, &line))
		if (line.len && line.ptr[0] != '#')
			check_row(line);
}

/* `user|password|identity|registry` of the only entry, or the strict error. */
static const struct {
	const char *config;
	const char *found; /* NULL: no entry */
	const char *error; /* NULL: none */
} entries[] = {
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU6cDphIHNz\"}}}", "me|p:a ss|-|-", NULL },
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU6cA==\"}}}", "me|p|-|-", NULL },
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU6cA\"}}}", "me|p|-|-", NULL },
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU6cAAAAA==\"}}}", "me|p|-|-", NULL },
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU6cA==\",\"username\":\"x\",\"password\":"
	  "\"y\"}}}",
	  "me|p|-|-", NULL },
	{ "{\"a.b\":{\"username\":\"x\",\"password\":\"y\",\"email\":\"z\"}}", "x|y|-|-",
	  NULL },
	{ "{\"auths\":{\"a.b\":{\"identitytoken\":\"t\"}}}", "-|-|t|-", NULL },
	{ "{\"auths\":{\"a.b\":{\"registrytoken\":\"t\"}}}", "-|-|-|t", NULL },
	{ "{\"auths\":{\"a.b\":{}},\"credsStore\":\"x\"}", NULL, NULL },
	{ "{\"credsStore\":\"x\"}", NULL,
	  "the docker config holds no 'auths', only the name of a credential helper, which "
	  "is never run" },
	{ "{\"auths\":[]}", NULL, "the docker config is not a map of registries" },
	{ "{\"auths\":{\"a.b\":1}}", NULL, "docker config entry 'a.b': it is not a map" },
	{ "{\"auths\":{\"a.b\":{\"auth\":\"bWU=\"}}}", NULL,
	  "docker config entry 'a.b': unable to decode auth field: must be formatted as "
	  "base64(username:password)" },
	{ "{\"auths\":{\"a.b\":{\"password\":7}}}", NULL,
	  "docker config entry 'a.b': a field is not a string" },
	{ "{\"auths\":{\"*\":{\"username\":\"x\",\"password\":\"y\"}}}", NULL,
	  "docker config entry '*': the key names no registry" },
};

static void test_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(entries); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct keyring keyring = { 0 };
		struct err err = ERR_INIT;
		struct str text = str_of(entries[i].config);
		int code = scan_check_docker_config(text, &err);
		assert_int_equal(code, entries[i].error ? ERR_INVALID : 0);
		if (entries[i].error)
			assert_string_equal(err.text, entries[i].error);
		assert_int_equal(keyring_parse(text, false, &arena, &keyring, &err), 0);
		const struct credential *got = keyring_find(&keyring, "a.b", "x");
		if (!entries[i].found) {
			assert_null(got);
			continue;
		}
		assert_non_null(got);
		assert_string_equal(
		    arena_printf(&arena, "%s|%s|%s|%s",
				 got->username ? got->username : "-",
				 got->password ? got->password : "-",
				 got->identity_token ? got->identity_token : "-",
				 got->registry_token ? got->registry_token : "-"),
		    entries[i].found);
	}
}

static void test_broken_text_shows_no_secret(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char text[ERR_TEXT_BYTES + ERR_PATH_BYTES];
	struct str config =
	    STR("{\"auths\":{\"a.b\":{\"password\":\"x\",\"hunter2\":1,\"hunter2\":1}}}");
	assert_int_equal(scan_check_docker_config(config, &err), ERR_INVALID);
	err_format(&err, text, sizeof(text));
	assert_string_equal(text, "the docker config is not JSON");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_broken_text_shows_no_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
