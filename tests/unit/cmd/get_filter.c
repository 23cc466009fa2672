/* SPDX-License-Identifier: MIT */
/* Which rows the selectors of `get` take, and which selectors are none. */
#include "cmd/get_filter.h"
#include "tests/unit/unit.h"

static const struct {
	const char *labels, *status;
	bool takes; /* the object of test_rows() */
} rows[] = {
	{ NULL, NULL, true },
	{ "", "", true },
	{ "app=web", NULL, true },
	{ "app==web", NULL, true },
	{ " app = web ", NULL, true },
	{ "app=api", NULL, false },
	{ "app!=api", NULL, true },
	{ "app != web", NULL, false },
	{ "tier!=test", NULL, true }, /* a label that is not there differs */
	{ "tier=test", NULL, false },
	{ "app", NULL, true },
	{ "!app", NULL, false },
	{ "!tier", NULL, true },
	{ "empty=", NULL, true },
	{ "example.com/team=a", NULL, true },
	{ "app=web,tier", NULL, false },
	{ "app=web,!tier", NULL, true },
	{ NULL, "ready=false", true },
	{ NULL, "Ready=False", true },
	{ NULL, "ready=true", false },
	{ NULL, "ready!=true", true },
	{ NULL, "stalled=true", true },
	{ NULL, "healthy=true", false },
	{ NULL, "healthy!=true", true },
	{ "app=web", "ready=true", false },
};

static void test_rows(void **state)
{
	(void)state;
	struct label labels[] = { { "app", "web" },
				  { "empty", "" },
				  { "example.com/team", "a" } };
	struct object_meta meta = { .labels = { labels, 3, 3 } };
	struct object_view view = { .meta = &meta,
				    .ready = "False",
				    .condition = { .stalled = true } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct get_filter filter = { 0 };
		struct err err = ERR_INIT;
		if (get_filter_parse(rows[i].labels, rows[i].status, &arena, &filter,
				     &err))
			fail_msg("%s", err.text);
		if (get_filter_takes(&filter, &view) != rows[i].takes)
			fail_msg("'%s' '%s'", rows[i].labels ? rows[i].labels : "",
				 rows[i].status ? rows[i].status : "");
	}
}

static const struct {
	const char *labels, *status, *error;
} wrong[] = {
	{ "a b", NULL, "'a b' is not a selector such as app=web, app!=web, app or !app" },
	{ "a in (b)", NULL,
	  "'a in (b)' is not a selector such as app=web, app!=web, app or !app" },
	{ "a=b,", NULL, "'' is not a selector such as app=web, app!=web, app or !app" },
	{ "=b", NULL, "'=b' is not a selector such as app=web, app!=web, app or !app" },
	{ "a=-", NULL, "'a=-' is not a selector such as app=web, app!=web, app or !app" },
	{ NULL, "ready",
	  "'ready' is not a status selector such as ready=false or ready!=true" },
	{ NULL, "=x",
	  "'=x' is not a status selector such as ready=false or ready!=true" },
	{ NULL, "!=x",
	  "'!=x' is not a status selector such as ready=false or ready!=true" },
	{ NULL, "ready=",
	  "'ready=' is not a status selector such as ready=false or ready!=true" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct get_filter filter = { 0 };
		struct err err = ERR_INIT;
		assert_int_equal(get_filter_parse(wrong[i].labels, wrong[i].status,
						  &arena, &filter, &err),
				 ERR_INVALID);
		assert_string_equal(err.text, wrong[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_errors),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
