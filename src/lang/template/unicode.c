/* SPDX-License-Identifier: MIT */
/* Decides classes and case of characters by the C library's tables, whatever the locale
 * of the process is. */
#include "lang/template/unicode.h"
#include <locale.h>
#include <threads.h>
#include <wctype.h>

static locale_t tables;
static once_flag tables_once = ONCE_FLAG_INIT;

static void open_tables(void)
{
	tables = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!tables)
		tables = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
}

static locale_t get_tables(void)
{
	call_once(&tables_once, open_tables);
	return tables;
}

uint32_t unicode_decode(struct str s, size_t off, size_t *width)
{
	uint32_t c;
	if ((unsigned char)s.ptr[off] < 0x80) {
		*width = 1;
		return (unsigned char)s.ptr[off];
	}
	*width = str_utf8_decode(s, off, &c);
	if (*width > 0)
		return c;
	*width = 1;
	return UNICODE_BAD;
}

size_t unicode_count(struct str s)
{
	size_t count = 0;
	size_t width;
	for (size_t i = 0; i < s.len; i += width, count++)
		unicode_decode(s, i, &width);
	return count;
}

bool unicode_is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c | 32) >= 'a' && (c | 32) <= 'z';
	return iswalpha_l((wint_t)c, get_tables()) && !unicode_is_digit(c);
}

bool unicode_is_digit(uint32_t c)
{
	/* where blocks of ten decimal digits begin */
	static const uint32_t zeros[] = {
		0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,
		0xB66,   0xBE6,   0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,
		0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,  0x1946,  0x19D0,  0x1A80,
		0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,  0xA900,
		0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x11066, 0x110F0,
		0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730,
		0x118E0, 0x16A60, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
		0x1E950,
	};
	for (size_t i = 0; i < ARRAY_LEN(zeros) && zeros[i] <= c; i++)
		if (c - zeros[i] < 10)
			return true;
	return false;
}

bool unicode_is_alnum(uint32_t c)
{
	return unicode_is_letter(c) || unicode_is_digit(c);
}

bool unicode_is_upper(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z';
	return iswupper_l((wint_t)c, get_tables()) && unicode_lower(c) != c;
}

bool unicode_is_lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z';
	return iswlower_l((wint_t)c, get_tables());
}

bool unicode_is_space(uint32_t c)
{
	return (c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xA0 ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/* Format characters and private use, which the C library calls printable. */
static bool is_invisible(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{ 0xAD, 0xAD },       { 0x600, 0x605 },     { 0x61C, 0x61C },
		{ 0x6DD, 0x6DD },     { 0x70F, 0x70F },     { 0x890, 0x891 },
		{ 0x8E2, 0x8E2 },     { 0x180E, 0x180E },   { 0x200B, 0x200F },
		{ 0x202A, 0x202E },   { 0x2060, 0x206F },   { 0xD800, 0xF8FF },
		{ 0xFEFF, 0xFEFF },   { 0xFFF0, 0xFFFB },   { 0x110BD, 0x110BD },
		{ 0x110CD, 0x110CD }, { 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 },
		{ 0x1D173, 0x1D17A }, { 0xE0000, 0xE00FF }, { 0xF0000, 0x10FFFF },
	};
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

bool unicode_is_print(uint32_t c)
{
	if (c < 0x80)
		return c >= ' ' && c < 0x7F;
	if (unicode_is_space(c) || is_invisible(c))
		return false;
	return iswprint_l((wint_t)c, get_tables());
}

uint32_t unicode_upper(uint32_t c)
{
	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	return (uint32_t)towupper_l((wint_t)c, get_tables());
}

uint32_t unicode_lower(uint32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	return (uint32_t)towlower_l((wint_t)c, get_tables());
}

uint32_t unicode_title(uint32_t c)
{
	if (c < 0x80)
		return unicode_upper(c);
	return (uint32_t)towctrans_l((wint_t)c, wctrans_l("totitle", get_tables()),
				     get_tables());
}
