/* SPDX-License-Identifier: MIT */
/* A parsed template: the tree that the parser makes and the executor walks. */
#ifndef LANG_TEMPLATE_NODE_H
#define LANG_TEMPLATE_NODE_H

#include "base/buf.h"
#include "base/vec.h"
#include "lang/template/gval.h"

enum node_kind {
	NODE_TEXT,
	NODE_ACTION,
	NODE_IF,
	NODE_RANGE,
	NODE_WITH,
	NODE_TEMPLATE,
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_END,  /* only while parsing */
	NODE_ELSE, /* only while parsing */
	NODE_PIPE,
	NODE_COMMAND,
	NODE_IDENTIFIER,
	NODE_VARIABLE,
	NODE_FIELD,
	NODE_CHAIN,
	NODE_DOT,
	NODE_NIL,
	NODE_BOOL,
	NODE_NUMBER,
	NODE_STRING
};

struct node;

struct node_list {
	struct node **items;
	size_t len, cap;
};

struct str_list {
	struct str *items;
	size_t len, cap;
};

/* What a number constant can stand for. */
struct node_number {
	bool is_int, is_uint, is_float, is_complex;
	int64_t integer;
	uint64_t natural;
	double real, imaginary;
};

struct node {
	enum node_kind kind;
	uint32_t pos; /* byte offset in the template's text */
	/* TEXT, STRING: the text; NUMBER, IDENTIFIER: as written; TEMPLATE: its name */
	struct str text;
	struct str quoted;      /* STRING as written */
	struct node_list list;  /* COMMAND: words; PIPE: commands; IF, ..: body */
	struct node_list other; /* the else branch; PIPE: declared variables */
	bool has_other;         /* there is an else branch */
	bool is_assign;         /* PIPE: `=`, not `:=` */
	bool truth;             /* BOOL */
	struct node *pipe; /* of ACTION, IF, RANGE, WITH, TEMPLATE; CHAIN: its operand */
	struct str_list idents;   /* FIELD, CHAIN: names; VARIABLE: `$x` and names */
	const struct gfunc *func; /* IDENTIFIER */
	struct node_number number;
};

/* One named template: the main text, a define or a block. */
struct tree {
	struct str name;
	struct node_list root;
	bool empty; /* holds nothing but blanks and definitions */
};

struct template
{
	const char *name;
	struct str text;
	VEC_OF(struct tree) trees;
	struct tree
	    *main; /* NULL while the main text is empty and replaced by a define */
	bool has_sprig;
};

/* The tree of that name, NULL when there is none. */
struct tree *template_find(const struct template *tmpl, struct str name);
/* Appends a node as Go's error texts show it. */
void node_write(struct buf *out, const struct node *node);
/* 1-based line and 0-based column in bytes of an offset, as Go counts them. */
void template_place(const struct template *tmpl, uint32_t pos, uint32_t *line,
		    uint32_t *col);

#endif
