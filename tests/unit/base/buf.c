/* SPDX-License-Identifier: MIT */
/* Growing up to the maximum, and what happens at it. */
#include "base/buf.h"
#include "tests/unit/unit.h"

static void test_append(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf buf BUF_CLEANUP = BUF_INIT(100);
	assert_string_equal(buf_cstr(&buf), "");
	assert_int_equal(buf_str(&buf).len, 0);
	assert_true(buf_puts(&buf, "a"));
	assert_true(buf_puts(&buf, NULL));
	assert_true(buf_putc(&buf, '\0'));
	assert_true(buf_append(&buf, STR("b")));
	assert_true(buf_printf(&buf, "-%d-%s", 7, "c"));
	assert_true(str_eq(buf_str(&buf), STR("a\0b-7-c")));
	assert_int_equal(buf.ptr[buf.len], '\0');
	struct str copy = buf_to_arena(&buf, &arena);
	buf_truncate(&buf, 1);
	assert_string_equal(buf_cstr(&buf), "a");
	buf_truncate(&buf, 9);
	assert_string_equal(buf_cstr(&buf), "a");
	assert_true(str_eq(copy, STR("a\0b-7-c")));
	assert_false(buf.full);
	buf_release(&buf);
	assert_string_equal(buf_cstr(&buf), "");
	buf_truncate(&buf, 0);
	assert_true(buf_puts(&buf, "again"));
	assert_string_equal(buf_cstr(&buf), "again");
}

static void test_limit(void **state)
{
	(void)state;
	struct buf buf BUF_CLEANUP = BUF_INIT(4);
	assert_true(buf_puts(&buf, "abcd"));
	assert_false(buf.full);
	assert_false(buf_putc(&buf, 'e'));
	assert_true(buf.full);
	assert_string_equal(buf_cstr(&buf), "abcd");
	/* what does not fit whole is not appended at all; `full` stays */
	buf_truncate(&buf, 2);
	assert_false(buf_printf(&buf, "%s", "xyz"));
	assert_string_equal(buf_cstr(&buf), "ab");
	assert_true(buf_printf(&buf, "%d", 12));
	assert_string_equal(buf_cstr(&buf), "ab12");
	assert_true(buf.full);
	assert_true(buf_puts(&buf, ""));
	assert_null(buf_reserve(&buf, SIZE_MAX));
	assert_null(buf_reserve(&buf, 1));
	struct buf nothing BUF_CLEANUP = BUF_INIT(0);
	assert_true(buf_puts(&nothing, ""));
	assert_false(buf_puts(&nothing, "a"));
	assert_string_equal(buf_cstr(&nothing), "");
}

static void test_growth(void **state)
{
	(void)state;
	struct buf buf BUF_CLEANUP = BUF_INIT(100000);
	for (size_t i = 0; i < 100000; i++)
		assert_true(buf_putc(&buf, (char)('a' + i % 26)));
	assert_false(buf_putc(&buf, 'x'));
	assert_int_equal(buf.len, 100000);
	for (size_t i = 0; i < buf.len; i++)
		assert_int_equal(buf.ptr[i], 'a' + (int)(i % 26));
	assert_int_equal(buf.ptr[buf.len], 0);
}

static void test_reserve(void **state)
{
	(void)state;
	struct buf buf BUF_CLEANUP = BUF_INIT(1000);
	char *at = buf_reserve(&buf, 1000);
	assert_non_null(at);
	memset(at, 'x', 1000);
	buf.len = 1000;
	assert_true(buf_puts(&buf, ""));
	assert_int_equal(strlen(buf_cstr(&buf)), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_reserve),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
