/* SPDX-License-Identifier: MIT */
/* Expressions by their fixtures, and the limits. */
#include "lang/cel/cel.h"
#include "adapter/json/json.h"
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static const char roots_json[] =
    "{\"event\":{\"involvedObject\":{\"kind\":\"Kustomization\",\"name\":\"apps\"},"
    "\"reason\":\"Succeeded\",\"metadata\":{\"env\":\"prod\"}},"
    "\"provider\":{\"metadata\":{\"uid\":\"0c9c2e41-d2f9-4f9b-9c41-bebc1984d67a\"},"
    "\"spec\":{\"type\":\"github\"}},\"alert\":{\"metadata\":{\"name\":\"a\"}}}";

static int run(struct str text, struct arena *arena, const char **out, struct err *err)
{
	static const char *names[] = { "event", "provider", "alert" };
	const struct strings roots = { names, 3, 3 };
	struct value *map = NULL;
	struct cel *cel = NULL;
	assert_int_equal(json_parse(str_of(roots_json), arena, &map, err), 0);
	int code = cel_compile(text, &roots, arena, &cel, err);
	return code ? code : cel_eval_string(cel, map, arena, out, err);
}

static bool run_line(struct str line)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	char shown[ERR_TEXT_BYTES + 64];
	struct str rest = line;
	struct str text;
	struct str wanted;
	const char *out = NULL;
	assert_true(str_split(&rest, '\t', &text));
	assert_true(str_split(&rest, '\t', &wanted));
	int code = run(text, &arena, &out, &err);
	err_format(&err, shown, sizeof(shown));
	if (code == 0 && str_is(wanted, "ok") && str_is(rest, out))
		return true;
	if (code && str_is(wanted, "error") &&
	    str_find(str_of(shown), rest) < strlen(shown))
		return true;
	print_error("%.*s: %s\n", STR_ARG(line), code ? shown : out);
	return false;
}

static void test_fixtures(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	size_t failed = 0;
	size_t n = 0;
	assert_int_equal(file_read("fixtures/cel/cases.tsv", &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line)) {
		if (str_starts(line, STR("#")))
			continue;
		failed += !run_line(line);
		n++;
	}
	assert_true(n > 50);
	assert_int_equal(failed, 0);
}

static void test_limits(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	const char *out = NULL;
	for (int i = 0; i < 200; i++)
		assert_true(buf_putc(&text, '('));
	assert_int_equal(run(buf_str(&text), &arena, &out, &err), ERR_LIMIT);
	buf_truncate(&text, 0);
	for (int i = 0; i < 200; i++)
		assert_true(buf_putc(&text, '!'));
	assert_int_equal(run(buf_str(&text), &arena, &out, &err), ERR_LIMIT);
	buf_truncate(&text, 0);
	assert_true(buf_puts(&text, "'aaaaaaaaaa'"));
	for (int i = 0; i < 9; i++)
		assert_true(buf_puts(&text, ".replace('', 'aaaaaaaaaa')"));
	assert_int_equal(run(buf_str(&text), &arena, &out, &err), ERR_LIMIT);
	assert_non_null(strstr(err.text, "bytes of a CEL expression's values"));
	buf_truncate(&text, 0);
	while (text.len <= LIMIT_CEL_BYTES)
		assert_true(buf_puts(&text, "'a' + "));
	assert_int_equal(run(buf_str(&text), &arena, &out, &err), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixtures),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
