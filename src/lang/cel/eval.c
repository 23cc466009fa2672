/* SPDX-License-Identifier: MIT */
/* Values of expressions, with every step and byte counted; errors of `&&` and `||` are
 * forgotten when the other side decides. */
#include "base/limits.h"
#include "base/text.h"
#include "lang/cel/node.h"

int cel_machine_spend(struct machine *machine, size_t bytes, struct err *err)
{
	machine->bytes += bytes;
	if (machine->bytes <= LIMIT_CEL_MEMORY)
		return 0;
	return err_set(err, ERR_LIMIT, "the expression makes too much (" LIMIT_FMT ")",
		       LIMIT_ARG(LIMIT_CEL_MEMORY));
}

struct value *cel_machine_string(struct machine *machine, struct str s)
{
	return value_string(machine->arena, arena_str(machine->arena, s));
}

static int fail(const struct machine *machine, const struct node *node, const char *text,
		struct err *err)
{
	(void)err_set(err, ERR_INVALID, "%s", text);
	return cel_lexer_at(machine->text, node->off, err);
}

static int no_such_key(const struct machine *machine, const struct node *node,
		       struct str key, struct err *err)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	(void)err_set(err, ERR_INVALID, "no such key: %s",
		      text_clean(&scratch, key, 120));
	return cel_lexer_at(machine->text, node->off, err);
}

static int eval_args(struct machine *machine, const struct node *node, struct result *out,
		     struct err *err)
{
	for (size_t i = 0; i < node->args.len; i++) {
		int code = cel_eval_node(machine, node->args.items[i], &out[i], err);
		if (code)
			return code;
	}
	return 0;
}

static bool is_kind(const struct result *result, enum value_kind kind)
{
	return !result->optional && result->value && result->value->kind == kind;
}

static int eval_bool(struct machine *machine, const struct node *node, bool *out,
		     struct err *err)
{
	struct result result = { NULL, false };
	int code = cel_eval_node(machine, node, &result, err);
	if (code)
		return code;
	if (!is_kind(&result, VALUE_BOOL))
		return fail(machine, node, "no such overload", err);
	*out = result.value->boolean;
	return 0;
}

static void give_bool(struct machine *machine, bool value, struct result *out)
{
	out->value = value_bool(machine->arena, value);
	out->optional = false;
}

static int eval_select(struct machine *machine, const struct node *node,
		       struct result *out, struct err *err)
{
	struct result of = { NULL, false };
	int code = cel_eval_node(machine, node->args.items[0], &of, err);
	if (code)
		return code;
	if (!is_kind(&of, VALUE_MAP))
		return fail(machine, node, "no such overload", err);
	const struct value *found = value_get_str(of.value, node->name);
	if (node->kind == NODE_HAS)
		give_bool(machine, found != NULL, out);
	else if (found)
		*out = (struct result){ found, false };
	else
		return no_such_key(machine, node, node->name, err);
	return 0;
}

static int eval_index(struct machine *machine, const struct node *node,
		      struct result *out, struct err *err)
{
	struct result args[2] = { { NULL, false }, { NULL, false } };
	int code = eval_args(machine, node, args, err);
	if (code)
		return code;
	if (is_kind(&args[0], VALUE_MAP) && is_kind(&args[1], VALUE_STRING)) {
		out->value = value_get_str(args[0].value, args[1].value->string);
		return out->value
			   ? 0
			   : no_such_key(machine, node, args[1].value->string, err);
	}
	if (!is_kind(&args[0], VALUE_LIST) || !is_kind(&args[1], VALUE_INT))
		return fail(machine, node, "no such overload", err);
	int64_t i = args[1].value->integer;
	if (i < 0 || (uint64_t)i >= args[0].value->list.len)
		return fail(machine, node, "index out of bounds", err);
	out->value = args[0].value->list.items[i];
	return 0;
}

static int eval_list(struct machine *machine, const struct node *node, struct result *out,
		     struct err *err)
{
	struct value *list = value_new(machine->arena, VALUE_LIST);
	for (size_t i = 0; i < node->args.len; i++) {
		struct result item = { NULL, false };
		int code = cel_eval_node(machine, node->args.items[i], &item, err);
		if (code == 0)
			code = cel_machine_spend(machine, sizeof(struct value), err);
		if (code)
			return code;
		if (item.optional)
			return fail(machine, node, "no such overload", err);
		struct value *copy = ARENA_NEW(machine->arena, struct value);
		*copy = *item.value;
		value_append(machine->arena, list, copy);
	}
	out->value = list;
	return 0;
}

static int add_lists(struct machine *machine, const struct value *a,
		     const struct value *b, struct result *out, struct err *err)
{
	int code =
	    cel_machine_spend(machine, (a->list.len + b->list.len) * sizeof(void *), err);
	if (code)
		return code;
	struct value *list = value_new(machine->arena, VALUE_LIST);
	for (size_t i = 0; i < a->list.len; i++)
		value_append(machine->arena, list, a->list.items[i]);
	for (size_t i = 0; i < b->list.len; i++)
		value_append(machine->arena, list, b->list.items[i]);
	out->value = list;
	return 0;
}

static int add_strings(struct machine *machine, struct str a, struct str b,
		       struct result *out, struct err *err)
{
	int code = cel_machine_spend(machine, a.len + b.len + 1, err);
	if (code)
		return code;
	char *bytes = ARENA_ARRAY(machine->arena, char, a.len + b.len + 1);
	if (a.len)
		memcpy(bytes, a.ptr, a.len);
	if (b.len)
		memcpy(bytes + a.len, b.ptr, b.len);
	out->value = value_string(machine->arena, (struct str){ bytes, a.len + b.len });
	return 0;
}

static int eval_add(struct machine *machine, const struct node *node, struct result *out,
		    struct err *err)
{
	struct result args[2] = { { NULL, false }, { NULL, false } };
	int code = eval_args(machine, node, args, err);
	if (code)
		return code;
	const struct value *a = args[0].value;
	const struct value *b = args[1].value;
	if (!a || !b || args[0].optional || args[1].optional || a->kind != b->kind)
		return fail(machine, node, "no such overload", err);
	if (a->kind == VALUE_STRING)
		return add_strings(machine, a->string, b->string, out, err);
	if (a->kind == VALUE_LIST)
		return add_lists(machine, a, b, out, err);
	if (a->kind == VALUE_INT) {
		int64_t sum = 0;
		if (__builtin_add_overflow(a->integer, b->integer, &sum))
			return fail(machine, node, "integer overflow", err);
		out->value = value_int(machine->arena, sum);
		return 0;
	}
	if (a->kind != VALUE_FLOAT)
		return fail(machine, node, "no such overload", err);
	struct value *sum = value_new(machine->arena, VALUE_FLOAT);
	sum->real = a->real + b->real;
	out->value = sum;
	return 0;
}

static bool is_equal(const struct result *a, const struct result *b)
{
	if (a->optional != b->optional || !a->value || !b->value)
		return a->optional == b->optional && a->value == b->value;
	if (a->value->kind == VALUE_INT && b->value->kind == VALUE_FLOAT)
		return (double)a->value->integer == b->value->real;
	if (a->value->kind == VALUE_FLOAT && b->value->kind == VALUE_INT)
		return a->value->real == (double)b->value->integer;
	return value_equal(a->value, b->value);
}

static int eval_equal(struct machine *machine, const struct node *node,
		      struct result *out, struct err *err)
{
	struct result args[2] = { { NULL, false }, { NULL, false } };
	int code = eval_args(machine, node, args, err);
	if (code)
		return code;
	give_bool(machine, is_equal(&args[0], &args[1]) == (node->kind == NODE_EQUAL),
		  out);
	return 0;
}

static int eval_in(struct machine *machine, const struct node *node, struct result *out,
		   struct err *err)
{
	struct result args[2] = { { NULL, false }, { NULL, false } };
	bool found = false;
	int code = eval_args(machine, node, args, err);
	if (code)
		return code;
	if (is_kind(&args[1], VALUE_MAP) && is_kind(&args[0], VALUE_STRING)) {
		found = value_get_str(args[1].value, args[0].value->string) != NULL;
	} else if (is_kind(&args[1], VALUE_LIST)) {
		machine->steps += args[1].value->list.len;
		for (size_t i = 0; !found && i < args[1].value->list.len; i++) {
			const struct result item = { args[1].value->list.items[i],
						     false };
			found = is_equal(&args[0], &item);
		}
	} else {
		return fail(machine, node, "no such overload", err);
	}
	give_bool(machine, found, out);
	return 0;
}

/* Either side may decide alone, even when the other fails. */
static int eval_logic(struct machine *machine, const struct node *node,
		      struct result *out, struct err *err)
{
	bool decides = node->kind == NODE_OR;
	bool left = false;
	bool right = false;
	struct err second = ERR_INIT;
	int code = eval_bool(machine, node->args.items[0], &left, err);
	if (code == ERR_LIMIT)
		return code;
	if (code == 0 && left == decides) {
		give_bool(machine, decides, out);
		return 0;
	}
	int other = eval_bool(machine, node->args.items[1], &right, &second);
	if (other == ERR_LIMIT || (other && code == 0))
		*err = second;
	if (other == ERR_LIMIT)
		return other;
	if (other == 0 && right == decides) {
		give_bool(machine, decides, out);
		return 0;
	}
	if (code || other)
		return code ? code : other;
	give_bool(machine, !decides, out);
	return 0;
}

static int eval_choice(struct machine *machine, const struct node *node,
		       struct result *out, struct err *err)
{
	bool yes = false;
	int code = eval_bool(machine, node->args.items[0], &yes, err);
	return code ? code
		    : cel_eval_node(machine, node->args.items[yes ? 1 : 2], out, err);
}

static int eval_call(struct machine *machine, const struct node *node, struct result *out,
		     struct err *err)
{
	struct result args[4] = { { NULL, false } };
	int code = eval_args(machine, node, args, err);
	if (code)
		return code;
	code = node->function->call(machine, node, args, out, err);
	if (code && err->line == 0)
		return cel_lexer_at(machine->text, node->off, err);
	return code;
}

int cel_eval_node(struct machine *machine, const struct node *node, struct result *out,
		  struct err *err)
{
	bool yes = false;
	int code = 0;
	*out = (struct result){ NULL, false };
	if (++machine->steps > LIMIT_CEL_STEPS)
		return err_set(err, ERR_LIMIT,
			       "the expression takes too long (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_CEL_STEPS));
	switch (node->kind) {
	case NODE_LITERAL:
		out->value = node->literal;
		return 0;
	case NODE_ROOT:
		out->value = value_get_str(machine->roots, node->name);
		return out->value ? 0 : no_such_key(machine, node, node->name, err);
	case NODE_SELECT:
	case NODE_HAS:
		return eval_select(machine, node, out, err);
	case NODE_INDEX:
		return eval_index(machine, node, out, err);
	case NODE_CALL:
		return eval_call(machine, node, out, err);
	case NODE_LIST:
		return eval_list(machine, node, out, err);
	case NODE_NOT:
		code = eval_bool(machine, node->args.items[0], &yes, err);
		if (code == 0)
			give_bool(machine, !yes, out);
		return code;
	case NODE_ADD:
		return eval_add(machine, node, out, err);
	case NODE_EQUAL:
	case NODE_UNEQUAL:
		return eval_equal(machine, node, out, err);
	case NODE_IN:
		return eval_in(machine, node, out, err);
	case NODE_AND:
	case NODE_OR:
		return eval_logic(machine, node, out, err);
	case NODE_CHOICE:
		return eval_choice(machine, node, out, err);
	}
	return err_set(err, ERR_INTERNAL, "a node of no kind");
}
