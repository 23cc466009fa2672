/* SPDX-License-Identifier: MIT */
/* Decides which function a name means, and which of sprig's are left out. */
#include "lang/template/functions.h"
#include "base/limits.h"
#include "lang/template/template.h"

static const struct gfunc_table *const go_tables[] = { &functions_builtin,
						       &functions_compare };
/* sprig's win over builtins of the same name */
static const struct gfunc_table *const sprig_tables[] = {
	&functions_string, &functions_words,  &functions_list,    &functions_listmore,
	&functions_dict,   &functions_math,   &functions_decimal, &functions_regex,
	&functions_path,   &functions_url,    &functions_encode,  &functions_json,
	&functions_date,   &functions_semver, &functions_logic,
};

static const struct gfunc *find_in(const struct gfunc_table *const *tables, size_t n,
				   struct str name)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < tables[i]->n; k++)
			if (str_is(name, tables[i]->rows[k].name))
				return &tables[i]->rows[k];
	return NULL;
}

const struct gfunc *function_find(struct str name, bool sprig)
{
	const struct gfunc *func = NULL;
	if (sprig)
		func = find_in(sprig_tables, ARRAY_LEN(sprig_tables), name);
	return func ? func : find_in(go_tables, ARRAY_LEN(go_tables), name);
}

bool function_is_left_out(struct str name)
{
	static const char *const names[] = {
		"ago",
		"bcrypt",
		"buildCustomCert",
		"decryptAES",
		"derivePassword",
		"encryptAES",
		"genCA",
		"genCAWithKey",
		"genPrivateKey",
		"genSelfSignedCert",
		"genSelfSignedCertWithKey",
		"genSignedCert",
		"genSignedCertWithKey",
		"htpasswd",
		"randInt",
		"shuffle",
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

struct gval call_fail(struct gcall *call, const char *fmt, ...)
{
	BUF_CLEANUP struct buf text = BUF_INIT(ERR_TEXT_BYTES);
	va_list ap;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	gctx_fail(call->ctx, ERR_INVALID, "%s",
		  text.full ? "a text that is too long to show" : buf_cstr(&text));
	return gval_none();
}

struct gval call_string(struct gcall *call, const struct buf *buf)
{
	return gval_string(gctx_buf_str(call->ctx, buf));
}

struct gval call_arg(const struct gcall *call, size_t i)
{
	return i < call->n_args ? gval_unbox(call->args[i]) : gval_none();
}

struct str call_str(const struct gcall *call, size_t i)
{
	return call->args[i].string;
}

int64_t call_int(const struct gcall *call, size_t i)
{
	return call->args[i].integer;
}
