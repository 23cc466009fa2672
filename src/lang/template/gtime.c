/* SPDX-License-Identifier: MIT */
/* Decides how a point in time is written by a layout. */
#include "lang/template/gtime.h"
#include "base/cursor.h"
#include "base/when.h"
#include "lang/template/gtime_layout.h"

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
	c.year = 1970 + days * 400 / 146097;
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

static void put_field(struct buf *out, struct gtime_piece piece, const struct calendar *c,
		      struct gtime t)
{
	int hour12 = c->hour % 12 ? c->hour % 12 : 12;
	switch (piece.field) {
	case FIELD_NONE:
		break;
	case FIELD_YEAR:
		buf_printf(out, "%s%04lld", c->year < 0 ? "-" : "",
			   (long long)(c->year < 0 ? -c->year : c->year));
		break;
	case FIELD_YEAR2:
		buf_printf(out, "%02d", (int)(((c->year % 100) + 100) % 100));
		break;
	case FIELD_MONTH_LONG:
		buf_puts(out, gtime_months[c->month - 1]);
		break;
	case FIELD_MONTH_SHORT:
		buf_printf(out, "%.3s", gtime_months[c->month - 1]);
		break;
	case FIELD_MONTH:
	case FIELD_MONTH2:
		buf_printf(out, piece.field == FIELD_MONTH ? "%d" : "%02d", c->month);
		break;
	case FIELD_WEEKDAY_LONG:
		buf_puts(out, gtime_weekdays[c->weekday]);
		break;
	case FIELD_WEEKDAY_SHORT:
		buf_printf(out, "%.3s", gtime_weekdays[c->weekday]);
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
