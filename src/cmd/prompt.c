/* SPDX-License-Identifier: MIT */
/* A line from the terminal that nobody sees, or everything from a pipe. */
#include "cmd/prompt.h"
#include "base/file.h"
#include <errno.h>
#include <termios.h>
#include <unistd.h>

enum {
	CONTROL_C = 3,
	CONTROL_D = 4,
	CONTROL_U = 21,
	BACKSPACE = 8,
	DELETE = 127
};

/* One key at a time: signals are keys here, so that the terminal is always restored. */
static int read_line(struct buf *out, struct err *err)
{
	for (;;) {
		char c = 0;
		ssize_t n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "cannot read from the terminal");
		if (n == 0 || c == '\n' || c == '\r' || c == CONTROL_D)
			return 0;
		if (c == CONTROL_C)
			return err_set(err, ERR_INVALID, "nothing was stored");
		if (c == CONTROL_U)
			buf_truncate(out, 0);
		else if ((c == DELETE || c == BACKSPACE) && out->len)
			buf_truncate(out, out->len - 1);
		else if (c != DELETE && c != BACKSPACE && !buf_putc(out, c))
			return err_set(err, ERR_LIMIT, "more than %zu bytes", out->max);
	}
}

int prompt_secret(const char *prompt, struct buf *out, struct err *err)
{
	struct termios before;
	if (!isatty(STDIN_FILENO))
		return file_read_fd(STDIN_FILENO, out, err);
	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return err_errno(err, "cannot ask on the terminal");
	struct termios quiet = before;
	quiet.c_lflag &= ~((tcflag_t)ECHO | (tcflag_t)ICANON | (tcflag_t)ISIG);
	quiet.c_cc[VMIN] = 1;
	quiet.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		return err_errno(err, "cannot ask on the terminal");
	(void)fprintf(stderr, "%s: ", prompt);
	int code = read_line(out, err);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)fprintf(stderr, "\n");
	return code;
}
