/* SPDX-License-Identifier: MIT */
/* Decides how Go's layouts read and write points in time. */
#include "lang/template/gtime.h"
#include "base/cursor.h"
#include "base/when.h"
#include "lang/template/quote.h"

/* What one piece of a layout stands for. */
enum field {
	FIELD_NONE,
	FIELD_YEAR,
	FIELD_YEAR2,
	FIELD_MONTH_LONG,
	FIELD_MONTH_SHORT,
	FIELD_MONTH,
	FIELD_MONTH2,
	FIELD_WEEKDAY_LONG,
	FIELD_WEEKDAY_SHORT,
	FIELD_DAY,
	FIELD_DAY_BLANK,
	FIELD_DAY2,
	FIELD_YEARDAY,
	FIELD_HOUR24,
	FIELD_HOUR12,
	FIELD_HOUR12_2,
	FIELD_MINUTE,
	FIELD_MINUTE2,
	FIELD_SECOND,
	FIELD_SECOND2,
	FIELD_PM,
	FIELD_PM_LOWER,
	FIELD_ZONE,       /* MST */
	FIELD_OFFSET,     /* -0700, -07:00, -07, with Z: Z0700 ... */
	FIELD_FRACTION,   /* .000 */
	FIELD_FRACTION_9, /* .999: without zeros at the end */
};

struct piece {
	struct str before; /* plain text */
	enum field field;
	struct str text; /* of the field in the layout */
};

static const struct {
	const char *text;
	enum field field;
} fields[] = {
	/* longer ones first */
	{ "January", FIELD_MONTH_LONG },
	{ "Jan", FIELD_MONTH_SHORT },
	{ "Monday", FIELD_WEEKDAY_LONG },
	{ "Mon", FIELD_WEEKDAY_SHORT },
	{ "MST", FIELD_ZONE },
	{ "2006", FIELD_YEAR },
	{ "002", FIELD_YEARDAY },
	{ "01", FIELD_MONTH2 },
	{ "02", FIELD_DAY2 },
	{ "03", FIELD_HOUR12_2 },
	{ "04", FIELD_MINUTE2 },
	{ "05", FIELD_SECOND2 },
	{ "06", FIELD_YEAR2 },
	{ "15", FIELD_HOUR24 },
	{ "1", FIELD_MONTH },
	{ "2", FIELD_DAY },
	{ "3", FIELD_HOUR12 },
	{ "4", FIELD_MINUTE },
	{ "5", FIELD_SECOND },
	{ "_2", FIELD_DAY_BLANK },
	{ "PM", FIELD_PM },
	{ "pm", FIELD_PM_LOWER },
	{ "-07:00:00", FIELD_OFFSET },
	{ "-070000", FIELD_OFFSET },
	{ "-07:00", FIELD_OFFSET },
	{ "-0700", FIELD_OFFSET },
	{ "-07", FIELD_OFFSET },
	{ "Z07:00:00", FIELD_OFFSET },
	{ "Z070000", FIELD_OFFSET },
	{ "Z07:00", FIELD_OFFSET },
	{ "Z0700", FIELD_OFFSET },
	{ "Z07", FIELD_OFFSET },
};

static const char *const months[] = { "January",   "February", "March",    "April",
				      "May",       "June",     "July",     "August",
				      "September", "October",  "November", "December" };
static const char *const weekdays[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday" };

/* `.000` or `,999` behind a field, not followed by a digit. */
static size_t fraction_len(struct str s)
{
	if (s.len < 2 || (s.ptr[0] != '.' && s.ptr[0] != ',') ||
	    (s.ptr[1] != '0' && s.ptr[1] != '9'))
		return 0;
	size_t i = 1;
	while (i < s.len && s.ptr[i] == s.ptr[1])
		i++;
	return i < s.len && char_is_digit(s.ptr[i]) ? 0 : i;
}

static size_t match_field(struct str s, enum field *out)
{
	size_t fraction = fraction_len(s);
	if (fraction > 0) {
		*out = s.ptr[1] == '0' ? FIELD_FRACTION : FIELD_FRACTION_9;
		return fraction;
	}
	if (str_starts(s, STR("_2006")))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct str text = str_of(fields[i].text);
		if (!str_starts(s, text))
			continue;
		/* Jan and Mon only where no lower-case letter follows */
		bool word = fields[i].field == FIELD_MONTH_SHORT ||
			    fields[i].field == FIELD_WEEKDAY_SHORT;
		if (word && s.len > 3 && s.ptr[3] >= 'a' && s.ptr[3] <= 'z')
			continue;
		*out = fields[i].field;
		return text.len;
	}
	return 0;
}

static void next_piece(struct str *layout, struct piece *out)
{
	for (size_t i = 0; i < layout->len; i++) {
		enum field field;
		size_t len = match_field(str_from(*layout, i), &field);
		if (len == 0)
			continue;
		*out = (struct piece){ str_slice(*layout, 0, i), field,
				       str_slice(*layout, i, len) };
		*layout = str_from(*layout, i + len);
		return;
	}
	*out = (struct piece){ *layout, FIELD_NONE, STR("") };
	*layout = STR("");
}

/* A point in time as a calendar shows it. */
struct calendar {
	int64_t year;
	int month, day, hour, minute, second, weekday, yearday;
};

static struct calendar to_calendar(struct gtime t)
{
	struct calendar c = { .month = 1 };
	int64_t local = t.seconds + t.offset;
	int64_t days = local / 86400 - (local % 86400 < 0 ? 1 : 0);
	int rest = (int)(local - days * 86400);
	c.hour = rest / 3600;
	c.minute = rest / 60 % 60;
	c.second = rest % 60;
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	c.year = 1970 + days / 366;
	while (when_days(c.year, 1, 1) > days)
		c.year--;
	while (when_days(c.year + 1, 1, 1) <= days)
		c.year++;
	while (c.month < 12 && when_days(c.year, (unsigned)c.month + 1, 1) <= days)
		c.month++;
	c.day = (int)(days - when_days(c.year, (unsigned)c.month, 1)) + 1;
	c.yearday = (int)(days - when_days(c.year, 1, 1)) + 1;
	return c;
}

static void put_offset(struct buf *out, struct str layout, int64_t offset)
{
	bool colon = str_find_char(layout, ':') < layout.len;
	int64_t size = offset < 0 ? -offset : offset;
	if (layout.ptr[0] == 'Z' && offset == 0) {
		buf_putc(out, 'Z');
		return;
	}
	buf_printf(out, "%c%02d", offset < 0 ? '-' : '+', (int)(size / 3600));
	if (layout.len > 3)
		buf_printf(out, "%s%02d", colon ? ":" : "", (int)(size / 60 % 60));
	if (layout.len > 6)
		buf_printf(out, "%s%02d", colon ? ":" : "", (int)(size % 60));
}

static void put_fraction(struct buf *out, struct piece piece, int64_t nanos)
{
	char digits[16];
	size_t n = piece.text.len - 1 < 9 ? piece.text.len - 1 : 9;
	(void)snprintf(digits, sizeof(digits), "%09d", (int)nanos);
	while (piece.field == FIELD_FRACTION_9 && n > 0 && digits[n - 1] == '0')
		n--;
	if (n == 0)
		return;
	buf_putc(out, piece.text.ptr[0]);
	buf_append(out, (struct str){ digits, n });
}

static void put_zone(struct buf *out, int64_t offset)
{
	if (offset == 0)
		buf_puts(out, "UTC");
	else
		put_offset(out, offset % 3600 ? STR("-0700") : STR("-07"), offset);
}

static void put_field(struct buf *out, struct piece piece, const struct calendar *c,
		      struct gtime t)
{
	int hour12 = c->hour % 12 ? c->hour % 12 : 12;
	switch (piece.field) {
	case FIELD_NONE:
		break;
	case FIELD_YEAR:
		buf_printf(out, "%04lld", (long long)c->year);
		break;
	case FIELD_YEAR2:
		buf_printf(out, "%02d", (int)(((c->year % 100) + 100) % 100));
		break;
	case FIELD_MONTH_LONG:
		buf_puts(out, months[c->month - 1]);
		break;
	case FIELD_MONTH_SHORT:
		buf_printf(out, "%.3s", months[c->month - 1]);
		break;
	case FIELD_MONTH:
	case FIELD_MONTH2:
		buf_printf(out, piece.field == FIELD_MONTH ? "%d" : "%02d", c->month);
		break;
	case FIELD_WEEKDAY_LONG:
		buf_puts(out, weekdays[c->weekday]);
		break;
	case FIELD_WEEKDAY_SHORT:
		buf_printf(out, "%.3s", weekdays[c->weekday]);
		break;
	case FIELD_DAY:
		buf_printf(out, "%d", c->day);
		break;
	case FIELD_DAY_BLANK:
		buf_printf(out, "%2d", c->day);
		break;
	case FIELD_DAY2:
		buf_printf(out, "%02d", c->day);
		break;
	case FIELD_YEARDAY:
		buf_printf(out, "%03d", c->yearday);
		break;
	case FIELD_HOUR24:
		buf_printf(out, "%02d", c->hour);
		break;
	case FIELD_HOUR12:
	case FIELD_HOUR12_2:
		buf_printf(out, piece.field == FIELD_HOUR12 ? "%d" : "%02d", hour12);
		break;
	case FIELD_MINUTE:
	case FIELD_MINUTE2:
		buf_printf(out, piece.field == FIELD_MINUTE ? "%d" : "%02d", c->minute);
		break;
	case FIELD_SECOND:
	case FIELD_SECOND2:
		buf_printf(out, piece.field == FIELD_SECOND ? "%d" : "%02d", c->second);
		break;
	case FIELD_PM:
		buf_puts(out, c->hour >= 12 ? "PM" : "AM");
		break;
	case FIELD_PM_LOWER:
		buf_puts(out, c->hour >= 12 ? "pm" : "am");
		break;
	case FIELD_ZONE:
		put_zone(out, t.offset);
		break;
	case FIELD_OFFSET:
		put_offset(out, piece.text, t.offset);
		break;
	case FIELD_FRACTION:
	case FIELD_FRACTION_9:
		put_fraction(out, piece, t.nanos);
		break;
	}
}

void gtime_format(struct buf *out, struct str layout, struct gtime t)
{
	struct calendar c = to_calendar(t);
	while (layout.len > 0 && !out->full) {
		struct piece piece;
		next_piece(&layout, &piece);
		buf_append(out, piece.before);
		put_field(out, piece, &c, t);
	}
}

struct gtime gtime_zero(void)
{
	return (struct gtime){ .seconds = -62135596800 };
}

/* --- reading --- */

struct scan {
	struct str rest;
	int64_t year;
	uint64_t month, day, yearday, hour, minute, second, nanos;
	int64_t offset;
	bool pm, pm_set;
	const char *out_of_range;
};

/* Two digits, or one or two. */
static bool take_short(struct scan *s, bool exact, uint64_t *out)
{
	if (cursor_digits(&s->rest, 2, out))
		return true;
	return !exact && cursor_digits(&s->rest, 1, out);
}

static bool take_name(struct scan *s, const char *const *names, size_t n, bool shorten,
		      uint64_t *out)
{
	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(names[i]);
		if (shorten)
			name.len = 3;
		if (s->rest.len < name.len)
			continue;
		bool same = true;
		for (size_t k = 0; k < name.len; k++)
			same =
			    same && char_lower(s->rest.ptr[k]) == char_lower(name.ptr[k]);
		if (!same)
			continue;
		s->rest = str_from(s->rest, name.len);
		*out = i + 1;
		return true;
	}
	return false;
}

static bool take_year2(struct scan *s)
{
	uint64_t n;
	if (!cursor_digits(&s->rest, 2, &n))
		return false;
	s->year = (int64_t)n + (n >= 69 ? 1900 : 2000);
	return true;
}

static bool take_offset(struct scan *s, struct str layout)
{
	uint64_t part[3] = { 0, 0, 0 };
	bool colon = str_find_char(layout, ':') < layout.len;
	size_t n = layout.len > 6 ? 3 : layout.len > 3 ? 2 : 1;
	if (layout.ptr[0] == 'Z' && cursor_char(&s->rest, 'Z')) {
		s->offset = 0;
		return true;
	}
	bool minus = cursor_char(&s->rest, '-');
	if (!minus && !cursor_char(&s->rest, '+'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && colon && !cursor_char(&s->rest, ':'))
			return false;
		if (!cursor_digits(&s->rest, 2, &part[i]))
			return false;
	}
	s->offset = (int64_t)(part[0] * 3600 + part[1] * 60 + part[2]);
	s->offset = minus ? -s->offset : s->offset;
	return part[0] <= 24 && part[1] < 60 && part[2] < 60;
}

/* Digits behind the point; `digits` 0 takes any number. */
static bool take_fraction(struct scan *s, size_t digits)
{
	if (s->rest.len < 2 || (s->rest.ptr[0] != '.' && s->rest.ptr[0] != ','))
		return false;
	size_t i = 1;
	uint64_t nanos = 0;
	uint64_t scale = 100000000;
	for (; i < s->rest.len && char_is_digit(s->rest.ptr[i]); i++) {
		if (digits > 0 && i > digits)
			break;
		nanos += (uint64_t)(s->rest.ptr[i] - '0') * scale;
		scale /= 10;
	}
	if (i == 1 || (digits > 0 && i != digits + 1))
		return false;
	s->nanos = nanos;
	s->rest = str_from(s->rest, i);
	return true;
}

static bool take_pm(struct scan *s, const char *pm, const char *am)
{
	s->pm_set = true;
	s->pm = cursor_text(&s->rest, pm);
	return s->pm || cursor_text(&s->rest, am);
}

static bool take_zone(struct scan *s)
{
	if (cursor_text(&s->rest, "UTC"))
		return true;
	size_t i = 0;
	while (i < s->rest.len && i < 4 && s->rest.ptr[i] >= 'A' && s->rest.ptr[i] <= 'Z')
		i++;
	s->rest = str_from(s->rest, i);
	return i >= 3;
}

static bool take_clock(struct scan *s, struct piece piece)
{
	bool ok;
	switch (piece.field) {
	case FIELD_HOUR24:
		ok = take_short(s, false, &s->hour);
		s->out_of_range = ok && s->hour > 23 ? "hour" : s->out_of_range;
		return ok;
	case FIELD_HOUR12:
	case FIELD_HOUR12_2:
		ok = take_short(s, piece.field == FIELD_HOUR12_2, &s->hour);
		s->out_of_range = ok && s->hour > 12 ? "hour" : s->out_of_range;
		return ok;
	case FIELD_MINUTE:
	case FIELD_MINUTE2:
		ok = take_short(s, piece.field == FIELD_MINUTE2, &s->minute);
		s->out_of_range = ok && s->minute > 59 ? "minute" : s->out_of_range;
		return ok;
	default:
		ok = take_short(s, piece.field == FIELD_SECOND2, &s->second);
		s->out_of_range = ok && s->second > 59 ? "second" : s->out_of_range;
		/* a fraction is read though the layout has none */
		if (ok && s->rest.len > 1 && char_is_digit(s->rest.ptr[1]))
			(void)take_fraction(s, 0);
		return ok;
	}
}

static bool take_month(struct scan *s, bool exact)
{
	if (!take_short(s, exact, &s->month))
		return false;
	if (s->month < 1 || s->month > 12)
		s->out_of_range = "month";
	return true;
}

static bool take_field(struct scan *s, struct piece piece)
{
	uint64_t n;
	switch (piece.field) {
	case FIELD_NONE:
		return true;
	case FIELD_YEAR:
		if (!cursor_digits(&s->rest, 4, &n))
			return false;
		s->year = (int64_t)n;
		return true;
	case FIELD_YEAR2:
		return take_year2(s);
	case FIELD_MONTH_LONG:
	case FIELD_MONTH_SHORT:
		return take_name(s, months, 12, piece.field == FIELD_MONTH_SHORT,
				 &s->month);
	case FIELD_MONTH:
	case FIELD_MONTH2:
		return take_month(s, piece.field == FIELD_MONTH2);
	case FIELD_WEEKDAY_LONG:
	case FIELD_WEEKDAY_SHORT:
		return take_name(s, weekdays, 7, piece.field == FIELD_WEEKDAY_SHORT, &n);
	case FIELD_DAY_BLANK:
		(void)cursor_char(&s->rest, ' ');
		return take_short(s, false, &s->day);
	case FIELD_DAY:
	case FIELD_DAY2:
		return take_short(s, piece.field == FIELD_DAY2, &s->day);
	case FIELD_YEARDAY:
		return cursor_digits(&s->rest, 3, &s->yearday);
	case FIELD_PM:
		return take_pm(s, "PM", "AM");
	case FIELD_PM_LOWER:
		return take_pm(s, "pm", "am");
	case FIELD_ZONE:
		return take_zone(s);
	case FIELD_OFFSET:
		return take_offset(s, piece.text);
	case FIELD_FRACTION:
		return take_fraction(s, piece.text.len - 1);
	case FIELD_FRACTION_9:
		(void)take_fraction(s, 0);
		return true;
	default:
		return take_clock(s, piece);
	}
}

static int64_t days_in(int64_t year, uint64_t month)
{
	return (month == 12 ? when_days(year + 1, 1, 1)
			    : when_days(year, (unsigned)month + 1, 1)) -
	       when_days(year, (unsigned)month, 1);
}

static bool finish_scan(struct scan *s, struct gtime *out)
{
	if (s->pm_set && s->hour == 12)
		s->hour = 0;
	if (s->pm)
		s->hour += 12;
	int64_t days;
	if (s->yearday > 0) {
		days = when_days(s->year, 1, 1) + (int64_t)s->yearday - 1;
	} else {
		s->month = s->month ? s->month : 1;
		if (s->day < 1 || (int64_t)s->day > days_in(s->year, s->month))
			return false;
		days = when_days(s->year, (unsigned)s->month, (unsigned)s->day);
	}
	*out = (struct gtime){ .seconds = days * 86400 +
					  (int64_t)(s->hour * 3600 + s->minute * 60 +
						    s->second) -
					  s->offset,
			       .nanos = (int64_t)s->nanos,
			       .offset = s->offset };
	return true;
}

/* parsing time "x" as "2006": cannot parse "x" as "2006" */
static bool fail_parse(struct buf *error, struct str layout, struct str text,
		       struct str rest, struct str piece)
{
	buf_puts(error, "parsing time ");
	quote_text(error, text, false);
	buf_puts(error, " as ");
	quote_text(error, layout, false);
	buf_puts(error, ": cannot parse ");
	quote_text(error, rest, false);
	buf_puts(error, " as ");
	quote_text(error, piece, false);
	return false;
}

static bool fail_range(struct buf *error, struct str text, const char *what)
{
	buf_puts(error, "parsing time ");
	quote_text(error, text, false);
	buf_printf(error, ": %s out of range", what);
	return false;
}

bool gtime_parse(struct str layout, struct str text, struct gtime *out, struct buf *error)
{
	struct scan s = { .rest = text, .day = 1 };
	struct str left = layout;
	while (left.len > 0) {
		struct piece piece;
		next_piece(&left, &piece);
		struct str before = s.rest;
		if (!str_starts(s.rest, piece.before))
			return fail_parse(error, layout, text, before, piece.before);
		s.rest = str_from(s.rest, piece.before.len);
		before = s.rest;
		if (!take_field(&s, piece))
			return fail_parse(error, layout, text, before, piece.text);
		if (s.out_of_range)
			return fail_range(error, text, s.out_of_range);
	}
	if (s.rest.len > 0) {
		buf_puts(error, "parsing time ");
		quote_text(error, text, false);
		buf_puts(error, ": extra text: ");
		quote_text(error, s.rest, false);
		return false;
	}
	return finish_scan(&s, out) || fail_range(error, text, "day");
}
