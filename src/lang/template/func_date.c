/* SPDX-License-Identifier: MIT */
/* sprig's dates and durations. The local time zone is UTC. */
#include "base/limits.h"
#include "base/when.h"
#include "lang/template/functions.h"
#include "lang/template/gtime.h"

static struct gval format_time(struct gcall *call, struct str layout)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_STRING);
	gtime_format(&text, layout, gtime_of(call->receiver));
	return call_string(call, &text);
}

static struct gval call_string_of(struct gcall *call)
{
	return format_time(call, STR("2006-01-02 15:04:05.999999999 -0700 MST"));
}

static struct gval call_format(struct gcall *call)
{
	return format_time(call, call_str(call, 0));
}

static struct gval call_unix(struct gcall *call)
{
	return gval_int64(gtime_of(call->receiver).seconds);
}

static struct gval call_is_zero(struct gcall *call)
{
	struct gtime t = gtime_of(call->receiver);
	return gval_bool(t.seconds == gtime_zero().seconds && t.nanos == 0);
}

/* One number of the calendar, as a layout gives it. */
static struct gval take_number(struct gcall *call, const char *layout)
{
	int64_t n;
	struct gval text = format_time(call, str_of(layout));
	(void)convert_parse_int(text.string, 10, &n);
	return gval_int(n);
}

static struct gval call_year(struct gcall *call)
{
	return take_number(call, "2006");
}

static struct gval call_day(struct gcall *call)
{
	return take_number(call, "2");
}

static struct gval call_hour(struct gcall *call)
{
	return take_number(call, "15");
}

static struct gval call_minute(struct gcall *call)
{
	return take_number(call, "4");
}

static struct gval call_second(struct gcall *call)
{
	return take_number(call, "5");
}

static struct gval call_year_day(struct gcall *call)
{
	return take_number(call, "002");
}

static const struct gfunc time_methods[] = {
	{ "String", ":s", call_string_of }, { "Format", "s:s", call_format },
	{ "Unix", ":I", call_unix },        { "IsZero", ":b", call_is_zero },
	{ "Year", ":i", call_year },        { "Day", ":i", call_day },
	{ "Hour", ":i", call_hour },        { "Minute", ":i", call_minute },
	{ "Second", ":i", call_second },    { "YearDay", ":i", call_year_day },
};

/* names that no template can write */
static const struct gfield time_fields[] = {
	{ .name = "seconds of", .type = &gtype_int64, .hidden = true },
	{ .name = "nanos of", .type = &gtype_int64, .hidden = true },
	{ .name = "offset of", .type = &gtype_int64, .hidden = true },
};

const struct gtype gtime_type = { .kind = GKIND_STRUCT,
				  .name = "time.Time",
				  .fields = time_fields,
				  .n_fields = ARRAY_LEN(time_fields),
				  .methods = time_methods,
				  .n_methods = ARRAY_LEN(time_methods) };

static struct gval time_value(struct gctx *ctx, struct gtime t)
{
	struct gval *fields = gctx_alloc(ctx, 3, sizeof(*fields));
	if (!fields)
		return gval_none();
	fields[0] = gval_int64(t.seconds);
	fields[1] = gval_int64(t.nanos);
	fields[2] = gval_int64(t.offset);
	return gval_struct(&gtime_type, fields);
}

struct gtime gtime_of(struct gval v)
{
	return (struct gtime){ v.fields[0].integer, v.fields[1].integer,
			       v.fields[2].integer };
}

static struct gval read_date(struct gcall *call, bool must)
{
	BUF_CLEANUP struct buf error = BUF_INIT(ERR_TEXT_BYTES);
	struct gtime t = gtime_zero();
	gctx_step(call->ctx, call_str(call, 0).len / 8);
	if (!gtime_parse(call_str(call, 0), call_str(call, 1), &t, &error) && must)
		return call_fail(call, "%s", buf_cstr(&error));
	return time_value(call->ctx, t);
}

static struct gval fn_to_date(struct gcall *call)
{
	return read_date(call, false);
}

static struct gval fn_must_to_date(struct gcall *call)
{
	return read_date(call, true);
}

static struct gval fn_must_modify(struct gcall *call)
{
	int64_t ns;
	struct str text = call_str(call, 0);
	struct gtime t = gtime_of(call->args[1]);
	if (!duration_parse_ns(text, &ns))
		return call_fail(call, "time: invalid duration \"%.*s\"", STR_ARG(text));
	t.seconds += ns / 1000000000;
	t.nanos += ns % 1000000000;
	if (t.nanos < 0) {
		t.nanos += 1000000000;
		t.seconds--;
	} else if (t.nanos >= 1000000000) {
		t.nanos -= 1000000000;
		t.seconds++;
	}
	return time_value(call->ctx, t);
}

static struct gval fn_unix_epoch(struct gcall *call)
{
	BUF_CLEANUP struct buf text = BUF_INIT(32);
	buf_printf(&text, "%lld", (long long)gtime_of(call->args[0]).seconds);
	return call_string(call, &text);
}

static struct gval fn_duration(struct gcall *call)
{
	char text[40];
	struct gval v = call_arg(call, 0);
	int64_t seconds = 0;
	if (gval_kind(v) == GKIND_STRING)
		(void)convert_parse_int(v.string, 10, &seconds);
	else if (gval_kind(v) == GKIND_INT64)
		seconds = v.integer;
	duration_format((int64_t)((uint64_t)seconds * 1000000000U), text);
	return gval_string(gctx_str(call->ctx, str_of(text)));
}

static struct gval fn_duration_round(struct gcall *call)
{
	static const struct {
		uint64_t ns;
		const char *unit;
	} units[] = {
		{ 365 * 86400000000000U, "y" }, { 30 * 86400000000000U, "mo" },
		{ 86400000000000U, "d" },       { 3600000000000U, "h" },
		{ 60000000000U, "m" },          { 1000000000U, "s" },
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
		BUF_CLEANUP struct buf text = BUF_INIT(64);
		buf_printf(&text, "%llu%s", (unsigned long long)(size / units[i].ns),
			   units[i].unit);
		return call_string(call, &text);
	}
	return gval_text("0s");
}

static const struct gfunc rows[] = {
	{ "duration", "a:s", fn_duration },
	{ "durationRound", "a:s", fn_duration_round },
	{ "toDate", "ss:t", fn_to_date },
	{ "mustToDate", "ss:t", fn_must_to_date },
	{ "mustDateModify", "st:t", fn_must_modify },
	{ "must_date_modify", "st:t", fn_must_modify },
	{ "unixEpoch", "t:s", fn_unix_epoch },
};

const struct gfunc_table functions_date = FUNCTION_TABLE(rows);
