/* SPDX-License-Identifier: MIT */
/* The pieces of a time layout such as `2006-01-02`. */
#ifndef LANG_TEMPLATE_GTIME_LAYOUT_H
#define LANG_TEMPLATE_GTIME_LAYOUT_H

#include "base/str.h"

/* What one piece of a layout stands for. */
enum gtime_field {
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

struct gtime_piece {
	struct str before; /* plain text */
	enum gtime_field field;
	struct str text; /* of the field in the layout */
};

extern const char *const gtime_months[12];
extern const char *const gtime_weekdays[7]; /* from Sunday */

/* Takes the text up to and with the next field from the front of *layout. */
void gtime_next_piece(struct str *layout, struct gtime_piece *out);

#endif
