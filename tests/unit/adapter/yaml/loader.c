/* SPDX-License-Identifier: MIT */
#include "adapter/yaml/loader.h"
#include "base/limits.h"
#include "tests/unit/unit.h"

/* A value in one line that shows its types: i:1 f:1.5 b:true n: s:text. */
static void show(struct buf *out, const struct value *value)
{
	if (!value) {
		(void)buf_puts(out, "none");
		return;
	}
	switch (value->kind) {
	case VALUE_NULL:
		(void)buf_puts(out, "n");
		break;
	case VALUE_BOOL:
		(void)buf_puts(out, value->boolean ? "b:true" : "b:false");
		break;
	case VALUE_INT:
		(void)buf_printf(out, "i:%lld", (long long)value->integer);
		break;
	case VALUE_FLOAT:
		(void)buf_printf(out, "f:%g", value->real);
		break;
	case VALUE_STRING:
		(void)buf_puts(out, "s:");
		(void)buf_append(out, value->string);
		break;
	case VALUE_LIST:
		(void)buf_putc(out, '[');
		for (size_t i = 0; i < value->list.len; i++) {
			if (i)
				(void)buf_putc(out, ' ');
			show(out, value->list.items[i]);
		}
		(void)buf_putc(out, ']');
		break;
	case VALUE_MAP:
		(void)buf_putc(out, '{');
		for (size_t i = 0; i < value->map.len; i++) {
			if (i)
				(void)buf_putc(out, ' ');
			(void)buf_append(out, value->map.items[i].key);
			(void)buf_putc(out, '=');
			show(out, value->map.items[i].value);
		}
		(void)buf_putc(out, '}');
		break;
	}
}

static const struct {
	const char *text;
	const char *shown; /* documents with `|` between them */
	const char *error; /* behind the documents that were read */
} cases[] = {
	{ "", "", NULL },
	{ "# nothing\n", "", NULL },
	{ "a: 1\n---\n---\nb: 2\n...\n", "{a=i:1}|none|{b=i:2}", NULL },
	{ "---\n~\n", "n", NULL },
	{ "[1, -7, +7, 0x1F, 0o17, 017, 0b11, 1_000, 08]",
	  "[i:1 i:-7 i:7 i:31 i:15 i:15 i:3 i:1000 f:8]", NULL },
	{ "[1.5, .5, 1e3, 1., -1.5e-1, .inf, 1e999, 1e, 1.2.3, 18446744073709551615]",
	  "[f:1.5 f:0.5 f:1000 f:1 f:-0.15 f:inf s:1e999 s:1e s:1.2.3 f:1.84467e+19]",
	  NULL },
	{ "[9223372036854775807, -9223372036854775808, -9223372036854775809]",
	  "[i:9223372036854775807 i:-9223372036854775808 f:-9.22337e+18]", NULL },
	{ "[true, yes, On, y, NO, off, n, tRue, null, ~, Null, nULL]",
	  "[b:true b:true b:true b:true b:false b:false b:false s:tRue n n n s:nULL]",
	  NULL },
	{ "[2024-01-02, 2024-01-02T03:04:05Z, 1:30, \"1\", 'true', 0xZZ, _1, 1__0, -, +]",
	  "[s:2024-01-02 s:2024-01-02T03:04:05Z s:1:30 s:1 s:true s:0xZZ s:_1 i:10 s:- s:+]",
	  NULL },
	{ "[!!str 1, !!int \"0x10\", !!float 1, !local 1, !!bool yes, ! 2]",
	  "[s:1 i:16 f:1 s:1 b:true s:2]", NULL },
	{ "a: !!int x\n", "", "1:4: 'x' is not of the type that its tag '!!int' names" },
	{ "a:\nb: \"\"\n", "{a=n b=s:}", NULL },
	{ "yes: 1\n0x10: 2\n1.5: 3\nnull: 4\n", "{true=i:1 16=i:2 1.5=i:3 null=i:4}",
	  NULL },
	{ "a: &x [1, 2]\nb: *x\n", "{a=[i:1 i:2] b=[i:1 i:2]}", NULL },
	{ "a: &x {p: 1, q: 2}\nb:\n  q: 3\n  <<: *x\n  r: 4\n",
	  "{a={p=i:1 q=i:2} b={q=i:3 p=i:1 r=i:4}}", NULL },
	{ "a: {<<: [{p: 1}, {p: 2, q: 3}], r: 4}\n", "{a={p=i:1 q=i:3 r=i:4}}", NULL },
	{ "\"<<\": 1\n", "{<<=i:1}", NULL },
	{ "a: {<<: 1}\n", "", "1:9: '<<' takes a map or a list of maps" },
	{ "a: *x\n", "", "1:4: alias '*x' names no anchor" },
	{ "a: &x [*x]\n", "", "1:8: alias '*x' stands inside its own anchor" },
	{ "a: &x 1\n---\nb: *x\n", "{a=i:1}", "3:4: alias '*x' names no anchor" },
	{ "{a: 1}: b\n", "", "1:1: a key is a map, expected a string" },
	{ "a: 1\n---\nb: [1\n", "{a=i:1}",
	  "4:1: not YAML: did not find expected ',' or ']', while parsing a flow sequence" },
	{ "a: \"\xc3\xa4\xc3\xa4\" @\n", "",
	  "1:9: not YAML: found character that cannot start any token, while scanning for "
	  "the next token" },
	{ "a: 1\nb: \xc3\xa4\x07\n", "",
	  "2:5: not YAML: control characters are not allowed" },
	{ "\xef\xbb\xbf"
	  "a: 1\r\nb: \x01\n",
	  "", "2:4: not YAML: control characters are not allowed" },
	{ "a: caf\xe9\n", "", "1:7: not YAML: incomplete UTF-8 octet sequence" },
	{ "\xff\xfe"
	  "a",
	  "", "1:1: the text is UTF-16, expected UTF-8" },
	{ "a:\n\t- b\n", "",
	  "2:1: not YAML: found character that cannot start any token, while scanning for "
	  "the next token" },
	{ "a: >-\n  x\n  y\n\n  z\n", "{a=s:x y\nz}", NULL },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct err err = ERR_INIT;
		struct yaml_documents documents = { NULL, 0, 0 };
		struct yaml_duplicates duplicates = { NULL, 0, 0 };
		struct buf shown BUF_CLEANUP = BUF_INIT(4096);
		char message[4096] = "";
		int code = yaml_load(str_of(cases[i].text), &arena, &documents,
				     &duplicates, &err);
		for (size_t k = 0; k < documents.len; k++) {
			if (k)
				(void)buf_putc(&shown, '|');
			show(&shown, documents.items[k].root);
		}
		assert_string_equal(buf_cstr(&shown), cases[i].shown);
		if (code)
			err_format(&err, message, sizeof(message));
		assert_string_equal(message, cases[i].error ? cases[i].error : "");
		assert_int_equal(duplicates.len, 0);
	}
}

static void test_places_and_duplicates(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	struct yaml_duplicates duplicates = { NULL, 0, 0 };
	struct str text =
	    STR("\n---\n\n# c\n\"\xc3\xa4\": x\nb:  'y'\nc: 1\n\"b\": 2\nb: 3\n");
	assert_int_equal(yaml_load(text, &arena, &documents, &duplicates, &err), 0);
	assert_int_equal(documents.len, 1);
	assert_int_equal(documents.items[0].line, 5);
	const struct value *root = documents.items[0].root;
	assert_int_equal(root->map.len, 3);
	assert_int_equal(root->map.items[1].line, 6);
	assert_int_equal(root->map.items[1].col, 1);
	assert_int_equal(root->map.items[1].value->line, 6);
	assert_int_equal(root->map.items[1].value->col, 5);
	assert_true(str_is(root->map.items[1].value->string, "y"));
	assert_false(root->map.items[1].value->plain);
	assert_int_equal(root->map.items[0].value->col, 6);
	assert_true(root->map.items[0].value->plain);
	assert_int_equal(duplicates.len, 2);
	assert_true(str_is(duplicates.items[0].key, "b"));
	assert_int_equal(duplicates.items[0].line, 8);
	assert_int_equal(duplicates.items[1].line, 9);
}

/* `unit` n times between `head` and `tail`. */
static int load_repeated(const char *head, const char *unit, size_t n, const char *tail,
			 struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(4U << 20);
	struct yaml_documents documents = { NULL, 0, 0 };
	(void)buf_puts(&text, head);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&text, unit);
	(void)buf_puts(&text, tail);
	return yaml_load(buf_str(&text), &arena, &documents, NULL, err);
}

static void test_limits(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char message[4096];
	assert_int_equal(load_repeated("", "[", 100000, "", &err), ERR_LIMIT);
	err_format(&err, message, sizeof(message));
	assert_string_equal(message, "1:65: limit: 64 nesting of flow collections");
	assert_int_equal(load_repeated("", "- ", 1001, "x", &err), ERR_LIMIT);
	err_format(&err, message, sizeof(message));
	assert_string_equal(message, "1:2001: limit: 1000 nesting of collections");
	assert_int_equal(load_repeated("", "- &a x\n", 1001, "", &err), ERR_LIMIT);
	err_format(&err, message, sizeof(message));
	assert_string_equal(message, "1001:3: limit: 1000 anchors of one YAML file");
	assert_int_equal(load_repeated("", "- x\n", 300000, "", &err), ERR_LIMIT);
	err_format(&err, message, sizeof(message));
	assert_string_equal(message, "1:1: limit: 1048576 bytes of one YAML file");
	assert_int_equal(load_repeated("", "a\n", 200000, "", &err), 0);
	assert_int_equal(load_repeated("[", "a,", 499998, "a]", &err), 0);
	assert_int_equal(load_repeated("[", "a,", 499999, "a]", &err), ERR_LIMIT);
}

/* Nine levels of ten aliases each: small to read, 10^9 nodes to walk. */
static void test_aliases_are_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(65536);
	struct yaml_documents documents = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	(void)buf_puts(&text, "a0: &a0 x\n");
	for (int i = 1; i < 10; i++) {
		(void)buf_printf(&text, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			(void)buf_printf(&text, "*a%d%s", i - 1, k < 9 ? "," : "]\n");
	}
	assert_int_equal(yaml_load(buf_str(&text), &arena, &documents, NULL, &err),
			 ERR_LIMIT);
	assert_string_equal(err.text,
			    "limit: 500000 nodes of one YAML file, aliases expanded");
	assert_int_equal(err.line, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_places_and_duplicates),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_aliases_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
