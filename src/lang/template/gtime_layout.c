/* SPDX-License-Identifier: MIT */
/* Decides which parts of a layout are fields. */
#include "lang/template/gtime_layout.h"
#include "base/cursor.h"

static const struct {
	const char *text;
	enum gtime_field field;
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

const char *const gtime_months[12] = { "January",   "February", "March",    "April",
				       "May",       "June",     "July",     "August",
				       "September", "October",  "November", "December" };
const char *const gtime_weekdays[7] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
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

static size_t match_field(struct str s, enum gtime_field *out)
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

void gtime_next_piece(struct str *layout, struct gtime_piece *out)
{
	for (size_t i = 0; i < layout->len; i++) {
		enum gtime_field field;
		size_t len = match_field(str_from(*layout, i), &field);
		if (len == 0)
			continue;
		*out = (struct gtime_piece){ str_slice(*layout, 0, i), field,
					     str_slice(*layout, i, len) };
		*layout = str_from(*layout, i + len);
		return;
	}
	*out = (struct gtime_piece){ *layout, FIELD_NONE, STR("") };
	*layout = STR("");
}
