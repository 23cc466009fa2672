/* SPDX-License-Identifier: MIT */
/* An expression as a whole: what it must give, and how often it may be asked. */
#include "lang/cel/cel.h"
#include "base/limits.h"
#include "lang/cel/node.h"

struct cel {
	struct node *root;
	struct str text;
};

int cel_compile(struct str text, const struct strings *roots, struct arena *arena,
		struct cel **out, struct err *err)
{
	struct cel *cel = ARENA_NEW(arena, struct cel);
	if (text.len > LIMIT_CEL_BYTES)
		return err_set(err, ERR_LIMIT,
			       "the expression is too long (" LIMIT_FMT ")",
			       LIMIT_ARG(LIMIT_CEL_BYTES));
	if (!str_is_utf8(text, NULL))
		return err_set(err, ERR_INVALID, "the expression is not UTF-8");
	cel->text = arena_str(arena, text);
	int code = cel_parse_expression(cel->text, roots, arena, &cel->root, err);
	if (code == 0)
		code = cel_check_node(cel->root, cel->text, arena, err);
	if (code)
		return code;
	if (cel->root->type->kind != TYPE_STRING)
		return err_set(err, ERR_INVALID,
			       "CEL expression output type mismatch: expected string, "
			       "got %s",
			       cel_type_text(cel->root->type, arena));
	*out = cel;
	return 0;
}

int cel_eval_string(const struct cel *cel, const struct value *roots, struct arena *arena,
		    const char **out, struct err *err)
{
	struct machine machine = { roots, arena, 0, 0, cel->text };
	struct result result = { NULL, false };
	int code = cel_eval_node(&machine, cel->root, &result, err);
	if (code)
		return code;
	if (result.optional || !result.value || result.value->kind != VALUE_STRING)
		return err_set(err, ERR_INVALID,
			       "failed to evaluate CEL expression as string");
	if (result.value->string.len &&
	    memchr(result.value->string.ptr, '\0', result.value->string.len))
		return err_set(err, ERR_INVALID, "the expression gives a text with NUL");
	*out = arena_strndup(arena, result.value->string);
	return 0;
}
