/* SPDX-License-Identifier: MIT */
/* Decides how a point in time is written by a layout. */
#include "lang/template/gtime.h"
#include "base/cursor.h"
#include "base/when.h"
#include "lang/template/gtime_layout.h"
#include <stddef.h>

/* A point in time as a calendar shows it. */
struct calendar {
	int64_t year;
	int month, day, hour, minute, second, weekday, yearday;
	int year2, hour12; /* as short layouts have them */
};

/* Fields that are a number of the calendar. */
static const struct {
	size_t off; /* 0: no number */
	int width;
	bool is_blank; /* filled with blanks, not zeros */
} numbers[] = {
	[FIELD_YEAR2] = { offsetof(struct calendar, year2), 2, false },
	[FIELD_MONTH] = { offsetof(struct calendar, month), 1, false },
	[FIELD_MONTH2] = { offsetof(struct calendar, month), 2, false },
	[FIELD_DAY] = { offsetof(struct calendar, day), 1, false },
	[FIELD_DAY_BLANK] = { offsetof(struct calendar, day), 2, true },
	[FIELD_DAY2] = { offsetof(struct calendar, day), 2, false },
	[FIELD_YEARDAY] = { offsetof(struct calendar, yearday), 3, false },
	[FIELD_HOUR24] = { offsetof(struct calendar, hour), 2, false },
	[FIELD_HOUR12] = { offsetof(struct calendar, hour12), 1, false },
	[FIELD_HOUR12_2] = { offsetof(struct calendar, hour12), 2, false },
	[FIELD_MINUTE] = { offsetof(struct calendar, minute), 1, false },
	[FIELD_MINUTE2] = { offsetof(struct calendar, minute), 2, false },
	[FIELD_SECOND] = { offsetof(struct calendar, second), 1, false },
	[FIELD_SECOND2] = { offsetof(struct calendar, second), 2, false },
	[FIELD_FRACTION_9] = { 0, 0, false }, /* the last field there is */
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
	c.year = 1970 + days * 400 / 146097;
	while (when_days(c.year, 1, 1) > days)
		c.year--;
	while (when_days(c.year + 1, 1, 1) <= days)
		c.year++;
	while (c.month < 12 && when_days(c.year, (unsigned)c.month + 1, 1) <= days)
		c.month++;
	c.day = (int)(days - when_days(c.year, (unsigned)c.month, 1)) + 1;
	c.yearday = (int)(days - when_days(c.year, 1, 1)) + 1;
	c.year2 = (int)(((c.year % 100) + 100) % 100);
	c.hour12 = c.hour % 12 ? c.hour % 12 : 12;
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

static void put_fraction(struct buf *out, struct gtime_piece piece, int64_t nanos)
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
		put_offset(out, STR("-0700"), offset);
}

static bool put_number(struct buf *out, enum gtime_field field, const struct calendar *c)
{
	int number = 0;
	if (numbers[field].off == 0)
		return false;
	memcpy(&number, (const char *)c + numbers[field].off, sizeof(number));
	buf_printf(out, numbers[field].is_blank ? "%*d" : "%0*d", numbers[field].width,
		   number);
	return true;
}

static void put_name(struct buf *out, enum gtime_field field, const struct calendar *c)
{
	bool is_short = field == FIELD_MONTH_SHORT || field == FIELD_WEEKDAY_SHORT;
	const char *name = field == FIELD_MONTH_LONG || field == FIELD_MONTH_SHORT
			       ? gtime_months[c->month - 1]
			       : gtime_weekdays[c->weekday];
	buf_printf(out, is_short ? "%.3s" : "%s", name);
}

static void put_half(struct buf *out, enum gtime_field field, const struct calendar *c)
{
	bool is_lower = field == FIELD_PM_LOWER;
	buf_puts(out, c->hour >= 12 ? (is_lower ? "pm" : "PM") : is_lower ? "am" : "AM");
}

static void put_field(struct buf *out, struct gtime_piece piece, const struct calendar *c,
		      struct gtime t)
{
	if (put_number(out, piece.field, c) || piece.field == FIELD_NONE)
		return;
	if (piece.field == FIELD_YEAR)
		buf_printf(out, "%s%04lld", c->year < 0 ? "-" : "",
			   (long long)(c->year < 0 ? -c->year : c->year));
	else if (piece.field == FIELD_ZONE)
		put_zone(out, t.offset);
	else if (piece.field == FIELD_OFFSET)
		put_offset(out, piece.text, t.offset);
	else if (piece.field == FIELD_FRACTION || piece.field == FIELD_FRACTION_9)
		put_fraction(out, piece, t.nanos);
	else if (piece.field == FIELD_PM || piece.field == FIELD_PM_LOWER)
		put_half(out, piece.field, c);
	else
		put_name(out, piece.field, c);
}

void gtime_format(struct buf *out, struct str layout, struct gtime t)
{
	struct calendar c = to_calendar(t);
	while (layout.len > 0 && !out->full) {
		struct gtime_piece piece;
		gtime_next_piece(&layout, &piece);
		buf_append(out, piece.before);
		put_field(out, piece, &c, t);
	}
}

struct gtime gtime_zero(void)
{
	return (struct gtime){ .seconds = -62135596800 };
}
