/* SPDX-License-Identifier: MIT */
/*
 * A growing byte buffer with a maximum given at birth, so that no remote input can make
 * it grow without bound. Always NUL-terminated behind its contents once something was
 * appended.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"
#include <stdarg.h>

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
	size_t max; /* contents never exceed this */
	bool full;  /* an append did not fit and was dropped; sticky */
};

#define BUF_INIT(max_bytes)                            \
	{                                              \
		NULL, 0, 0, (size_t)(max_bytes), false \
	}
#define BUF_CLEANUP CLEANUP(buf_release)

/* Append a view, a text, a character, a formatted text; when the result would exceed max
 * they append nothing, set `full` and return false. */
bool buf_append(struct buf *buf, struct str s);
bool buf_puts(struct buf *buf, const char *text);
bool buf_putc(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
bool buf_vprintf(struct buf *buf, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);
/* Makes room for `more` bytes behind the contents; NULL when that exceeds max. */
char *buf_reserve(struct buf *buf, size_t more);
/* Keeps the first `len` bytes; the memory stays. */
void buf_truncate(struct buf *buf, size_t len);
/* The contents, until the next append. */
struct str buf_str(const struct buf *buf);
/* The contents as a C string, "" when empty. */
const char *buf_cstr(const struct buf *buf);
/* A copy of the contents that lives in the arena. */
struct str buf_to_arena(const struct buf *buf, struct arena *arena);
/* Frees the memory; the buffer is empty and can be used again. */
void buf_release(struct buf *buf);

#endif
