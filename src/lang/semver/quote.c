/* SPDX-License-Identifier: MIT */
/* Go's double-quoted form of a text, in which upstream shows what it refuses. */
#include "lang/semver/semver.h"

/* Code points from U+0080 on that Go does not print as they are: controls, blanks, format
 * characters, surrogates, private use. Code points without a meaning yet are not listed.
 */
static const struct {
	uint32_t first;
	uint32_t last;
} hidden[] = {
	{ 0x80, 0xa0 },       { 0xad, 0xad },        { 0x600, 0x605 },
	{ 0x61c, 0x61c },     { 0x6dd, 0x6dd },      { 0x70f, 0x70f },
	{ 0x890, 0x891 },     { 0x8e2, 0x8e2 },      { 0x1680, 0x1680 },
	{ 0x180e, 0x180e },   { 0x2000, 0x200f },    { 0x2028, 0x202f },
	{ 0x205f, 0x206f },   { 0x3000, 0x3000 },    { 0xd800, 0xf8ff },
	{ 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },    { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },   { 0x110bd, 0x110bd },  { 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 },  { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff },
};

static bool is_hidden(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

static void quote_ascii(struct buf *out, char c)
{
	static const char named[] = "\aa\bb\ff\nn\rr\tt\vv\"\"\\\\";
	for (size_t i = 0; i + 1 < sizeof(named); i += 2) {
		if (named[i] != c)
			continue;
		(void)buf_putc(out, '\\');
		(void)buf_putc(out, named[i + 1]);
		return;
	}
	if (c < 0x20 || c == 0x7f)
		(void)buf_printf(out, "\\x%02x", (unsigned)(unsigned char)c);
	else
		(void)buf_putc(out, c);
}

void semver_quote(struct buf *out, struct str text)
{
	(void)buf_putc(out, '"');
	size_t off = 0;
	while (off < text.len) {
		uint32_t c = 0;
		size_t n = str_utf8_decode(text, off, &c);
		if (n == 0) {
			(void)buf_printf(out, "\\x%02x",
					 (unsigned)(unsigned char)text.ptr[off]);
			n = 1;
		} else if (c < 0x80) {
			quote_ascii(out, (char)c);
		} else if (!is_hidden(c)) {
			(void)buf_append(out, str_slice(text, off, n));
		} else if (c < 0x10000) {
			(void)buf_printf(out, "\\u%04x", c);
		} else {
			(void)buf_printf(out, "\\U%08x", c);
		}
		off += n;
	}
	(void)buf_putc(out, '"');
}
