/* SPDX-License-Identifier: MIT */
/* Escaping on the way out, whoever made the text. */
#include "app/print.h"
#include "base/buf.h"
#include "base/text.h"
#include <unistd.h>

static void print_escaped(FILE *to, struct str text, bool keep_lines)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	text_escape(&out, text, keep_lines);
	(void)fwrite(buf_cstr(&out), 1, out.len, to);
}

void print_line(FILE *to, const char *fmt, ...)
{
	struct buf line BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	va_list ap;
	va_start(ap, fmt);
	(void)buf_vprintf(&line, fmt, ap);
	va_end(ap);
	print_escaped(to, buf_str(&line), false);
	(void)fputs("\n", to);
}

void print_clean(FILE *to, struct str text)
{
	print_escaped(to, text, true);
}

void print_exact(FILE *to, struct str text)
{
	if (isatty(fileno(to)))
		print_clean(to, text);
	else if (text.len)
		(void)fwrite(text.ptr, 1, text.len, to);
}
