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
	VALUE_BYTES = 16383,
	FIELD_BYTES = 5 * VALUE_BYTES /* a byte takes up to four when it is escaped */
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

static void append_to_file(const struct buf *text)
{
	char stamp[32];
	struct buf line BUF_CLEANUP = BUF_INIT(text->len + 64);
	struct err ignored = ERR_INIT;
	when_format_rfc3339(when_now_ms(), stamp);
	(void)buf_printf(&line, "%s %s\n", stamp, buf_cstr(text));
	int fd FD_CLEANUP =
	    open(file_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* in one piece: other processes append too */
	if (fd >= 0)
		(void)!file_write_fd(fd, buf_str(&line), &ignored);
}

/* What needs no quotes: it holds nothing that has a meaning in a line. */
static bool is_plain(struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] <= ' ' || value.ptr[i] > '~' ||
		    strchr("=\"\\", value.ptr[i]))
			return false;
	return value.len > 0;
}

static void put_quoted(struct buf *line, struct str value)
{
	(void)buf_putc(line, '"');
	while (value.len) {
		size_t n = 0;
		while (n < value.len && value.ptr[n] != '"' && value.ptr[n] != '\\')
			n++;
		text_escape(line, str_slice(value, 0, n), false);
		if (n < value.len) {
			(void)buf_putc(line, '\\');
			(void)buf_putc(line, value.ptr[n++]);
		}
		value = str_from(value, n);
	}
	(void)buf_putc(line, '"');
}

void log_line(enum log_level level, struct log_fields fields)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	struct buf line BUF_CLEANUP = BUF_INIT(fields.len * FIELD_BYTES);
	if (level > threshold)
		return;
	for (size_t i = 0; i < fields.len; i++) {
		struct str value =
		    str_of(fields.items[i].value ? fields.items[i].value : "");
		value = str_slice(value, 0, VALUE_BYTES);
		(void)buf_printf(&line, "%s%s=", i ? " " : "", fields.items[i].key);
		if (is_plain(value))
			(void)buf_append(&line, value);
		else
			put_quoted(&line, value);
	}
	if (file_path[0])
		append_to_file(&line);
	else if (syslog_is_open)
		syslog(priorities[level], "%s", buf_cstr(&line));
}
