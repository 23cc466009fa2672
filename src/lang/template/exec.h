/* SPDX-License-Identifier: MIT */
/* The state of a template that runs, shared by the files that walk statements and
 * evaluate expressions. */
#ifndef LANG_TEMPLATE_EXEC_H
#define LANG_TEMPLATE_EXEC_H

#include "lang/template/node.h"

struct exec_var {
	struct str name;
	struct gval value;
};

struct exec {
	const struct template *tmpl;
	const struct tree *tree; /* which template runs */
	struct gctx ctx;
	struct buf *out;
	const struct node *at;      /* what an error would point at */
	const struct node *fail_at; /* what the error points at; NULL: nothing yet */
	const struct tree *fail_tree;
	VEC_OF(struct exec_var) vars;
	size_t vars_base;   /* where the running template's own begin */
	unsigned nesting;   /* of calls in this program */
	unsigned templates; /* templates that call one another */
};

enum {
	EXEC_NESTING = 1000
};

/* Fails at the current node, with Go's text; returns the invalid value. */
struct gval exec_fail(struct exec *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Fails with `FMT` in which %s is the node as Go shows it. */
struct gval exec_fail_node(struct exec *e, const char *before, const struct node *node,
			   const char *behind);
/* Enters one more level of calls and spends a step; false when it failed. Every true
 * answer is followed by e->nesting--. */
bool exec_enter(struct exec *e);
/* The value of a pipeline; declares and assigns its variables. */
struct gval exec_pipeline(struct exec *e, struct gval dot, const struct node *pipe);
/* Declares a variable, until the frame ends; `name` is borrowed. */
void exec_push_var(struct exec *e, struct str name, struct gval value);
/* Assigns to the innermost variable of that name; fails when there is none. */
void exec_set_var(struct exec *e, struct str name, struct gval value);
/* The name of the type by which Go knows the value where it stands. */
const char *exec_type_name(struct gval v);

/* Calls a function or method. `node` is what errors of the function point at, `words`
 * the command with the name in front (NULL: none), `final` the piped value. */
struct exec_call {
	const struct gfunc *func;
	const char *name;
	const struct node *node;
	const struct node_list *words;
	const struct gval *final; /* NULL: none */
	struct gval receiver;
};

/* Calls a function or method with its words as arguments; the invalid value when it
 * failed. */
struct gval exec_call(struct exec *e, struct gval dot, const struct exec_call *call);
/* What a word is worth that stands where any value may. */
struct gval exec_word(struct exec *e, struct gval dot, const struct node *word,
		      const struct node_list *words, const struct gval *final);

#endif
