/* SPDX-License-Identifier: MIT */
/* The lines of a receive hook: both widths, odd names, junk, many. */
#include "base/refline.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

#define A40 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define Z40 "0000000000000000000000000000000000000000"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define Z64 "0000000000000000000000000000000000000000000000000000000000000000"

static void test_good_lines(void **state)
{
	(void)state;
	struct str rest = STR(A40 " " Z40 " refs/heads/a b \xff\n" Z64 " " B64
				  " refs/x\n" A40 " " A40 " r");
	struct refline line;
	size_t bad = 0;
	assert_true(refline_next(&rest, &line, &bad));
	assert_true(str_is(line.old_oid, A40));
	assert_true(str_is(line.ref, "refs/heads/a b \xff"));
	assert_true(str_is(line.new_oid, Z40));
	assert_true(refline_next(&rest, &line, &bad));
	assert_true(str_is(line.old_oid, Z64));
	assert_true(str_is(line.new_oid, B64));
	/* the last line may lack its line feed */
	assert_true(refline_next(&rest, &line, &bad));
	assert_true(str_is(line.ref, "r"));
	assert_false(refline_next(&rest, &line, &bad));
	assert_int_equal(bad, 0);
}

static void test_junk_is_counted(void **state)
{
	(void)state;
	static const char *const junk[] = {
		"x",
		"",
		A40 " " A40 " ",
		A40 " " A40,
		A40 "  " A40 " refs/heads/x",
		A40 " " B64 " refs/heads/x",
		"a" A40 " " A40 " refs/heads/x",
		"A" A40 " " A40 " refs/heads/x",
	};
	struct refline line;
	for (size_t i = 0; i < ARRAY_LEN(junk); i++) {
		struct buf text BUF_CLEANUP = BUF_INIT(4096);
		(void)buf_printf(&text, "%s\n" A40 " " A40 " refs/heads/x\n", junk[i]);
		struct str rest = buf_str(&text);
		size_t bad = 0;
		assert_true(refline_next(&rest, &line, &bad));
		assert_int_equal(bad, 1);
		assert_true(str_is(line.ref, "refs/heads/x"));
	}
	struct str nul = STR(A40 " " A40 " refs/\0x\n");
	size_t bad = 0;
	assert_false(refline_next(&nul, &line, &bad));
	assert_int_equal(bad, 1);
}

static void test_many(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(33554432);
	for (int i = 0; i < 100000; i++)
		(void)buf_printf(&text, A40 " " Z40 " refs/heads/b/%d\n", i);
	struct str rest = buf_str(&text);
	struct refline line;
	size_t bad = 0;
	size_t n = 0;
	while (refline_next(&rest, &line, &bad))
		n++;
	assert_int_equal(n, 100000);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_junk_is_counted),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
