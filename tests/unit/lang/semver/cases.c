/* SPDX-License-Identifier: MIT */
/* Walks fixtures/semver/cases.tsv: kind, version or constraint, version, expected. */
#include "base/file.h"
#include "lang/semver/semver.h"
#include "tests/unit/unit.h"

struct row {
	struct str kind;
	struct str first;
	struct str second;
	struct str expected;
};

/* Undoes `\t`, `\n` and `\\`. */
static struct str unescape(struct arena *arena, struct str field)
{
	char *out = arena_strndup(arena, field);
	size_t n = 0;
	for (size_t i = 0; i < field.len; i++) {
		char c = field.ptr[i];
		if (c == '\\' && i + 1 < field.len) {
			c = field.ptr[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		out[n++] = c;
	}
	return (struct str){ out, n };
}

static void show_version(enum semver_grammar grammar, const struct row *row,
			 struct buf *out)
{
	struct err err = ERR_INIT;
	struct semver version;
	int code = semver_parse(row->first, grammar, &version, &err);
	assert_int_equal(code == 0, semver_read(row->first, grammar, &version));
	if (code == 0) {
		semver_write(out, &version);
		return;
	}
	assert_int_equal(code, ERR_INVALID);
	(void)buf_printf(out, "error:%s", err.text);
}

static void show_range(const struct row *row, struct buf *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct semver_range *range = NULL;
	struct semver version;
	bool prereleases = str_ends(row->kind, STR("_pre"));
	if (semver_range_new(row->first, &arena, &range, &err)) {
		(void)buf_printf(out, "error:%s", err.text);
		return;
	}
	if (str_is(row->kind, "constraint")) {
		(void)buf_puts(out, "ok");
		return;
	}
	assert_int_equal(semver_parse(row->second, SEMVER_LOOSE, &version, &err), 0);
	(void)buf_puts(out, semver_range_accepts(range, &version, prereleases) ? "true"
									       : "false");
}

static void show_order(const struct row *row, struct buf *out)
{
	struct err err = ERR_INIT;
	struct semver a;
	struct semver b;
	assert_int_equal(semver_parse(row->first, SEMVER_LOOSE, &a, &err), 0);
	assert_int_equal(semver_parse(row->second, SEMVER_LOOSE, &b, &err), 0);
	int order = semver_compare(&a, &b);
	assert_int_equal((order > 0) - (order < 0),
			 (semver_compare(&b, &a) < 0) - (semver_compare(&b, &a) > 0));
	(void)buf_printf(out, "%d", (order > 0) - (order < 0));
}

static void show(const struct row *row, struct buf *out)
{
	if (str_is(row->kind, "version_loose"))
		show_version(SEMVER_LOOSE, row, out);
	else if (str_is(row->kind, "version_strict"))
		show_version(SEMVER_STRICT, row, out);
	else if (str_is(row->kind, "version_flux"))
		show_version(SEMVER_FLUX, row, out);
	else if (str_is(row->kind, "compare"))
		show_order(row, out);
	else
		show_range(row, out);
}

static size_t walk(const char *path)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(1 << 24);
	struct err err = ERR_INIT;
	size_t failed = 0;
	size_t rows = 0;
	assert_int_equal(file_read(path, &text, &err), 0);
	struct str rest = buf_str(&text);
	struct str line;
	assert_true(str_line(&rest, &line)); /* the header */
	for (; str_line(&rest, &line); rows++) {
		struct buf out BUF_CLEANUP = BUF_INIT(65536);
		struct str fields[4] = { { NULL, 0 } };
		for (size_t i = 0; i < 4; i++) {
			assert_true(str_split(&line, '\t', &fields[i]));
			fields[i] = unescape(&arena, fields[i]);
		}
		struct row row = { fields[0], fields[1], fields[2], fields[3] };
		show(&row, &out);
		if (str_eq(buf_str(&out), row.expected))
			continue;
		failed++;
		print_error("%s:%zu: %.*s '%.*s' '%.*s'\n  wanted %.*s\n  got    %s\n",
			    path, rows + 2, STR_ARG(row.kind), STR_ARG(row.first),
			    STR_ARG(row.second), STR_ARG(row.expected), buf_cstr(&out));
	}
	assert_int_equal(failed, 0);
	return rows;
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(walk("fixtures/semver/cases.tsv") > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
