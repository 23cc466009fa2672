/* SPDX-License-Identifier: MIT */
/* The hand-over: watch file and spool, whole and damaged. */
#include "base/handover.h"
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"
#include <sys/stat.h>
#include <unistd.h>

static char git_dir[64];

static int make_repository(void **state)
{
	(void)state;
	(void)snprintf(git_dir, sizeof(git_dir), "/tmp/handover.XXXXXX");
	struct err err = ERR_INIT;
	char path[128];
	if (!mkdtemp(git_dir))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/objects", git_dir);
	return file_make_dirs(path, 0750, &err);
}

static int remove_repository(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	char path[128];
	int code = handover_remove(git_dir, &err);
	(void)snprintf(path, sizeof(path), "%s/objects", git_dir);
	(void)rmdir(path);
	/* fails when the removal left anything */
	return code || rmdir(git_dir) != 0 ? -1 : 0;
}

static void put(const char *rel, const char *text, mode_t mode)
{
	char path[256];
	struct err err = ERR_INIT;
	(void)snprintf(path, sizeof(path), "%s/%s", git_dir, rel);
	assert_int_equal(file_write_atomic(path, str_of(text), mode, FILE_FAST, &err), 0);
}

static mode_t mode_of(const char *rel)
{
	char path[256];
	struct stat st;
	(void)snprintf(path, sizeof(path), "%s/%s", git_dir, rel);
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static struct watch sample(struct arena *arena)
{
	struct watch watch = { .program = "/opt/image hook", .foreground_ms = 1500 };
	strings_add(arena, &watch.refs, "refs/tags/");
	strings_add(arena, &watch.refs, "refs/heads/main");
	strings_add(arena, &watch.refs, "refs/heads/a/b");
	return watch;
}

static void test_watch_round_trip(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch = sample(&arena);
	struct watch got;
	put("HEAD", "ref: refs/heads/main\n", 0644);
	char *head = arena_printf(&arena, "%s/HEAD", git_dir);
	file_identity_take(head, VEC_ADD(&arena, &watch.made_from));
	file_identity_take("/nonexistent", VEC_ADD(&arena, &watch.made_from));
	assert_int_equal(watch_write(git_dir, &watch, &err), 0);
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), 0);
	assert_string_equal(got.program, "/opt/image hook");
	assert_int_equal(got.foreground_ms, 1500);
	assert_false(got.every_branch);
	assert_int_equal(got.refs.len, 3);
	assert_int_equal(got.made_from.len, 2);
	assert_string_equal(got.made_from.items[0].path, head);
	assert_true(watch_covers(&got, "refs/heads/main"));
	assert_true(watch_covers(&got, "refs/heads/a/b"));
	assert_true(watch_covers(&got, "refs/tags/v1"));
	assert_true(watch_covers(&got, "refs/tags/a/v1"));
	assert_false(watch_covers(&got, "refs/heads/main2"));
	assert_false(watch_covers(&got, "refs/heads/a"));
	assert_false(watch_covers(&got, "refs/heads/mai"));
	assert_false(watch_covers(&got, "refs/tags"));
	assert_false(watch_covers(&got, ""));

	/* HEAD is another file now: out of date covers every branch */
	put("HEAD", "ref: refs/heads/other\n", 0644);
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), 0);
	assert_true(got.every_branch);
	assert_true(watch_covers(&got, "refs/heads/anything"));
	assert_false(watch_covers(&got, "refs/notes/x"));
	(void)unlink(head);
}

static void test_watch_is_rewritten_only_when_changed(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch = sample(&arena);
	char *path = arena_printf(&arena, "%s/imagehook/watch", git_dir);
	struct file_identity before;
	struct file_identity after;
	assert_int_equal(watch_write(git_dir, &watch, &err), 0);
	file_identity_take(path, &before);
	assert_int_equal(watch_write(git_dir, &watch, &err), 0);
	file_identity_take(path, &after);
	assert_int_equal(before.inode, after.inode);
	assert_int_equal(before.mtime_ns, after.mtime_ns);
	watch.every_branch = true;
	assert_int_equal(watch_write(git_dir, &watch, &err), 0);
	assert_false(file_identity_holds(&before));
	struct watch got;
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), 0);
	assert_true(got.every_branch);
}

static void test_watch_refuses_line_feeds(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch = sample(&arena);
	watch.program = "/a\nb";
	assert_int_equal(watch_write(git_dir, &watch, &err), ERR_INVALID);
}

static void test_watch_limit(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch = { .program = "/p", .foreground_ms = 1 };
	for (int i = 0; i < 50000; i++)
		strings_add(&arena, &watch.refs,
			    arena_printf(&arena, "refs/heads/branch/%d", i));
	assert_int_equal(watch_write(git_dir, &watch, &err), ERR_LIMIT);
}

static void test_watch_missing_and_damaged(void **state)
{
	(void)state;
	static const char *const damaged[] = {
		"",
		"imagehook watch 2\nprogram /p\nforeground 1\nend\n",
		"imagehook watch 1\nprogram /p\nforeground 1\n",
		"imagehook watch 1\nprogram p\nforeground 1\nend\n",
		"imagehook watch 1\nforeground 1\nend\n",
		"imagehook watch 1\nprogram /p\nend\n",
		"imagehook watch 1\nprogram /p\nforeground x\nend\n",
		"imagehook watch 1\nprogram /p\nforeground 1\nend\nmore\n",
		"imagehook watch 1\nprogram /p\nforeground 1\nfrom 1 2\nend\n",
		"imagehook watch 1\nprogram /p\nforeground 1\nref \nend\n",
		"imagehook watch 1\nprogram /p\nforeground 1\nwhat\nend\n",
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch got;
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), ERR_NOTFOUND);
	assert_int_equal(handover_prepare(git_dir, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		put("imagehook/watch", damaged[i], 0644);
		assert_int_equal(watch_read(git_dir, &arena, &got, &err), ERR_INVALID);
	}
	/* a NUL inside */
	assert_int_equal(
	    watch_parse(STR("imagehook watch 1\nprogram /p\0q\nforeground 1\nend\n"),
			&arena, &got, &err),
	    ERR_INVALID);
	/* writable by others: it could name their program */
	put("imagehook/watch", "imagehook watch 1\nprogram /p\nforeground 1\nend\n",
	    0664);
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), ERR_INVALID);
	put("imagehook/watch", "imagehook watch 1\nprogram /p\nforeground 1\nend\n",
	    0644);
	assert_int_equal(watch_read(git_dir, &arena, &got, &err), 0);
}

static void test_modes_follow_objects(void **state)
{
	(void)state;

	static const struct {
		mode_t objects, folder, spool, watch;
	} rows[] = {
		{ 0700, 0700, 0700, 0600 },    { 0755, 0755, 0755, 0644 },
		{ 0750, 0750, 0750, 0640 },    { 02770, 02750, 03770, 0640 },
		{ 02775, 02755, 03775, 0644 },
	};

	char path[128];
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct watch watch = sample(&arena);
	(void)snprintf(path, sizeof(path), "%s/objects", git_dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(chmod(path, rows[i].objects), 0);
		assert_int_equal(watch_write(git_dir, &watch, &err), 0);
		assert_int_equal(mode_of("imagehook"), rows[i].folder);
		assert_int_equal(mode_of("imagehook/jobs"), rows[i].spool);
		assert_int_equal(mode_of("imagehook/watch"), rows[i].watch);
		assert_int_equal(handover_remove(git_dir, &err), 0);
		assert_int_equal(handover_remove(git_dir, &err), 0);
	}
}

static void test_jobs(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	struct job_list jobs;
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, 0);
	assert_false(job_waits(git_dir));
	assert_int_equal(handover_prepare(git_dir, &err), 0);
	put("imagehook/jobs/12-1.abc", "a temporary", 0644);
	assert_false(job_waits(git_dir));
	strings_add(&arena, &lines, "1 2 refs/heads/main");
	strings_add(&arena, &lines, "1 2 refs/heads/\nx");
	assert_int_equal(job_write(git_dir, &lines, "ann\te", &err), 0);
	assert_true(job_waits(git_dir));
	lines.len = 0;
	assert_int_equal(job_write(git_dir, &lines, "", &err), 0);
	put("imagehook/jobs/999999999999999999999-1", "junk", 0644);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, 3);
	assert_string_equal(jobs.items[0].pusher, "ann?e");
	assert_int_equal(jobs.items[0].lines.len, 2);
	assert_string_equal(jobs.items[0].lines.items[0], "1 2 refs/heads/main");
	assert_string_equal(jobs.items[0].lines.items[1], "1 2 refs/heads/?x");
	assert_int_equal(jobs.items[1].lines.len, 0);
	assert_string_equal(jobs.items[2].file, "999999999999999999999-1");
	assert_int_equal(jobs.items[2].lines.len, 0);
	job_done(git_dir, &jobs.items[0]);
	job_done(git_dir, &jobs.items[0]);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, 2);
}

static void test_damaged_job_says_nothing(void **state)
{
	(void)state;
	static const char *const damaged[] = {
		"",
		"imagehook job 2\npusher ann\nend\n",
		"imagehook job 1\npusher ann\nline x\n",
		"imagehook job 1\npusher ann\nline x\nend\nmore",
		"imagehook job 1\nwhat\nend\n",
	};
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
		struct job job = { .pusher = "" };
		assert_false(job_parse(str_of(damaged[i]), &arena, &job));
		assert_string_equal(job.pusher, "");
		assert_int_equal(job.lines.len, 0);
	}
}

static void test_job_text_is_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	struct job_list jobs;
	for (int i = 0; i < 10000; i++)
		strings_add(&arena, &lines, "0000 1111 refs/heads/x");
	assert_int_equal(job_write(git_dir, &lines, "", &err), 0);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, 1);
	assert_in_range(jobs.items[0].lines.len, 2000, 2800);
}

static void test_spool_is_bounded(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	struct job_list jobs;
	assert_int_equal(handover_prepare(git_dir, &err), 0);
	for (int i = 0; i < LIMIT_JOBS; i++)
		put(arena_printf(&arena, "imagehook/jobs/%d", i), "x", 0600);
	assert_int_equal(job_write(git_dir, &lines, "", &err), 0);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, LIMIT_JOBS);
	assert_true(job_waits(git_dir));
	/* behind more other names than one look takes in */
	for (int i = 0; i < LIMIT_JOBS; i++)
		assert_int_equal(
		    rename(arena_printf(&arena, "%s/imagehook/jobs/%d", git_dir, i),
			   arena_printf(&arena, "%s/imagehook/jobs/x%d", git_dir, i)),
		    0);
	assert_false(job_waits(git_dir));
	put("imagehook/jobs/1", "x", 0600);
	assert_true(job_waits(git_dir));
}

static void test_job_that_is_no_file(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct job_list jobs;
	char path[128];
	assert_int_equal(handover_prepare(git_dir, &err), 0);
	(void)snprintf(path, sizeof(path), "%s/imagehook/jobs/1", git_dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	(void)snprintf(path, sizeof(path), "%s/imagehook/jobs/2", git_dir);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), 0);
	assert_int_equal(jobs.len, 2);
	assert_int_equal(jobs.items[0].lines.len + jobs.items[1].lines.len, 0);
}

static void test_links_are_not_followed(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	struct job_list jobs;
	char *victim = arena_printf(&arena, "%s/objects/1", git_dir);
	char *jobs_path = arena_printf(&arena, "%s/imagehook/jobs", git_dir);
	struct job job = { .file = "1" };
	put("objects/1", "kept", 0644);
	assert_int_equal(handover_prepare(git_dir, &err), 0);
	assert_int_equal(rmdir(jobs_path), 0);
	assert_int_equal(symlink("../objects", jobs_path), 0);
	assert_int_equal(job_write(git_dir, &lines, "", &err), ERR_DENIED);
	assert_int_equal(job_list(git_dir, &arena, &jobs, &err), ERR_DENIED);
	assert_true(job_waits(git_dir));
	job_done(git_dir, &job);
	assert_int_equal(handover_remove(git_dir, &err), 0);
	assert_true(file_exists(victim));
	assert_int_equal(unlink(victim), 0);
}

static void test_spool_denied(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct strings lines = { NULL, 0, 0 };
	/* no repository at all */
	assert_int_equal(job_write("/nonexistent/repo.git", &lines, "", &err),
			 ERR_NOTFOUND);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_repository, remove_repository)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_watch_round_trip),
		TEST(test_watch_is_rewritten_only_when_changed),
		TEST(test_watch_refuses_line_feeds),
		TEST(test_watch_limit),
		TEST(test_watch_missing_and_damaged),
		TEST(test_modes_follow_objects),
		TEST(test_jobs),
		TEST(test_damaged_job_says_nothing),
		TEST(test_job_text_is_bounded),
		TEST(test_spool_is_bounded),
		TEST(test_job_that_is_no_file),
		TEST(test_links_are_not_followed),
		TEST(test_spool_denied),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
