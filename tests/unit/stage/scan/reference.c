/* SPDX-License-Identifier: MIT */
#include "stage/scan/reference.h"
#include "adapter/json/json.h"
#include "base/file.h"
#include "tests/unit/unit.h"

#define CASES "fixtures/reference/reference-cases.jsonl"

/* What the reason must speak of for each class of a case's `err`. */
static const struct {
	const char *class;
	const char *word;
} reasons[] = {
	{ "empty", "is empty" }, { "scheme", "scheme" },     { "id", "image id" },
	{ "host", "the host" },  { "port", "the port" },     { "path", "the path" },
	{ "tag", "the tag" },    { "digest", "the digest" },
};

static const struct {
	const char *class;
	const char *text;
} upstream[] = {
	{ "reject-scheme", "should not include URL scheme; remove '" },
	{ "reject-tag", "should not include a tag; remove ':" },
	{ "reject-parse", "could not parse reference: " },
};

static void expect(const char *id, const char *got, const char *want)
{
	if (strcmp(got ? got : "null", want ? want : "null") != 0)
		fail_msg("%s: got '%s', want '%s'", id, got ? got : "null",
			 want ? want : "null");
}

static void check_parse(const struct value *row, const char *id, struct arena *arena)
{
	struct reference got = { 0 };
	struct err err = ERR_INIT;
	const char *text = value_get_text(row, "in", arena);
	int code = reference_parse(text, arena, &got, &err);
	if (!value_get(row, "ok")->boolean) {
		const char *class = value_get_text(row, "err", arena);
		if (code != ERR_INVALID)
			fail_msg("%s: '%s' was accepted", id, text);
		for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
			if (strcmp(reasons[i].class, class) == 0 &&
			    !strstr(err.text, reasons[i].word))
				fail_msg("%s: '%s' is not about %s", id, err.text, class);
		return;
	}
	if (code)
		fail_msg("%s: %s", id, err.text);
	expect(id, got.registry, value_get_text(row, "registry", arena));
	expect(id, got.connect, value_get_text(row, "connect", arena));
	expect(id, got.repository, value_get_text(row, "repository", arena));
	expect(id, got.tag, value_get_text(row, "tag", arena));
	expect(id, got.digest, value_get_text(row, "digest", arena));
}

static void check_image(const struct value *row, const char *id, struct arena *arena)
{
	struct reference got = { 0 };
	struct err err = ERR_INIT;
	const char *text = value_get_text(row, "in", arena);
	const char *verdict = value_get_text(row, "flux_spec_image", arena);
	int code = reference_parse_image(text, arena, &got, &err);
	if (strcmp(verdict, "ok") == 0) {
		bool strict = value_get(row, "ok")->boolean;
		if ((code == 0) != strict)
			fail_msg("%s: %s", id, code ? err.text : "was accepted");
		if (code && err.text[strlen(err.text) - 1] != ')')
			fail_msg("%s: no reason in '%s'", id, err.text);
		return;
	}
	assert_int_equal(code, ERR_INVALID);
	for (size_t i = 0; i < ARRAY_LEN(upstream); i++)
		if (strcmp(upstream[i].class, verdict) == 0 &&
		    !strstr(err.text, upstream[i].text))
			fail_msg("%s: '%s' is not %s", id, err.text, verdict);
}

static void test_cases(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf file BUF_CLEANUP = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	size_t rows = 0;
	assert_int_equal(file_read(CASES, &file, &err), 0);
	struct str rest = buf_str(&file);
	struct str line;
	while (str_line(&rest, &line)) {
		struct value *row = NULL;
		if (line.len == 0)
			continue;
		assert_int_equal(json_parse(line, &arena, &row, &err), 0);
		const char *id = value_get_text(row, "id", &arena);
		check_parse(row, id, &arena);
		check_image(row, id, &arena);
		rows++;
	}
	assert_true(rows > 0);
}

static const struct {
	const char *image;
	const char *canonical;
	const char *error; /* NULL: accepted */
} images[] = {
	{ "alpine", "index.docker.io/library/alpine", NULL },
	{ "docker.io/library/alpine", "index.docker.io/library/alpine", NULL },
	{ "GHCR.io/org/app", "ghcr.io/org/app", NULL },
	{ "example.com", "index.docker.io/library/example.com", NULL },
	{ "[::1]:5000/app", "[::1]:5000/app", NULL },
	{ "a", "index.docker.io/library/a", NULL },
	{ "ghcr.io/Org/App", NULL, "could not parse reference: ghcr.io/Org/App" },
	{ "example.com/foo/bar:baz", NULL,
	  "image 'example.com/foo/bar:baz' should not include a tag; remove ':baz'" },
	{ "example.com/foo/bar:", NULL,
	  "could not parse reference: example.com/foo/bar:" },
	{ "example.com/foo:foo:bar", NULL,
	  "could not parse reference: example.com/foo:foo:bar" },
	{ "example.com/foo@sha256:"
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	  NULL,
	  "image 'example.com/foo@sha256:"
	  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' should not "
	  "include a tag; remove "
	  "':0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'" },
	{ "https://example.com/foo", NULL,
	  "image 'https://example.com/foo' should not include URL scheme; remove "
	  "'https://'" },
	{ " example.com/foo", NULL, "could not parse reference:  example.com/foo" },
	{ "user@example.com/foo", NULL,
	  "could not parse reference: user@example.com/foo" },
	{ "", NULL, "could not parse reference: " },
	{ "example.com:99999/foo", NULL,
	  "could not parse reference: example.com:99999/foo (the port is not a number "
	  "from 1 to 65535)" },
};

static void test_images(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct reference got = { 0 };
		struct err err = ERR_INIT;
		int code = reference_parse_image(images[i].image, &arena, &got, &err);
		if (images[i].error) {
			assert_int_equal(code, ERR_INVALID);
			assert_string_equal(err.text, images[i].error);
			continue;
		}
		assert_int_equal(code, 0);
		assert_string_equal(got.canonical, images[i].canonical);
	}
}

static void test_longest_path(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct reference got = { 0 };
	struct err err = ERR_INIT;
	char image[300];
	for (size_t len = 247; len <= 248; len++) {
		memset(image, 'a', len);
		image[len] = '\0';
		/* `library/` counts, as it stands in the URL */
		assert_int_equal(reference_parse(image, &arena, &got, &err),
				 len == 247 ? 0 : ERR_INVALID);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_longest_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
