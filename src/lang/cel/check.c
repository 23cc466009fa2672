/* SPDX-License-Identifier: MIT */
/* Static types: what an expression gives is known before any event, or DYN. */
#include "lang/cel/node.h"

static const struct type type_dyn = { TYPE_DYN, NULL };
static const struct type type_null = { TYPE_NULL, NULL };
static const struct type type_bool = { TYPE_BOOL, NULL };
static const struct type type_int = { TYPE_INT, NULL };
static const struct type type_double = { TYPE_DOUBLE, NULL };
static const struct type type_string = { TYPE_STRING, NULL };
static const struct type type_map = { TYPE_MAP, NULL };
static const struct type type_strings = { TYPE_LIST, &type_string };

static const struct type *const simple[] = {
	[TYPE_DYN] = &type_dyn,       [TYPE_NULL] = &type_null,
	[TYPE_BOOL] = &type_bool,     [TYPE_INT] = &type_int,
	[TYPE_DOUBLE] = &type_double, [TYPE_STRING] = &type_string,
	[TYPE_MAP] = &type_map,       [TYPE_LIST] = &type_strings,
};

struct checker {
	struct str text;
	struct arena *arena;
};

const char *cel_type_text(const struct type *type, struct arena *arena)
{
	switch (type->kind) {
	case TYPE_DYN:
		return "dyn";
	case TYPE_NULL:
		return "null";
	case TYPE_BOOL:
		return "bool";
	case TYPE_INT:
		return "int";
	case TYPE_DOUBLE:
		return "double";
	case TYPE_STRING:
		return "string";
	case TYPE_MAP:
		return "map(string, dyn)";
	case TYPE_LIST:
		return arena_printf(arena, "list(%s)", cel_type_text(type->of, arena));
	case TYPE_OPTIONAL:
		return arena_printf(arena, "optional_type(%s)",
				    cel_type_text(type->of, arena));
	}
	return "dyn";
}

static bool is_dyn(const struct type *type)
{
	return type->kind == TYPE_DYN;
}

static bool fit(const struct type *a, const struct type *b)
{
	if (is_dyn(a) || is_dyn(b))
		return true;
	if (a->kind != b->kind)
		return false;
	return !a->of || !b->of || fit(a->of, b->of);
}

static bool is_or_dyn(const struct type *type, enum type_kind kind)
{
	return is_dyn(type) || type->kind == kind;
}

static int refuse(const struct checker *checker, const struct node *node,
		  const char *function, struct err *err)
{
	struct buf types BUF_CLEANUP = BUF_INIT(1024);
	for (size_t i = 0; i < node->args.len; i++)
		(void)buf_printf(
		    &types, "%s%s", i ? ", " : "",
		    cel_type_text(node->args.items[i]->type, checker->arena));
	(void)err_set(err, ERR_INVALID,
		      "found no matching overload for '%s' applied to '(%s)'", function,
		      buf_cstr(&types));
	return cel_lexer_at(checker->text, node->off, err);
}

static const struct type *literal_type(const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		return &type_null;
	case VALUE_BOOL:
		return &type_bool;
	case VALUE_INT:
		return &type_int;
	case VALUE_FLOAT:
		return &type_double;
	case VALUE_STRING:
		return &type_string;
	case VALUE_LIST:
	case VALUE_MAP:
		break;
	}
	return &type_dyn;
}

static int check_select(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *of = node->args.items[0]->type;
	if (!is_or_dyn(of, TYPE_MAP)) {
		(void)err_set(err, ERR_INVALID,
			      "type '%s' does not support field selection",
			      cel_type_text(of, checker->arena));
		return cel_lexer_at(checker->text, node->off, err);
	}
	node->type = node->kind == NODE_HAS ? &type_bool : &type_dyn;
	return 0;
}

static int check_index(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *of = node->args.items[0]->type;
	const struct type *key = node->args.items[1]->type;
	node->type = &type_dyn;
	if (of->kind == TYPE_LIST && is_or_dyn(key, TYPE_INT))
		node->type = of->of;
	else if (!(of->kind == TYPE_MAP && is_or_dyn(key, TYPE_STRING)) && !is_dyn(of))
		return refuse(checker, node, "_[_]", err);
	return 0;
}

static int check_add(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *a = node->args.items[0]->type;
	const struct type *b = node->args.items[1]->type;
	const struct type *known = is_dyn(a) ? b : a;
	bool adds = known->kind == TYPE_INT || known->kind == TYPE_DOUBLE ||
		    known->kind == TYPE_STRING || known->kind == TYPE_LIST ||
		    is_dyn(known);
	if (!adds || !fit(a, b))
		return refuse(checker, node, "_+_", err);
	node->type = known;
	return 0;
}

static int check_choice(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *a = node->args.items[1]->type;
	const struct type *b = node->args.items[2]->type;
	if (!is_or_dyn(node->args.items[0]->type, TYPE_BOOL) || !fit(a, b))
		return refuse(checker, node, "_?_:_", err);
	node->type = is_dyn(b) ? b : a;
	return 0;
}

static int check_list(const struct checker *checker, struct node *node)
{
	struct type *type = ARENA_NEW(checker->arena, struct type);
	type->kind = TYPE_LIST;
	type->of = node->args.len ? node->args.items[0]->type : &type_dyn;
	for (size_t i = 1; i < node->args.len; i++)
		if (type->of->kind != node->args.items[i]->type->kind)
			type->of = &type_dyn;
	node->type = type;
	return 0;
}

static int check_in(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *item = node->args.items[0]->type;
	const struct type *of = node->args.items[1]->type;
	node->type = &type_bool;
	if (is_dyn(of) || (of->kind == TYPE_MAP && is_or_dyn(item, TYPE_STRING)) ||
	    (of->kind == TYPE_LIST && fit(item, of->of)))
		return 0;
	return refuse(checker, node, "@in", err);
}

/* What first(), last() and value() give depends on what they are asked of. */
static const struct type *result_of(const struct checker *checker,
				    const struct function *function,
				    const struct type *target)
{
	if (function->result == TYPE_OPTIONAL) {
		struct type *type = ARENA_NEW(checker->arena, struct type);
		type->kind = TYPE_OPTIONAL;
		type->of = target->kind == TYPE_LIST ? target->of : &type_dyn;
		return type;
	}
	if (function->target == TYPE_OPTIONAL)
		return target->of ? target->of : &type_dyn;
	return simple[function->result];
}

static bool takes_target(const struct function *function, const struct type *type)
{
	if (is_dyn(type) || function->target == type->kind)
		return true;
	if (function->target != TYPE_DYN)
		return false;
	/* size() and string() */
	if (function->result == TYPE_INT)
		return type->kind == TYPE_STRING || type->kind == TYPE_LIST ||
		       type->kind == TYPE_MAP;
	return type->kind == TYPE_STRING || type->kind == TYPE_INT ||
	       type->kind == TYPE_DOUBLE || type->kind == TYPE_BOOL;
}

static int check_call(const struct checker *checker, struct node *node, struct err *err)
{
	const struct function *function = node->function;
	bool fits = takes_target(function, node->args.items[0]->type);
	for (size_t i = 1; fits && i < node->args.len; i++)
		fits = is_or_dyn(node->args.items[i]->type, function->args[i - 1]);
	if (!fits)
		return refuse(checker, node, function->name, err);
	node->type = result_of(checker, function, node->args.items[0]->type);
	return 0;
}

static int check_bools(const struct checker *checker, struct node *node,
		       const char *function, struct err *err)
{
	node->type = &type_bool;
	for (size_t i = 0; i < node->args.len; i++)
		if (!is_or_dyn(node->args.items[i]->type, TYPE_BOOL))
			return refuse(checker, node, function, err);
	return 0;
}

static int check_equal(const struct checker *checker, struct node *node, struct err *err)
{
	const struct type *a = node->args.items[0]->type;
	const struct type *b = node->args.items[1]->type;
	node->type = &type_bool;
	return fit(a, b) ? 0
			 : refuse(checker, node,
				  node->kind == NODE_EQUAL ? "_==_" : "_!=_", err);
}

static int check_one(const struct checker *checker, struct node *node, struct err *err)
{
	switch (node->kind) {
	case NODE_LITERAL:
		node->type = literal_type(node->literal);
		return 0;
	case NODE_ROOT:
		node->type = &type_map;
		return 0;
	case NODE_SELECT:
	case NODE_HAS:
		return check_select(checker, node, err);
	case NODE_INDEX:
		return check_index(checker, node, err);
	case NODE_CALL:
		return check_call(checker, node, err);
	case NODE_LIST:
		return check_list(checker, node);
	case NODE_NOT:
		return check_bools(checker, node, "!_", err);
	case NODE_ADD:
		return check_add(checker, node, err);
	case NODE_EQUAL:
	case NODE_UNEQUAL:
		return check_equal(checker, node, err);
	case NODE_IN:
		return check_in(checker, node, err);
	case NODE_AND:
		return check_bools(checker, node, "_&&_", err);
	case NODE_OR:
		return check_bools(checker, node, "_||_", err);
	case NODE_CHOICE:
		return check_choice(checker, node, err);
	}
	return err_set(err, ERR_INTERNAL, "a node of no kind");
}

/* As deep as the text is long, which is bounded. */
int cel_check_node(struct node *node, struct str text, struct arena *arena,
		   struct err *err)
{
	const struct checker checker = { text, arena };
	for (size_t i = 0; i < node->args.len; i++) {
		int code = cel_check_node(node->args.items[i], text, arena, err);
		if (code)
			return code;
	}
	return check_one(&checker, node, err);
}
