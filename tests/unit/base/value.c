/* SPDX-License-Identifier: MIT */
/* Building, finding and comparing dynamic values. */
#include "base/value.h"
#include "tests/unit/unit.h"

static void test_build(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct value *map = value_new(&arena, VALUE_MAP);
	char key[] = "key";
	value_set(&arena, map, key, value_text(&arena, "first"));
	key[0] = 'x';
	value_set(&arena, map, "list", value_new(&arena, VALUE_LIST));
	value_set(&arena, map, "key", value_text(&arena, "second"));
	assert_int_equal(map->map.len, 2);
	assert_string_equal(value_get_text(map, "key", &arena), "second");
	assert_true(str_is(map->map.items[0].key, "key"));
	struct value *list = value_get(map, "list");
	for (int i = 0; i < 100; i++)
		value_append(&arena, list, value_int(&arena, i));
	assert_int_equal(list->list.len, 100);
	assert_int_equal(list->list.items[99]->integer, 99);
}

static void test_get(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct value *map = value_new(&arena, VALUE_MAP);
	value_set(&arena, map, "number", value_int(&arena, 1));
	value_set(&arena, map, "nul", value_string(&arena, STR("a\0b")));
	value_set(&arena, map, "empty", value_string(&arena, (struct str){ NULL, 0 }));
	assert_null(value_get(map, "absent"));
	assert_null(value_get(map, ""));
	assert_null(value_get(NULL, "x"));
	assert_null(value_get(value_get(map, "number"), "x"));
	assert_null(value_get_text(map, "number", &arena));
	assert_null(value_get_text(map, "nul", &arena));
	assert_null(value_get_text(map, "absent", &arena));
	assert_null(value_get_text(NULL, "absent", &arena));
	assert_string_equal(value_get_text(map, "empty", &arena), "");
	assert_null(value_get_str(map, STR("empty\0")));
	/* of a key that stands twice the first is found */
	struct value_entry *again = VEC_ADD(&arena, &map->map);
	again->key = STR("number");
	again->value = value_int(&arena, 2);
	assert_int_equal(value_get(map, "number")->integer, 1);
}

static struct value *real(struct arena *arena, double number)
{
	struct value *value = value_new(arena, VALUE_FLOAT);
	value->real = number;
	return value;
}

static struct value *pair(struct arena *arena, const char *a, int64_t m, const char *b,
			  int64_t n)
{
	struct value *map = value_new(arena, VALUE_MAP);
	struct value_entry *entry = VEC_ADD(arena, &map->map);
	entry->key = str_of(a);
	entry->value = value_int(arena, m);
	entry = VEC_ADD(arena, &map->map);
	entry->key = str_of(b);
	entry->value = value_int(arena, n);
	return map;
}

static struct value *list_of(struct arena *arena, struct value *a, struct value *b)
{
	struct value *list = value_new(arena, VALUE_LIST);
	value_append(arena, list, a);
	if (b)
		value_append(arena, list, b);
	return list;
}

/* Each value equals itself and no other. */
static void test_equal(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct value *const all[] = {
		value_new(&arena, VALUE_NULL),
		value_bool(&arena, true),
		value_bool(&arena, false),
		value_int(&arena, 0),
		value_int(&arena, 1),
		real(&arena, 1),
		real(&arena, 1.5),
		value_text(&arena, ""),
		value_text(&arena, "1"),
		value_string(&arena, STR("1\0")),
		value_new(&arena, VALUE_LIST),
		value_new(&arena, VALUE_MAP),
		list_of(&arena, value_int(&arena, 1), NULL),
		list_of(&arena, value_int(&arena, 1), value_int(&arena, 2)),
		list_of(&arena, value_int(&arena, 2), value_int(&arena, 1)),
		pair(&arena, "a", 1, "b", 2),
		pair(&arena, "a", 1, "b", 3),
		pair(&arena, "a", 1, "c", 2),
		pair(&arena, "a", 1, "a", 1),
		pair(&arena, "a", 2, "a", 1),
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t j = 0; j < ARRAY_LEN(all); j++) {
			if (value_equal(all[i], all[j]) != (i == j))
				print_error("%zu, %zu\n", i, j);
			assert_int_equal(value_equal(all[i], all[j]), i == j);
		}
	/* the order of keys does not count, nor what a doubled key hides */
	assert_true(
	    value_equal(pair(&arena, "a", 1, "b", 2), pair(&arena, "b", 2, "a", 1)));
	assert_true(
	    value_equal(pair(&arena, "a", 1, "a", 2), pair(&arena, "a", 1, "a", 3)));
}

static void test_names(void **state)
{
	(void)state;
	static const char *const names[] = { "null",   "bool", "integer", "number",
					     "string", "list", "map" };
	for (int kind = VALUE_NULL; kind <= VALUE_MAP; kind++)
		assert_string_equal(value_kind_name((enum value_kind)kind), names[kind]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
