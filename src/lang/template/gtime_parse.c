/* SPDX-License-Identifier: MIT */
/* Decides how a point in time is read by a layout, and what Go says when it does not fit.
 */
#include "base/cursor.h"
#include "base/when.h"
#include "lang/template/gtime.h"
#include "lang/template/gtime_layout.h"
#include "lang/template/quote.h"

struct scan {
	struct str rest;
	struct str layout; /* what is behind the field */
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

/* Whether the next field of the layout is a fraction of a second. */
static bool awaits_fraction(struct str layout)
{
	struct gtime_piece next = { .field = FIELD_NONE };
	if (layout.len > 0)
		gtime_next_piece(&layout, &next);
	return next.field == FIELD_FRACTION || next.field == FIELD_FRACTION_9;
}

static bool take_clock(struct scan *s, struct gtime_piece piece)
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
		if (ok && s->rest.len > 1 && char_is_digit(s->rest.ptr[1]) &&
		    !awaits_fraction(s->layout))
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

static bool take_field(struct scan *s, struct gtime_piece piece)
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
		return take_name(s, gtime_months, 12, piece.field == FIELD_MONTH_SHORT,
				 &s->month);
	case FIELD_MONTH:
	case FIELD_MONTH2:
		return take_month(s, piece.field == FIELD_MONTH2);
	case FIELD_WEEKDAY_LONG:
	case FIELD_WEEKDAY_SHORT:
		return take_name(s, gtime_weekdays, 7, piece.field == FIELD_WEEKDAY_SHORT,
				 &n);
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
		s->out_of_range = "day-of-year";
		if ((int64_t)s->yearday >
		    when_days(s->year + 1, 1, 1) - when_days(s->year, 1, 1))
			return false;
		days = when_days(s->year, 1, 1) + (int64_t)s->yearday - 1;
	} else {
		s->out_of_range = "day";
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
		struct gtime_piece piece;
		gtime_next_piece(&left, &piece);
		s.layout = left;
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
	return finish_scan(&s, out) || fail_range(error, text, s.out_of_range);
}
