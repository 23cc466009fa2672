/* SPDX-License-Identifier: MIT */
#include "stage/scan/link.h"
#include "tests/unit/unit.h"

static const struct {
	const char *first;
	const char *second; /* a second header, or NULL */
	const char *query;  /* NULL: the end */
	const char *error;
} cases[] = {
	{ "</v2/a/b/tags/list?n=3&last=x>; rel=\"next\"", NULL, "n=3&last=x", NULL },
	{ "<https://r/v2/a/b/tags/list?last=LONG%3D%3D>; rel=\"next\"", NULL,
	  "last=LONG%3D%3D", NULL },
	{ "<http://169.254.169.254/latest?last=a>; rel=\"next\"", NULL, "last=a", NULL },
	{ "</x?last=a>; rel=prev, </x?last=c>; rel=next", NULL, "last=c", NULL },
	{ "</x?last=a>; title=\"x, y\"; rel=\"last next\"", NULL, "last=a", NULL },
	{ "</x?last=a>; title=\"a \\\" b\"; REL=NEXT", NULL, "last=a", NULL },
	{ "<?n=2&last=b>; rel=\"next\"", NULL, "n=2&last=b", NULL },
	{ "</v2/a/tags/list>; rel=\"next\"", NULL, "", NULL },
	{ "</v2/a/tags/list?last=a; rel=\"next\"", NULL, NULL,
	  "failed to parse link header: missing '>' in: </v2/a/tags/list?last=a; "
	  "rel=\"next\"" },
	{ "/v2?last=a; rel=next", NULL, NULL,
	  "failed to parse link header: missing '<' in: /v2?last=a; rel=next" },
	{ "", NULL, NULL, NULL },
	{ "<>", NULL, NULL, NULL },
	{ "<>; rel=\"next\"", NULL, NULL, NULL },
	{ "</x?last=a>; rel=prev", NULL, NULL, NULL },
	{ "</x?last=a>", NULL, "last=a", NULL },
	{ "</x?last=a>; rel=prev", "</x?last=b>; rel=next", "last=b", NULL },
	{ "</x?last=a#frag?x>; rel=next", NULL, "last=a", NULL },
	{ "</x?last=a b>; rel=next", NULL, NULL,
	  "the link to the next page has a character that a URL cannot have" },
	{ "</x?last=a> rel=next", NULL, NULL,
	  "failed to parse link header: unexpected 'r' in: </x?last=a> rel=next" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		struct http_header items[2] = { { "Link", cases[i].first },
						{ "LINK", cases[i].second } };
		struct http_headers headers = { items, cases[i].second ? 2 : 1, 2 };
		struct err err = ERR_INIT;
		const char *query = NULL;
		int code = link_next(&headers, &arena, &query, &err);
		assert_int_equal(code, cases[i].error ? ERR_INVALID : 0);
		if (cases[i].error)
			assert_string_equal(err.text, cases[i].error);
		else if (cases[i].query)
			assert_string_equal(query, cases[i].query);
		else
			assert_null(query);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
