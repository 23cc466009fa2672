/* SPDX-License-Identifier: MIT */
/* One line at a time to syslog or to a file. */
#include "base/log.h"
#include "base/file.h"
#include "base/text.h"
#include "base/when.h"
#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

static enum log_level threshold = LOG_LEVEL_INFO;
static char file_path[1024] = "";
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

static void append_to_file(const char *line)
{
	char stamp[32];
	when_format_rfc3339(when_now_ms(), stamp);
	int fd FD_CLEANUP =
	    open(file_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		(void)dprintf(fd, "%s %s\n", stamp, line);
}

void log_line(enum log_level level, const char *fmt, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	if (level > threshold)
		return;
	struct buf raw BUF_CLEANUP = BUF_INIT(16384);
	struct buf line BUF_CLEANUP = BUF_INIT(65536);
	va_list ap;
	va_start(ap, fmt);
	(void)buf_vprintf(&raw, fmt, ap);
	va_end(ap);
	text_escape(&line, buf_str(&raw), false);
	if (file_path[0])
		append_to_file(buf_cstr(&line));
	else if (syslog_is_open)
		syslog(priorities[level], "%s", buf_cstr(&line));
}
