/* SPDX-License-Identifier: MIT */
/* Children: what they are given, how they end, and what ends them. */
#include "base/proc.h"
#include "base/file.h"
#include "base/when.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[] = "/tmp/imagehook-proc-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
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
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define SHELL(script) ((const char *const[]){ "/bin/sh", "-c", (script), NULL })

static void assert_run(const struct proc_spec *spec, int wanted_status)
{
	struct err err = ERR_INIT;
	int status = -5;
	int code = proc_run(spec, &status, &err);
	if (code)
		print_error("%s\n", err.text);
	assert_int_equal(code, 0);
	assert_int_equal(status, wanted_status);
}

static void assert_failure(const struct proc_spec *spec, int code, const char *text)
{
	struct err err = ERR_INIT;
	int status = -5;
	assert_int_equal(proc_run(spec, &status, &err), code);
	assert_int_equal(err.code, code);
	assert_string_equal(err.text, text);
	assert_int_equal(status, -5);
}

static void test_status_and_output(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	struct buf errors BUF_CLEANUP = BUF_INIT(100);
	assert_run(&(struct proc_spec){ .argv = SHELL("echo out; echo err >&2; exit 7"),
					.out = &out,
					.errors = &errors },
		   7);
	assert_string_equal(buf_cstr(&out), "out\n");
	assert_string_equal(buf_cstr(&errors), "err\n");
	/* stdin, stdout and stderr are there even when nobody wants them */
	assert_run(&(struct proc_spec){ .argv = SHELL("cat; echo x; echo y >&2") }, 0);
}

static void test_environment(void **state)
{
	(void)state;
	static const char *const env[] = { "ONE=1", "EMPTY=", "PATH=/usr/bin:/bin",
					   NULL };
	static const char *const none[] = { NULL };
	static const char *const argv[] = { "env", NULL };
	static const char *const absolute[] = { "/usr/bin/env", NULL };
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	assert_int_equal(setenv("IMAGEHOOK_LEAK", "1", 1), 0);
	assert_run(&(struct proc_spec){ .argv = argv, .env = env, .out = &out }, 0);
	assert_string_equal(buf_cstr(&out), "ONE=1\nEMPTY=\nPATH=/usr/bin:/bin\n");
	buf_truncate(&out, 0);
	assert_run(&(struct proc_spec){ .argv = absolute, .env = none, .out = &out }, 0);
	assert_string_equal(buf_cstr(&out), "");
	assert_run(&(struct proc_spec){ .argv = argv, .out = &out }, 0);
	struct buf wanted BUF_CLEANUP = BUF_INIT(4096);
	for (const char *const *at = proc_base_env(); *at; at++)
		(void)buf_printf(&wanted, "%s\n", *at);
	assert_string_equal(buf_cstr(&out), buf_cstr(&wanted));
	assert_string_equal(getenv("IMAGEHOOK_LEAK"), "1");
	assert_int_equal(unsetenv("IMAGEHOOK_LEAK"), 0);
}

static const char *limits_of_child(const struct proc_spec *like, struct buf *out)
{
	struct proc_spec spec = *like;
	spec.argv = SHELL("ulimit -d; ulimit -t");
	spec.out = out;
	buf_truncate(out, 0);
	assert_run(&spec, 0);
	return buf_cstr(out);
}

static void test_limits(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	const struct proc_spec bounded = { .memory_bytes = 1 << 30, .timeout_ms = 7000 };
	pid_t pid = 0;
	int status = 0;
	assert_string_equal(limits_of_child(&bounded, &out), "1048576\n8\n");
	const struct proc_spec unbounded = { 0 };
	struct buf after BUF_CLEANUP = BUF_INIT(100);
	(void)limits_of_child(&unbounded, &out);
	if ((pid = fork()) == 0) {
		/* a worker's own limits are not those of the hooks that it runs */
		proc_limit_self();
		_exit(strcmp(limits_of_child(&unbounded, &after), buf_cstr(&out)));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	/* more than it may have ends it, and that is an error */
	const char *hungry = "x=0123456789abcdef; while :; do x=$x$x; done";
	assert_true(proc_run(&(struct proc_spec){ .argv = SHELL(hungry),
						  .memory_bytes = 64 << 20 },
			     &status, &(struct err)ERR_INIT) != 0 ||
		    status != 0);
}

/* The program is looked up in the given PATH, not in ours. */
static void test_path(void **state)
{
	(void)state;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	static const char *const argv[] = { "imagehook-env", "x", NULL };
	const char *env[] = { arena_printf(&arena, "PATH=%s", root), NULL };
	static const char *const elsewhere[] = { "PATH=/nonexistent", NULL };
	assert_int_equal(file_write_atomic(file_join(&arena, root, argv[0]),
					   STR("#!/bin/sh\necho mine $1\n"), 0755,
					   FILE_FAST, &err),
			 0);
	assert_run(&(struct proc_spec){ .argv = argv, .env = env, .out = &out }, 0);
	assert_string_equal(buf_cstr(&out), "mine x\n");
	assert_failure(&(struct proc_spec){ .argv = argv, .env = elsewhere },
		       ERR_NOTFOUND,
		       "cannot run 'imagehook-env': No such file or directory");
	assert_failure(&(struct proc_spec){ .argv = argv }, ERR_NOTFOUND,
		       "cannot run 'imagehook-env': No such file or directory");
}

static void test_cannot_run(void **state)
{
	(void)state;
	static const char *const missing[] = { "/nonexistent/x", NULL };
	static const char *const folder[] = { "/etc", NULL };
	assert_failure(&(struct proc_spec){ .argv = missing }, ERR_NOTFOUND,
		       "cannot run '/nonexistent/x': No such file or directory");
	assert_failure(&(struct proc_spec){ .argv = folder }, ERR_DENIED,
		       "cannot run '/etc': Permission denied");
	assert_failure(
	    &(struct proc_spec){ .argv = SHELL("true"), .cwd = "/nonexistent" },
	    ERR_NOTFOUND, "cannot run '/bin/sh': No such file or directory");
	/* with a large input too */
	char text[300000];
	memset(text, 'x', sizeof(text));
	assert_failure(
	    &(struct proc_spec){ .argv = missing, .input = { text, sizeof(text) } },
	    ERR_NOTFOUND, "cannot run '/nonexistent/x': No such file or directory");
}

static void test_folder(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	struct buf wanted BUF_CLEANUP = BUF_INIT(4096);
	(void)buf_printf(&wanted, "%s\n", root);
	assert_run(
	    &(struct proc_spec){ .argv = SHELL("pwd -P"), .cwd = root, .out = &out }, 0);
	assert_string_equal(buf_cstr(&out), buf_cstr(&wanted));
}

static void test_large_input(void **state)
{
	(void)state;

	enum {
		BYTES = 3000000
	};

	char *text CLEANUP(free_ptr) = xcalloc(BYTES, 1);
	for (size_t i = 0; i < BYTES; i++)
		text[i] = (char)(i * 31 % 251);
	struct str input = { text, BYTES };
	static const char *const cat[] = { "cat", NULL };
	struct buf out BUF_CLEANUP = BUF_INIT(BYTES);
	assert_run(&(struct proc_spec){ .argv = cat, .input = input, .out = &out }, 0);
	assert_true(str_eq(buf_str(&out), input));
	/* nobody reads it, and nobody dies of it */
	static const char *const truth[] = { "true", NULL };
	void (*before)(int) = signal(SIGPIPE, SIG_DFL);
	assert_run(&(struct proc_spec){ .argv = truth, .input = input }, 0);
	assert_run(&(struct proc_spec){ .argv = SHELL("exec <&-; echo x; exit 3"),
					.input = input },
		   3);
	assert_true(signal(SIGPIPE, before) == SIG_DFL);
}

static void test_output_limit(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(10);
	struct buf errors BUF_CLEANUP = BUF_INIT(10);
	static const char *const yes[] = { "yes", NULL };
	assert_failure(&(struct proc_spec){ .argv = yes, .out = &out }, ERR_LIMIT,
		       "'yes' wrote more than 10 bytes");
	struct buf exact BUF_CLEANUP = BUF_INIT(10);
	/* of stderr the rest is dropped */
	assert_run(&(struct proc_spec){ .argv = SHELL(
					    "printf 0123456789; echo abcdefghijklm >&2;"
					    "head -c 300000 /dev/zero >&2"),
					.out = &exact,
					.errors = &errors },
		   0);
	assert_string_equal(buf_cstr(&exact), "0123456789");
	assert_string_equal(buf_cstr(&errors), "abcdefghij");
}

static void test_signal(void **state)
{
	(void)state;
	assert_failure(&(struct proc_spec){ .argv = SHELL("kill -TERM $$") },
		       ERR_INTERNAL, "'/bin/sh' died of signal 15");
	/* what we ignore or block, a child does not */
	sigset_t block;
	sigset_t before;
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &block, &before), 0);
	void (*old)(int) = signal(SIGINT, SIG_IGN);
	assert_failure(&(struct proc_spec){ .argv = SHELL("kill -TERM $$") },
		       ERR_INTERNAL, "'/bin/sh' died of signal 15");
	assert_failure(&(struct proc_spec){ .argv = SHELL("kill -INT $$") }, ERR_INTERNAL,
		       "'/bin/sh' died of signal 2");
	(void)signal(SIGINT, old);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

/* The whole group dies: the pipe that all of them hold comes to its end. */
static void test_timeout(void **state)
{
	(void)state;
	for (int session = 0; session < 2; session++) {
		struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
		char *fifo = arena_printf(&arena, "%s/fifo-%d", root, session);
		char byte = 0;
		assert_int_equal(mkfifo(fifo, 0600), 0);
		int reader FD_CLEANUP = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		const char *const argv[] = {
			"/bin/sh",
			"-c",
			"exec 9>\"$1\"; echo started >&9; sleep 600 & sleep 600",
			"sh",
			fifo,
			NULL
		};
		struct buf out BUF_CLEANUP = BUF_INIT(100);
		int64_t start = when_monotonic_ms();
		assert_failure(&(struct proc_spec){ .argv = argv,
						    .out = &out,
						    .timeout_ms = 400,
						    .new_session = session == 1 },
			       ERR_TIMEOUT, "'/bin/sh' took too long");
		int64_t took = when_monotonic_ms() - start;
		assert_true(took >= 399 && took < 60000);
		/* blocks until the last writer is gone */
		(void)fcntl(reader, F_SETFL, 0);
		char line[16] = "";
		assert_int_equal(read(reader, line, 8), 8);
		assert_string_equal(line, "started\n");
		assert_int_equal(read(reader, &byte, 1), 0);
	}
}

/* The deadline also holds for one that closed its output. */
static void test_timeout_silent(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	assert_failure(
	    &(struct proc_spec){ .argv = SHELL("exec >&- 2>&-; exec sleep 600"),
				 .out = &out,
				 .timeout_ms = 50 },
	    ERR_TIMEOUT, "'/bin/sh' took too long");
}

static int collect(void *ctx, struct str chunk, struct err *err)
{
	struct buf *out = ctx;
	return buf_append(out, chunk) ? 0 : err_set(err, ERR_CONFLICT, "enough");
}

static void test_sink(void **state)
{
	(void)state;
	struct buf got BUF_CLEANUP = BUF_INIT(100000);
	assert_run(&(struct proc_spec){ .argv = SHELL("seq 1 10000; exit 4"),
					.sink = collect,
					.sink_ctx = &got },
		   4);
	assert_int_equal(got.len, 48894);
	assert_true(str_ends(buf_str(&got), STR("\n9999\n10000\n")));
	static const char *const yes[] = { "yes", NULL };
	assert_failure(
	    &(struct proc_spec){ .argv = yes, .sink = collect, .sink_ctx = &got },
	    ERR_CONFLICT, "enough");
}

/* A child sees three descriptors, whatever we hold open. */
static void test_descriptors(void **state)
{
	(void)state;
	struct buf out BUF_CLEANUP = BUF_INIT(4096);
	int cloexec FD_CLEANUP = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(cloexec > 2);
	assert_run(&(struct proc_spec){ .argv = SHELL("for f in 0 1 2 3 4 5 6 7 8 9; do "
						      "[ -e /proc/$$/fd/$f ] && "
						      "printf $f; done; :"),
					.input = STR("x"),
					.out = &out,
					.errors = &out },
		   0);
	assert_true(str_starts(buf_str(&out), STR("012")));
	assert_false(str_find_char(buf_str(&out), (char)('0' + cloexec)) < out.len);
}

/* A caller without the standard three, as a daemon may be. */
static void test_closed_standard(void **state)
{
	(void)state;
	struct err err = ERR_INIT;
	int status = -5;
	int saved[3];
	struct buf out BUF_CLEANUP = BUF_INIT(100);
	struct buf errors BUF_CLEANUP = BUF_INIT(100);
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 20);
		(void)close(fd);
	}
	int code =
	    proc_run(&(struct proc_spec){ .argv = SHELL("cat; echo err >&2; exit 5"),
					  .input = STR("in\n"),
					  .out = &out,
					  .errors = &errors },
		     &status, &err);
	int silent = -5;
	int silent_code =
	    proc_run(&(struct proc_spec){ .argv = SHELL("cat && echo x && echo y >&2") },
		     &silent, &err);
	for (int fd = 0; fd < 3; fd++) {
		if (saved[fd] >= 0)
			(void)dup2(saved[fd], fd);
		close_fd(&saved[fd]);
	}
	assert_int_equal(code, 0);
	assert_int_equal(status, 5);
	assert_string_equal(buf_cstr(&out), "in\n");
	assert_string_equal(buf_cstr(&errors), "err\n");
	assert_int_equal(silent_code, 0);
	assert_int_equal(silent, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_and_output),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_cannot_run),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_large_input),
		cmocka_unit_test(test_output_limit),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_timeout_silent),
		cmocka_unit_test(test_sink),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_closed_standard),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
