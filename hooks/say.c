/* SPDX-License-Identifier: MIT */
/* The output budget. stdout and stderr of a hook are the same pipe; stderr is never
 * buffered by anybody, so it takes all. */
#include "hooks/say.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
	FIRST_WAIT_MS = 2000,
	/* a pipe that polls writable has room for this much */
	WRITE_BYTES = 4096,
	LINE_BYTES = 2048
};

static int64_t deadline_ms;
static size_t spent_bytes;
static bool gone;

void say_until(int64_t new_deadline_ms)
{
	deadline_ms = new_deadline_ms;
}

static bool await_room(void)
{
	if (!deadline_ms)
		deadline_ms = when_monotonic_ms() + FIRST_WAIT_MS;
	for (;;) {
		struct pollfd fd = { STDERR_FILENO, POLLOUT, 0 };
		int64_t left = deadline_ms - when_monotonic_ms();
		int n = poll(&fd, 1, left < 0 ? 0 : (int)(left > 60000 ? 60000 : left));
		if (n > 0)
			return (fd.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

/* Writes one piece of at most WRITE_BYTES. */
static void put(struct str piece)
{
	while (piece.len && !gone) {
		ssize_t n =
		    await_room() ? write(STDERR_FILENO, piece.ptr, piece.len) : -1;
		if (n < 0 && errno == EINTR)
			continue;
		gone = n < 0;
		piece = str_from(piece, n < 0 ? piece.len : (size_t)n);
	}
}

static void put_line(struct str line)
{
	if (spent_bytes + line.len > LIMIT_HOOK_OUTPUT_BYTES)
		gone = true;
	spent_bytes += line.len;
	for (size_t off = 0; off < line.len; off += WRITE_BYTES)
		put(str_slice(line, off, WRITE_BYTES));
}

static bool is_ours(struct str line)
{
	return str_starts(line, STR("imagehook:")) || str_starts(line, STR("hint:")) ||
	       str_starts(line, STR(" "));
}

void say_line(struct str line)
{
	struct buf out BUF_CLEANUP = BUF_INIT(6 * LINE_BYTES);
	if (!is_ours(line))
		(void)buf_puts(&out, "imagehook: ");
	text_escape(&out, str_slice(line, 0, LINE_BYTES), true);
	(void)buf_putc(&out, '\n');
	put_line(buf_str(&out));
}

static void say_after(const char *prefix, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void say_after(const char *prefix, const char *fmt, va_list ap)
{
	struct buf line BUF_CLEANUP = BUF_INIT(LINE_BYTES);
	(void)buf_puts(&line, prefix);
	(void)buf_vprintf(&line, fmt, ap);
	say_line(buf_str(&line));
}

void say(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say_after("imagehook: ", fmt, ap);
	va_end(ap);
}

void say_detail(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	say_after("imagehook:   ", fmt, ap);
	va_end(ap);
}
