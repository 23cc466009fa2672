/* SPDX-License-Identifier: MIT */
/* Views of bytes: comparison, search, splitting and UTF-8. Allocates nothing. */
#include "base/str.h"
#include "base/cursor.h"
#include <limits.h>

int str_int_len(struct str s)
{
	return s.len > INT_MAX ? INT_MAX : (int)s.len;
}

struct str str_of(const char *text)
{
	return text ? (struct str){ text, strlen(text) } : (struct str){ NULL, 0 };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(struct str a, const char *text)
{
	return str_eq(a, str_of(text));
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.ptr[i]) != char_lower(b.ptr[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 ||
		memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

struct str str_from(struct str s, size_t off)
{
	if (off >= s.len)
		return (struct str){ s.ptr ? s.ptr + s.len : NULL, 0 };
	return (struct str){ s.ptr + off, s.len - off };
}

struct str str_slice(struct str s, size_t off, size_t len)
{
	struct str tail = str_from(s, off);
	if (tail.len > len)
		tail.len = len;
	return tail;
}

size_t str_find_char(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.ptr, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

size_t str_rfind_char(struct str s, char c)
{
	const char *hit = s.len ? memrchr(s.ptr, c, s.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

size_t str_find(struct str s, struct str needle)
{
	if (needle.len == 0)
		return 0;
	const char *hit = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
	return hit ? (size_t)(hit - s.ptr) : s.len;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len && is_space(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_space(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *piece)
{
	if (!rest->ptr)
		return false;
	size_t at = str_find_char(*rest, sep);
	*piece = (struct str){ rest->ptr, at };
	if (at == rest->len)
		*rest = (struct str){ NULL, 0 };
	else
		*rest = str_from(*rest, at + 1);
	return true;
}

bool str_line(struct str *rest, struct str *line)
{
	if (rest->len == 0)
		return false;
	size_t at = str_find_char(*rest, '\n');
	*line = (struct str){ rest->ptr, at };
	*rest = str_from(*rest, at == rest->len ? at : at + 1);
	return true;
}

/* What a UTF-8 lead byte promises: sequence length and the smallest code point it may
 * encode. */
static size_t lead_len(unsigned char lead, uint32_t *bits, uint32_t *least)
{
	if (lead < 0x80) {
		*bits = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		*bits = lead & 0x1fU;
		*least = 0x80;
		return 2;
	}
	if ((lead & 0xf0) == 0xe0) {
		*bits = lead & 0x0fU;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*bits = lead & 0x07U;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

size_t str_utf8_decode(struct str s, size_t off, uint32_t *code_point)
{
	if (off >= s.len)
		return 0;
	uint32_t bits = 0;
	uint32_t least = 0;
	size_t n = lead_len((unsigned char)s.ptr[off], &bits, &least);
	if (n == 0 || s.len - off < n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		unsigned char c = (unsigned char)s.ptr[off + i];
		if ((c & 0xc0) != 0x80)
			return 0;
		bits = (bits << 6) | (c & 0x3fU);
	}
	if (bits < least || bits > 0x10ffff || (bits >= 0xd800 && bits <= 0xdfff))
		return 0;
	*code_point = bits;
	return n;
}

size_t str_utf8_encode(uint32_t code_point, char out[4])
{
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		out[0] = (char)(0xc0 | (code_point >> 6));
		out[1] = (char)(0x80 | (code_point & 0x3f));
		return 2;
	}
	if (code_point < 0x10000) {
		out[0] = (char)(0xe0 | (code_point >> 12));
		out[1] = (char)(0x80 | ((code_point >> 6) & 0x3f));
		out[2] = (char)(0x80 | (code_point & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | (code_point >> 18));
	out[1] = (char)(0x80 | ((code_point >> 12) & 0x3f));
	out[2] = (char)(0x80 | ((code_point >> 6) & 0x3f));
	out[3] = (char)(0x80 | (code_point & 0x3f));
	return 4;
}

bool str_is_utf8(struct str s, size_t *bad_off)
{
	size_t off = 0;
	while (off < s.len) {
		uint32_t code_point = 0;
		size_t n = (unsigned char)s.ptr[off] < 0x80
			       ? 1
			       : str_utf8_decode(s, off, &code_point);
		if (n == 0) {
			if (bad_off)
				*bad_off = off;
			return false;
		}
		off += n;
	}
	return true;
}

enum {
	DISTANCE_BYTES = 63
};

size_t str_distance(struct str a, struct str b)
{
	size_t row[DISTANCE_BYTES + 1];
	size_t a_len = a.len < DISTANCE_BYTES ? a.len : DISTANCE_BYTES;
	size_t b_len = b.len < DISTANCE_BYTES ? b.len : DISTANCE_BYTES;
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t above = row[j];
			size_t best = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *str_nearest(const char *name, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	size_t best_distance = 0;
	struct str wanted = str_of(name);
	for (size_t i = 0; i < n; i++) {
		struct str candidate = str_of(candidates[i]);
		size_t distance = str_distance(wanted, candidate);
		size_t longest = wanted.len > candidate.len ? wanted.len : candidate.len;
		if (distance * 3 > longest + 2)
			continue;
		if (!best || distance < best_distance) {
			best = candidates[i];
			best_distance = distance;
		}
	}
	return best;
}
