/* SPDX-License-Identifier: MIT */
/* Whole tables, byte for byte as flux prints them. */
#include "cmd/table.h"
#include "tests/unit/unit.h"

static void assert_table(const struct table *table, bool with_header, const char *wanted)
{
	struct buf out BUF_CLEANUP = BUF_INIT(1U << 20);
	table_write(table, with_header, &out);
	assert_string_equal(buf_cstr(&out), wanted);
}

static void fill(struct table *table)
{
	static const char *const rows[][3] = {
		{ "podinfo", "5.0.0", "True" },
		{ "a", NULL, "False" },
	};
	table_column(table, "NAME");
	table_column(table, "IMAGE");
	table_column(table, "READY");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table_row *row = table_row(table);
		for (size_t c = 0; c < 3; c++)
			row->cells[c] = rows[i][c];
	}
}

static void test_form(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct table table = { .arena = &arena };
	fill(&table);
	assert_table(&table, true,
		     "NAME   \tIMAGE\tREADY \n"
		     "podinfo\t5.0.0\tTrue \t\n"
		     "a      \t     \tFalse\t\n");
	struct table bare = { .arena = &arena };
	fill(&bare);
	assert_table(&bare, false,
		     "podinfo\t5.0.0\tTrue \t\n"
		     "a      \t     \tFalse\t\n");
}

static void test_empty(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct table table = { .arena = &arena };
	table_column(&table, "NAME");
	assert_table(&table, true, "NAME \n");
	assert_table(&table, false, "");
}

/* Width counts characters; what could move the cursor is escaped first. */
static void test_cells(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct table table = { .arena = &arena };
	table_column(&table, "A");
	table_column(&table, "B");
	table_row(&table)->cells[0] = "\xc3\xa9\xc3\xa9";
	table_row(&table)->cells[0] = "\x1b\n\t";
	table_row(&table)->cells[1] = "\xff";
	assert_table(&table, true,
		     "A           \tB    \n"
		     "\xc3\xa9\xc3\xa9          \t    \t\n"
		     "\\x1b\\x0a\\x09\t    \t\n"
		     "            \t\\xff\t\n");
}

static void test_limit(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct table table = { .arena = &arena };
	for (size_t i = 0; i < TABLE_COLUMNS + 1; i++)
		table_column(&table, "C");
	assert_int_equal(table.n_columns, TABLE_COLUMNS);
	assert_table(&table, true, "C\tC\tC\tC\tC\tC\tC\tC\tC\tC \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
