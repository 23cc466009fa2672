/* SPDX-License-Identifier: MIT */
/* Files in a folder of the test's own: links, modes, limits, locks. */
#include "base/file.h"
#include "base/limits.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[] = "/tmp/imagehook-file-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	return chdir("/") || nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void write_text(const char *path, const char *text)
{
	struct err err = ERR_INIT;
	assert_int_equal(file_write_atomic(path, str_of(text), 0600, FILE_FAST, &err), 0);
}

static void assert_text(const char *path, const char *text)
{
	struct err err = ERR_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	assert_int_equal(file_read(path, &out, &err), 0);
	assert_string_equal(buf_cstr(&out), text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void test_read(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(5);
	write_text("five", "12345");
	assert_int_equal(symlink("five", "to-five"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(mkdir("dir", 0700), 0);
	assert_int_equal(file_read("to-five", &out, &err), 0);
	assert_string_equal(buf_cstr(&out), "12345");

	static const struct {
		const char *path;
		int code;
		const char *text;
	} rows[] = {
		{ "none", ERR_NOTFOUND, "cannot open 'none': No such file or directory" },
		{ "dir", ERR_INVALID, "'dir' is not a regular file" },
		{ "fifo", ERR_INVALID, "'fifo' is not a regular file" },
		{ "six", ERR_LIMIT, "'six': more than 5 bytes" },
		{ "five/x", ERR_IO, "cannot open 'five/x': Not a directory" },
		{ "", ERR_NOTFOUND, "cannot open '': No such file or directory" },
	};

	write_text("six", "123456");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got BUF_CLEANUP = BUF_INIT(5);
		assert_int_equal(file_read(rows[i].path, &got, &err), rows[i].code);
		assert_string_equal(err.text, rows[i].text);
	}
	struct buf got BUF_CLEANUP = BUF_INIT(5);
	assert_int_equal(file_read_fd(-1, &got, &err), ERR_IO);
}

static void test_open_below(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	assert_int_equal(file_make_dirs("below/a/b", 0700, &err), 0);
	write_text("outside", "secret");
	write_text("below/a/b/file", "inside");
	assert_int_equal(symlink("file", "below/a/b/link"), 0);
	assert_int_equal(symlink("/tmp", "below/tmp"), 0);
	assert_int_equal(symlink("a", "below/to-a"), 0);
	assert_int_equal(mkfifo("below/fifo", 0600), 0);

	static const struct {
		const char *rel;
		int code;
		const char *text;
	} rows[] = {
		{ "a/b/file", 0, "" },
		{ "a/b/link", ERR_DENIED, "'link' is a link or no folder" },
		{ "to-a/b/file", ERR_DENIED, "'to-a' is a link or no folder" },
		{ "tmp/x", ERR_DENIED, "'tmp' is a link or no folder" },
		{ "a/b", ERR_DENIED, "'b' is not a regular file" },
		{ "fifo", ERR_DENIED, "'fifo' is not a regular file" },
		{ "fifo/x", ERR_DENIED, "'fifo' is a link or no folder" },
		{ "a/b/file/x", ERR_DENIED, "'file' is a link or no folder" },
		{ "../outside", ERR_DENIED, "'..' is not a file name" },
		{ "a/../../outside", ERR_DENIED, "'..' is not a file name" },
		{ "a/./b/file", ERR_DENIED, "'.' is not a file name" },
		{ "a//b/file", ERR_DENIED, "'' is not a file name" },
		{ "a/b/file/", ERR_DENIED, "'file' is a link or no folder" },
		{ "", ERR_DENIED, "'' is not a file name" },
		{ "/etc/passwd", ERR_DENIED, "'/etc/passwd' is not a relative path" },
		{ "a/none", ERR_NOTFOUND,
		  "cannot open 'none': No such file or directory" },
		{ "none/file", ERR_NOTFOUND,
		  "cannot open 'none': No such file or directory" },
	};

	int dir FD_CLEANUP = open("below", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	int lowest = dup(dir);
	(void)close(lowest);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = -5;
		assert_int_equal(file_open_below(dir, rows[i].rel, &fd, &err),
				 rows[i].code);
		if (rows[i].code) {
			assert_int_equal(fd, -5);
			assert_string_equal(err.text, rows[i].text);
			continue;
		}
		struct buf out BUF_CLEANUP = BUF_INIT(100);
		assert_int_equal(file_read_fd(fd, &out, &err), 0);
		assert_string_equal(buf_cstr(&out), "inside");
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		(void)close(fd);
	}
	/* nothing stayed open */
	int again FD_CLEANUP = dup(dir);
	assert_int_equal(again, lowest);
	char path[LIMIT_PATH_BYTES + 2];
	memset(path, 'x', sizeof(path));
	path[LIMIT_PATH_BYTES] = '\0';
	int fd = -5;
	assert_int_equal(file_open_below(dir, path, &fd, &err), ERR_LIMIT);
	assert_int_equal(file_open_below(-1, "x", &fd, &err), ERR_IO);
}

static void test_write_atomic(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	assert_int_equal(mkdir("w", 0700), 0);
	mode_t old = umask(077);
	assert_int_equal(file_write_atomic("w/f", STR("one"), 0644, FILE_DURABLE, &err),
			 0);
	(void)umask(old);
	assert_int_equal(mode_of("w/f"), 0644);
	assert_int_equal(file_write_atomic("w/f", STR(""), 0400, FILE_FAST, &err), 0);
	assert_int_equal(mode_of("w/f"), 0400);
	assert_text("w/f", "");
	/* a link is replaced, what it names stays */
	write_text("target", "kept");
	assert_int_equal(symlink("../target", "w/link"), 0);
	assert_int_equal(file_write_atomic("w/link", STR("new"), 0600, FILE_FAST, &err),
			 0);
	assert_text("target", "kept");
	assert_text("w/link", "new");
	struct stat st;
	assert_int_equal(lstat("w/link", &st), 0);
	assert_true(S_ISREG(st.st_mode));
	/* failures leave nothing behind: the folder can be removed */
	assert_int_equal(mkdir("w/dir", 0700), 0);
	assert_int_equal(file_write_atomic("w/dir", STR("x"), 0600, FILE_FAST, &err),
			 ERR_IO);
	assert_string_equal(err.text, "cannot replace 'w/dir': Is a directory");
	assert_int_equal(file_write_atomic("w/no/f", STR("x"), 0600, FILE_FAST, &err),
			 ERR_NOTFOUND);
	assert_string_equal(err.text,
			    "cannot write beside 'w/no/f': No such file or directory");
	assert_int_equal(remove("w/dir") | remove("w/f") | remove("w/link"), 0);
	assert_int_equal(rmdir("w"), 0);
	char path[LIMIT_PATH_BYTES + 1];
	memset(path, 'x', sizeof(path));
	path[LIMIT_PATH_BYTES] = '\0';
	assert_int_equal(file_write_atomic(path, STR(""), 0600, FILE_FAST, &err),
			 ERR_LIMIT);
}

static void test_make_dirs(void **state)
{
	(void)state;
	struct err err = ERR_INIT;

	static const struct {
		const char *path;
		int code;
		const char *text;
	} rows[] = {
		{ "m/a/b/c", 0, "" },
		{ "m/a/b/c", 0, "" },
		{ "m//d/", 0, "" },
		{ "m/to-a/e", 0, "" },
		{ "/", 0, "" },
		{ ".", 0, "" },
		{ "", ERR_INVALID, "'' is not a folder's path" },
		{ "m/file", ERR_IO, "'m/file' is not a folder" },
		{ "m/file/x", ERR_IO,
		  "cannot make the folder 'm/file/x': Not a directory" },
		{ "m/dangling", ERR_IO, "'m/dangling' is not a folder" },
	};

	assert_int_equal(file_make_dirs("m", 0700, &err), 0);
	write_text("m/file", "");
	assert_int_equal(symlink("a", "m/to-a"), 0);
	assert_int_equal(symlink("none", "m/dangling"), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(file_make_dirs(rows[i].path, 0750, &err), rows[i].code);
		if (rows[i].code)
			assert_string_equal(err.text, rows[i].text);
		else
			assert_true(file_is_dir(rows[i].path, false));
	}
	assert_int_equal(mode_of("m"), 0700);
	assert_int_equal(mode_of("m/a/e"), 0750);
	char path[LIMIT_PATH_BYTES + 1];
	memset(path, 'x', sizeof(path));
	path[LIMIT_PATH_BYTES] = '\0';
	assert_int_equal(file_make_dirs(path, 0700, &err), ERR_LIMIT);
}

static void test_paths(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	assert_int_equal(mkdir("p", 0700), 0);
	assert_int_equal(symlink("p", "to-p"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	assert_true(file_exists("p") && file_exists("to-p") && file_exists("dangling"));
	assert_false(file_exists("nothing"));
	assert_true(file_is_dir("to-p", false));
	assert_false(file_is_dir("to-p", true));
	assert_true(file_is_dir("to-p/", true));
	assert_false(file_is_dir("dangling", false));
	assert_string_equal(file_join(&arena, "a", "b"), "a/b");
	assert_string_equal(file_join(&arena, "a/", "b"), "a/b");
	assert_string_equal(file_join(&arena, "/", "b"), "/b");
	const char *real = NULL;
	assert_int_equal(file_real_path("to-p/..//p", &arena, &real, &err), 0);
	assert_string_equal(real, arena_printf(&arena, "%s/p", root));
	assert_int_equal(file_real_path("dangling", &arena, &real, &err), ERR_NOTFOUND);
}

/* Tries the lock in another process; its exit status is the code, positive. */
static int try_elsewhere(void)
{
	int status = 0;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = ERR_INIT;
		int fd = -1;
		_exit(-file_lock("lock", 0, &fd, &err));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void test_lock(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int fd = -1;
	int other = -5;
	assert_int_equal(file_lock("lock", 0, &fd, &err), 0);
	assert_int_equal(mode_of("lock"), 0600);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(try_elsewhere(), ERR_BUSY);
	assert_int_equal(file_lock("lock", 0, &other, &err), ERR_BUSY);
	assert_int_equal(file_lock("lock", 30, &other, &err), ERR_BUSY);
	assert_string_equal(err.text, "'lock' is locked by another process");
	assert_int_equal(other, -5);
	(void)close(fd);
	assert_int_equal(try_elsewhere(), 0);
	assert_int_equal(symlink("lock", "to-lock"), 0);
	assert_int_equal(file_lock("to-lock", 0, &other, &err), ERR_IO);
	assert_int_equal(file_lock("none/lock", 0, &other, &err), ERR_NOTFOUND);
}

/* Waiting ends when the holder does. */
static void test_lock_wait(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int ready[2];
	char byte = 0;
	int fd FD_CLEANUP = -1;
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int held = -1;
		int code = file_lock("waited", 0, &held, &err);
		_exit(code || write(ready[1], "x", 1) != 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(file_lock("waited", 60000, &fd, &err), 0);
	int status = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(ready[0]);
	(void)close(ready[1]);
}

static void test_write_fd(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int fd FD_CLEANUP = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(file_write_fd(fd, STR("x"), &err), ERR_IO);
	assert_string_equal(err.text, "write: No space left on device");
	assert_int_equal(file_write_fd(-1, STR(""), &err), 0);
	int none = -1;
	close_fd(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),         cmocka_unit_test(test_open_below),
		cmocka_unit_test(test_write_atomic), cmocka_unit_test(test_make_dirs),
		cmocka_unit_test(test_paths),        cmocka_unit_test(test_lock),
		cmocka_unit_test(test_lock_wait),    cmocka_unit_test(test_write_fd),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
