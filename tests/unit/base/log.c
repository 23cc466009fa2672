/* SPDX-License-Identifier: MIT */
/* Lines in a file: levels, escapes, the longest. */
#include "base/log.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/when.h"
#include "tests/unit/unit.h"
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/imagehook-log-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/log", root);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(root);
}

/* Reads the log without its time stamps and removes it. */
static void take_log(struct buf *out)
{
	struct err err = ERR_INIT;
	struct buf text BUF_CLEANUP = BUF_INIT(1U << 20);
	struct str line;
	assert_int_equal(file_read(path, &text, &err), 0);
	struct str rest = buf_str(&text);
	while (str_line(&rest, &line)) {
		int64_t ms = 0;
		size_t blank = str_find_char(line, ' ');
		assert_true(when_parse_rfc3339(str_slice(line, 0, blank), &ms));
		assert_true(when_now_ms() - ms < 3600000);
		(void)buf_append(out, str_from(line, blank + 1));
		(void)buf_putc(out, '\n');
	}
	assert_int_equal(unlink(path), 0);
}

static void test_levels(void **state)
{
	(void)state;
	static const char *const lines[] = { "level=error\n", "level=warning\n",
					     "level=info\n", "level=debug\n" };
	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		struct buf got BUF_CLEANUP = BUF_INIT(4096);
		struct buf wanted BUF_CLEANUP = BUF_INIT(4096);
		log_open((enum log_level)level, path);
		log_line(LOG_LEVEL_ERROR, LOG_FIELDS({ "level", "error" }));
		log_line(LOG_LEVEL_WARNING, LOG_FIELDS({ "level", "warning" }));
		log_line(LOG_LEVEL_INFO, LOG_FIELDS({ "level", "info" }));
		log_line(LOG_LEVEL_DEBUG, LOG_FIELDS({ "level", "debug" }));
		for (int i = 0; i <= level; i++)
			(void)buf_puts(&wanted, lines[i]);
		take_log(&got);
		assert_string_equal(buf_cstr(&got), buf_cstr(&wanted));
	}
}

static void test_escapes(void **state)
{
	(void)state;
	struct buf got BUF_CLEANUP = BUF_INIT(4096);
	log_open(LOG_LEVEL_INFO, path);
	log_line(LOG_LEVEL_INFO,
		 LOG_FIELDS({ "text", "a\nb\x1b[1m\r\t\xff\xe2\x80\xae \xc3\xa9" }));
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	take_log(&got);
	assert_string_equal(
	    buf_cstr(&got),
	    "text=\"a\\x0ab\\x1b[1m\\x0d\\x09\\xff\\u{202e} \xc3\xa9\"\n");
}

/* No value passes for another field. */
static void test_values(void **state)
{
	(void)state;

	static const struct {
		const char *value, *wanted;
	} rows[] = {
		{ "refs/heads/main", "a=refs/heads/main b=x\n" },
		{ "", "a=\"\" b=x\n" },
		{ NULL, "a=\"\" b=x\n" },
		{ "eve b=y", "a=\"eve b=y\" b=x\n" },
		{ "b=y", "a=\"b=y\" b=x\n" },
		{ "eve\" b=\"y", "a=\"eve\\\" b=\\\"y\" b=x\n" },
		{ "eve\\", "a=\"eve\\\\\" b=x\n" },
		{ "eve\\x0a", "a=\"eve\\\\x0a\" b=x\n" },
		{ "\xc3\xa9", "a=\"\xc3\xa9\" b=x\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got BUF_CLEANUP = BUF_INIT(4096);
		log_open(LOG_LEVEL_INFO, path);
		log_line(LOG_LEVEL_INFO,
			 LOG_FIELDS({ "a", rows[i].value }, { "b", "x" }));
		take_log(&got);
		assert_string_equal(buf_cstr(&got), rows[i].wanted);
	}
}

/* What is too long is cut, not lost. */
static void test_long(void **state)
{
	(void)state;
	char text[20000];
	memset(text, '\x01', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	struct buf got BUF_CLEANUP = BUF_INIT(1U << 20);
	log_open(LOG_LEVEL_INFO, path);
	log_line(LOG_LEVEL_INFO, LOG_FIELDS({ "text", text }, { "next", "x" }));
	take_log(&got);
	assert_int_equal(got.len, strlen("text=\"") + 16383 * 4 + strlen("\" next=x\n"));
	assert_true(str_starts(buf_str(&got), STR("text=\"\\x01\\x01")));
	assert_true(str_ends(buf_str(&got), STR("\\x01\\x01\" next=x\n")));
}

static void test_no_file(void **state)
{
	(void)state;
	/* a link is not followed */
	char target[80];
	(void)snprintf(target, sizeof(target), "%s/target", root);
	assert_int_equal(symlink(target, path), 0);
	log_open(LOG_LEVEL_INFO, path);
	log_line(LOG_LEVEL_INFO, LOG_FIELDS({ "text", "x" }));
	assert_int_not_equal(access(target, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

/* A path longer than a kilobyte is a path too. */
static void test_deep_file(void **state)
{
	(void)state;
	char deep[LIMIT_PATH_BYTES];
	struct buf got BUF_CLEANUP = BUF_INIT(4096);
	size_t at = (size_t)snprintf(deep, sizeof(deep), "%s", root);
	while (at < 2000)
		at += (size_t)snprintf(deep + at, sizeof(deep) - at, "/.");
	(void)snprintf(deep + at, sizeof(deep) - at, "/log");
	log_open(LOG_LEVEL_INFO, deep);
	log_line(LOG_LEVEL_INFO, LOG_FIELDS({ "text", "x" }));
	take_log(&got);
	assert_string_equal(buf_cstr(&got), "text=x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),    cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_long),      cmocka_unit_test(test_no_file),
		cmocka_unit_test(test_deep_file), cmocka_unit_test(test_values),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
