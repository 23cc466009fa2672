/* SPDX-License-Identifier: MIT */
/* sprig's defaults, choices and questions about types. */
#include "lang/template/functions.h"
#include "lang/template/gfmt.h"

static struct gval fn_default(struct gcall *call)
{
	struct gval given = call_arg(call, 1);
	return !gval_is_true(given) ? call_arg(call, 0) : given;
}

static struct gval fn_empty(struct gcall *call)
{
	return gval_bool(!gval_is_true(call_arg(call, 0)));
}

static struct gval fn_coalesce(struct gcall *call)
{
	for (size_t i = 0; i < call->n_args; i++)
		if (gval_is_true(call_arg(call, i)))
			return call_arg(call, i);
	return gval_none();
}

static struct gval fn_all(struct gcall *call)
{
	for (size_t i = 0; i < call->n_args; i++)
		if (!gval_is_true(call_arg(call, i)))
			return gval_bool(false);
	return gval_bool(true);
}

static struct gval fn_any(struct gcall *call)
{
	for (size_t i = 0; i < call->n_args; i++)
		if (gval_is_true(call_arg(call, i)))
			return gval_bool(true);
	return gval_bool(false);
}

static struct gval fn_ternary(struct gcall *call)
{
	return call_arg(call, call->args[2].boolean ? 0 : 1);
}

static struct gval fn_fail(struct gcall *call)
{
	struct str text = call_str(call, 0);
	return call_fail(call, "%.*s", STR_ARG(text));
}

static struct gval fn_hello(struct gcall *call)
{
	(void)call;
	return gval_text("Hello!");
}

static struct gval fn_type_of(struct gcall *call)
{
	return gval_text(gfmt_type_name(call_arg(call, 0)));
}

static struct gval fn_type_is(struct gcall *call)
{
	return gval_bool(str_is(call_str(call, 0), gfmt_type_name(call_arg(call, 1))));
}

static struct gval fn_type_is_like(struct gcall *call)
{
	struct str want = call_str(call, 0);
	struct str name = str_of(gfmt_type_name(call_arg(call, 1)));
	if (str_eq(want, name))
		return gval_bool(true);
	return gval_bool(str_starts(name, STR("*")) && str_eq(want, str_from(name, 1)));
}

static struct gval fn_kind_of(struct gcall *call)
{
	return gval_text(gkind_name(gval_kind(call_arg(call, 0))));
}

static struct gval fn_kind_is(struct gcall *call)
{
	struct gval v = call_arg(call, 1);
	return gval_bool(str_is(call_str(call, 0), gkind_name(gval_kind(v))));
}

static struct gval fn_deep_equal(struct gcall *call)
{
	return gval_bool(
	    gval_deep_equal(call->ctx, call_arg(call, 0), call_arg(call, 1)));
}

static const struct gfunc rows[] = {
	{ "default", "aa*:a", fn_default },
	{ "empty", "a:b", fn_empty },
	{ "coalesce", "a*:a", fn_coalesce },
	{ "all", "a*:b", fn_all },
	{ "any", "a*:b", fn_any },
	{ "ternary", "aab:a", fn_ternary },
	{ "fail", "s:s", fn_fail },
	{ "hello", ":s", fn_hello },
	{ "typeOf", "a:s", fn_type_of },
	{ "typeIs", "sa:b", fn_type_is },
	{ "typeIsLike", "sa:b", fn_type_is_like },
	{ "kindOf", "a:s", fn_kind_of },
	{ "kindIs", "sa:b", fn_kind_is },
	{ "deepEqual", "aa:b", fn_deep_equal },
};

const struct gfunc_table functions_logic = FUNCTION_TABLE(rows);
