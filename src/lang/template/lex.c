/* SPDX-License-Identifier: MIT */
/* Decides where a template's text ends and an action begins, what trim markers eat, and
 * which words stand inside an action. */
#include "lang/template/lex.h"
#include "base/cursor.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

#define END_OF_INPUT 0xFFFFFFFFu

void lexer_init(struct lexer *lex, struct str input)
{
	*lex = (struct lexer){ .input = input, .line = 1, .start_line = 1 };
}

static bool is_space(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word(uint32_t c)
{
	return c != END_OF_INPUT && (c == '_' || unicode_is_alnum(c));
}

static struct str rest_at(const struct lexer *lex, size_t off)
{
	return str_from(lex->input, off);
}

/* The character at the position and its width; a bad byte counts as U+FFFD. */
static uint32_t peek_char(const struct lexer *lex, size_t *width)
{
	return unicode_decode(lex->input, lex->pos, width);
}

static uint32_t look(const struct lexer *lex)
{
	size_t width;
	return lex->pos < lex->input.len ? peek_char(lex, &width) : END_OF_INPUT;
}

static uint32_t advance(struct lexer *lex)
{
	size_t width;
	if (lex->pos >= lex->input.len)
		return END_OF_INPUT;
	uint32_t c = peek_char(lex, &width);
	lex->pos += width;
	if (c == '\n')
		lex->line++;
	return c;
}

static void count_lines(struct lexer *lex)
{
	for (size_t i = lex->start; i < lex->pos; i++)
		if (lex->input.ptr[i] == '\n')
			lex->line++;
}

static struct token take_token(struct lexer *lex, enum token_kind kind)
{
	struct token token = { kind, (uint32_t)lex->start, lex->start_line,
			       str_slice(lex->input, lex->start, lex->pos - lex->start) };
	lex->start = lex->pos;
	lex->start_line = lex->line;
	return token;
}

static void ignore(struct lexer *lex)
{
	count_lines(lex);
	lex->start = lex->pos;
	lex->start_line = lex->line;
}

static struct token fail_text(struct lexer *lex, struct str text)
{
	size_t len = text.len < LEX_MESSAGE_BYTES ? text.len : LEX_MESSAGE_BYTES - 1;
	memcpy(lex->message, text.ptr, len);
	lex->message[len] = '\0';
	lex->broken = true;
	lex->error = (struct token){
		TOKEN_ERROR, (uint32_t)lex->start, lex->start_line, { lex->message, len }
	};
	return lex->error;
}

static struct token fail(struct lexer *lex, const char *text)
{
	return fail_text(lex, str_of(text));
}

static struct token fail_char(struct lexer *lex, const char *what, uint32_t c)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LEX_MESSAGE_BYTES);
	buf_puts(&text, what);
	buf_putc(&text, ' ');
	if (c == END_OF_INPUT)
		buf_puts(&text, "U+FFFFFFFFFFFFFFFF");
	else
		quote_code_point(&text, c, true);
	return fail_text(lex, buf_str(&text));
}

static bool has_left_trim(struct str s)
{
	return s.len >= 2 && s.ptr[0] == '-' && is_space((unsigned char)s.ptr[1]);
}

static bool has_right_trim(struct str s)
{
	return s.len >= 2 && is_space((unsigned char)s.ptr[0]) && s.ptr[1] == '-';
}

static bool at_right_delim(const struct lexer *lex, bool *trims)
{
	struct str rest = rest_at(lex, lex->pos);
	*trims = has_right_trim(rest) && str_starts(str_from(rest, 2), STR("}}"));
	return *trims || str_starts(rest, STR("}}"));
}

static void skip_spaces(struct lexer *lex)
{
	while (lex->pos < lex->input.len &&
	       is_space((unsigned char)lex->input.ptr[lex->pos]))
		lex->pos++;
}

/* Skips a comment; false when an error was set. */
static bool skip_comment(struct lexer *lex)
{
	bool trims;
	lex->pos += 2;
	struct str rest = rest_at(lex, lex->pos);
	size_t end = str_find(rest, STR("*/"));
	if (end == rest.len) {
		fail(lex, "unclosed comment");
		return false;
	}
	lex->pos += end + 2;
	if (!at_right_delim(lex, &trims)) {
		fail(lex, "comment ends before closing delimiter");
		return false;
	}
	lex->pos += trims ? 4 : 2;
	if (trims)
		skip_spaces(lex);
	ignore(lex);
	return true;
}

/* At `{{`: its token, or nothing when it was a comment (*is_comment). */
static struct token take_left_delim(struct lexer *lex, bool *is_comment)
{
	lex->pos += 2;
	size_t marker = has_left_trim(rest_at(lex, lex->pos)) ? 2 : 0;
	*is_comment = str_starts(rest_at(lex, lex->pos + marker), STR("/*"));
	if (*is_comment) {
		lex->pos += marker;
		ignore(lex);
		if (!skip_comment(lex)) {
			*is_comment = false;
			return lex->error;
		}
		return lex->error;
	}
	struct token token = take_token(lex, TOKEN_LEFT);
	lex->inside_action = true;
	lex->pos += marker;
	ignore(lex);
	lex->paren_depth = 0;
	return token;
}

/* The text before a `{{` at `delim`, without what its trim marker eats. */
static struct token take_text(struct lexer *lex, size_t delim)
{
	size_t end = delim;
	if (has_left_trim(rest_at(lex, delim + 2)))
		while (end > lex->start &&
		       is_space((unsigned char)lex->input.ptr[end - 1]))
			end--;
	lex->pos = end;
	count_lines(lex);
	struct token token = take_token(lex, TOKEN_TEXT);
	lex->pos = delim;
	ignore(lex);
	return token;
}

static struct token lex_text(struct lexer *lex)
{
	for (;;) {
		struct str rest = rest_at(lex, lex->pos);
		size_t at = str_find(rest, STR("{{"));
		if (at == rest.len) {
			lex->pos = lex->input.len;
			count_lines(lex);
			return take_token(lex,
					  lex->pos > lex->start ? TOKEN_TEXT : TOKEN_EOF);
		}
		if (at > 0) {
			struct token text = take_text(lex, lex->pos + at);
			if (text.text.len > 0)
				return text;
		}
		bool is_comment;
		struct token token = take_left_delim(lex, &is_comment);
		if (!is_comment)
			return token;
	}
}

static struct token take_right_delim(struct lexer *lex)
{
	bool trims;
	at_right_delim(lex, &trims);
	if (trims) {
		lex->pos += 2;
		ignore(lex);
	}
	lex->pos += 2;
	struct token token = take_token(lex, TOKEN_RIGHT);
	if (trims) {
		skip_spaces(lex);
		ignore(lex);
	}
	lex->inside_action = false;
	return token;
}

static struct token lex_space(struct lexer *lex)
{
	size_t spaces = 0;
	while (is_space(look(lex))) {
		advance(lex);
		spaces++;
	}
	/* the last blank may belong to a trim marker */
	if (has_right_trim(rest_at(lex, lex->pos - 1)) &&
	    str_starts(rest_at(lex, lex->pos + 1), STR("}}"))) {
		lex->pos--;
		if (lex->input.ptr[lex->pos] == '\n')
			lex->line--;
		if (spaces == 1)
			return take_right_delim(lex);
	}
	return take_token(lex, TOKEN_SPACE);
}

static bool at_terminator(const struct lexer *lex)
{
	uint32_t c = look(lex);
	if (is_space(c) || c == END_OF_INPUT)
		return true;
	if (c < 128 && c != 0 && strchr(".,|:)(", (int)c))
		return true;
	return str_starts(rest_at(lex, lex->pos), STR("}}"));
}

static enum token_kind classify_word(struct str word)
{
	static const struct {
		const char *word;
		enum token_kind kind;
	} words[] = {
		{ "block", TOKEN_BLOCK },
		{ "break", TOKEN_BREAK },
		{ "continue", TOKEN_CONTINUE },
		{ "define", TOKEN_DEFINE },
		{ "else", TOKEN_ELSE },
		{ "end", TOKEN_END },
		{ "if", TOKEN_IF },
		{ "range", TOKEN_RANGE },
		{ "nil", TOKEN_NIL },
		{ "template", TOKEN_TEMPLATE },
		{ "with", TOKEN_WITH },
		{ "true", TOKEN_BOOL },
		{ "false", TOKEN_BOOL },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(word, words[i].word))
			return words[i].kind;
	return TOKEN_IDENTIFIER;
}

static struct token lex_identifier(struct lexer *lex)
{
	while (is_word(look(lex)))
		advance(lex);
	if (!at_terminator(lex))
		return fail_char(lex, "bad character", look(lex));
	struct str word = str_slice(lex->input, lex->start, lex->pos - lex->start);
	return take_token(lex, classify_word(word));
}

/* Behind the `.` or `$`. */
static struct token lex_name(struct lexer *lex, enum token_kind kind)
{
	if (at_terminator(lex))
		return take_token(lex, kind == TOKEN_VARIABLE ? kind : TOKEN_DOT);
	while (is_word(look(lex)))
		advance(lex);
	if (!at_terminator(lex))
		return fail_char(lex, "bad character", look(lex));
	return take_token(lex, kind);
}

/* Behind the opening quote. */
static struct token lex_quoted(struct lexer *lex, char quote, enum token_kind kind,
			       const char *unterminated)
{
	for (;;) {
		uint32_t c = advance(lex);
		if (c == '\\') {
			c = advance(lex);
			if (c != END_OF_INPUT && c != '\n')
				continue;
		}
		if (c == END_OF_INPUT || c == '\n')
			return fail(lex, unterminated);
		if (c == (unsigned char)quote)
			return take_token(lex, kind);
	}
}

static struct token lex_raw(struct lexer *lex)
{
	for (;;) {
		uint32_t c = advance(lex);
		if (c == END_OF_INPUT)
			return fail(lex, "unterminated raw quoted string");
		if (c == '`')
			return take_token(lex, TOKEN_RAW_STRING);
	}
}

static bool accept(struct lexer *lex, const char *chars)
{
	uint32_t c = look(lex);
	if (c == 0 || c >= 128 || !strchr(chars, (int)c))
		return false;
	lex->pos++;
	return true;
}

static void accept_run(struct lexer *lex, const char *chars)
{
	while (accept(lex, chars))
		;
}

static bool scan_number(struct lexer *lex)
{
	static const char decimal[] = "0123456789_";
	static const char hex[] = "0123456789abcdefABCDEF_";
	const char *digits = decimal;
	accept(lex, "+-");
	if (accept(lex, "0")) {
		if (accept(lex, "xX"))
			digits = hex;
		else if (accept(lex, "oO"))
			digits = "01234567_";
		else if (accept(lex, "bB"))
			digits = "01_";
	}
	accept_run(lex, digits);
	if (accept(lex, "."))
		accept_run(lex, digits);
	if ((digits == decimal && accept(lex, "eE")) ||
	    (digits == hex && accept(lex, "pP"))) {
		accept(lex, "+-");
		accept_run(lex, decimal);
	}
	accept(lex, "i");
	if (!is_word(look(lex)))
		return true;
	advance(lex);
	return false;
}

static struct token fail_number(struct lexer *lex)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LEX_MESSAGE_BYTES);
	buf_puts(&text, "bad number syntax: ");
	quote_text(&text, str_slice(lex->input, lex->start, lex->pos - lex->start),
		   false);
	return fail_text(lex, buf_str(&text));
}

static struct token lex_number(struct lexer *lex)
{
	if (!scan_number(lex))
		return fail_number(lex);
	uint32_t sign = look(lex);
	if (sign != '+' && sign != '-')
		return take_token(lex, TOKEN_NUMBER);
	if (!scan_number(lex) || lex->input.ptr[lex->pos - 1] != 'i')
		return fail_number(lex);
	return take_token(lex, TOKEN_COMPLEX);
}

static bool next_is_digit(const struct lexer *lex, size_t off)
{
	return lex->pos + off < lex->input.len &&
	       char_is_digit(lex->input.ptr[lex->pos + off]);
}

static struct token lex_mark(struct lexer *lex, uint32_t c)
{
	switch (c) {
	case '=':
		return take_token(lex, TOKEN_ASSIGN);
	case ':':
		if (advance(lex) != '=')
			return fail(lex, "expected :=");
		return take_token(lex, TOKEN_DECLARE);
	case '|':
		return take_token(lex, TOKEN_PIPE);
	case '"':
		return lex_quoted(lex, '"', TOKEN_STRING, "unterminated quoted string");
	case '`':
		return lex_raw(lex);
	case '$':
		return lex_name(lex, TOKEN_VARIABLE);
	case '\'':
		return lex_quoted(lex, '\'', TOKEN_CHAR_CONSTANT,
				  "unterminated character constant");
	case '.':
		return lex_name(lex, TOKEN_FIELD);
	case '(':
		lex->paren_depth++;
		return take_token(lex, TOKEN_LEFT_PAREN);
	case ')':
		if (--lex->paren_depth < 0)
			return fail(lex, "unexpected right paren");
		return take_token(lex, TOKEN_RIGHT_PAREN);
	default:
		if (c >= ' ' && c < 127)
			return take_token(lex, TOKEN_CHAR);
		return fail_char(lex, "unrecognized character in action:", c);
	}
}

static struct token lex_action(struct lexer *lex)
{
	bool trims;
	if (at_right_delim(lex, &trims)) {
		if (lex->paren_depth > 0)
			return fail(lex, "unclosed left paren");
		return take_right_delim(lex);
	}
	uint32_t c = look(lex);
	if (c == END_OF_INPUT)
		return fail(lex, "unclosed action");
	if (is_space(c))
		return lex_space(lex);
	if (c == '+' || c == '-' || (c < 128 && char_is_digit((char)c)) ||
	    (c == '.' && (next_is_digit(lex, 1) || lex->pos + 1 == lex->input.len)))
		return lex_number(lex);
	if (is_word(c))
		return lex_identifier(lex);
	return lex_mark(lex, advance(lex));
}

struct token lexer_next(struct lexer *lex)
{
	if (lex->broken)
		return lex->error;
	return lex->inside_action ? lex_action(lex) : lex_text(lex);
}
