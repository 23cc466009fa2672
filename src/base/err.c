/* SPDX-License-Identifier: MIT */
/* How an error is filled and printed; who prints it is decided above. */
#include "base/err.h"
#include <errno.h>

/* Cuts a text that filled its buffer before the last, perhaps broken, UTF-8 character. */
static void cut_at_character(char *text, size_t bytes, int wanted)
{
	if (wanted < 0 || (size_t)wanted < bytes)
		return;
	size_t end = bytes - 1;
	while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)text[end - 1] >= 0xc0)
		end--;
	text[end] = '\0';
}

static void set_text(struct err *err, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void set_text(struct err *err, const char *fmt, va_list ap)
{
	int n = vsnprintf(err->text, sizeof(err->text), fmt, ap);
	cut_at_character(err->text, sizeof(err->text), n);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	set_text(err, fmt, ap);
	va_end(ap);
	err->code = code;
	err->line = 0;
	err->col = 0;
	err->quotes = false;
	err->path[0] = '\0';
	return code;
}

int err_errno(struct err *err, const char *fmt, ...)
{
	int saved = errno;
	char what[ERR_TEXT_BYTES / 2];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	cut_at_character(what, sizeof(what), n);
	int code = ERR_IO;
	if (saved == EACCES || saved == EPERM)
		code = ERR_DENIED;
	else if (saved == ENOENT)
		code = ERR_NOTFOUND;
	return err_set(err, code, "%s: %s", what, strerror(saved));
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char prefix[ERR_TEXT_BYTES / 2];
	char rest[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	cut_at_character(prefix, sizeof(prefix), n);
	memcpy(rest, err->text, sizeof(rest));
	n = snprintf(err->text, sizeof(err->text), "%s: %s", prefix, rest);
	cut_at_character(err->text, sizeof(err->text), n);
	return err->code;
}

int err_at(struct err *err, const char *path, uint32_t line, uint32_t col)
{
	if (path)
		(void)snprintf(err->path, sizeof(err->path), "%s", path);
	err->line = line;
	err->col = col;
	return err->code;
}

void err_format(const struct err *err, char *out, size_t out_bytes)
{
	char place[32] = "";
	if (err->line && err->col)
		(void)snprintf(place, sizeof(place), "%u:%u: ", err->line, err->col);
	else if (err->line)
		(void)snprintf(place, sizeof(place), "%u: ", err->line);
	const char *colon = err->path[0] ? (place[0] ? ":" : ": ") : "";
	(void)snprintf(out, out_bytes, "%s%s%s%s", err->path, colon, place, err->text);
}
