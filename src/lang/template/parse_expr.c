/* SPDX-License-Identifier: MIT */
/* Decides the expressions of a template: pipelines, commands, their words, constants. */
#include "base/cursor.h"
#include "base/limits.h"
#include "lang/template/functions.h"
#include "lang/template/parse.h"
#include "lang/template/quote.h"
#include "lang/template/unicode.h"

static void *fail_quoted(struct parser *p, const char *before, struct str what,
			 const char *behind)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	quote_text(&text, what, false);
	return parse_fail(p, "%s%s%s", before, buf_cstr(&text), behind);
}

static void split_names(struct parser *p, struct str text, struct str_list *out)
{
	struct str rest = text;
	struct str piece;
	while (str_split(&rest, '.', &piece))
		VEC_PUSH(p->arena, out, piece);
}

static struct node *use_variable(struct parser *p, struct token token)
{
	struct node *node = parse_new_node(p, NODE_VARIABLE, token.pos);
	split_names(p, token.text, &node->idents);
	for (size_t i = 0; i < p->vars.len; i++)
		if (str_eq(p->vars.items[i], token.text))
			return node;
	return fail_quoted(p, "undefined variable ", token.text, "");
}

static struct node *use_function(struct parser *p, struct token token)
{
	struct node *node = parse_new_node(p, NODE_IDENTIFIER, token.pos);
	node->text = token.text;
	node->func = function_find(token.text, p->tmpl->has_sprig);
	if (node->func)
		return node;
	return fail_quoted(p, "function ", token.text,
			   p->tmpl->has_sprig && function_is_left_out(token.text)
			       ? " not defined: sprig has it, imagehook leaves it out"
			       : " not defined");
}

static struct node *use_number(struct parser *p, struct token token)
{
	struct node *node = parse_new_node(p, NODE_NUMBER, token.pos);
	node->text = token.text;
	return parse_number(p, token, &node->number) ? node : NULL;
}

static struct node *use_string(struct parser *p, struct token token)
{
	struct node *node = parse_new_node(p, NODE_STRING, token.pos);
	node->quoted = token.text;
	return parse_unquote(p, token, &node->text) ? node : NULL;
}

static struct node *parse_parens(struct parser *p)
{
	if (!parse_enter(p))
		return NULL;
	struct node *pipe =
	    parse_pipeline(p, "parenthesized pipeline", TOKEN_RIGHT_PAREN);
	p->depth--;
	return pipe;
}

/* One word without a chain behind it; NULL without failure when there is none. */
static struct node *parse_term(struct parser *p)
{
	struct token token = parse_next_word(p);
	struct node *node;
	switch (token.kind) {
	case TOKEN_IDENTIFIER:
		return use_function(p, token);
	case TOKEN_DOT:
		return parse_new_node(p, NODE_DOT, token.pos);
	case TOKEN_NIL:
		return parse_new_node(p, NODE_NIL, token.pos);
	case TOKEN_VARIABLE:
		return use_variable(p, token);
	case TOKEN_FIELD:
		node = parse_new_node(p, NODE_FIELD, token.pos);
		split_names(p, str_from(token.text, 1), &node->idents);
		return node;
	case TOKEN_BOOL:
		node = parse_new_node(p, NODE_BOOL, token.pos);
		node->truth = str_is(token.text, "true");
		return node;
	case TOKEN_CHAR_CONSTANT:
	case TOKEN_COMPLEX:
	case TOKEN_NUMBER:
		return use_number(p, token);
	case TOKEN_LEFT_PAREN:
		return parse_parens(p);
	case TOKEN_STRING:
	case TOKEN_RAW_STRING:
		return use_string(p, token);
	default:
		parse_backup(p);
		return NULL;
	}
}

static bool is_constant(enum node_kind kind)
{
	return kind == NODE_BOOL || kind == NODE_STRING || kind == NODE_NUMBER ||
	       kind == NODE_NIL || kind == NODE_DOT;
}

static struct node *parse_operand(struct parser *p)
{
	struct node *node = parse_term(p);
	if (!node || parse_peek(p).kind != TOKEN_FIELD)
		return node;
	struct node *chain = node;
	uint32_t pos = parse_peek(p).pos;
	if (node->kind != NODE_FIELD && node->kind != NODE_VARIABLE) {
		chain = parse_new_node(p, NODE_CHAIN, 0);
		chain->pipe = node;
	}
	chain->pos = pos;
	while (parse_peek(p).kind == TOKEN_FIELD)
		VEC_PUSH(p->arena, &chain->idents, str_from(parse_next(p).text, 1));
	if (!is_constant(node->kind))
		return chain;
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	node_write(&text, node);
	return fail_quoted(p, "unexpected . after term ", buf_str(&text), "");
}

static struct node *parse_command(struct parser *p)
{
	struct node *command = parse_new_node(p, NODE_COMMAND, parse_peek_word(p).pos);
	for (;;) {
		parse_peek_word(p);
		struct node *operand = parse_operand(p);
		if (p->failed)
			return NULL;
		if (operand)
			VEC_PUSH(p->arena, &command->list, operand);
		struct token token = parse_next(p);
		if (token.kind == TOKEN_SPACE)
			continue;
		if (token.kind == TOKEN_RIGHT || token.kind == TOKEN_RIGHT_PAREN)
			parse_backup(p);
		else if (token.kind != TOKEN_PIPE)
			return parse_unexpected(p, token, "operand");
		break;
	}
	if (command->list.len == 0)
		return parse_fail(p, "empty command");
	return command;
}

static void declare(struct parser *p, struct node *pipe, struct token variable)
{
	struct node *node = parse_new_node(p, NODE_VARIABLE, variable.pos);
	VEC_PUSH(p->arena, &node->idents, variable.text);
	VEC_PUSH(p->arena, &pipe->other, node);
	VEC_PUSH(p->arena, &p->vars, variable.text);
}

/* `$x :=`, `$x =`, `$i, $x :=`; puts back what is none. False when it failed. */
static bool parse_declarations(struct parser *p, struct node *pipe, const char *context)
{
	while (parse_peek_word(p).kind == TOKEN_VARIABLE) {
		struct token variable = parse_next_word(p);
		struct token behind = parse_peek(p);
		struct token next = parse_peek_word(p);
		if (next.kind == TOKEN_ASSIGN || next.kind == TOKEN_DECLARE) {
			pipe->is_assign = next.kind == TOKEN_ASSIGN;
			parse_next_word(p);
			declare(p, pipe, variable);
			return true;
		}
		if (next.kind != TOKEN_CHAR || !str_is(next.text, ",")) {
			if (behind.kind == TOKEN_SPACE)
				parse_backup3(p, variable, behind);
			else
				parse_backup2(p, variable);
			return true;
		}
		parse_next_word(p);
		declare(p, pipe, variable);
		if (strcmp(context, "range") != 0 || pipe->other.len >= 2)
			return parse_fail(p, "too many declarations in %s", context);
		enum token_kind kind = parse_peek_word(p).kind;
		if (kind != TOKEN_VARIABLE && kind != TOKEN_RIGHT &&
		    kind != TOKEN_RIGHT_PAREN)
			return parse_fail(p, "range can only initialize variables");
	}
	return true;
}

static struct node *check_pipeline(struct parser *p, struct node *pipe,
				   const char *context)
{
	if (pipe->list.len == 0)
		return parse_fail(p, "missing value for %s", context);
	for (size_t i = 1; i < pipe->list.len; i++)
		if (is_constant(pipe->list.items[i]->list.items[0]->kind))
			return parse_fail(
			    p, "non executable command in pipeline stage %zu", i + 1);
	return pipe;
}

static bool begins_command(enum token_kind kind)
{
	switch (kind) {
	case TOKEN_BOOL:
	case TOKEN_CHAR_CONSTANT:
	case TOKEN_COMPLEX:
	case TOKEN_DOT:
	case TOKEN_FIELD:
	case TOKEN_IDENTIFIER:
	case TOKEN_NUMBER:
	case TOKEN_NIL:
	case TOKEN_RAW_STRING:
	case TOKEN_STRING:
	case TOKEN_VARIABLE:
	case TOKEN_LEFT_PAREN:
		return true;
	default:
		return false;
	}
}

struct node *parse_pipeline(struct parser *p, const char *context, enum token_kind end)
{
	struct node *pipe = parse_new_node(p, NODE_PIPE, parse_peek_word(p).pos);
	if (!parse_declarations(p, pipe, context))
		return NULL;
	for (;;) {
		struct token token = parse_next_word(p);
		if (token.kind == end)
			return check_pipeline(p, pipe, context);
		if (!begins_command(token.kind))
			return parse_unexpected(p, token, context);
		parse_backup(p);
		struct node *command = parse_command(p);
		if (!command)
			return NULL;
		VEC_PUSH(p->arena, &pipe->list, command);
	}
}
