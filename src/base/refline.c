/* SPDX-License-Identifier: MIT */
/* The grammar of a receive hook's input. */
#include "base/refline.h"
#include "base/cursor.h"

enum {
	SHA1_DIGITS = 40,
	SHA256_DIGITS = 64
};

static bool is_oid_char(char c)
{
	return char_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* An id and the blank behind it. */
static bool take_oid(struct str *rest, struct str *oid)
{
	*oid = cursor_while(rest, is_oid_char);
	return (oid->len == SHA1_DIGITS || oid->len == SHA256_DIGITS) &&
	       cursor_char(rest, ' ');
}

static bool parse_line(struct str line, struct refline *out)
{
	struct refline got;
	if (!take_oid(&line, &got.old_oid) || !take_oid(&line, &got.new_oid) ||
	    got.old_oid.len != got.new_oid.len)
		return false;
	if (!line.len || memchr(line.ptr, '\0', line.len))
		return false;
	got.ref = line;
	*out = got;
	return true;
}

bool refline_next(struct str *rest, struct refline *out, size_t *bad)
{
	struct str line;
	while (str_line(rest, &line)) {
		if (parse_line(line, out))
			return true;
		*bad += 1;
	}
	return false;
}
