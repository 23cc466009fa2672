/* SPDX-License-Identifier: MIT */
/* Tokens of an expression: names, numbers, texts with their escapes, operators. */
#include "base/cursor.h"
#include "lang/cel/node.h"

int cel_lexer_at(struct str text, size_t off, struct err *err)
{
	uint32_t line = 1;
	uint32_t col = 1;
	for (size_t i = 0; i < off && i < text.len; i++) {
		if (text.ptr[i] == '\n') {
			line++;
			col = 1;
		} else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
			col++;
		}
	}
	return err_at(err, NULL, line, col);
}

static int fail(const struct lexer *lexer, size_t off, const char *text, struct err *err)
{
	(void)err_set(err, ERR_INVALID, "%s", text);
	return cel_lexer_at(lexer->text, off, err);
}

static void skip_blank(struct lexer *lexer)
{
	while (lexer->off < lexer->text.len) {
		struct str rest = str_from(lexer->text, lexer->off);
		if (str_starts(rest, STR("//")))
			lexer->off += str_find_char(rest, '\n');
		else if (strchr(" \t\n\r\f", rest.ptr[0]))
			lexer->off++;
		else
			return;
	}
}

static unsigned hex_value(char c)
{
	if (char_is_digit(c))
		return (unsigned)(c - '0');
	return (unsigned)(char_lower(c) - 'a') + 10;
}

/* `\x41`, `\u00e9`, `\U0001F600`, `\101`: a code point. */
static bool take_code(struct str *rest, size_t digits, unsigned base, struct buf *out)
{
	uint32_t c = 0;
	char bytes[4] = "";
	if (rest->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		char d = rest->ptr[i];
		if (!char_is_hex(d) || hex_value(d) >= base)
			return false;
		c = c * base + hex_value(d);
	}
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	*rest = str_from(*rest, digits);
	return buf_append(out, (struct str){ bytes, str_utf8_encode(c, bytes) });
}

static bool take_escape(struct str *rest, struct buf *out)
{
	static const char from[] = "abfnrtv\\?\"'`";
	static const char to[] = "\a\b\f\n\r\t\v\\?\"'`";
	char c = rest->len ? rest->ptr[0] : '\0';
	const char *at = c ? strchr(from, c) : NULL;
	if (at) {
		*rest = str_from(*rest, 1);
		return buf_putc(out, to[at - from]);
	}
	if (c >= '0' && c <= '3')
		return take_code(rest, 3, 8, out);
	size_t digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
	if (digits == 0)
		return false;
	*rest = str_from(*rest, 1);
	return take_code(rest, digits, 16, out);
}

/* A text from its opening quote on. */
static int read_string(struct lexer *lexer, bool raw, struct err *err)
{
	size_t begin = lexer->off;
	struct str rest = str_from(lexer->text, begin);
	struct buf out BUF_CLEANUP = BUF_INIT(lexer->text.len * 4);
	struct str quote = str_slice(rest, 0, 1);
	bool is_long = str_starts(rest, STR("'''")) || str_starts(rest, STR("\"\"\""));
	if (is_long)
		quote = str_slice(rest, 0, 3);
	rest = str_from(rest, quote.len);
	while (rest.len && !str_starts(rest, quote)) {
		char c = rest.ptr[0];
		if (c == '\n' && !is_long)
			break;
		rest = str_from(rest, 1);
		if (c != '\\' || raw)
			(void)buf_putc(&out, c);
		else if (!take_escape(&rest, &out))
			return fail(lexer, lexer->text.len - rest.len - 1,
				    "invalid escape sequence in a string", err);
	}
	if (!str_starts(rest, quote))
		return fail(lexer, begin, "a string without its closing quote", err);
	lexer->off = lexer->text.len - rest.len + quote.len;
	lexer->token.kind = TOKEN_STRING;
	lexer->token.string = buf_to_arena(&out, lexer->arena);
	return 0;
}

static bool is_ident(char c)
{
	return char_is_alnum(c) || c == '_';
}

static int read_number(struct lexer *lexer, struct err *err)
{
	struct str rest = str_from(lexer->text, lexer->off);
	struct str at = rest;
	lexer->token.kind = TOKEN_INT;
	(void)cursor_while(&at, char_is_digit);
	if (at.len > 1 && at.ptr[0] == '.' && char_is_digit(at.ptr[1])) {
		lexer->token.kind = TOKEN_FLOAT;
		at = str_from(at, 1);
		(void)cursor_while(&at, char_is_digit);
	}
	if (at.len && is_ident(at.ptr[0])) {
		(void)err_set(err, ERR_UNSUPPORTED,
			      "numbers are written in decimal digits here");
		return cel_lexer_at(lexer->text, lexer->off, err);
	}
	lexer->token.text = str_slice(rest, 0, rest.len - at.len);
	lexer->off += lexer->token.text.len;
	return 0;
}

static int read_operator(struct lexer *lexer, struct err *err)
{
	static const char *const ops[] = { "==", "!=", "<=", ">=", "&&", "||", "<", ">",
					   "+",  "-",  "*",  "/",  "%",  "!",  "?", ":",
					   "(",  ")",  "[",  "]",  "{",  "}",  ".", "," };
	struct str rest = str_from(lexer->text, lexer->off);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
		struct str op = str_of(ops[i]);
		if (!str_starts(rest, op))
			continue;
		lexer->token.kind = TOKEN_OP;
		lexer->token.text = op;
		lexer->off += op.len;
		return 0;
	}
	return fail(lexer, lexer->off, "this character begins no part of an expression",
		    err);
}

int cel_lexer_next(struct lexer *lexer, struct err *err)
{
	skip_blank(lexer);
	struct str rest = str_from(lexer->text, lexer->off);
	lexer->token = (struct token){ .kind = TOKEN_END, .off = lexer->off };
	if (rest.len == 0)
		return 0;
	char c = rest.ptr[0];
	char next = rest.len > 1 ? rest.ptr[1] : '\0';
	bool quoted = next == '"' || next == '\'';
	if (c == '"' || c == '\'')
		return read_string(lexer, false, err);
	if (char_lower(c) == 'r' && quoted) {
		lexer->off++;
		return read_string(lexer, true, err);
	}
	if (char_lower(c) == 'b' && quoted) {
		(void)err_set(err, ERR_UNSUPPORTED, "bytes are not supported");
		return cel_lexer_at(lexer->text, lexer->off, err);
	}
	if (char_is_digit(c))
		return read_number(lexer, err);
	if (!char_is_alpha(c) && c != '_')
		return read_operator(lexer, err);
	struct str at = rest;
	lexer->token.kind = TOKEN_IDENT;
	lexer->token.text = cursor_while(&at, is_ident);
	lexer->off += lexer->token.text.len;
	return 0;
}
