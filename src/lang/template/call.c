/* SPDX-License-Identifier: MIT */
/* Decides how functions and methods are called: how many arguments, of which types, and
 * what happens to nil. */
#include "lang/template/exec.h"
#include "lang/template/functions.h"

/* What a signature says. */
struct signature {
	const char *params;
	size_t n_params; /* with the variadic one */
	bool is_variadic;
	bool gives_iface;
};

static struct signature read_signature(const char *sig)
{
	struct signature s = { .params = sig };
	while (sig[s.n_params] && sig[s.n_params] != ':' && sig[s.n_params] != '*')
		s.n_params++;
	s.is_variadic = sig[s.n_params] == '*';
	s.gives_iface = strstr(sig, ":a") != NULL;
	return s;
}

static char param_at(const struct signature *s, size_t i)
{
	return s->params[i < s->n_params ? i : s->n_params - 1];
}

static const char *param_type_name(char param)
{
	switch (param) {
	case 's':
		return "string";
	case 'i':
		return "int";
	case 'I':
		return "int64";
	case 'f':
		return "float64";
	case 'b':
		return "bool";
	case 'm':
		return "map[string]interface {}";
	case 't':
		return "time.Time";
	case 'V':
		return "*semver.Version";
	default:
		return "interface {}";
	}
}

/* What a parameter gets for nil; false when it cannot be nil. */
static bool nil_param(char param, struct gval *out)
{
	*out = gval_none();
	if (param == 'a')
		*out = gval_nil_iface();
	else if (param == 'm')
		*out = gval_zero(&gtype_map);
	else if (param != 'v')
		return false;
	return true;
}

static bool is_assignable(struct gval v, char param)
{
	return v.type && strcmp(v.type->name, param_type_name(param)) == 0;
}

static struct gval fit_value(struct exec *e, struct gval v, char param)
{
	struct gval nil;
	if (e->ctx.failed)
		return gval_none();
	if (!v.type) {
		if (nil_param(param, &nil))
			return nil;
		return exec_fail(e, ERR_INVALID, "invalid value; expected %s",
				 param_type_name(param));
	}
	if (param == 'v')
		return v;
	if (param == 'a')
		return gval_box(v);
	if (!is_assignable(v, param))
		return exec_fail(e, ERR_INVALID,
				 "wrong type for value; expected %s; got %s",
				 param_type_name(param), v.type->name);
	v.boxed = false;
	return v;
}

/* A constant where a certain type is wanted. */
static struct gval eval_typed(struct exec *e, const struct node *word, char param)
{
	e->at = word;
	bool number = word->kind == NODE_NUMBER;
	switch (param) {
	case 'b':
		if (word->kind == NODE_BOOL)
			return gval_bool(word->truth);
		return exec_fail_node(e, "expected bool; found ", word, "");
	case 'f':
		if (number && word->number.is_float)
			return gval_float(word->number.real);
		return exec_fail_node(e, "expected float; found ", word, "");
	case 'i':
	case 'I':
		if (number && word->number.is_int)
			return param == 'i' ? gval_int(word->number.integer)
					    : gval_int64(word->number.integer);
		return exec_fail_node(e, "expected integer; found ", word, "");
	case 's':
		if (word->kind == NODE_STRING)
			return gval_string(word->text);
		return exec_fail_node(e, "expected string; found ", word, "");
	default: {
		BUF_CLEANUP struct buf behind = BUF_INIT(ERR_TEXT_BYTES);
		buf_printf(&behind, " for arg of type %s", param_type_name(param));
		return exec_fail_node(e, "can't handle ", word, buf_cstr(&behind));
	}
	}
}

static struct gval eval_arg(struct exec *e, struct gval dot, const struct node *word,
			    char param)
{
	struct gval nil;
	e->at = word;
	switch (word->kind) {
	case NODE_DOT:
		return fit_value(e, dot, param);
	case NODE_NIL:
		if (nil_param(param, &nil))
			return nil;
		return exec_fail(e, ERR_INVALID, "cannot assign nil to %s",
				 param_type_name(param));
	case NODE_FIELD:
	case NODE_VARIABLE:
	case NODE_PIPE:
	case NODE_IDENTIFIER:
	case NODE_CHAIN:
		return fit_value(e, exec_word(e, dot, word, NULL, NULL), param);
	default:
		break;
	}
	if (param == 'a' || param == 'v')
		return fit_value(e, exec_word(e, dot, word, NULL, NULL), param);
	return eval_typed(e, word, param);
}

static bool check_count(struct exec *e, const struct exec_call *call,
			const struct signature *sig, size_t n_words)
{
	size_t n = n_words + (call->final ? 1 : 0);
	if (sig->is_variadic && n + 1 < sig->n_params)
		exec_fail(e, ERR_INVALID,
			  "wrong number of args for %s: want at least %zu got %zu",
			  call->name, sig->n_params - 1, n_words);
	else if (!sig->is_variadic && n != sig->n_params)
		exec_fail(e, ERR_INVALID, "wrong number of args for %s: want %zu got %zu",
			  call->name, sig->n_params, n);
	return !e->ctx.failed;
}

/* `and` and `or` evaluate no more than they need. */
static struct gval call_lazy(struct exec *e, struct gval dot,
			     const struct exec_call *call, bool until)
{
	struct gval v = gval_none();
	for (size_t i = 1; call->words && i < call->words->len; i++) {
		v = eval_arg(e, dot, call->words->items[i], 'v');
		if (e->ctx.failed || gval_is_true(gval_unbox(v)) == until)
			return v;
	}
	return call->final ? fit_value(e, *call->final, 'v') : v;
}

/* A function costs what it may have to read. */
static void charge_texts(struct gctx *ctx, const struct gcall *args)
{
	size_t bytes = 0;
	for (size_t i = 0; i < args->n_args; i++)
		if (gval_kind(args->args[i]) == GKIND_STRING)
			bytes += args->args[i].string.len;
	gctx_step(ctx, bytes / 256);
}

static struct gval run_function(struct exec *e, const struct exec_call *call,
				struct gcall *args, const struct signature *sig)
{
	BUF_CLEANUP struct buf first = BUF_INIT(ERR_TEXT_BYTES);
	if (strcmp(call->name, "call") == 0 && call->words && call->words->len > 1) {
		node_write(&first, call->words->items[1]);
		args->first = buf_cstr(&first);
	}
	charge_texts(&e->ctx, args);
	struct gval v = call->func->run(args);
	if (!e->ctx.failed)
		return sig->gives_iface ? gval_box(v) : v;
	if (!e->fail_at) {
		e->fail_at = call->node;
		if (e->ctx.code != ERR_LIMIT)
			e->ctx.text = arena_printf(e->ctx.arena, "error calling %s: %s",
						   call->name, e->ctx.text);
	}
	return gval_none();
}

struct gval exec_call(struct exec *e, struct gval dot, const struct exec_call *call)
{
	struct signature sig = read_signature(call->func->sig);
	size_t n_words = call->words ? call->words->len - 1 : 0;
	size_t n = n_words + (call->final ? 1 : 0);
	if (e->ctx.failed || !check_count(e, call, &sig, n_words))
		return gval_none();
	if (sig.params[0] == '?')
		return call_lazy(e, dot, call, strcmp(call->name, "or") == 0);
	if (!exec_enter(e))
		return gval_none();
	struct gval *args = gctx_alloc(&e->ctx, n, sizeof(*args));
	for (size_t i = 0; args && i < n_words && !e->ctx.failed; i++)
		args[i] = eval_arg(e, dot, call->words->items[i + 1], param_at(&sig, i));
	if (args && call->final && !e->ctx.failed)
		args[n - 1] = fit_value(e, *call->final, param_at(&sig, n - 1));
	struct gcall gcall = { .ctx = &e->ctx,
			       .args = args,
			       .n_args = n,
			       .receiver = call->receiver,
			       .first = "" };
	struct gval v = e->ctx.failed ? gval_none() : run_function(e, call, &gcall, &sig);
	e->nesting--;
	return v;
}
