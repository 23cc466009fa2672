/* SPDX-License-Identifier: MIT */
/* Clock, Go durations, RFC 3339 and HTTP dates. */
#include "base/when.h"
#include "base/cursor.h"
#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
	struct timespec ts;
	if (clock_gettime(clock, &ts) != 0)
		return 0;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t when_now_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t when_monotonic_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

struct unit {
	const char *text;
	int64_t ns;
};

/* Longer names before their own beginnings. */
static const struct unit units[] = {
	{ "ns", 1 },           { "us", 1000 },         { "\xc2\xb5s", 1000 },
	{ "\xce\xbcs", 1000 }, { "ms", 1000000 },      { "s", 1000000000 },
	{ "m", 60000000000 },  { "h", 3600000000000 },
};

static const struct unit *take_unit(struct str *rest)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (cursor_text(rest, units[i].text))
			return &units[i];
	return NULL;
}

/* The digits behind the point as nanoseconds of one unit; digits that cannot count are
 * skipped. */
static uint64_t fraction_ns(struct str digits, int64_t unit_ns)
{
	uint64_t value = 0;
	double scale = 1;
	for (size_t i = 0; i < digits.len && value <= (UINT64_MAX / 20); i++) {
		value = value * 10 + (uint64_t)(digits.ptr[i] - '0');
		scale *= 10;
	}
	return (uint64_t)((double)value * ((double)unit_ns / scale));
}

/* How far below zero an int64 reaches: one further than above. */
static const uint64_t most_ns = (uint64_t)INT64_MAX + 1;

/* One `12.5ms` piece added to *total. */
static bool take_piece(struct str *rest, uint64_t *total)
{
	uint64_t whole = 0;
	bool any = cursor_number(rest, most_ns, &whole);
	struct str fraction = { NULL, 0 };
	if (!any && (rest->len == 0 || rest->ptr[0] != '.'))
		return false;
	if (cursor_char(rest, '.'))
		fraction = cursor_while(rest, char_is_digit);
	if (!any && fraction.len == 0)
		return false;
	const struct unit *unit = take_unit(rest);
	uint64_t ns = 0;
	if (!unit || __builtin_mul_overflow(whole, (uint64_t)unit->ns, &ns) ||
	    ns > most_ns)
		return false;
	ns += fraction_ns(fraction, unit->ns);
	return !__builtin_add_overflow(*total, ns, total) && *total <= most_ns;
}

bool duration_parse_ns(struct str s, int64_t *out_ns)
{
	bool negative = cursor_char(&s, '-');
	if (!negative)
		(void)cursor_char(&s, '+');
	if (str_is(s, "0")) {
		*out_ns = 0;
		return true;
	}
	if (s.len == 0)
		return false;
	uint64_t total = 0;
	while (s.len)
		if (!take_piece(&s, &total))
			return false;
	if (!negative && total > INT64_MAX)
		return false;
	*out_ns = (int64_t)(negative ? 0 - total : total);
	return true;
}

/* Whether the text has the shape that Flux's schema demands of a duration. */
static bool is_field_shape(struct str s, bool with_hours)
{
	if (s.len == 0)
		return false;
	while (s.len) {
		if (cursor_while(&s, char_is_digit).len == 0)
			return false;
		if (cursor_char(&s, '.') && cursor_while(&s, char_is_digit).len == 0)
			return false;
		if (!cursor_text(&s, "ms") && !cursor_char(&s, 's') &&
		    !cursor_char(&s, 'm') && !(with_hours && cursor_char(&s, 'h')))
			return false;
	}
	return true;
}

bool duration_parse_field(struct str s, bool with_hours, int64_t *out_ms)
{
	int64_t ns = 0;
	if (!is_field_shape(s, with_hours) || !duration_parse_ns(s, &ns))
		return false;
	*out_ms = ns / 1000000;
	return true;
}

/* Writes `value / scale` with its fraction and without trailing zeros. */
static int format_fraction(char *out, size_t bytes, uint64_t value, uint64_t scale)
{
	int n = snprintf(out, bytes, "%llu", (unsigned long long)(value / scale));
	uint64_t rest = value % scale;
	if (rest == 0)
		return n;
	out[n++] = '.';
	while (rest) {
		scale /= 10;
		out[n++] = (char)('0' + rest / scale);
		rest %= scale;
	}
	out[n] = '\0';
	return n;
}

void duration_format(int64_t ns, char out[40])
{
	size_t bytes = 40;
	char *at = out;
	uint64_t rest = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	if (ns < 0) {
		*at++ = '-';
		bytes--;
	}
	if (rest < 1000000000) {
		static const struct unit small[] = { { "ms", 1000000 },
						     { "\xc2\xb5s", 1000 },
						     { "ns", 1 } };
		if (rest == 0) {
			(void)snprintf(at, bytes, "0s");
			return;
		}
		for (size_t i = 0; i < ARRAY_LEN(small); i++) {
			if (rest < (uint64_t)small[i].ns)
				continue;
			int n = format_fraction(at, bytes, rest, (uint64_t)small[i].ns);
			(void)snprintf(at + n, bytes - (size_t)n, "%s", small[i].text);
			return;
		}
	}
	uint64_t minutes = rest / 60000000000;
	uint64_t hours = minutes / 60;
	int n = 0;
	if (hours)
		n = snprintf(at, bytes, "%lluh", (unsigned long long)hours);
	if (minutes)
		n += snprintf(at + n, bytes - (size_t)n, "%llum",
			      (unsigned long long)(minutes % 60));
	n += format_fraction(at + n, bytes - (size_t)n, rest % 60000000000, 1000000000);
	(void)snprintf(at + n, bytes - (size_t)n, "s");
}

int64_t when_days(int64_t year, unsigned month, unsigned day)
{
	/* Years begin in March, so that the leap day is the last: 400-year eras of 146097
	 * days. */
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t shifted = (int64_t)month + (month > 2 ? -3 : 9);
	int64_t of_year = (153 * shifted + 2) / 5 + (int64_t)day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void when_format_rfc3339(int64_t ms, char out[32])
{
	time_t seconds = (time_t)(ms / 1000 - (ms % 1000 < 0));
	struct tm tm;
	out[0] = '\0';
	if (!gmtime_r(&seconds, &tm))
		return;
	/* strftime() writes the year 1 with one digit */
	int n = snprintf(out, 32, "%04lld", (long long)tm.tm_year + 1900);
	(void)strftime(out + n, 32 - (size_t)n, "-%m-%dT%H:%M:%SZ", &tm);
}

static bool is_date(uint64_t year, uint64_t month, uint64_t day)
{
	static const unsigned char days[] = { 31, 29, 31, 30, 31, 30,
					      31, 31, 30, 31, 30, 31 };
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month != 2 || day < 29 || leap;
}

/* `HH:MM:SS`; a leap second counts as the last second of its minute. */
static bool take_clock(struct str *s, int64_t *out_seconds)
{
	uint64_t hour = 0;
	uint64_t minute = 0;
	uint64_t second = 0;
	if (!cursor_digits(s, 2, &hour) || !cursor_char(s, ':') ||
	    !cursor_digits(s, 2, &minute) || !cursor_char(s, ':') ||
	    !cursor_digits(s, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*out_seconds = (int64_t)(hour * 3600 + minute * 60 + (second > 59 ? 59 : second));
	return true;
}

/* `Z` or `+HH:MM`. */
static bool take_offset(struct str *s, int64_t *out_seconds)
{
	*out_seconds = 0;
	if (cursor_char(s, 'Z') || cursor_char(s, 'z'))
		return true;
	bool negative = cursor_char(s, '-');
	uint64_t hour = 0;
	uint64_t minute = 0;
	if (!negative && !cursor_char(s, '+'))
		return false;
	if (!cursor_digits(s, 2, &hour) || !cursor_char(s, ':') ||
	    !cursor_digits(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	int64_t offset = (int64_t)(hour * 3600 + minute * 60);
	*out_seconds = negative ? -offset : offset;
	return true;
}

bool when_parse_rfc3339(struct str s, int64_t *out_ms)
{
	uint64_t year = 0;
	uint64_t month = 0;
	uint64_t day = 0;
	int64_t clock = 0;
	int64_t offset = 0;
	if (!cursor_digits(&s, 4, &year) || !cursor_char(&s, '-') ||
	    !cursor_digits(&s, 2, &month) || !cursor_char(&s, '-') ||
	    !cursor_digits(&s, 2, &day) || !is_date(year, month, day))
		return false;
	if (!cursor_char(&s, 'T') && !cursor_char(&s, 't'))
		return false;
	if (!take_clock(&s, &clock))
		return false;
	int64_t ms = 0;
	if (cursor_char(&s, '.')) {
		struct str digits = cursor_while(&s, char_is_digit);
		if (digits.len == 0)
			return false;
		for (size_t i = 0; i < 3; i++)
			ms = ms * 10 + (i < digits.len ? digits.ptr[i] - '0' : 0);
	}
	if (!take_offset(&s, &offset) || s.len)
		return false;
	int64_t days = when_days((int64_t)year, (unsigned)month, (unsigned)day);
	*out_ms = (days * 86400 + clock - offset) * 1000 + ms;
	return true;
}

static bool take_month(struct str *s, uint64_t *out)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	for (size_t i = 0; i < ARRAY_LEN(months); i++) {
		if (cursor_text(s, months[i])) {
			*out = i + 1;
			return true;
		}
	}
	return false;
}

static bool at_http(uint64_t year, uint64_t month, uint64_t day, int64_t clock,
		    int64_t *out_ms)
{
	if (!is_date(year, month, day))
		return false;
	*out_ms =
	    (when_days((int64_t)year, (unsigned)month, (unsigned)day) * 86400 + clock) *
	    1000;
	return true;
}

/* `06 Nov 1994 08:49:37 GMT` or, with dashes, `06-Nov-94 08:49:37 GMT`. */
static bool parse_day_first(struct str s, int64_t *out_ms)
{
	uint64_t day = 0;
	uint64_t month = 0;
	uint64_t year = 0;
	int64_t clock = 0;
	if (!cursor_digits(&s, 2, &day))
		return false;
	char sep = s.len && s.ptr[0] == '-' ? '-' : ' ';
	if (!cursor_char(&s, sep) || !take_month(&s, &month) || !cursor_char(&s, sep))
		return false;
	if (sep == '-') {
		if (!cursor_digits(&s, 2, &year))
			return false;
		year += year < 70 ? 2000 : 1900;
	} else if (!cursor_digits(&s, 4, &year)) {
		return false;
	}
	if (!cursor_char(&s, ' ') || !take_clock(&s, &clock) || !str_is(s, " GMT"))
		return false;
	return at_http(year, month, day, clock, out_ms);
}

/* asctime's `Nov  6 08:49:37 1994`. */
static bool parse_month_first(struct str s, int64_t *out_ms)
{
	uint64_t day = 0;
	uint64_t month = 0;
	uint64_t year = 0;
	int64_t clock = 0;
	if (!take_month(&s, &month) || !cursor_char(&s, ' '))
		return false;
	(void)cursor_char(&s, ' ');
	if (!cursor_number(&s, 31, &day) || !cursor_char(&s, ' ') ||
	    !take_clock(&s, &clock) || !cursor_char(&s, ' ') ||
	    !cursor_digits(&s, 4, &year) || s.len)
		return false;
	return at_http(year, month, day, clock, out_ms);
}

bool when_parse_http(struct str s, int64_t *out_ms)
{
	s = str_trim(s);
	size_t comma = str_find_char(s, ',');
	if (comma < s.len)
		return parse_day_first(str_trim(str_from(s, comma + 1)), out_ms);
	size_t blank = str_find_char(s, ' ');
	return parse_month_first(str_from(s, blank + 1), out_ms);
}
