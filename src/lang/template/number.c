/* SPDX-License-Identifier: MIT */
/* Decides what a number constant of a template stands for: integer, unsigned, float,
 * complex or several of them. */
#include "base/cursor.h"
#include "lang/template/functions.h"
#include "lang/template/parse.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"
#include <math.h>

static bool fail_number(struct parser *p, const char *what, struct str text)
{
	BUF_CLEANUP struct buf quoted = BUF_INIT(ERR_TEXT_BYTES);
	quote_text(&quoted, text, false);
	parse_fail(p, "%s: %s", what, buf_cstr(&quoted));
	return false;
}

static bool parse_char(struct parser *p, struct token token, struct node_number *out)
{
	BUF_CLEANUP struct buf text = BUF_INIT(64);
	if (!quote_undo(&text, token.text) || text.len == 0)
		return !!parse_fail(p, "invalid syntax");
	size_t width = 0;
	uint32_t c = 0;
	if (text.len > 0)
		c = unicode_decode(buf_str(&text), 0, &width);
	/* '\xff' is one byte that is no character of its own */
	if (text.len == 1 && (unsigned char)text.ptr[0] >= 0x80)
		c = (unsigned char)text.ptr[0];
	if (width != text.len)
		return !!parse_fail(p, "malformed character constant: %.*s",
				    STR_ARG(token.text));
	*out = (struct node_number){ .is_int = true, .is_uint = true, .is_float = true };
	out->integer = (int64_t)c;
	out->natural = c;
	out->real = (double)c;
	return true;
}

/* A complex value without an imaginary part is also a float, and perhaps an integer. */
static void simplify(struct node_number *n)
{
	n->is_float = n->imaginary == 0;
	if (!n->is_float)
		return;
	n->is_int = fabs(n->real) < 9.2e18 && n->real == (double)(int64_t)n->real;
	if (n->is_int)
		n->integer = (int64_t)n->real;
	n->is_uint =
	    n->real >= 0 && n->real < 1.8e19 && n->real == (double)(uint64_t)n->real;
	if (n->is_uint)
		n->natural = (uint64_t)n->real;
}

/* `1+2i`: where the second number begins. */
static size_t find_second_part(struct str s)
{
	for (size_t i = 1; i < s.len; i++)
		if ((s.ptr[i] == '+' || s.ptr[i] == '-') && !strchr("eEpP", s.ptr[i - 1]))
			return i;
	return 0;
}

static bool parse_complex(struct parser *p, struct token token, struct node_number *out)
{
	bool overflow;
	struct str s = str_slice(token.text, 0, token.text.len - 1);
	size_t second = token.kind == TOKEN_COMPLEX ? find_second_part(s) : 0;
	*out = (struct node_number){ .is_complex = true };
	if (second > 0 &&
	    !float_parse(str_slice(s, 0, second), true, &out->real, &overflow))
		return fail_number(p, "illegal number syntax", token.text);
	if (!float_parse(str_from(s, second), true, &out->imaginary, &overflow))
		return fail_number(p, "illegal number syntax", token.text);
	simplify(out);
	return true;
}

/* strconv.ParseUint(text, 0, 64): no sign. */
static bool parse_natural(struct str s, uint64_t *out)
{
	int64_t n;
	if (s.len > 0 && (s.ptr[0] == '+' || s.ptr[0] == '-'))
		return false;
	if (convert_parse_int(s, 0, &n)) {
		*out = (uint64_t)n;
		return true;
	}
	return s.len > 0 && s.ptr[0] != '0' && number_parse(s, UINT64_MAX, out);
}

static void derive_from_float(struct node_number *n)
{
	if (!n->is_int && fabs(n->real) < 9.2e18 && n->real == (double)(int64_t)n->real) {
		n->is_int = true;
		n->integer = (int64_t)n->real;
	}
	if (!n->is_uint && n->real >= 0 && n->real < 1.8e19 &&
	    n->real == (double)(uint64_t)n->real) {
		n->is_uint = true;
		n->natural = (uint64_t)n->real;
	}
}

static bool has_any(struct str s, const char *chars)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(chars, s.ptr[i]))
			return true;
	return false;
}

bool parse_number(struct parser *p, struct token token, struct node_number *out)
{
	bool overflow;
	struct str s = token.text;
	if (token.kind == TOKEN_CHAR_CONSTANT)
		return parse_char(p, token, out);
	if (token.kind == TOKEN_COMPLEX || (s.len > 0 && s.ptr[s.len - 1] == 'i'))
		return parse_complex(p, token, out);
	*out = (struct node_number){ .is_int = false };
	out->is_uint = parse_natural(s, &out->natural);
	out->is_int = convert_parse_int(s, 0, &out->integer);
	if (out->is_int && out->integer == 0) {
		out->is_uint = true; /* -0 */
		out->natural = 0;
	}
	if (out->is_int || out->is_uint) {
		out->is_float = true;
		out->real = out->is_int ? (double)out->integer : (double)out->natural;
		return true;
	}
	if (!float_parse(s, true, &out->real, &overflow) || overflow)
		return fail_number(p, "illegal number syntax", s);
	if (!has_any(s, ".eEpP"))
		return fail_number(p, "integer overflow", s);
	out->is_float = true;
	derive_from_float(out);
	return true;
}
