/* SPDX-License-Identifier: MIT */
/* Each Git host is told from what it leaves in a repository; the nearest misses are
 * plain. */
#include "host/host.h"
#include "base/file.h"
#include "tests/unit/unit.h"
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];

static int make_root(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/host.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct row {
	const char *host;
	const char *dir;  /* below the root */
	const char *file; /* below the dir; NULL: none */
	const char *text; /* its text, or its target when it begins with "-> " */
};

static void test_detection(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{ "plain", "a.git", NULL, NULL },
		{ "plain", "b.git", "hooks/post-receive", "#!/bin/sh\necho hook\n" },
		{ "plain", "c.git", "hooks/post-receive.d/mine", "#!/bin/sh\n" },
		{ "plain", "d.git", "custom_hooks/post-receive", "#!/bin/sh\n" },
		{ "plain", "e.git", "hooks/update", "-> ../../shared/update" },
		{ "plain", "f.git", "config", "[gitlab-ci]\n\tfullpath = x\n" },
		{ "plain", "@hashed", NULL, NULL },
		{ "gitea", "g.git", "hooks/post-receive.d/gitea", "#!/bin/sh\n" },
		{ "gitea", "h.git", "hooks/post-receive.d/forgejo", "" },
		{ "gogs", "i.git", "hooks/post-receive",
		  "#!/usr/bin/env bash\n\"/srv/gogs\" hook --config='/etc/app.ini' x\n" },
		{ "gogs", "j.git", "hooks/update",
		  "#!/bin/sh\n\"/opt/g\" hook --config='/etc/app.ini' update $1\n" },
		{ "gitolite", "k.git", "gl-conf", "%gl_pattern = ();\n" },
		{ "gitolite", "l.git", "hooks/update",
		  "-> /home/git/.gitolite/hooks/common/update" },
		{ "gitolite", "m.git", "hooks/update",
		  "#!/usr/bin/perl\nuse Gitolite::Hooks::Update;\n" },
		{ "gitlab", "@hashed/4e/07/4e07.git", NULL, NULL },
		{ "gitlab", "+gitaly/x.git", NULL, NULL },
		{ "gitlab", "n.git", "config", "[gitlab]\n\tfullpath = group/project\n" },
		{ "gitlab", "o.git", "hooks", "-> /opt/gitlab/gitlab-shell/hooks" },
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *dir = file_join(&arena, root, rows[i].dir);
		assert_int_equal(file_make_dirs(dir, 0700, &err), 0);
		if (rows[i].file) {
			char *path = file_join(&arena, dir, rows[i].file);
			char *parent = arena_strdup(&arena, path);
			*strrchr(parent, '/') = '\0';
			assert_int_equal(file_make_dirs(parent, 0700, &err), 0);
			if (strncmp(rows[i].text, "-> ", 3) == 0)
				assert_int_equal(symlink(rows[i].text + 3, path), 0);
			else
				assert_int_equal(file_write_atomic(path,
								   str_of(rows[i].text),
								   0755, FILE_FAST, &err),
						 0);
		}
		assert_string_equal(host_detect(dir)->name, rows[i].host);
		const struct host *host = NULL;
		int code = host_require(dir, &host, &err);
		assert_string_equal(host->name, rows[i].host);
		if (strcmp(rows[i].host, "plain") == 0) {
			assert_int_equal(code, 0);
		} else {
			assert_int_equal(code, ERR_UNSUPPORTED);
			assert_non_null(strstr(err.text, host->title));
			assert_non_null(strstr(err.text, "not built yet"));
		}
	}
}

static void test_table(void **state)
{
	(void)state;
	size_t n = 0;
	for (; hosts[n]; n++) {
		assert_non_null(hosts[n]->hook);
		assert_non_null(hosts[n]->write);
		/* only a plain repository may be written to directly */
		assert_int_equal(strcmp(hosts[n]->write, "direct") == 0,
				 hosts[n] == &host_plain);
	}
	assert_int_equal(n, 5);
	assert_ptr_equal(hosts[n - 1], &host_plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_detection, make_root, remove_root),
		cmocka_unit_test(test_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
