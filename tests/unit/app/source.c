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

/* Only what is certain: the same host, another name. */
static void test_other_project(void **state)
{
	(void)state;

	static const struct {
		const char *url, *address;
		bool is;
	} rows[] = {
		{ "https://github.com/org/apps", "https://github.com/org/fleet", true },
		{ "ssh://git@github.com/org/apps.git", "https://github.com/org/fleet",
		  true },
		{ "git@GitHub.com:org/apps.git", "https://user@github.com/org/fleet/",
		  true },
		{ "ssh://git@h:2222/org/apps", "https://h:3000/api/v1/org/fleet", true },
		{ "https://github.com/org/apps", "https://github.com/org/apps", false },
		{ "git@github.com:org/Apps.git", "https://github.com/org/apps", false },
		{ "ssh://git@h:2222/org/apps", "https://h:3000/api/v1/org/apps", false },
		{ "ssh://git@h/scm/org/apps.git", "https://h/projects/org/repos/apps",
		  false },
		/* a mirror may have another name elsewhere */
		{ "ssh://git@internal/srv/git/apps.git", "https://github.com/org/web",
		  false },
		{ "https://github.com/org/apps", "", false },
		{ "https://github.com", "https://github.com/org/fleet", false },
		{ "", "https://github.com/org/fleet", false },
		{ "/srv/git/apps.git", "https://github.com/org/fleet", false },
		{ "file:///srv/git/apps.git", "/srv/git/fleet.git", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is = source_is_other(rows[i].url, rows[i].address);
		if (is != rows[i].is)
			print_error("'%s' '%s'\n", rows[i].url, rows[i].address);
		assert_int_equal(is, rows[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_other_project),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
