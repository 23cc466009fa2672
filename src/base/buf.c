/* SPDX-License-Identifier: MIT */
/* The bounded growing buffer. */
#include "base/buf.h"

char *buf_reserve(struct buf *buf, size_t more)
{
	if (more > buf->max || buf->len > buf->max - more) {
		buf->full = true;
		return NULL;
	}
	size_t need = buf->len + more + 1;
	if (need > buf->cap) {
		size_t cap = buf->cap ? buf->cap * 2 : 256;
		if (cap < need)
			cap = need;
		buf->ptr = xrealloc_array(buf->ptr, cap, 1);
		buf->cap = cap;
	}
	return buf->ptr + buf->len;
}

bool buf_append(struct buf *buf, struct str s)
{
	char *at = buf_reserve(buf, s.len);
	if (!at)
		return false;
	if (s.len)
		memcpy(at, s.ptr, s.len);
	buf->len += s.len;
	buf->ptr[buf->len] = '\0';
	return true;
}

bool buf_puts(struct buf *buf, const char *text)
{
	return buf_append(buf, str_of(text));
}

bool buf_putc(struct buf *buf, char c)
{
	return buf_append(buf, (struct str){ &c, 1 });
}

bool buf_vprintf(struct buf *buf, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return false;
	char *at = buf_reserve(buf, (size_t)n);
	if (!at)
		return false;
	(void)vsnprintf(at, (size_t)n + 1, fmt, ap);
	buf->len += (size_t)n;
	return true;
}

bool buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	bool fits = buf_vprintf(buf, fmt, ap);
	va_end(ap);
	return fits;
}

void buf_truncate(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->ptr[len] = '\0';
}

struct str buf_str(const struct buf *buf)
{
	return (struct str){ buf->ptr, buf->len };
}

const char *buf_cstr(const struct buf *buf)
{
	return buf->ptr ? buf->ptr : "";
}

struct str buf_to_arena(const struct buf *buf, struct arena *arena)
{
	return arena_str(arena, buf_str(buf));
}

void buf_release(struct buf *buf)
{
	free(buf->ptr);
	buf->ptr = NULL;
	buf->len = 0;
	buf->cap = 0;
}
