/* SPDX-License-Identifier: MIT */
/* The words of kinds, and what is shown of commits. */
#include "cmd/kinds.h"
#include "tests/unit/unit.h"

static const struct {
	const char *words;
	size_t used;
	size_t kinds;
	const char *first;
} rows[] = {
	{ "image repository", 2, 1, "ImageRepository" },
	{ "images policies web", 2, 1, "ImagePolicy" },
	{ "image ImagePolicy", 2, 1, "ImagePolicy" },
	{ "image all", 2, 3, "ImageRepository" },
	{ "all", 1, 8, "ImageRepository" },
	{ "source git fleet", 2, 1, "GitRepository" },
	{ "sources git", 2, 1, "GitRepository" },
	{ "ks", 1, 1, "Kustomization" },
	{ "Kustomization apps", 1, 1, "Kustomization" },
	{ "hr", 1, 1, "HelmRelease" },
	{ "alert-providers", 1, 1, "Provider" },
	{ "alert one", 1, 1, "Alert" },
	{ "", 0, 0, NULL },
	{ "image", 0, 0, NULL },
	{ "source", 0, 0, NULL },
	{ "policy", 0, 0, NULL },
	{ "git", 0, 0, NULL },
	{ "image ks", 0, 0, NULL },
	{ "image git", 0, 0, NULL },
	{ "source all", 0, 0, NULL },
	{ "source policy", 0, 0, NULL },
	{ "receivers", 0, 0, NULL },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct strings words = { 0 };
		struct kind_group group = { 0 };
		struct str rest = str_of(rows[i].words);
		struct str word;
		while (rest.len && str_split(&rest, ' ', &word))
			strings_add(&arena, &words, arena_strndup(&arena, word));
		size_t used = kinds_find(&words, &group);
		if (used != rows[i].used)
			fail_msg("'%s': %zu words", rows[i].words, used);
		if (!used)
			continue;
		assert_int_equal(group.n, rows[i].kinds);
		assert_string_equal(group.kinds->kind, rows[i].first);
	}
}

static void test_one_word(void **state)
{
	(void)state;
	assert_string_equal(kinds_of_word("policies"), "ImagePolicy");
	assert_string_equal(kinds_of_word("HelmRelease"), "HelmRelease");
	assert_null(kinds_of_word("helm"));
	assert_true(kinds_is_image("ImagePolicy"));
	assert_false(kinds_is_image("Alert"));
	assert_false(kinds_is_image(NULL));
	assert_string_equal(kinds_nearest("kustomisations"), "kustomizations");
	assert_null(kinds_nearest("x"));
}

#define FORTY "0123456789abcdef0123456789abcdef01234567"

static void test_shorten(void **state)
{
	(void)state;

	static const struct {
		const char *text, *shown;
	} texts[] = {
		{ "", "" },
		{ "main@sha1:" FORTY, "main@sha1:01234567" },
		{ "'" FORTY "' and " FORTY ".", "'01234567' and 01234567." },
		{ "0123456789abcdef0123456789abcdef0123456",
		  "0123456789abcdef0123456789abcdef0123456" },
		{ FORTY FORTY FORTY "01234567", "01234567" },
		{ FORTY FORTY FORTY "012345678", FORTY FORTY FORTY "012345678" },
	};

	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_string_equal(kinds_shorten(&arena, texts[i].text), texts[i].shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_one_word),
		cmocka_unit_test(test_shorten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
