/* SPDX-License-Identifier: MIT */
/*
 * What an admin reads afterwards: `key=value key="a longer value"`. Only app/, serve/ and
 * cmd/ log. Goes to syslog, or to a file when log_open() is told so. Values come from
 * anywhere: what could pass for another field or line is quoted and escaped here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* `file` NULL: syslog (facility daemon, ident imagehook); else lines are appended to that
 * file with a time stamp. Lines above `level` are dropped. */
void log_open(enum log_level level, const char *file);

struct log_field {
	const char *key;
	const char *value; /* NULL: as "" */
};

struct log_fields {
	const struct log_field *items;
	size_t len;
};

/* The fields of a line: LOG_FIELDS({ "ref", ref }, { "verdict", "moved" }). */
#define LOG_FIELDS(...)                                                           \
	((struct log_fields){ (const struct log_field[]){ __VA_ARGS__ },          \
			      sizeof((const struct log_field[]){ __VA_ARGS__ }) / \
				  sizeof(struct log_field) })

/* One line; a very long value is cut. */
void log_line(enum log_level level, struct log_fields fields);

#endif
