/* SPDX-License-Identifier: MIT */
/* Growth within an arena, sorting, and lists of texts. */
#include "base/vec.h"
#include "tests/unit/unit.h"

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a;
	int y = *(const int *)b;
	return (x > y) - (x < y);
}

static void test_growth(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	VEC_OF(int) list = { NULL, 0, 0 };
	VEC_SORT(&list, compare_ints);
	for (int i = 0; i < 10000; i++)
		VEC_PUSH(&arena, &list, i * 7919 % 10000);
	assert_int_equal(list.len, 10000);
	assert_true(list.cap >= list.len && list.cap < 2 * list.len);
	assert_int_equal(list.items[9999], 9999 * 7919 % 10000);
	VEC_SORT(&list, compare_ints);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(list.items[i], i);
	list.len = 0;
	list.items[0] = 5;
	/* room that was used before is not zeroed by growth alone */
	VEC_PUSH(&arena, &list, 6);
	assert_int_equal(list.items[0], 6);
}

struct wide {
	char bytes[3000];
};

static void test_zeroed(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	static const struct wide zero = { { 0 } };
	VEC_OF(struct wide) list = { NULL, 0, 0 };
	for (int i = 0; i < 100; i++) {
		struct wide *item = VEC_ADD(&arena, &list);
		assert_memory_equal(item, &zero, sizeof(zero));
		memset(item, i + 1, sizeof(*item));
	}
	for (int i = 0; i < 100; i++)
		assert_int_equal(list.items[i].bytes[2999], i + 1);
}

static void test_strings(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings list = { NULL, 0, 0 };
	char text[] = "one";
	assert_false(strings_contain(&list, "one"));
	strings_add(&arena, &list, text);
	strings_add(&arena, &list, "");
	text[0] = 'x';
	assert_true(strings_contain(&list, "one"));
	assert_true(strings_contain(&list, ""));
	assert_false(strings_contain(&list, "on"));
	assert_false(strings_contain(&list, "xne"));
}

static void test_sort_texts(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings list = { NULL, 0, 0 };
	strings_sort(&list);
	assert_int_equal(list.len, 0);
	strings_add(&arena, &list, "b");
	strings_add(&arena, &list, "\xc3\xa4");
	strings_add(&arena, &list, "B");
	strings_add(&arena, &list, "ab");
	strings_sort(&list);
	assert_string_equal(list.items[0], "B");
	assert_string_equal(list.items[1], "ab");
	assert_string_equal(list.items[2], "b");
	assert_string_equal(list.items[3], "\xc3\xa4");
}

static int order_ints(const void *key, const void *item)
{
	return compare_ints(key, item);
}

static void test_search(void **state)
{
	(void)state;
	static const int odd[] = { 1, 3, 5, 7, 9, 11, 13 };
	for (size_t n = 0; n <= ARRAY_LEN(odd); n++) {
		for (int key = 0; key <= 2 * (int)n + 1; key++) {
			bool found = false;
			size_t at =
			    vec_search(odd, n, sizeof(*odd), &key, order_ints, &found);
			bool is_there = key % 2 == 1 && (size_t)key < 2 * n;
			assert_int_equal(found, is_there);
			assert_int_equal(at, (size_t)key / 2 < n ? (size_t)key / 2 : n);
		}
	}
}

static void test_sorted_texts(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings list = { NULL, 0, 0 };
	assert_false(strings_sorted_contain(&list, STR("")));
	strings_add(&arena, &list, "b");
	strings_add(&arena, &list, "ab");
	strings_sort(&list);
	assert_true(strings_sorted_contain(&list, STR("ab")));
	assert_true(strings_sorted_contain(&list, str_slice(STR("bc"), 0, 1)));
	assert_false(strings_sorted_contain(&list, STR("a")));
	assert_false(strings_sorted_contain(&list, STR("bc")));
	assert_false(strings_sorted_contain(&list, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),  cmocka_unit_test(test_zeroed),
		cmocka_unit_test(test_strings), cmocka_unit_test(test_sort_texts),
		cmocka_unit_test(test_search),  cmocka_unit_test(test_sorted_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
