/* SPDX-License-Identifier: MIT */
/* The words of a template. */
#ifndef LANG_TEMPLATE_LEX_H
#define LANG_TEMPLATE_LEX_H

#include "base/str.h"

enum token_kind {
	TOKEN_ERROR, /* message holds the text */
	TOKEN_EOF,
	TOKEN_TEXT,
	TOKEN_LEFT,  /* {{ */
	TOKEN_RIGHT, /* }} */
	TOKEN_SPACE,
	TOKEN_ASSIGN,  /* = */
	TOKEN_DECLARE, /* := */
	TOKEN_PIPE,
	TOKEN_LEFT_PAREN,
	TOKEN_RIGHT_PAREN,
	TOKEN_CHAR, /* any other printable ASCII character */
	TOKEN_STRING,
	TOKEN_RAW_STRING,
	TOKEN_CHAR_CONSTANT,
	TOKEN_NUMBER,
	TOKEN_COMPLEX,
	TOKEN_BOOL,
	TOKEN_FIELD, /* .name */
	TOKEN_VARIABLE,
	TOKEN_IDENTIFIER,
	TOKEN_DOT,
	TOKEN_NIL,
	/* words of the language: after this mark Go shows them as <word> */
	TOKEN_KEYWORD,
	TOKEN_BLOCK,
	TOKEN_BREAK,
	TOKEN_CONTINUE,
	TOKEN_DEFINE,
	TOKEN_ELSE,
	TOKEN_END,
	TOKEN_IF,
	TOKEN_RANGE,
	TOKEN_TEMPLATE,
	TOKEN_WITH
};

enum {
	LEX_MESSAGE_BYTES = 256
};

struct token {
	enum token_kind kind;
	uint32_t pos;
	uint32_t line;
	struct str text; /* ERROR: points into the lexer's message */
};

struct lexer {
	struct str input;
	size_t pos, start;
	uint32_t line, start_line;
	int paren_depth;
	bool inside_action;
	bool broken; /* an error was given: only that comes from now on */
	struct token error;
	char message[LEX_MESSAGE_BYTES];
};

/* Begins at the first line; `input` is borrowed. */
void lexer_init(struct lexer *lex, struct str input);
/* The next token; EOF or the error again and again at the end. */
struct token lexer_next(struct lexer *lex);

#endif
