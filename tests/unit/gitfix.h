/* SPDX-License-Identifier: MIT */
/*
 * Real repositories for unit tests: a folder that is made for one test and removed after
 * it, and shell scripts that build what stands in it with git itself.
 */
#ifndef TESTS_UNIT_GITFIX_H
#define TESTS_UNIT_GITFIX_H

#include "adapter/git/repo.h"
#include "base/file.h"
#include "base/proc.h"
#include "tests/unit/unit.h"
#include <unistd.h>

struct fix {
	struct arena arena;
	char dir[64];
	struct repo *repo; /* of `r.git`, once fix_open() was called */
};

/* Runs a script in the fixture's folder and gives its output without the last newline;
 * fails the test unless it exits with 0. */
static inline const char *fix_run(struct fix *fix, const char *script)
{
	struct err err = ERR_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(1 << 24);
	struct buf errors BUF_CLEANUP = BUF_INIT(1 << 16);
	int status = 0;
	const char *argv[] = { "sh", "-euc", script, NULL };
	const char *env[] = { proc_base_env()[0],
			      "LC_ALL=C",
			      arena_printf(&fix->arena, "HOME=%s", fix->dir),
			      "GIT_CONFIG_NOSYSTEM=1",
			      "GIT_AUTHOR_NAME=A",
			      "GIT_AUTHOR_EMAIL=a@example.com",
			      "GIT_AUTHOR_DATE=1700000000 +0000",
			      "GIT_COMMITTER_NAME=C",
			      "GIT_COMMITTER_EMAIL=c@example.com",
			      "GIT_COMMITTER_DATE=1700000000 +0000",
			      NULL };
	struct proc_spec spec = {
		.argv = argv, .env = env, .cwd = fix->dir, .out = &out, .errors = &errors
	};
	int code = proc_run(&spec, &status, &err);
	if (code || status)
		fail_msg("script failed (%d, %s): %s", status, err.text,
			 buf_cstr(&errors));
	struct str text = buf_str(&out);
	if (str_ends(text, STR("\n")))
		text.len--;
	return arena_strndup(&fix->arena, text);
}

/* A folder with an empty bare repository `r.git`. */
static inline void fix_init(struct fix *fix)
{
	*fix = (struct fix){ .dir = "/tmp/imagehook-unit-XXXXXX" };
	assert_non_null(mkdtemp(fix->dir));
	(void)fix_run(fix, "git init -q --bare -b main r.git");
}

static inline void fix_close(struct fix *fix)
{
	repo_free(fix->repo);
	fix->repo = NULL;
}

static inline void fix_release(struct fix *fix)
{
	fix_close(fix);
	(void)fix_run(fix, "chmod -R u+rwX \"$PWD\"; rm -rf \"$PWD\"");
	arena_clear(&fix->arena);
}

#define FIX_CLEANUP CLEANUP(fix_release)

/* Opens `r.git`, again if it was open. */
static inline struct repo *fix_open(struct fix *fix)
{
	struct err err = ERR_INIT;
	fix_close(fix);
	const char *path = file_join(&fix->arena, fix->dir, "r.git");
	if (repo_open(path, &fix->repo, &err))
		fail_msg("%s", err.text);
	return fix->repo;
}

/* Commits the files of folder `w` to `refs/heads/main` of r.git; gives the oid. */
#define FIX_COMMIT                                                         \
	"export GIT_DIR=r.git GIT_WORK_TREE=w GIT_INDEX_FILE=$PWD/index; " \
	"git add -A; t=$(git write-tree); "                                \
	"p=$(git rev-parse -q --verify refs/heads/main || true); "         \
	"c=$(git commit-tree ${p:+-p $p} -m msg $t); "                     \
	"git update-ref refs/heads/main $c; echo $c"

static inline struct oid fix_oid(const char *hex)
{
	struct oid oid = { "" };
	assert_int_equal(strlen(hex), 40);
	memcpy(oid.hex, hex, 40);
	return oid;
}

/* What a command prints, as an oid. */
static inline struct oid fix_run_oid(struct fix *fix, const char *script)
{
	return fix_oid(fix_run(fix, script));
}

#endif
