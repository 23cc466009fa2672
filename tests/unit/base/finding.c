/* SPDX-License-Identifier: MIT */
/* Collecting, ordering and counting findings, up to the limit. */
#include "base/finding.h"
#include "base/buf.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

static struct place at(const char *path, uint32_t line, uint32_t col)
{
	return (struct place){ str_of(path), line, col };
}

static void test_add(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list list = FINDING_LIST_INIT(&arena);
	struct finding *finding = finding_add(&list, SEVERITY_WARNING, "some-id",
					      at("a.yaml", 1, 2), "%d of '%s'", 3, "x");
	finding->hint = "do it";
	assert_ptr_equal(finding, &list.items[0]);
	assert_string_equal(finding->text, "3 of 'x'");
	assert_string_equal(finding->id, "some-id");
	assert_null(finding->object);
	(void)finding_add(&list, SEVERITY_INFO, "i", at("", 0, 0), "info");
	(void)finding_add(&list, SEVERITY_ERROR, "e", at("", 0, 0), "error");
	assert_int_equal(finding_count(&list, SEVERITY_INFO), 3);
	assert_int_equal(finding_count(&list, SEVERITY_WARNING), 2);
	assert_int_equal(finding_count(&list, SEVERITY_ERROR), 1);
	assert_string_equal(severity_name(SEVERITY_INFO), "info");
	assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
	assert_string_equal(severity_name(SEVERITY_ERROR), "error");
}

static void test_add_err(void **state)
{
	(void)state;

	static const struct {
		const char *err_path;
		uint32_t err_line, err_col;
		const char *path;
		uint32_t line, col;
		const char *wanted;
	} rows[] = {
		{ "e", 3, 4, "", 0, 0, "e:3:4" },  { "e", 3, 4, "p", 1, 2, "p:3:4" },
		{ "e", 0, 0, "p", 1, 2, "p:1:2" }, { "", 3, 0, "p", 1, 2, "p:3:0" },
		{ "", 0, 0, "", 0, 0, ":0:0" },
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list list = FINDING_LIST_INIT(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		char got[64];
		(void)err_set(&err, ERR_INVALID, "wrong");
		(void)err_at(&err, rows[i].err_path, rows[i].err_line, rows[i].err_col);
		const struct finding *finding = finding_add_err(
		    &list, "id", at(rows[i].path, rows[i].line, rows[i].col), &err);
		(void)err_set(&err, ERR_INVALID, "other");
		(void)snprintf(got, sizeof(got), "%.*s:%u:%u",
			       STR_ARG(finding->place.path), finding->place.line,
			       finding->place.col);
		assert_string_equal(got, rows[i].wanted);
		assert_string_equal(finding->text, "wrong");
		assert_int_equal(finding->severity, SEVERITY_ERROR);
	}
}

static void test_order(void **state)
{
	(void)state;

	static const struct {
		const char *path;
		uint32_t line, col;
		const char *id, *text;
	} rows[] = {
		{ "", 0, 0, "z", "z" },   { "a", 0, 0, "z", "z" },
		{ "a", 2, 1, "a", "a" },  { "a", 2, 3, "a", "a" },
		{ "a", 2, 3, "a", "b" },  { "a", 2, 3, "b", "a" },
		{ "a", 10, 1, "a", "a" }, { "ab", 1, 1, "a", "a" },
		{ "b", 1, 1, "a", "a" },
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list list = FINDING_LIST_INIT(&arena);
	/* each twice, in another order */
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		size_t r = i * 5 % ARRAY_LEN(rows);
		(void)finding_add(&list, SEVERITY_ERROR, rows[r].id,
				  at(rows[r].path, rows[r].line, rows[r].col), "%s",
				  rows[r].text);
	}
	finding_sort(&list);
	assert_int_equal(list.len, 2 * ARRAY_LEN(rows));
	finding_unique(&list);
	assert_int_equal(list.len, ARRAY_LEN(rows));
	for (size_t i = 0; i < list.len; i++) {
		assert_true(str_is(list.items[i].place.path, rows[i].path));
		assert_int_equal(list.items[i].place.line, rows[i].line);
		assert_int_equal(list.items[i].place.col, rows[i].col);
		assert_string_equal(list.items[i].id, rows[i].id);
		assert_string_equal(list.items[i].text, rows[i].text);
	}
	struct finding_list empty = FINDING_LIST_INIT(&arena);
	finding_unique(&empty);
	assert_int_equal(empty.len, 0);
}

static void test_limit(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list list = FINDING_LIST_INIT(&arena);
	for (int i = 0; i < LIMIT_FINDINGS + 3; i++) {
		struct finding *finding =
		    finding_add(&list, SEVERITY_ERROR, "id", at("", 0, 0), "%d", i);
		finding->hint = "may be set always";
	}
	assert_int_equal(list.len, LIMIT_FINDINGS);
	assert_int_equal(list.dropped, 3);
	assert_string_equal(list.items[LIMIT_FINDINGS - 1].text, "9999");
}

/* A text that is cut stays UTF-8. */
static void test_long_text(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct finding_list list = FINDING_LIST_INIT(&arena);
	for (size_t shift = 0; shift < 4; shift++) {
		struct buf text BUF_CLEANUP = BUF_INIT(8192);
		for (size_t i = 0; i < shift; i++)
			(void)buf_putc(&text, 'a');
		while (text.len < 3000)
			(void)buf_puts(&text, "\xf0\x9f\x98\x80");
		const struct finding *finding = finding_add(
		    &list, SEVERITY_ERROR, "id", at("", 0, 0), "%s", buf_cstr(&text));
		assert_true(str_is_utf8(str_of(finding->text), NULL));
		assert_true(strlen(finding->text) >= ERR_TEXT_BYTES - 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),       cmocka_unit_test(test_add_err),
		cmocka_unit_test(test_order),     cmocka_unit_test(test_limit),
		cmocka_unit_test(test_long_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
