/* SPDX-License-Identifier: MIT */
/* What is written, and that it reads back. */
#include "adapter/yaml/loader.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *written;
} cases[] = {
	{ "{a: 1, b: [x, {c: d, e: []}], f: {}}",
	  "a: 1\nb:\n- x\n- c: d\n  e: []\nf: {}\n" },
	{ "[[1, [2]], 3]", "- - 1\n  - - 2\n- 3\n" },
	{ "['1', 'yes', '', ' x', 'a: b', 'a #b', '2024-01-02', '1:30', 'null', '-', 'x:']",
	  "- \"1\"\n- \"yes\"\n- \"\"\n- ' x'\n- 'a: b'\n- 'a #b'\n- \"2024-01-02\"\n"
	  "- \"1:30\"\n- \"null\"\n- '-'\n- 'x:'\n" },
	{ "['>=1.0.0', '<2', '<<', '-x', '- x', '?x', '---', '#ops', '*', '{{ .X }}', '%a', "
	  "'a, b', 'a {b}', 'it''s: x', '=1']",
	  "- '>=1.0.0'\n- <2\n- '<<'\n- -x\n- '- x'\n- ?x\n- '---'\n- '#ops'\n- '*'\n"
	  "- '{{ .X }}'\n- '%a'\n- a, b\n- a {b}\n- 'it''s: x'\n- '=1'\n" },
	{ "[1.5, 2.0, .inf, -.inf, true, ~]",
	  "- 1.5\n- 2.0\n- .inf\n- -.inf\n- true\n- null\n" },
	{ "a: \"x\\ny\\n\"\nb: \"x\\ny\"\nc: \"x\\n\\n\"\nd: \"\\t\\\\\\u00e9\"\n",
	  "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: \"x\\n\\n\"\nd: \"\\t\\\\\xc3\xa9\"\n" },
	{ "\"yes\": 1\n\"a b\": 2\n\"\": 3\n", "\"yes\": 1\na b: 2\n\"\": 3\n" },
	{ "\"x\\ny\"", "|-\n  x\n  y\n" },
	/* what YAML does not take as it is */
	{ "\"\\uffff\\ufffe\\ufeff\\U0010ffff\"",
	  "\"\\uffff\\ufffe\\ufeff\xf4\x8f\xbf\xbf\"\n" },
	/* what a terminal would obey, in keys and values */
	{ "\"\\u2066\": \"\\e\\u009b\\u202e\\u200f\\u061c\\u2029\"",
	  "\"\\u2066\": \"\\x1b\\x9b\\u202e\\u200f\\u061c\\u2029\"\n" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct yaml_documents first = { NULL, 0, 0 };
		struct yaml_documents again = { NULL, 0, 0 };
		struct buf out BUF_CLEANUP = BUF_INIT(4096);
		struct err err = ERR_INIT;
		assert_int_equal(
		    yaml_load(str_of(cases[i].text), &arena, &first, NULL, &err), 0);
		yaml_write(&out, first.items[0].root, 0);
		assert_string_equal(buf_cstr(&out), cases[i].written);
		assert_int_equal(yaml_load(buf_str(&out), &arena, &again, NULL, &err), 0);
		assert_true(value_equal(first.items[0].root, again.items[0].root));
	}
}

/* A key longer than readers look ahead reads back, whatever hangs on it. */
static void test_long_keys(void **state)
{
	(void)state;
	static const char *const values[] = { "1", "[x, y]", "{a: 1, b: [2]}",
					      "\"a\\nb\"", "[]" };
	static const size_t lengths[] = { 1020, 1022, 1023, 1024, 1025, 1100 };
	for (size_t i = 0; i < ARRAY_LEN(values) * ARRAY_LEN(lengths); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct yaml_documents first = { NULL, 0, 0 };
		struct yaml_documents again = { NULL, 0, 0 };
		struct buf in BUF_CLEANUP = BUF_INIT(8192);
		struct buf out BUF_CLEANUP = BUF_INIT(8192);
		struct err err = ERR_INIT;
		buf_puts(&in, "a: {? '#");
		for (size_t k = 0; k < lengths[i % ARRAY_LEN(lengths)]; k++)
			buf_putc(&in, 'x');
		buf_printf(&in, "' : %s, z: 1}\n", values[i / ARRAY_LEN(lengths)]);
		assert_int_equal(yaml_load(buf_str(&in), &arena, &first, NULL, &err), 0);
		yaml_write(&out, first.items[0].root, 0);
		if (yaml_load(buf_str(&out), &arena, &again, NULL, &err))
			fail_msg("%s: %.40s ... %s", err.text, buf_cstr(&out),
				 values[i / ARRAY_LEN(lengths)]);
		assert_true(value_equal(first.items[0].root, again.items[0].root));
	}
}

static void test_indent(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	struct value *map = value_new(&arena, VALUE_MAP);
	value_set(&arena, map, "a", value_int(&arena, 1));
	value_set(&arena, map, "b", value_bool(&arena, false));
	yaml_write(&out, map, 4);
	assert_string_equal(buf_cstr(&out), "    a: 1\n    b: false\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_keys),
		cmocka_unit_test(test_indent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
