/* SPDX-License-Identifier: MIT */
/*
 * What an admin reads afterwards. Only app/, serve/ and cmd/ log. Goes to syslog, and to
 * stderr when log_open() is told so; every value is escaped here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/attr.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* `file` NULL: syslog (facility daemon, ident imagehook); else lines are appended to that
 * file with a time stamp. Lines above `level` are dropped. */
void log_open(enum log_level level, const char *file);
void log_line(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
