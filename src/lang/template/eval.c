/* SPDX-License-Identifier: MIT */
/* Decides what the expressions of a template are worth: fields, variables, pipelines. */
#include "base/limits.h"
#include "lang/template/exec.h"

static struct gval get_var(struct exec *e, struct str name)
{
	for (size_t i = e->vars.len; i > e->vars_base; i--)
		if (str_eq(e->vars.items[i - 1].name, name))
			return e->vars.items[i - 1].value;
	return exec_fail(e, ERR_INVALID, "undefined variable: %.*s", STR_ARG(name));
}

/* A step along a chain of names; words and final belong to the last one. */
struct step {
	struct str name;
	const struct node *node;
	const struct node_list *words;
	const struct gval *final;
};

static bool has_args(const struct step *step)
{
	return (step->words && step->words->len > 1) || step->final;
}

static struct gval call_method(struct exec *e, struct gval dot, const struct step *step,
			       const struct gfunc *method, struct gval receiver)
{
	struct exec_call call = { .func = method,
				  .name = method->name,
				  .node = step->node,
				  .words = step->words,
				  .final = step->final,
				  .receiver = receiver };
	return exec_call(e, dot, &call);
}

static struct gval take_map_entry(struct exec *e, const struct step *step,
				  struct gval map)
{
	if (has_args(step))
		return exec_fail(e, ERR_INVALID, "%.*s is not a method but has arguments",
				 STR_ARG(step->name));
	const struct gval *entry = gval_map_find(map, gval_string(step->name));
	return entry ? *entry : gval_none();
}

static struct gval take_field(struct exec *e, struct gval dot, const struct step *step,
			      struct gval receiver)
{
	const char *type_name = exec_type_name(receiver);
	if (e->ctx.failed || !receiver.type)
		return gval_none();
	if (gval_is_nil_iface(receiver))
		return exec_fail(e, ERR_INVALID, "nil pointer evaluating %s.%.*s",
				 type_name, STR_ARG(step->name));
	receiver.boxed = false;
	const struct gfunc *method = gtype_method(receiver.type, step->name);
	if (method)
		return call_method(e, dot, step, method, receiver);
	if (receiver.type->kind == GKIND_STRUCT) {
		const struct gfield *row;
		const struct gval *field = gval_field(receiver, step->name, &row);
		if (field && has_args(step))
			return exec_fail(
			    e, ERR_INVALID,
			    "%.*s has arguments but cannot be invoked as function",
			    STR_ARG(step->name));
		if (field)
			return *field;
	}
	if (receiver.type->kind == GKIND_MAP && receiver.type->key->kind == GKIND_STRING)
		return take_map_entry(e, step, receiver);
	return exec_fail(e, ERR_INVALID, "can't evaluate field %.*s in type %s",
			 STR_ARG(step->name), type_name);
}

/* The value behind `names` from index `from` on. */
static struct gval take_chain(struct exec *e, struct gval dot, struct gval receiver,
			      const struct step *last, size_t from)
{
	const struct str_list *names = &last->node->idents;
	for (size_t i = from; i < names->len && !e->ctx.failed; i++) {
		struct step step = { .name = names->items[i], .node = last->node };
		if (i + 1 == names->len) {
			step.words = last->words;
			step.final = last->final;
		}
		receiver = take_field(e, dot, &step, receiver);
	}
	return receiver;
}

static struct gval refuse_args(struct exec *e, const struct node *word,
			       const struct node_list *words, const struct gval *final)
{
	if ((words && words->len > 1) || final)
		return exec_fail_node(e, "can't give argument to non-function ", word,
				      "");
	return gval_none();
}

static struct gval eval_constant(struct exec *e, const struct node *node)
{
	const struct node_number *n = &node->number;
	struct str s = node->text;
	e->at = node;
	if (n->is_complex) {
		struct gval v = { .type = &gtype_complex128 };
		v.complex.re = n->real;
		v.complex.im = n->imaginary;
		return v;
	}
	bool hex = s.len > 2 && s.ptr[0] == '0' && (s.ptr[1] == 'x' || s.ptr[1] == 'X') &&
		   str_find_char(s, 'p') == s.len && str_find_char(s, 'P') == s.len;
	bool dotted = false;
	for (size_t i = 0; i < s.len; i++)
		dotted = dotted || strchr(".eEpP", s.ptr[i]);
	if (n->is_float && !hex && s.ptr[0] != '\'' && dotted)
		return gval_float(n->real);
	if (n->is_int)
		return gval_int(n->integer);
	return exec_fail(e, ERR_INVALID, "%.*s overflows int", STR_ARG(s));
}

static struct gval eval_function(struct exec *e, struct gval dot, const struct node *word,
				 const struct node *node, const struct step *step)
{
	e->at = word;
	struct exec_call call = { .func = word->func,
				  .name = word->func->name,
				  .node = node,
				  .words = step->words,
				  .final = step->final };
	return exec_call(e, dot, &call);
}

static struct gval eval_variable(struct exec *e, struct gval dot, const struct node *word,
				 const struct step *step)
{
	e->at = word;
	struct gval v = get_var(e, word->idents.items[0]);
	if (word->idents.len == 1) {
		refuse_args(e, word, step->words, step->final);
		return v;
	}
	return take_chain(e, dot, v, step, 1);
}

static struct gval eval_operand_of_chain(struct exec *e, struct gval dot,
					 const struct node *chain)
{
	e->at = chain;
	if (chain->pipe->kind == NODE_NIL)
		return exec_fail_node(e, "indirection through explicit nil in ", chain,
				      "");
	return exec_word(e, dot, chain->pipe, NULL, NULL);
}

static struct gval eval_plain(struct exec *e, struct gval dot, const struct node *word)
{
	switch (word->kind) {
	case NODE_BOOL:
		return gval_bool(word->truth);
	case NODE_DOT:
		return dot;
	case NODE_NIL:
		return exec_fail(e, ERR_INVALID, "nil is not a command");
	case NODE_NUMBER:
		return eval_constant(e, word);
	case NODE_STRING:
		return gval_string(word->text);
	default:
		return exec_fail_node(e, "can't evaluate command ", word, "");
	}
}

struct gval exec_word(struct exec *e, struct gval dot, const struct node *word,
		      const struct node_list *words, const struct gval *final)
{
	struct step step = { .node = word, .words = words, .final = final };
	switch (word->kind) {
	case NODE_FIELD:
		e->at = word;
		return take_chain(e, dot, dot, &step, 0);
	case NODE_CHAIN:
		return take_chain(e, dot, eval_operand_of_chain(e, dot, word), &step, 0);
	case NODE_IDENTIFIER:
		return eval_function(e, dot, word, word, &step);
	case NODE_PIPE:
		refuse_args(e, word, words, final);
		return exec_pipeline(e, dot, word);
	case NODE_VARIABLE:
		return eval_variable(e, dot, word, &step);
	default:
		e->at = word;
		refuse_args(e, word, words, final);
		return eval_plain(e, dot, word);
	}
}

static struct gval eval_command(struct exec *e, struct gval dot,
				const struct node *command, const struct gval *final)
{
	const struct node *word = command->list.items[0];
	struct step step = { .node = word, .words = &command->list, .final = final };
	if (word->kind == NODE_IDENTIFIER)
		return eval_function(e, dot, word, command, &step);
	return exec_word(e, dot, word, &command->list, final);
}

static struct gval eval_commands(struct exec *e, struct gval dot, const struct node *pipe)
{
	struct gval value = gval_none();
	for (size_t i = 0; i < pipe->list.len && !e->ctx.failed; i++) {
		struct gval final = value;
		value = gval_unbox(
		    eval_command(e, dot, pipe->list.items[i], i > 0 ? &final : NULL));
	}
	return value;
}

struct gval exec_pipeline(struct exec *e, struct gval dot, const struct node *pipe)
{
	e->at = pipe;
	if (!exec_enter(e))
		return gval_none();
	struct gval value = eval_commands(e, dot, pipe);
	for (size_t i = 0; i < pipe->other.len && !e->ctx.failed; i++) {
		struct str name = pipe->other.items[i]->idents.items[0];
		if (pipe->is_assign)
			exec_set_var(e, name, value);
		else
			exec_push_var(e, name, value);
	}
	e->nesting--;
	return value;
}
