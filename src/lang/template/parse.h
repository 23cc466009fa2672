/* SPDX-License-Identifier: MIT */
/* The state of a parse, shared by the files that read statements and expressions. */
#ifndef LANG_TEMPLATE_PARSE_H
#define LANG_TEMPLATE_PARSE_H

#include "lang/template/lex.h"
#include "lang/template/node.h"

struct parser {
	struct arena *arena;
	struct lexer lex;
	struct template *tmpl;
	struct err *err;
	bool failed;
	struct token token[3]; /* what was read ahead, newest first */
	size_t peek_count;
	struct str_list vars; /* those in scope */
	uint32_t action_line;
	unsigned range_depth;
	unsigned depth;
};

/* Fails at the newest token unless it failed before; returns NULL. */
void *parse_fail(struct parser *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "unexpected TOKEN in CONTEXT". */
void *parse_unexpected(struct parser *p, struct token token, const char *context);

/* The next token, taken or only looked at. */
struct token parse_next(struct parser *p);
struct token parse_peek(struct parser *p);
struct token parse_next_word(struct parser *p); /* skips blanks */
struct token parse_peek_word(struct parser *p);
/* Puts the token back that was last taken. */
void parse_backup(struct parser *p);
/* Put one or two tokens back before the one last read; of two, t2 comes first. */
void parse_backup2(struct parser *p, struct token t1);
void parse_backup3(struct parser *p, struct token t2, struct token t1);

/* An empty node in the arena; `pos` is its offset in the template. */
struct node *parse_new_node(struct parser *p, enum node_kind kind, uint32_t pos);
/* The text of a quoted token; false when it failed. */
bool parse_unquote(struct parser *p, struct token token, struct str *out);
/* Enters one more level of nesting; false when that is too deep. */
bool parse_enter(struct parser *p);
/* A pipeline up to `end`, which is consumed; NULL when it failed. */
struct node *parse_pipeline(struct parser *p, const char *context, enum token_kind end);
/* A number constant; false when it failed. */
bool parse_number(struct parser *p, struct token token, struct node_number *out);

#endif
