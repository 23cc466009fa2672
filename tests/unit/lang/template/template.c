/* SPDX-License-Identifier: MIT */
/* The template engine: the cases of Go's own engine, error texts and every limit. */
#include "tests/unit/lang/template/cases.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "lang/template/gfmt.h"
#include "lang/template/template.h"

/* Renders; gives the text, or the error's (*failed). */
static const char *render(struct str text, const struct value *data, bool go,
			  struct arena *arena, struct err *err, bool *failed)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_MESSAGE_BYTES);
	struct template *tmpl;
	struct gctx ctx;
	gctx_init(&ctx, arena);
	struct gval dot = data ? gval_from_value(&ctx, data, false) : gval_none();
	*failed = template_parse("t", text, go ? TEMPLATE_GO : TEMPLATE_SPRIG, arena,
				 &tmpl, err) != 0 ||
		  template_execute(tmpl, dot, &out, err) != 0;
	return *failed ? err->text : arena_strndup(arena, buf_str(&out));
}

static const char *run_case(const struct value *row, struct arena *arena, bool *failed)
{
	struct err err = ERR_INIT;
	const char *engine = value_get_text(row, "engine", arena);
	if (strcmp(engine, "flux") == 0)
		return NULL;
	const char *got =
	    render(value_get(row, "template")->string, value_get(row, "data"),
		   strcmp(engine, "generic") == 0, arena, &err, failed);
	return *failed ? arena_strdup(arena, case_stage(&err)) : got;
}

static void check_file(const char *path, size_t at_least)
{
	size_t n = 0;
	size_t bad = case_walk(path, run_case, &n);
	assert_int_equal(bad, 0);
	assert_true(n >= at_least);
}

static void cases_hold(void **state)
{
	(void)state;
	check_file("fixtures/template/cases.jsonl", 213);
	check_file("fixtures/template/language.jsonl", 300);
	check_file("fixtures/template/printf.jsonl", 250);
	check_file("fixtures/template/sprig.jsonl", 170);
	check_file("fixtures/template/dates.jsonl", 20);
}

static const char *fails_with(const char *text, int code)
{
	static char copy[ERR_TEXT_BYTES];
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	bool failed;
	const char *got = render(str_of(text), NULL, false, &arena, &err, &failed);
	if (!failed)
		fail_msg("%s gives %.60s", text, got);
	assert_int_equal(err.code, code);
	(void)snprintf(copy, sizeof(copy), "%s", err.text);
	return copy;
}

static void errors_have_places(void **state)
{
	(void)state;
	assert_string_equal(fails_with("a\n{{ .x }}\n{{ nope }}", ERR_INVALID),
			    "t:3: parse: function \"nope\" not defined");
	assert_string_equal(fails_with("a\n b{{ len 1 }}", ERR_INVALID),
			    "t:2:5: exec: executing \"t\" at <len 1>: error calling "
			    "len: len of type int");
	assert_string_equal(fails_with("{{if true}}x", ERR_INVALID),
			    "t:1: parse: unexpected EOF");
	assert_string_equal(
	    fails_with("{{define \"d\"}}\n{{fail \"no\"}}{{end}}{{template \"d\"}}",
		       ERR_INVALID),
	    "t:2:2: exec: executing \"d\" at <fail \"no\">: error calling fail: no");
}

static void left_out_functions_are_named(void **state)
{
	(void)state;
	static const char *const names[] = { "genCA",   "bcrypt", "shuffle",
					     "randInt", "ago",    "derivePassword",
					     "htpasswd" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[64];
		char want[120];
		(void)snprintf(text, sizeof(text), "{{ %s }}", names[i]);
		(void)snprintf(want, sizeof(want),
			       "t:1: parse: function \"%s\" not defined: sprig has it, "
			       "imagehook leaves it out",
			       names[i]);
		assert_string_equal(fails_with(text, ERR_INVALID), want);
	}
}

static void hostile_templates_are_bounded(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{{ repeat 1000000000 \"x\" }}",
		"{{ untilStep 0 1000000000 1 }}",
		"{{ seq 0 1 99999999999 }}",
		"{{ indent 1000000000 \"x\" }}",
		"{{ printf \"%999999d%999999d\" 1 2 }}",
		"{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}",
		"{{ range 100000000 }}{{ end }}",
		"{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
		"{{ $x := \"ab\" }}{{ range until 60 }}{{ $x = cat $x $x }}{{ end }}",
		"{{ $x := list 1 }}{{ range until 60 }}{{ $x = list $x $x }}{{ end }}"
		"{{ $x | toJson | len }}",
		"{{ $x := list 1 }}{{ range until 5000 }}{{ $x = list $x }}{{ end }}"
		"{{ $x }}",
		"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ $d }}",
		"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ deepCopy $d }}",
		"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ toJson $d }}",
		"{{ $d := dict }}{{ $_ := set $d \"d\" $d }}{{ merge (dict \"d\" (dict)) "
		"$d }}",
		"{{ $l := until 900000 }}{{ range until 100000 }}{{ $l = append $l 1 "
		"}}{{ end }}",
		"{{ $l := until 30000 }}{{ len (uniq $l) }}",
		"{{ $s := repeat 1000000 \"a\" }}{{ range until 100000 }}{{ $_ := upper "
		"$s }}{{ end }}",
		"{{ $s := repeat 1000000 \"a\" }}{{ range until 100000 }}{{ $_ := "
		"regexReplaceAll \"a\" $s \"bb\" }}{{ end }}",
		"{{ fromJson (repeat 100000 \"[\") }}",
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int64_t begin = when_monotonic_ms();
		const char *text = fails_with(texts[i], ERR_LIMIT);
		if (!strstr(text, "limit: ") && !strstr(text, "exceeded maximum"))
			fail_msg("%s: %s", texts[i], text);
		if (when_monotonic_ms() - begin > 20000)
			fail_msg("%s takes too long", texts[i]);
	}
}

static const char *nest(struct buf *text, const char *open, const char *inner,
			const char *close, int n)
{
	buf_truncate(text, 0);
	for (int i = 0; i < n; i++)
		buf_puts(text, open);
	buf_puts(text, inner);
	for (int i = 0; i < n; i++)
		buf_puts(text, close);
	return buf_cstr(text);
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_TEMPLATE_BYTES);
	assert_non_null(
	    strstr(fails_with(nest(&text, "{{if 1}}", "x", "{{end}}", 101), ERR_LIMIT),
		   "t:1: parse: limit: 100 nesting of a template"));
	buf_truncate(&text, 0);
	buf_puts(&text, "{{");
	for (int i = 0; i < 2000; i++)
		buf_putc(&text, '(');
	(void)fails_with(buf_cstr(&text), ERR_LIMIT);
	struct buf large BUF_CLEANUP = BUF_INIT(LIMIT_TEMPLATE_BYTES + 1);
	while (buf_putc(&large, 'x'))
		;
	assert_string_equal(fails_with(buf_cstr(&large), ERR_LIMIT),
			    "t:1: parse: limit: 65536 bytes of a template");
}

static bool knows(struct str name, enum template_functions functions, struct arena *arena)
{
	struct template *tmpl;
	struct err err = ERR_INIT;
	const char *text = arena_printf(arena, "{{ %.*s }}", STR_ARG(name));
	return template_parse("t", str_of(text), functions, arena, &tmpl, &err) == 0;
}

/* Every function of Go's and of sprig's but the 16 that are left out. */
static void function_sets_are_whole(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf names BUF_CLEANUP = BUF_INIT(1 << 16);
	struct err err = ERR_INIT;
	size_t n_go = 0;
	size_t n = 0;
	struct str line;
	assert_int_equal(file_read("fixtures/template/functions.txt", &names, &err), 0);
	for (struct str rest = buf_str(&names); str_line(&rest, &line); n++) {
		if (!knows(line, TEMPLATE_SPRIG, &arena))
			fail_msg("no function '%.*s'", STR_ARG(line));
		n_go += knows(line, TEMPLATE_GO, &arena);
	}
	assert_int_equal(n_go, 19);
	assert_int_equal(n, 196);
}

/* A verb that writes more than its buffer takes says so and writes no more. */
static void formats_end_where_their_buffer_ends(void **state)
{
	(void)state;
	static const char *const formats[] = { "%.200f", "%.200e", "%#.200e", "%.200x",
					       "%200f",  "%0200f", "%-200f" };
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct buf out BUF_CLEANUP = BUF_INIT(100);
		struct gctx ctx;
		gctx_init(&ctx, &arena);
		struct gval v = gval_float(1.5);
		gfmt_printf(&ctx, &out, str_of(formats[i]), &v, 1);
		if (!out.full)
			fail_msg("%s gives %zu bytes", formats[i], out.len);
		assert_in_range(out.len, 0, 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_hold),
		cmocka_unit_test(errors_have_places),
		cmocka_unit_test(left_out_functions_are_named),
		cmocka_unit_test(hostile_templates_are_bounded),
		cmocka_unit_test(formats_end_where_their_buffer_ends),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(function_sets_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
