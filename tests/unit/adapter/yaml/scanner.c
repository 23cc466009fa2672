/* SPDX-License-Identifier: MIT */
/* Events by the bytes that they claim. */
#include "adapter/yaml/scanner.h"
#include "base/buf.h"
#include "tests/unit/unit.h"

static const char *const kinds[] = {
	[SCAN_DOCUMENT] = "document",
	[SCAN_DOCUMENT_END] = "end-of-document",
	[SCAN_SCALAR] = "scalar",
	[SCAN_ALIAS] = "alias",
	[SCAN_SEQUENCE] = "list",
	[SCAN_MAPPING] = "map",
	[SCAN_END] = "end",
	[SCAN_COMMENT] = "comment",
	[SCAN_STREAM_END] = "end-of-text",
};

/* Scalars, aliases and comments as `kind line:col<bytes>`; others are left out. */
static const struct {
	const char *text;
	const char *shown;
} cases[] = {
	{ "a: b # c\n", "scalar 1:1<a> scalar 1:4<b> comment 1:6<# c> " },
	{ "\xef\xbb\xbf\xc3\xa4: '\xc3\xb6' # c\n",
	  "scalar 1:1<\xc3\xa4> scalar 1:4<'\xc3\xb6'> comment 1:8<# c> " },
	{ "a: b\r\nc: \xf0\x9f\x9a\x80\r\nd: e # f\r\n",
	  "scalar 1:1<a> scalar 1:4<b> scalar 2:1<c> scalar 2:4<\xf0\x9f\x9a\x80> "
	  "scalar 3:1<d> scalar 3:4<e> comment 3:6<# f> " },
	{ "a: &x !!str # c\n  b\nd: *x # e\n",
	  "scalar 1:1<a> comment 1:13<# c> scalar 2:3<b> scalar 3:1<d> alias 3:4<*x> "
	  "comment 3:7<# e> " },
	{ "a: | # c\n  x # y\n# z\n",
	  "scalar 1:1<a> scalar 1:4<| # c\n  x # y\n> comment 1:6<# c> comment 3:1<# z> " },
	{ "a: [b, # c\n  'd' ] # e",
	  "scalar 1:1<a> scalar 1:5<b> comment 1:8<# c> scalar 2:3<'d'> comment 2:9<# e> " },
	{ "%TAG ! tag:x,2000:y # c\n--- # d\na: !t b\n",
	  "comment 1:21<# c> comment 2:5<# d> scalar 3:1<a> scalar 3:7<b> " },
	{ "a: # c\nb:\n", "scalar 1:1<a> scalar 1:3<> comment 1:4<# c> scalar 2:1<b> "
			  "scalar 2:3<> " },
	{ "a: b\xe2\x80\xa8"
	  "c: d # e\xc2\x85"
	  "f: g",
	  "scalar 1:1<a> scalar 1:4<b> scalar 2:1<c> scalar 2:4<d> comment 2:6<# e> "
	  "scalar 3:1<f> scalar 3:4<g> " },
	{ "- &a {b: c} # d\n- !!map\n  e: f\n",
	  "scalar 1:7<b> scalar 1:10<c> comment 1:13<# d> scalar 3:3<e> scalar 3:6<f> " },
};

static void test_spans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct scanner *scanner SCANNER_CLEANUP = NULL;
		struct buf shown BUF_CLEANUP = BUF_INIT(4096);
		struct scan_event event = { .kind = SCAN_DOCUMENT };
		struct err err = ERR_INIT;
		struct str text = str_of(cases[i].text);
		assert_int_equal(scanner_open(&scanner, text, &arena, &err), 0);
		while (event.kind != SCAN_STREAM_END) {
			assert_int_equal(scanner_next(scanner, &event, &err), 0);
			if (event.kind != SCAN_SCALAR && event.kind != SCAN_ALIAS &&
			    event.kind != SCAN_COMMENT)
				continue;
			(void)buf_printf(&shown, "%s %u:%u<%.*s> ", kinds[event.kind],
					 event.line, event.col,
					 (int)(event.end - event.text),
					 text.ptr + event.text);
		}
		assert_string_equal(buf_cstr(&shown), cases[i].shown);
	}
}

static void test_roles(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct scanner *scanner SCANNER_CLEANUP = NULL;
	struct scan_event event = { .kind = SCAN_DOCUMENT };
	struct err err = ERR_INIT;
	struct buf shown BUF_CLEANUP = BUF_INIT(4096);
	static const char *const roles[] = { [SCAN_ROOT] = "root",
					     [SCAN_KEY] = "key",
					     [SCAN_VALUE] = "value",
					     [SCAN_ITEM] = "item" };
	assert_int_equal(scanner_open(&scanner, STR("a: [b, c: d]\n? [e]\n: f\n--- g\n"),
				      &arena, &err),
			 0);
	while (event.kind != SCAN_STREAM_END) {
		assert_int_equal(scanner_next(scanner, &event, &err), 0);
		if (event.kind == SCAN_SCALAR)
			(void)buf_printf(&shown, "%.*s=%s%s ", STR_ARG(event.content),
					 event.in_flow ? "flow-" : "", roles[event.role]);
	}
	assert_string_equal(
	    buf_cstr(&shown),
	    "a=key b=flow-item c=flow-key d=flow-value e=flow-item f=value "
	    "g=root ");
}

static void test_errors(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		const char *error;
	} wrong[] = {
		{ "a: *b\n", "1:4: alias '*b' names no anchor" },
		{ "a: &b 1\n---\nc: *b\n", "3:4: alias '*b' names no anchor" },
		{ "a: \"b",
		  "1:6: not YAML: found unexpected end of stream, while scanning a "
		  "quoted scalar" },
		{ "\xfe\xff", "1:1: the text is UTF-16, expected UTF-8" },
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct scanner *scanner SCANNER_CLEANUP = NULL;
		struct scan_event event = { .kind = SCAN_DOCUMENT };
		struct err err = ERR_INIT;
		char message[4096];
		int code = scanner_open(&scanner, str_of(wrong[i].text), &arena, &err);
		while (!code && event.kind != SCAN_STREAM_END)
			code = scanner_next(scanner, &event, &err);
		assert_int_equal(code, ERR_INVALID);
		err_format(&err, message, sizeof(message));
		assert_string_equal(message, wrong[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
