/* SPDX-License-Identifier: MIT */
/* One line at a time to syslog or to a file. */
#include "base/log.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

enum {
	MAX_BYTES = 65536 /* of a line; what is longer is cut, escapes take up to four */
};

static enum log_level threshold = LOG_LEVEL_INFO;
static char file_path[LIMIT_PATH_BYTES] = "";
static bool syslog_is_open = false;

void log_open(enum log_level level, const char *file)
{
	threshold = level;
	(void)snprintf(file_path, sizeof(file_path), "%s", file ? file : "");
	if (!file && !syslog_is_open) {
		openlog("imagehook", LOG_PID, LOG_DAEMON);
		syslog_is_open = true;
	}
}

static void append_to_file(const char *text)
{
	char stamp[32];
	struct buf line BUF_CLEANUP = BUF_INIT(2 * MAX_BYTES);
	struct err ignored = ERR_INIT;
	when_format_rfc3339(when_now_ms(), stamp);
	(void)buf_printf(&line, "%s %s\n", stamp, text);
	int fd FD_CLEANUP =
	    open(file_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* in one piece: other processes append too */
	if (fd >= 0)
		(void)!file_write_fd(fd, buf_str(&line), &ignored);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	if (level > threshold)
		return;
	char raw[MAX_BYTES / 4];
	struct buf line BUF_CLEANUP = BUF_INIT(MAX_BYTES);
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text_escape(&line, str_of(raw), false);
	if (file_path[0])
		append_to_file(buf_cstr(&line));
	else if (syslog_is_open)
		syslog(priorities[level], "%s", buf_cstr(&line));
}
