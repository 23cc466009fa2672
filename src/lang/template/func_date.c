/* SPDX-License-Identifier: MIT */
/* sprig's durations. */
#include "base/when.h"
#include "lang/template/functions.h"

static struct gval fn_duration(struct gcall *call)
{
	char text[40];
	struct gval v = call_arg(call, 0);
	int64_t seconds = 0;
	if (gval_kind(v) == GKIND_STRING)
		(void)convert_parse_int(v.string, 10, &seconds);
	else if (gval_kind(v) == GKIND_INT64)
		seconds = v.integer;
	duration_format((int64_t)((uint64_t)seconds * 1000000000u), text);
	return gval_string(gctx_str(call->ctx, str_of(text)));
}

static struct gval fn_duration_round(struct gcall *call)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = {
		{ 365 * 86400000000000u, "y" }, { 30 * 86400000000000u, "mo" },
		{ 86400000000000u, "d" },       { 3600000000000u, "h" },
		{ 60000000000u, "m" },          { 1000000000u, "s" },
	};
	struct gval v = call_arg(call, 0);
	int64_t ns = 0;
	if (gval_kind(v) == GKIND_STRING && !duration_parse_ns(v.string, &ns))
		ns = 0;
	else if (gval_kind(v) == GKIND_INT64)
		ns = v.integer;
	uint64_t size = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (size <= units[i].ns)
			continue;
		char text[32];
		int len =
		    snprintf(text, sizeof(text), "%llu%s",
			     (unsigned long long)(size / units[i].ns), units[i].unit);
		return gval_string(
		    gctx_str(call->ctx, (struct str){ text, (size_t)len }));
	}
	return gval_text("0s");
}

static const struct gfunc rows[] = {
	{ "duration", "a:s", fn_duration },
	{ "durationRound", "a:s", fn_duration_round },
};

const struct gfunc_table functions_date = FUNCTION_TABLE(rows);
