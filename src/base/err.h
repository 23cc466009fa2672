/* SPDX-License-Identifier: MIT */
/*
 * The error that a fallible function hands to its caller.
 *
 * A fallible function returns 0 or a negative enum err_code and, when it fails, fills the
 * caller's struct err. Nothing is allocated and nothing is global. Texts are lower case
 * without a full stop, with the offending value in single quotes and what was expected.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum err_code {
	ERR_INVALID = -1,      /* the input is wrong: a person has to change it */
	ERR_NOTFOUND = -2,     /* the thing asked for does not exist */
	ERR_LIMIT = -3,        /* a named limit was reached */
	ERR_IO = -4,           /* the operating system refused */
	ERR_DENIED = -5,       /* permission, credentials or trust */
	ERR_CONFLICT = -6,     /* somebody else changed it first: recompute */
	ERR_BUSY = -7,         /* locked by somebody else: try later */
	ERR_NETWORK = -8,      /* no answer, or a broken one */
	ERR_TIMEOUT = -9,      /* the deadline passed */
	ERR_UNSUPPORTED = -10, /* known, but not done by this program */
	ERR_INTERNAL = -11     /* a bug, or a library that failed without a reason */
};

enum {
	ERR_PATH_BYTES = 512,
	ERR_TEXT_BYTES = 2048
};

struct err {
	int code;
	uint32_t line; /* 1-based, 0 = unknown */
	uint32_t col;  /* 1-based in code points, 0 = unknown */
	bool quotes;   /* the text has a piece of what was read: not for secrets */
	char path[ERR_PATH_BYTES];
	char text[ERR_TEXT_BYTES];
};

#define ERR_INIT          \
	{                 \
		.code = 0 \
	}

/* Sets code and text, drops a position and `quotes`; over-long text is cut at a character
 * border. Returns code. */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* err_set() with ": strerror(errno)" behind the text; ERR_DENIED for EACCES and EPERM,
 * ERR_NOTFOUND for ENOENT, ERR_IO for the rest. Returns the code. */
int err_errno(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts "text: " before the text and keeps code and position. Returns the code. */
int err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Adds a position; path may be NULL. Returns the code. */
int err_at(struct err *err, const char *path, uint32_t line, uint32_t col);

/* Writes `path:line:col: text`, leaving out what is unknown. `out` is always terminated.
 */
void err_format(const struct err *err, char *out, size_t out_bytes);

#endif
