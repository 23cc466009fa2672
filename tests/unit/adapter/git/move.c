/* SPDX-License-Identifier: MIT */
#include "tests/unit/gitfix.h"
#include <sys/wait.h>

/* Two commits on main; `one` is the first, `two` the tip. */
struct pair {
	struct oid one, two;
};

static struct pair fill(struct fix *fix)
{
	struct pair pair;
	pair.one = fix_run_oid(fix, "mkdir w; echo 1 > w/a; " FIX_COMMIT);
	pair.two = fix_run_oid(fix, "echo 2 > w/a; " FIX_COMMIT);
	(void)fix_open(fix);
	return pair;
}

static int move(struct fix *fix, const char *ref, const struct oid *from,
		const struct oid *to, struct err *err)
{
	struct repo_move move = { .ref = ref,
				  .new_oid = *to,
				  .reason = "imagehook: test" };
	if (from)
		move.old_oid = *from;
	return repo_move_ref(fix->repo, &move, err);
}

static void assert_ref(struct fix *fix, const char *ref, const struct oid *oid)
{
	struct oid now = { "" };
	struct err err = ERR_INIT;
	assert_int_equal(repo_resolve(fix->repo, ref, &now, &err), 0);
	assert_string_equal(now.hex, oid->hex);
}

static void test_moves(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	(void)fix_run(&fix, "git -C r.git config core.logAllRefUpdates true; "
			    "git -C r.git pack-refs --all");
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &c.one, &err), 0);
	assert_ref(&fix, "refs/heads/main", &c.one);
	assert_int_equal(move(&fix, "refs/heads/new/x", NULL, &c.two, &err), 0);
	assert_ref(&fix, "refs/heads/new/x", &c.two);
	assert_string_equal(fix_run(&fix, "cut -d' ' -f3- r.git/logs/refs/heads/new/x"),
			    "C <c@example.com> 1700000000 +0000\timagehook: test");
}

static void test_conflicts(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	assert_int_equal(move(&fix, "refs/heads/main", &c.one, &c.two, &err),
			 ERR_CONFLICT);
	assert_string_equal(err.text, "'refs/heads/main' was moved by somebody else");
	assert_int_equal(move(&fix, "refs/heads/main", NULL, &c.one, &err), ERR_CONFLICT);
	assert_int_equal(move(&fix, "refs/heads/gone", &c.one, &c.two, &err),
			 ERR_CONFLICT);
	assert_int_equal(move(&fix, "refs/heads/main/x", NULL, &c.two, &err),
			 ERR_INVALID);
	assert_ref(&fix, "refs/heads/main", &c.two);
}

static void test_verifies(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	(void)fix_run(&fix, "cd r.git; git branch docs; git tag -a -m m v1");
	struct repo_ref verify[] = {
		{ "refs/heads/docs", c.two }, { NULL, { "" } },
		{ "refs/heads/docs", c.two }, { "refs/heads/absent", { "" } },
		{ "refs/tags/v1", c.two },    { "refs/heads/main", c.two }
	};
	struct repo_move what = { .ref = "refs/heads/main",
				  .old_oid = c.two,
				  .new_oid = c.one,
				  .verify = verify,
				  .n_verify = ARRAY_LEN(verify) };
	static const char *const breaks[] = {
		"git -C r.git update-ref refs/heads/docs refs/heads/docs~1",
		"git -C r.git update-ref refs/heads/docs refs/heads/main; "
		"git -C r.git update-ref refs/heads/absent refs/heads/main",
		"git -C r.git update-ref -d refs/heads/absent; "
		"git -C r.git tag -f -a -m m v1 main~1",
		"git -C r.git tag -d v1",
	};
	for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
		(void)fix_run(&fix, breaks[i]);
		assert_int_equal(repo_move_ref(fix.repo, &what, &err), ERR_CONFLICT);
		assert_ref(&fix, "refs/heads/main", &c.two);
	}
	(void)fix_run(&fix, "git -C r.git tag -a -m m v1 main");
	assert_int_equal(repo_move_ref(fix.repo, &what, &err), 0);
	assert_ref(&fix, "refs/heads/main", &c.one);
}

static void test_lock(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	(void)fix_run(&fix, ": > r.git/refs/heads/main.lock");
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &c.one, &err), ERR_BUSY);
	assert_string_equal(err.text, "'refs/heads/main' is locked by another process");
	/* a lock that is given back in time only delays */
	pid_t pid = fork();
	if (pid == 0) {
		struct err ignored = ERR_INIT;
		int status = 0;
		const char *argv[] = { "sh", "-c",
				       "sleep 0.3; rm r.git/refs/heads/main.lock", NULL };
		struct proc_spec spec = { .argv = argv, .cwd = fix.dir };
		_exit(proc_run(&spec, &status, &ignored) ? 1 : status);
	}
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &c.one, &err), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_ref(&fix, "refs/heads/main", &c.one);
}

static void test_denials(void **state)
{
	static const struct {
		const char *set_up;
		const char *ref;
		int code;
		const char *error;
	} cases[] = {
		{ "git -C r.git config transfer.hideRefs refs/heads/ma",
		  "refs/heads/main", 0, "" },
		{ "git -C r.git config receive.hideRefs refs/heads/", "refs/heads/main",
		  ERR_DENIED, "'refs/heads/main' is a hidden ref (transfer.hideRefs)" },
		{ "git -C r.git config --add receive.hideRefs '!refs/heads/main'",
		  "refs/heads/main", 0, "" },
		{ "git -C r.git config --unset-all receive.hideRefs; "
		  "git -C r.git config receive.denyNonFastForwards true",
		  "refs/heads/main", ERR_DENIED,
		  "'refs/heads/main' cannot be rewritten: receive.denyNonFastForwards is "
		  "set" },
		{ "git -C r.git config --unset receive.denyNonFastForwards; "
		  "git -C r.git symbolic-ref refs/heads/s refs/heads/main",
		  "refs/heads/s", ERR_DENIED, "'refs/heads/s' is a symbolic ref" },
		{ "git -C r.git branch wt; git -C r.git worktree add -q ../wt wt 2>&1",
		  "refs/heads/wt", ERR_DENIED,
		  "'refs/heads/wt' is checked out in a work tree" },
		{ ":", "refs/tags/v1", ERR_INVALID, "'refs/tags/v1' is no branch" },
		{ ":", "HEAD", ERR_INVALID, "'HEAD' is no branch" },
		{ ":", "refs/heads/a..b", ERR_INVALID, "'refs/heads/a..b' is no branch" },
		{ "printf '#!/bin/sh\\n[ $1 != prepared ]\\n' > "
		  "r.git/hooks/reference-transaction; "
		  "chmod +x r.git/hooks/reference-transaction",
		  "refs/heads/main", ERR_DENIED,
		  "'refs/heads/main' was refused by the reference-transaction hook" },
		{ "rm r.git/hooks/reference-transaction; git -C r.git config core.bare "
		  "false",
		  "refs/heads/main", ERR_DENIED,
		  "'refs/heads/main' is checked out in a work tree" },
		{ "git -C r.git config core.bare true; "
		  "git -C r.git config remote.o.mirror true",
		  "refs/heads/main", ERR_DENIED,
		  "the repository is a mirror: the next fetch would undo the commit" },
		{ "git -C r.git config --unset remote.o.mirror; "
		  "git -C r.git config core.repositoryformatversion 1; "
		  "echo '[extensions]compatobjectformat = sha256' >> r.git/config",
		  "refs/heads/main", ERR_UNSUPPORTED,
		  "the repository uses 'extensions.compatobjectformat = sha256', which is "
		  "not supported" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct pair c = fill(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		(void)fix_run(&fix, cases[i].set_up);
		(void)fix_open(&fix);
		int code = move(&fix, cases[i].ref, &c.two, &c.one, &err);
		if (code != cases[i].code || strcmp(err.text, cases[i].error) != 0)
			fail_msg("case %zu: %d '%s'", i, code, err.text);
		if (!code)
			(void)fix_run(&fix, arena_printf(&fix.arena,
							 "git -C r.git update-ref %s %s",
							 cases[i].ref, c.two.hex));
	}
	assert_string_equal(fix_run(&fix, "cat r.git/refs/heads/main"), c.two.hex);
}

static void test_missing_object(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	struct oid gone = fix_oid("1234567890123456789012345678901234567890");
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &gone, &err),
			 ERR_NOTFOUND);
	assert_ref(&fix, "refs/heads/main", &c.two);
}

static void test_other_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return; /* only root can give a folder away */
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	(void)fix_run(&fix, "chown 1234 r.git");
	(void)fix_open(&fix);
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &c.one, &err), ERR_DENIED);
	assert_string_equal(err.text,
			    "user 0 does not own the repository, user 1234 does");
}

static void test_after_move(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	(void)fix_run(&fix, "cd r.git; git update-server-info; mkdir info/web; "
			    "echo old > info/web/last-modified; git config gc.auto 1; "
			    "mkdir -p objects/17; cd objects/17; for i in 1 2 3; do "
			    ": > 000000000000000000000000000000000000$i; done");
	assert_int_equal(move(&fix, "refs/heads/main", &c.two, &c.one, &err), 0);
	assert_int_equal(repo_after_move(fix.repo, &err), 0);
	assert_string_equal(fix_run(&fix, "cut -f1 r.git/info/refs"), c.one.hex);
	assert_string_equal(fix_run(&fix, "grep -cE '^[-0-9]{10} [:0-9]{8} \\+0000$' "
					  "r.git/info/web/last-modified"),
			    "1");
}

static void test_guarding_hooks(void **state)
{
	static const struct {
		const char *set_up;
		const char *hooks;
	} cases[] = {
		{ ":", "" },
		{ "touch r.git/hooks/update; cp /bin/true r.git/hooks/post-receive", "" },
		{ "chmod +x r.git/hooks/update; cp /bin/true r.git/hooks/pre-receive",
		  "pre-receive,update," },
		{ "echo 'imagehook-hook version 1' > r.git/hooks/pre-receive",
		  "update," },
		{ "mkdir other; cp /bin/true other/reference-transaction; "
		  "git -C r.git config core.hooksPath ../other",
		  "reference-transaction," },
		{ "git -C r.git config core.hooksPath /dev/null", "" },
		{ "git -C r.git config hook.x.event pre-receive; "
		  "git -C r.git config hook.x.command false; "
		  "git -C r.git config hook.y.event post-receive",
		  "pre-receive (hook.x)," },
		{ "git -C r.git config hook.x.enabled false", "" },
	};

	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = ERR_INIT;
		struct strings hooks = { NULL, 0, 0 };
		struct buf text BUF_CLEANUP = BUF_INIT(4096);
		(void)fix_run(&fix, cases[i].set_up);
		(void)fix_open(&fix);
		assert_int_equal(repo_guarding_hooks(fix.repo, &fix.arena, &hooks, &err),
				 0);
		for (size_t k = 0; k < hooks.len; k++)
			(void)buf_printf(&text, "%s,", hooks.items[k]);
		assert_string_equal(buf_cstr(&text), cases[i].hooks);
	}
}

/* Refs that are packed under our feet neither get lost nor look moved. */
static void test_race(void **state)
{
	(void)state;
	struct fix fix FIX_CLEANUP;
	fix_init(&fix);
	struct err err = ERR_INIT;
	struct pair c = fill(&fix);
	struct oid now = { "" };
	pid_t pid = fork();
	if (pid == 0) {
		struct err ignored = ERR_INIT;
		int status = 0;
		const char *argv[] = {
			"sh", "-c",
			"for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "
			"git -C r.git update-ref refs/heads/o$i refs/heads/main; "
			"git -C r.git pack-refs --all --prune; done",
			NULL
		};
		struct proc_spec spec = { .argv = argv, .cwd = fix.dir };
		_exit(proc_run(&spec, &status, &ignored) ? 1 : 0);
	}
	for (int i = 0; i < 20; i++) {
		const struct oid *from = i % 2 ? &c.one : &c.two;
		const struct oid *to = i % 2 ? &c.two : &c.one;
		int code = move(&fix, "refs/heads/main", from, to, &err);
		if (code)
			fail_msg("step %d: %s", i, err.text);
		assert_int_equal(repo_resolve(fix.repo, "refs/heads/main", &now, &err),
				 0);
		assert_string_equal(now.hex, to->hex);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_ref(&fix, "refs/heads/main", &c.two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_verifies),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_denials),
		cmocka_unit_test(test_missing_object),
		cmocka_unit_test(test_other_owner),
		cmocka_unit_test(test_after_move),
		cmocka_unit_test(test_guarding_hooks),
		cmocka_unit_test(test_race),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
