/* SPDX-License-Identifier: MIT */
/* Walking the template cases: fixtures/template/ *.jsonl, one object a line. */
#ifndef TESTS_UNIT_LANG_TEMPLATE_CASES_H
#define TESTS_UNIT_LANG_TEMPLATE_CASES_H

#include "tests/unit/unit.h"

#include "adapter/json/json.h"
#include "base/file.h"

/* Runs `run` on every case of a file; it returns what the case gave: the text, or "parse"
 * or "exec" for an error (*failed). NULL leaves a case out. Gives the number of cases
 * that differ, each of which is printed. */
typedef const char *case_run(const struct value *row, struct arena *arena, bool *failed);

static const char *case_expected(const struct value *row, struct arena *arena,
				 bool *failed)
{
	const struct value *error = value_get(row, "error");
	*failed = error != NULL;
	return value_get_text(error ? error : row, error ? "stage" : "expected", arena);
}

static size_t case_check(const struct value *row, case_run *run, struct arena *arena)
{
	bool want_failed;
	bool failed = false;
	const char *want = case_expected(row, arena, &want_failed);
	const char *got = want ? run(row, arena, &failed) : NULL;
	if (!got || (failed == want_failed && strcmp(got, want) == 0))
		return 0;
	print_error("%s\n  template: %s\n  want: %s\n  got: %s\n",
		    value_get_text(row, "name", arena),
		    value_get_text(row, "template", arena), want, got);
	return 1;
}

static size_t case_walk(const char *path, case_run *run, size_t *n)
{
	struct err err = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(4 << 20);
	size_t bad = 0;
	assert_int_equal(file_read(path, &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	while (str_line(&rest, &line)) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct value *row;
		if (json_parse(line, &arena, &row, &err))
			fail_msg("%s: %s", path, err.text);
		bad += case_check(row, run, &arena);
		(*n)++;
	}
	return bad;
}

/* The stage that an error text `NAME:LINE[:COL]: STAGE: ...` names. */
static const char *case_stage(const struct err *err)
{
	if (strstr(err->text, ": parse: "))
		return "parse";
	return strstr(err->text, ": exec: ") ? "exec" : err->text;
}

#endif
