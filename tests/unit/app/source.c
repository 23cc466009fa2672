/* SPDX-License-Identifier: MIT */
/* Which URLs of a GitRepository mean the repository at hand. */
#include "app/source.h"
#include "tests/unit/unit.h"

static void test_url(void **state)
{
	(void)state;

	static const struct {
		const char *url, *git_dir;
		bool is;
	} rows[] = {
		{ "https://git.example.com/group/app.git", "/srv/git/group/app.git",
		  true },
		{ "https://git.example.com/group/app", "/srv/git/group/app.git", true },
		{ "https://git.example.com/group/app/", "/srv/git/group/app.git", true },
		{ "http://h:3000/group/app.git", "/srv/git/group/app.git", true },
		{ "ssh://git@h:2222/group/app", "/srv/git/group/app.git/", true },
		{ "ssh://git@h/~/group/app.git", "/home/git/group/app.git", true },
		{ "ssh://git@h/srv/git/group/app.git", "/srv/git/group/app.git", true },
		{ "git@h:group/app.git", "/srv/git/group/app.git", true },
		{ "git@h:/srv/git/group/app.git", "/srv/git/group/app.git", true },
		{ "h:app", "/srv/git/group/app.git", true },
		{ "file:///srv/git/group/app.git", "/srv/git/group/app.git", true },
		{ "/srv/git/group/app.git", "/srv/git/group/app.git", true },
		{ "ssh://git@h/app", "/home/u/app/.git", true },
		/* a proxy may put a path of its own in front */
		{ "https://h/git/srv/app.git", "/srv/app.git", true },
		{ "https://git.example.com/group/other.git", "/srv/git/group/app.git",
		  false },
		{ "https://git.example.com/team/app.git", "/srv/git/group/app.git",
		  false },
		{ "https://git.example.com/group/my-app", "/srv/git/group/app.git",
		  false },
		{ "https://git.example.com/p", "/srv/git/group/app.git", false },
		{ "https://git.example.com/Group/App", "/srv/git/group/app.git", false },
		{ "https://git.example.com", "/srv/git/group/app.git", false },
		{ "https://git.example.com/", "/srv/git/group/app.git", false },
		{ "https://git.example.com/.git", "/srv/git/group/app.git", false },
		{ "git@h:", "/srv/git/group/app.git", false },
		{ "", "/srv/git/group/app.git", false },
		{ "///", "/srv/git/group/app.git", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is = source_is_own(rows[i].url, rows[i].git_dir);
		if (is != rows[i].is)
			print_error("'%s' '%s'\n", rows[i].url, rows[i].git_dir);
		assert_int_equal(is, rows[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
