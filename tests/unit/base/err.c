/* SPDX-License-Identifier: MIT */
/* Texts, codes and positions of errors, and where they are cut. */
#include "base/err.h"
#include "base/str.h"
#include "tests/unit/unit.h"
#include <errno.h>

/* "a" and then as many two-byte characters as fit `bytes` with the NUL. */
static void fill(char *text, size_t bytes)
{
	size_t at = 0;
	text[at++] = 'a';
	while (at + 3 <= bytes) {
		text[at++] = '\xc3';
		text[at++] = '\xa9';
	}
	text[at] = '\0';
}

static void test_set(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	assert_int_equal(err_set(&err, ERR_LIMIT, "%d of '%s'", 3, "x"), ERR_LIMIT);
	assert_int_equal(err_at(&err, "a.yaml", 2, 3), ERR_LIMIT);
	assert_int_equal(err_prefix(&err, "in %s", "here"), ERR_LIMIT);
	assert_string_equal(err.text, "in here: 3 of 'x'");
	assert_int_equal(err.line, 2);
	assert_string_equal(err.path, "a.yaml");
	/* a new error has no old position, and quotes nothing */
	err.quotes = true;
	assert_int_equal(err_prefix(&err, "x"), ERR_LIMIT);
	assert_true(err.quotes);
	(void)err_set(&err, ERR_IO, "new");
	assert_int_equal(err.line + err.col, 0);
	assert_false(err.quotes);
	assert_string_equal(err.path, "");
}

static void test_errno(void **state)
{
	(void)state;

	static const struct {
		int number;
		int code;
		const char *text;
	} rows[] = {
		{ EACCES, ERR_DENIED, "open 'x': Permission denied" },
		{ EPERM, ERR_DENIED, "open 'x': Operation not permitted" },
		{ ENOENT, ERR_NOTFOUND, "open 'x': No such file or directory" },
		{ EIO, ERR_IO, "open 'x': Input/output error" },
		{ ENOTDIR, ERR_IO, "open 'x': Not a directory" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		errno = rows[i].number;
		assert_int_equal(err_errno(&err, "open '%s'", "x"), rows[i].code);
		assert_int_equal(err.code, rows[i].code);
		assert_string_equal(err.text, rows[i].text);
	}
}

/* Whatever is too long stays UTF-8. */
static void test_cut(void **state)
{
	(void)state;
	char text[3 * ERR_TEXT_BYTES];
	for (size_t shift = 0; shift < 2; shift++) {
		struct err err = ERR_INIT;
		fill(text, sizeof(text));
		const char *shifted = text + 1 - shift;
		(void)err_set(&err, ERR_INVALID, "%s", shifted);
		assert_true(str_is_utf8(str_of(err.text), NULL));
		assert_true(strlen(err.text) > ERR_TEXT_BYTES - 5);
		(void)err_set(&err, ERR_INVALID, "why");
		(void)err_prefix(&err, "%s", shifted);
		assert_true(str_is_utf8(str_of(err.text), NULL));
		assert_true(str_ends(str_of(err.text), STR(": why")));
		(void)err_prefix(&err, "%s", shifted);
		assert_true(str_is_utf8(str_of(err.text), NULL));
		errno = ENOENT;
		(void)err_errno(&err, "%s", shifted);
		assert_true(str_is_utf8(str_of(err.text), NULL));
		assert_true(
		    str_ends(str_of(err.text), STR(": No such file or directory")));
	}
	/* one that just fits is not cut */
	struct err err = ERR_INIT;
	fill(text, ERR_TEXT_BYTES);
	(void)err_set(&err, ERR_INVALID, "%s", text);
	assert_string_equal(err.text, text);
}

static void test_format(void **state)
{
	(void)state;

	static const struct {
		const char *path;
		uint32_t line, col;
		const char *wanted;
	} rows[] = {
		{ "a/b.yaml", 3, 7, "a/b.yaml:3:7: wrong" },
		{ "a/b.yaml", 3, 0, "a/b.yaml:3: wrong" },
		{ "a/b.yaml", 0, 0, "a/b.yaml: wrong" },
		{ "a/b.yaml", 0, 7, "a/b.yaml: wrong" },
		{ NULL, 3, 7, "3:7: wrong" },
		{ NULL, 3, 0, "3: wrong" },
		{ NULL, 0, 0, "wrong" },
		{ "x", UINT32_MAX, UINT32_MAX, "x:4294967295:4294967295: wrong" },
	};

	char out[256];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = ERR_INIT;
		(void)err_set(&err, ERR_INVALID, "wrong");
		(void)err_at(&err, rows[i].path, rows[i].line, rows[i].col);
		err_format(&err, out, sizeof(out));
		assert_string_equal(out, rows[i].wanted);
	}
	struct err err = ERR_INIT;
	(void)err_set(&err, ERR_INVALID, "wrong");
	err_format(&err, out, 4);
	assert_string_equal(out, "wro");
	/* NULL keeps the path; an over-long one is cut */
	(void)err_at(&err, "p", 1, 1);
	(void)err_at(&err, NULL, 2, 0);
	err_format(&err, out, sizeof(out));
	assert_string_equal(out, "p:2: wrong");
	char path[2 * ERR_PATH_BYTES];
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	(void)err_at(&err, path, 1, 1);
	assert_int_equal(strlen(err.path), ERR_PATH_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_format),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
