/* SPDX-License-Identifier: MIT */
/* sprig's semver and semverCompare: Masterminds' versions as values with methods. */
#include "base/limits.h"
#include "lang/semver/semver.h"
#include "lang/template/functions.h"

/* What the pointer of a *semver.Version leads to. */
struct version {
	struct semver semver;
	struct str original;
};

static const struct gtype version_type;

static struct gval make_version(struct gcall *call, const struct semver *semver,
				struct str original)
{
	struct version *version = gctx_alloc(call->ctx, 1, sizeof(*version));
	if (!version)
		return gval_none();
	*version = (struct version){ *semver, original };
	return (struct gval){ .type = &version_type, .ptr = version };
}

static const struct version *receiver(const struct gcall *call)
{
	return call->receiver.ptr;
}

static struct str write_version(struct gctx *ctx, const struct semver *semver)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	semver_write(&text, semver);
	return gctx_buf_str(ctx, &text);
}

static struct gval call_string_of(struct gcall *call)
{
	return gval_string(write_version(call->ctx, &receiver(call)->semver));
}

static struct gval call_original(struct gcall *call)
{
	return gval_string(receiver(call)->original);
}

static struct gval call_major(struct gcall *call)
{
	return gval_uint64(receiver(call)->semver.major);
}

static struct gval call_minor(struct gcall *call)
{
	return gval_uint64(receiver(call)->semver.minor);
}

static struct gval call_patch(struct gcall *call)
{
	return gval_uint64(receiver(call)->semver.patch);
}

static struct gval call_prerelease(struct gcall *call)
{
	return gval_string(receiver(call)->semver.pre);
}

static struct gval call_metadata(struct gcall *call)
{
	return gval_string(receiver(call)->semver.meta);
}

static int compare(const struct gcall *call)
{
	const struct version *other = call->args[0].ptr;
	return semver_compare(&receiver(call)->semver, &other->semver);
}

static struct gval call_compare(struct gcall *call)
{
	int order = compare(call);
	return gval_int((order > 0) - (order < 0));
}

static struct gval call_equal(struct gcall *call)
{
	return gval_bool(compare(call) == 0);
}

static struct gval call_less(struct gcall *call)
{
	return gval_bool(compare(call) < 0);
}

static struct gval call_greater(struct gcall *call)
{
	return gval_bool(compare(call) > 0);
}

static struct gval call_less_equal(struct gcall *call)
{
	return gval_bool(compare(call) <= 0);
}

static struct gval call_greater_equal(struct gcall *call)
{
	return gval_bool(compare(call) >= 0);
}

static struct gval bump(struct gcall *call, int part)
{
	struct semver next = receiver(call)->semver;
	if (part == 2)
		next.patch += next.pre.len == 0 ? 1 : 0;
	else
		next.patch = 0;
	if (part == 1)
		next.minor++;
	if (part == 0) {
		next.minor = 0;
		next.major++;
	}
	next.pre = STR("");
	next.meta = STR("");
	return make_version(call, &next, write_version(call->ctx, &next));
}

static struct gval call_inc_major(struct gcall *call)
{
	return bump(call, 0);
}

static struct gval call_inc_minor(struct gcall *call)
{
	return bump(call, 1);
}

static struct gval call_inc_patch(struct gcall *call)
{
	return bump(call, 2);
}

static const struct gfunc version_methods[] = {
	{ "String", ":s", call_string_of },
	{ "Original", ":s", call_original },
	{ "Major", ":u", call_major },
	{ "Minor", ":u", call_minor },
	{ "Patch", ":u", call_patch },
	{ "Prerelease", ":s", call_prerelease },
	{ "Metadata", ":s", call_metadata },
	{ "Compare", "V:i", call_compare },
	{ "Equal", "V:b", call_equal },
	{ "LessThan", "V:b", call_less },
	{ "LessThanEqual", "V:b", call_less_equal },
	{ "GreaterThan", "V:b", call_greater },
	{ "GreaterThanEqual", "V:b", call_greater_equal },
	{ "IncMajor", ":V", call_inc_major },
	{ "IncMinor", ":V", call_inc_minor },
	{ "IncPatch", ":V", call_inc_patch },
};

static const struct gtype version_type = { .kind = GKIND_PTR,
					   .name = "*semver.Version",
					   .methods = version_methods,
					   .n_methods = ARRAY_LEN(version_methods) };

static struct gval fn_semver(struct gcall *call)
{
	struct err err = ERR_INIT;
	struct semver semver;
	if (semver_parse(call_str(call, 0), SEMVER_LOOSE, &semver, &err) != 0)
		return call_fail(call, "%s", err.text);
	return make_version(call, &semver, call_str(call, 0));
}

static struct gval fn_compare(struct gcall *call)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	struct semver_range *range;
	struct semver semver;
	if (!gctx_step(call->ctx, 10 + call_str(call, 0).len))
		return gval_none();
	if (semver_range_new(call_str(call, 0), &arena, &range, &err) != 0 ||
	    semver_parse(call_str(call, 1), SEMVER_LOOSE, &semver, &err) != 0)
		return call_fail(call, "%s", err.text);
	return gval_bool(semver_range_accepts(range, &semver, false));
}

static const struct gfunc rows[] = {
	{ "semver", "s:V", fn_semver },
	{ "semverCompare", "ss:b", fn_compare },
};

const struct gfunc_table functions_semver = FUNCTION_TABLE(rows);
