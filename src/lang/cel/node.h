/* SPDX-License-Identifier: MIT */
/* What an expression is made of between its text and its value. */
#ifndef LANG_CEL_NODE_H
#define LANG_CEL_NODE_H

#include "base/buf.h"
#include "lang/cel/cel.h"

enum token_kind {
	TOKEN_END,
	TOKEN_IDENT,
	TOKEN_INT,
	TOKEN_FLOAT,
	TOKEN_STRING,
	TOKEN_OP
};

struct token {
	enum token_kind kind;
	struct str text;   /* as written: names, operators, numbers */
	struct str string; /* a literal's value */
	size_t off;
};

struct lexer {
	struct str text;
	size_t off;
	struct arena *arena;
	struct token token; /* the next one */
};

/* Reads the next token into lexer->token. ERR_INVALID, ERR_UNSUPPORTED with position. */
int cel_lexer_next(struct lexer *lexer, struct err *err) MUST_CHECK;
/* Adds the position of an offset of the text to the error; returns its code. */
int cel_lexer_at(struct str text, size_t off, struct err *err);

/* Static types; DYN is what is known at run time only. */
enum type_kind {
	TYPE_DYN,
	TYPE_NULL,
	TYPE_BOOL,
	TYPE_INT,
	TYPE_DOUBLE,
	TYPE_STRING,
	TYPE_MAP, /* of texts to DYN */
	TYPE_LIST,
	TYPE_OPTIONAL
};

struct type {
	enum type_kind kind;
	const struct type *of; /* of LIST and OPTIONAL */
};

enum node_kind {
	NODE_LITERAL,
	NODE_ROOT,   /* name */
	NODE_SELECT, /* args[0].name */
	NODE_HAS,    /* the same, asked for */
	NODE_INDEX,  /* args[0][args[1]] */
	NODE_CALL,   /* function; a method's target is args[0] */
	NODE_LIST,
	NODE_NOT,
	NODE_ADD,
	NODE_EQUAL,
	NODE_UNEQUAL,
	NODE_IN,
	NODE_AND,
	NODE_OR,
	NODE_CHOICE /* args[0] ? args[1] : args[2] */
};

struct node {
	enum node_kind kind;
	size_t off;
	struct str name;
	const struct function *function;
	const struct value *literal;
	const struct type *type;
	VEC_OF(struct node *) args;
};

/* A value while it is computed. */
struct result {
	const struct value *value; /* NULL: an optional without a value */
	bool optional;
};

/* One evaluation. */
struct machine {
	const struct value *roots;
	struct arena *arena;
	size_t steps;
	size_t bytes;
	struct str text; /* for places */
};

struct function {
	const char *name;
	bool method;
	enum type_kind target; /* of args[0]; DYN: any, judged by `check` */
	size_t min, max;       /* further arguments */
	enum type_kind args[3];
	enum type_kind result; /* LIST: of texts */
	int (*call)(struct machine *machine, const struct node *node,
		    const struct result *args, struct result *out, struct err *err);
};

/* The function or method of that name; NULL when the subset has none. */
const struct function *cel_function_find(struct str name, bool method);

/* The whole text as one expression; `roots` are the names that it may begin with.
 * ERR_INVALID with the column; ERR_LIMIT. */
int cel_parse_expression(struct str text, const struct strings *roots,
			 struct arena *arena, struct node **out,
			 struct err *err) MUST_CHECK;
/* Gives every node its type. */
int cel_check_node(struct node *node, struct str text, struct arena *arena,
		   struct err *err) MUST_CHECK;
/* `list(string)`, as CEL's own messages have it. */
const char *cel_type_text(const struct type *type, struct arena *arena);

/* The value, or an error value as CEL has them. ERR_LIMIT when it takes too long or too
 * much. */
int cel_eval_node(struct machine *machine, const struct node *node, struct result *out,
		  struct err *err) MUST_CHECK;
/* Counts bytes that a value takes; ERR_LIMIT. */
int cel_machine_spend(struct machine *machine, size_t bytes, struct err *err) MUST_CHECK;
/* A string with a copy of the bytes; cel_machine_spend() comes before. */
struct value *cel_machine_string(struct machine *machine, struct str s);

#endif
