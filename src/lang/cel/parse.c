/* SPDX-License-Identifier: MIT */
/* From tokens to a tree, by precedence. What CEL has and the subset has not is refused
 * here by its name. */
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "lang/cel/node.h"

struct parser {
	struct lexer lexer;
	const struct strings *roots;
	struct arena *arena;
	size_t depth;
};

/* Operators between two operands, weakest first; kind NODE_LITERAL: not in the subset. */
static const struct operator
{
	const char *text;
	int power;
	enum node_kind kind;
}

operators[] = {
	{ "?", 1, NODE_CHOICE },   { "||", 2, NODE_OR },      { "&&", 3, NODE_AND },
	{ "==", 4, NODE_EQUAL },   { "!=", 4, NODE_UNEQUAL }, { "in", 4, NODE_IN },
	{ "<", 4, NODE_LITERAL },  { "<=", 4, NODE_LITERAL }, { ">", 4, NODE_LITERAL },
	{ ">=", 4, NODE_LITERAL }, { "+", 5, NODE_ADD },      { "-", 5, NODE_LITERAL },
	{ "*", 6, NODE_LITERAL },  { "/", 6, NODE_LITERAL },  { "%", 6, NODE_LITERAL },
};

static int parse_level(struct parser *parser, int power, struct node **out,
		       struct err *err);

static int fail_at(const struct parser *parser, size_t off, struct err *err)
{
	return cel_lexer_at(parser->lexer.text, off, err);
}

static int refuse(const struct parser *parser, size_t off, const char *what,
		  struct str name, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	(void)err_set(err, ERR_UNSUPPORTED, "%s '%s' is not supported", what,
		      text_clean(&scratch, name, 60));
	return fail_at(parser, off, err);
}

static int expect_what(const struct parser *parser, const char *what, struct err *err)
{
	const struct token *token = &parser->lexer.token;
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	if (token->kind == TOKEN_END)
		(void)err_set(err, ERR_INVALID,
			      "the expression ends where %s is expected", what);
	else
		(void)err_set(err, ERR_INVALID, "'%s' stands where %s is expected",
			      token->kind == TOKEN_STRING
				  ? "a string"
				  : text_clean(&scratch, token->text, 60),
			      what);
	return fail_at(parser, token->off, err);
}

static bool is_op(const struct parser *parser, const char *op)
{
	return parser->lexer.token.kind == TOKEN_OP &&
	       str_is(parser->lexer.token.text, op);
}

static int take_op(struct parser *parser, const char *op, struct err *err)
{
	char what[8];
	if (is_op(parser, op))
		return cel_lexer_next(&parser->lexer, err);
	(void)snprintf(what, sizeof(what), "'%s'", op);
	return expect_what(parser, what, err);
}

static struct node *new_node(const struct parser *parser, enum node_kind kind, size_t off)
{
	struct node *node = ARENA_NEW(parser->arena, struct node);
	node->kind = kind;
	node->off = off;
	return node;
}

/* Expressions up to the closing bracket, which is taken. */
static int parse_list(struct parser *parser, const char *close, struct node *into,
		      struct err *err)
{
	int code = 0;
	while (code == 0 && !is_op(parser, close)) {
		struct node *item = NULL;
		code = parse_level(parser, 0, &item, err);
		if (code)
			return code;
		VEC_PUSH(parser->arena, &into->args, item);
		if (!is_op(parser, ","))
			break;
		code = cel_lexer_next(&parser->lexer, err);
	}
	return code ? code : take_op(parser, close, err);
}

static int parse_number(struct parser *parser, bool minus, struct node **out,
			struct err *err)
{
	struct token token = parser->lexer.token;
	struct value *value = NULL;
	uint64_t n = 0;
	if (token.kind == TOKEN_FLOAT) {
		char text[64];
		(void)snprintf(text, sizeof(text), "%s%.*s", minus ? "-" : "",
			       STR_ARG(str_slice(token.text, 0, 60)));
		value = value_new(parser->arena, VALUE_FLOAT);
		value->real = strtod(text, NULL);
	} else if (number_parse(token.text, INT64_MAX, &n)) {
		value = value_int(parser->arena, minus ? -(int64_t)n : (int64_t)n);
	} else {
		(void)err_set(err, ERR_INVALID, "this number is too large");
		return fail_at(parser, token.off, err);
	}
	*out = new_node(parser, NODE_LITERAL, token.off);
	(*out)->literal = value;
	return cel_lexer_next(&parser->lexer, err);
}

/* `has(a.b)` is asked of the member itself. */
static int make_has(const struct parser *parser, struct node *call, struct node **out,
		    struct err *err)
{
	if (call->args.len != 1 || call->args.items[0]->kind != NODE_SELECT) {
		(void)err_set(err, ERR_INVALID, "invalid argument to has() macro");
		return fail_at(parser, call->off, err);
	}
	*out = call->args.items[0];
	(*out)->kind = NODE_HAS;
	return 0;
}

/* A call whose name and `(` were taken; a method's target is its first argument. */
static int parse_call(struct parser *parser, struct str name, size_t off,
		      struct node *target, struct node **out, struct err *err)
{
	struct node *call = new_node(parser, NODE_CALL, off);
	bool has = !target && str_is(name, "has");
	call->name = name;
	call->function = cel_function_find(name, target != NULL);
	if (!call->function && !has)
		return refuse(parser, off, target ? "the method" : "the function", name,
			      err);
	if (target)
		VEC_PUSH(parser->arena, &call->args, target);
	int code = parse_list(parser, ")", call, err);
	if (code)
		return code;
	*out = call;
	if (has)
		return make_has(parser, call, out, err);
	size_t n = call->args.len - 1;
	if (call->args.len == 0 || n < call->function->min || n > call->function->max) {
		(void)err_set(err, ERR_INVALID,
			      "found no matching overload for '%.*s': wrong number of "
			      "arguments",
			      STR_ARG(name));
		return fail_at(parser, off, err);
	}
	return 0;
}

static int parse_ident(struct parser *parser, struct node **out, struct err *err)
{
	struct token token = parser->lexer.token;
	struct node *node = new_node(parser, NODE_LITERAL, token.off);
	int code = cel_lexer_next(&parser->lexer, err);
	*out = node;
	if (code)
		return code;
	if (str_is(token.text, "true") || str_is(token.text, "false")) {
		node->literal = value_bool(parser->arena, str_is(token.text, "true"));
		return 0;
	}
	if (str_is(token.text, "null")) {
		node->literal = value_new(parser->arena, VALUE_NULL);
		return 0;
	}
	if (is_op(parser, "(")) {
		code = cel_lexer_next(&parser->lexer, err);
		return code ? code
			    : parse_call(parser, token.text, token.off, NULL, out, err);
	}
	node->kind = NODE_ROOT;
	node->name = token.text;
	for (size_t i = 0; i < parser->roots->len; i++)
		if (str_is(token.text, parser->roots->items[i]))
			return 0;
	(void)err_set(err, ERR_INVALID,
		      "undeclared reference to '%.*s' (in container '')",
		      STR_ARG(str_slice(token.text, 0, 60)));
	return fail_at(parser, token.off, err);
}

static int parse_primary(struct parser *parser, struct node **out, struct err *err)
{
	struct token token = parser->lexer.token;
	int code = 0;
	switch (token.kind) {
	case TOKEN_IDENT:
		return str_is(token.text, "in") ? expect_what(parser, "a value", err)
						: parse_ident(parser, out, err);
	case TOKEN_INT:
	case TOKEN_FLOAT:
		return parse_number(parser, false, out, err);
	case TOKEN_STRING:
		*out = new_node(parser, NODE_LITERAL, token.off);
		(*out)->literal = value_string(parser->arena, token.string);
		return cel_lexer_next(&parser->lexer, err);
	case TOKEN_END:
	case TOKEN_OP:
		break;
	}
	if (is_op(parser, "(")) {
		code = cel_lexer_next(&parser->lexer, err);
		if (code == 0)
			code = parse_level(parser, 0, out, err);
		return code ? code : take_op(parser, ")", err);
	}
	if (is_op(parser, "[")) {
		*out = new_node(parser, NODE_LIST, token.off);
		code = cel_lexer_next(&parser->lexer, err);
		return code ? code : parse_list(parser, "]", *out, err);
	}
	if (is_op(parser, "{"))
		return refuse(parser, token.off, "a map or message in", STR("{}"), err);
	return expect_what(parser, "a value", err);
}

/* What stands behind a `.`. */
static int parse_member(struct parser *parser, struct node **out, struct err *err)
{
	if (is_op(parser, "?"))
		return refuse(parser, parser->lexer.token.off, "the operator", STR(".?"),
			      err);
	struct token token = parser->lexer.token;
	if (token.kind != TOKEN_IDENT)
		return expect_what(parser, "a field's name", err);
	int code = cel_lexer_next(&parser->lexer, err);
	if (code)
		return code;
	if (is_op(parser, "(")) {
		code = cel_lexer_next(&parser->lexer, err);
		return code ? code
			    : parse_call(parser, token.text, token.off, *out, out, err);
	}
	struct node *node = new_node(parser, NODE_SELECT, token.off);
	node->name = token.text;
	VEC_PUSH(parser->arena, &node->args, *out);
	*out = node;
	return 0;
}

static int parse_index(struct parser *parser, struct node **out, struct err *err)
{
	struct node *node = new_node(parser, NODE_INDEX, parser->lexer.token.off);
	struct node *index = NULL;
	if (is_op(parser, "?"))
		return refuse(parser, node->off, "the operator", STR("[?]"), err);
	int code = parse_level(parser, 0, &index, err);
	if (code)
		return code;
	VEC_PUSH(parser->arena, &node->args, *out);
	VEC_PUSH(parser->arena, &node->args, index);
	*out = node;
	return take_op(parser, "]", err);
}

static int parse_postfix(struct parser *parser, struct node **out, struct err *err)
{
	int code = parse_primary(parser, out, err);
	while (code == 0) {
		bool member = is_op(parser, ".");
		if (is_op(parser, "{"))
			return refuse(parser, parser->lexer.token.off,
				      "a map or message in", STR("{}"), err);
		if (!member && !is_op(parser, "["))
			return 0;
		code = cel_lexer_next(&parser->lexer, err);
		if (code == 0)
			code = member ? parse_member(parser, out, err)
				      : parse_index(parser, out, err);
	}
	return code;
}

static int parse_unary(struct parser *parser, struct node **out, struct err *err)
{
	size_t off = parser->lexer.token.off;
	bool not = is_op(parser, "!");
	int code = 0;
	if (!not &&!is_op(parser, "-"))
		return parse_postfix(parser, out, err);
	if (++parser->depth > LIMIT_CEL_DEPTH) {
		(void)err_set(err, ERR_LIMIT,
			      "the expression is too deep (" LIMIT_FMT ")",
			      LIMIT_ARG(LIMIT_CEL_DEPTH));
		return fail_at(parser, off, err);
	}
	code = cel_lexer_next(&parser->lexer, err);
	if (code)
		return code;
	enum token_kind kind = parser->lexer.token.kind;
	if (!not ) {
		parser->depth--;
		if (kind == TOKEN_INT || kind == TOKEN_FLOAT)
			return parse_number(parser, true, out, err);
		return refuse(parser, off, "the operator", STR("-"), err);
	}
	struct node *node = new_node(parser, NODE_NOT, off);
	struct node *operand = NULL;
	code = parse_unary(parser, &operand, err);
	parser->depth--;
	if (code)
		return code;
	VEC_PUSH(parser->arena, &node->args, operand);
	*out = node;
	return 0;
}

static const struct operator* find_operator(const struct token *token)
{
	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if ((token->kind == TOKEN_OP || token->kind == TOKEN_IDENT) &&
		    str_is(token->text, operators[i].text))
			return &operators[i];
	return NULL;
}

/* The right side of an operator, whose token is the next. */
static int parse_right(struct parser *parser, const struct operator* op,
		       struct node **left, struct err *err)
{
	struct node *node = new_node(parser, op->kind, parser->lexer.token.off);
	struct node *right = NULL;
	if (op->kind == NODE_LITERAL)
		return refuse(parser, node->off, "the operator", str_of(op->text), err);
	VEC_PUSH(parser->arena, &node->args, *left);
	int code = cel_lexer_next(&parser->lexer, err);
	/* the middle of a choice is an `||` at most, as its grammar says */
	if (code == 0)
		code = parse_level(parser, op->kind == NODE_CHOICE ? 1 : op->power,
				   &right, err);
	if (code)
		return code;
	VEC_PUSH(parser->arena, &node->args, right);
	*left = node;
	if (op->kind != NODE_CHOICE)
		return 0;
	code = take_op(parser, ":", err);
	if (code == 0)
		code = parse_level(parser, 0, &right, err);
	if (code == 0)
		VEC_PUSH(parser->arena, &node->args, right);
	return code;
}

/* Operators stronger than `power`. */
static int parse_level(struct parser *parser, int power, struct node **out,
		       struct err *err)
{
	const struct operator* op = NULL;
	if (++parser->depth > LIMIT_CEL_DEPTH) {
		(void)err_set(err, ERR_LIMIT,
			      "the expression is too deep (" LIMIT_FMT ")",
			      LIMIT_ARG(LIMIT_CEL_DEPTH));
		return fail_at(parser, parser->lexer.token.off, err);
	}
	int code = parse_unary(parser, out, err);
	while (code == 0 && (op = find_operator(&parser->lexer.token)) &&
	       op->power > power)
		code = parse_right(parser, op, out, err);
	parser->depth--;
	return code;
}

int cel_parse_expression(struct str text, const struct strings *roots,
			 struct arena *arena, struct node **out, struct err *err)
{
	struct parser parser = { { text, 0, arena, { 0 } }, roots, arena, 0 };
	int code = cel_lexer_next(&parser.lexer, err);
	if (code == 0)
		code = parse_level(&parser, 0, out, err);
	if (code == 0 && parser.lexer.token.kind != TOKEN_END)
		return expect_what(&parser, "an operator or the end", err);
	return code;
}
