/* SPDX-License-Identifier: MIT */
/* Durations and dates: tables of texts with what they mean. */
#include "base/when.h"
#include "tests/unit/unit.h"

enum {
	UNTOUCHED = -77
};

#define MINUTE INT64_C(60000000000)

static void test_duration_parse(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		bool valid;
		int64_t ns;
	} rows[] = {
		{ "0", true, 0 },
		{ "+0", true, 0 },
		{ "-0", true, 0 },
		{ "0s", true, 0 },
		{ "1ns", true, 1 },
		{ "1us", true, 1000 },
		{ "1\xc2\xb5s", true, 1000 },
		{ "1\xce\xbcs", true, 1000 },
		{ "1ms", true, 1000000 },
		{ "1s", true, 1000000000 },
		{ "1m", true, MINUTE },
		{ "1h", true, 60 * MINUTE },
		{ "1h30m", true, 90 * MINUTE },
		{ "-2m", true, -2 * MINUTE },
		{ "+2m", true, 2 * MINUTE },
		{ "1.5s", true, 1500000000 },
		{ "1.s", true, 1000000000 },
		{ ".5s", true, 500000000 },
		{ "-.5s", true, -500000000 },
		{ "0.1ns", true, 0 },
		{ "1m1m", true, 2 * MINUTE },
		{ "5s1h", true, 60 * MINUTE + 5000000000 },
		{ "1ms1us1ns", true, 1001001 },
		{ "0.3333333333333333333h", true, 20 * MINUTE },
		{ "0.100000000000000000000h", true, 6 * MINUTE },
		{ "0.830103483285477580700h", true, 2988372539827 },
		{ "0000000000000000000000001s", true, 1000000000 },
		{ "9223372036854775807ns", true, INT64_MAX },
		{ "-9223372036854775807ns", true, -INT64_MAX },
		{ "-9223372036854775808ns", true, INT64_MIN },
		{ "-2562047h47m16.854775808s", true, INT64_MIN },
		{ "2562047h47m16.854775807s", true, INT64_MAX },
		/* out of range */
		{ "9223372036854775808ns", false, 0 },
		{ "-9223372036854775809ns", false, 0 },
		{ "9223372036854775.808us", false, 0 },
		{ "2562047h47m16.854775808s", false, 0 },
		{ "2562048h", false, 0 },
		{ "5124095.9h", false, 0 },
		{ "-5124095.9h", false, 0 },
		{ "18446744073709551617ns", false, 0 },
		{ "99999999999999999999s", false, 0 },
		/* malformed */
		{ "", false, 0 },
		{ "3", false, 0 },
		{ "-", false, 0 },
		{ "+", false, 0 },
		{ "s", false, 0 },
		{ ".", false, 0 },
		{ "-.", false, 0 },
		{ ".s", false, 0 },
		{ "+.s", false, 0 },
		{ "1d", false, 0 },
		{ "1S", false, 0 },
		{ "1 s", false, 0 },
		{ " 1s", false, 0 },
		{ "1s ", false, 0 },
		{ "1.2.3s", false, 0 },
		{ "--1s", false, 0 },
		{ "1s-1s", false, 0 },
		{ "1e3s", false, 0 },
		{ "1,5s", false, 0 },
		{ "0x1s", false, 0 },
		{ "1h30", false, 0 },
		{ "1mss", false, 0 },
		{ "\xd9\xa1s", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ns = UNTOUCHED;
		bool valid = duration_parse_ns(str_of(rows[i].text), &ns);
		if (valid != rows[i].valid || (valid && ns != rows[i].ns))
			print_error("'%s': %lld\n", rows[i].text, (long long)ns);
		assert_int_equal(valid, rows[i].valid);
		assert_true(ns == (valid ? rows[i].ns : UNTOUCHED));
	}
	int64_t ns = UNTOUCHED;
	assert_false(duration_parse_ns(STR("1s\0"), &ns));
	assert_false(duration_parse_ns((struct str){ NULL, 0 }, &ns));
}

static void test_duration_field(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		bool valid, valid_with_hours;
		int64_t ms;
	} rows[] = {
		{ "5m", true, true, 300000 },
		{ "1m30s", true, true, 90000 },
		{ "1.5s", true, true, 1500 },
		{ "1500ms", true, true, 1500 },
		{ "1.9ms", true, true, 1 },
		{ "0s", true, true, 0 },
		{ "1h", false, true, 3600000 },
		{ "0.5h", false, true, 1800000 },
		{ "9223372036854ms", true, true, 9223372036854 },
		{ "9223372036855ms", false, false, 0 },
		{ "99999999999999999999h", false, false, 0 },
		{ "0", false, false, 0 },
		{ "", false, false, 0 },
		{ "-5m", false, false, 0 },
		{ "+5m", false, false, 0 },
		{ ".5s", false, false, 0 },
		{ "1.s", false, false, 0 },
		{ "1us", false, false, 0 },
		{ "1ns", false, false, 0 },
		{ "1d", false, false, 0 },
		{ "5", false, false, 0 },
		{ "5m ", false, false, 0 },
		{ "5m\n", false, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int hours = 0; hours < 2; hours++) {
			bool wanted = hours ? rows[i].valid_with_hours : rows[i].valid;
			int64_t ms = UNTOUCHED;
			bool valid =
			    duration_parse_field(str_of(rows[i].text), hours == 1, &ms);
			if (valid != wanted)
				print_error("'%s'\n", rows[i].text);
			assert_int_equal(valid, wanted);
			assert_true(ms == (valid ? rows[i].ms : UNTOUCHED));
		}
	}
}

static void test_duration_format(void **state)
{
	(void)state;

	static const struct {
		int64_t ns;
		const char *text;
	} rows[] = {
		{ 0, "0s" },
		{ 1, "1ns" },
		{ 1100, "1.1\xc2\xb5s" },
		{ 2200000, "2.2ms" },
		{ 999999999, "999.999999ms" },
		{ 1000000000, "1s" },
		{ 3300000000, "3.3s" },
		{ MINUTE, "1m0s" },
		{ 5 * MINUTE, "5m0s" },
		{ 4 * MINUTE + 5001000000, "4m5.001s" },
		{ 60 * MINUTE, "1h0m0s" },
		{ 5 * 60 * MINUTE + 6 * MINUTE + 7001000000, "5h6m7.001s" },
		{ 8 * MINUTE + 1, "8m0.000000001s" },
		{ -1, "-1ns" },
		{ -90 * MINUTE, "-1h30m0s" },
		{ INT64_MAX, "2562047h47m16.854775807s" },
		{ INT64_MIN, "-2562047h47m16.854775808s" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[40];
		int64_t back = UNTOUCHED;
		duration_format(rows[i].ns, text);
		assert_string_equal(text, rows[i].text);
		assert_true(duration_parse_ns(str_of(text), &back));
		assert_true(back == rows[i].ns);
	}
}

/* 12:00:00 of 6 June 2026. */
#define NOON INT64_C(1780747200000)

static void test_rfc3339(void **state)
{
	(void)state;

	static const struct {
		const char *text;
		bool valid;
		int64_t ms;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", true, 0 },
		{ "2026-06-06T12:00:00Z", true, NOON },
		{ "2026-06-06t12:00:00z", true, NOON },
		{ "2026-06-06T12:00:00+00:00", true, NOON },
		{ "2026-06-06T12:00:00-00:00", true, NOON },
		{ "2026-06-06T14:30:00+02:30", true, NOON },
		{ "2026-06-05T23:00:00-13:00", true, NOON },
		{ "2026-06-06T12:00:00.5Z", true, NOON + 500 },
		{ "2026-06-06T12:00:00.0019999999999999999999Z", true, NOON + 1 },
		{ "2026-06-06T12:00:00.123456789+00:00", true, NOON + 123 },
		{ "1969-12-31T23:59:59.999Z", true, -1 },
		{ "2016-12-31T23:59:60Z", true, 1483228799000 },
		{ "2000-02-29T00:00:00Z", true, 951782400000 },
		{ "2024-02-29T00:00:00Z", true, 1709164800000 },
		{ "9999-12-31T23:59:59Z", true, 253402300799000 },
		{ "0001-01-01T00:00:00Z", true, -62135596800000 },
		{ "0000-01-01T00:00:00Z", true, -62167219200000 },
		{ "1900-02-29T00:00:00Z", false, 0 },
		{ "2023-02-29T00:00:00Z", false, 0 },
		{ "2100-02-29T00:00:00Z", false, 0 },
		{ "2026-00-10T00:00:00Z", false, 0 },
		{ "2026-13-10T00:00:00Z", false, 0 },
		{ "2026-04-31T00:00:00Z", false, 0 },
		{ "2026-04-00T00:00:00Z", false, 0 },
		{ "2026-06-06T24:00:00Z", false, 0 },
		{ "2026-06-06T12:60:00Z", false, 0 },
		{ "2026-06-06T12:00:61Z", false, 0 },
		{ "2026-06-06T12:00:00.Z", false, 0 },
		{ "2026-06-06T12:00:00,5Z", false, 0 },
		{ "2026-06-06T12:00:00", false, 0 },
		{ "2026-06-06T12:00Z", false, 0 },
		{ "2026-06-06 12:00:00Z", false, 0 },
		{ "2026-06-06", false, 0 },
		{ "2026-6-6T12:00:00Z", false, 0 },
		{ "26-06-06T12:00:00Z", false, 0 },
		{ "+2026-06-06T12:00:00Z", false, 0 },
		{ "2026-06-06T12:00:00+0200", false, 0 },
		{ "2026-06-06T12:00:00+24:00", false, 0 },
		{ "2026-06-06T12:00:00+02:60", false, 0 },
		{ "2026-06-06T12:00:00Z ", false, 0 },
		{ " 2026-06-06T12:00:00Z", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = UNTOUCHED;
		bool valid = when_parse_rfc3339(str_of(rows[i].text), &ms);
		if (valid != rows[i].valid || (valid && ms != rows[i].ms))
			print_error("'%s': %lld\n", rows[i].text, (long long)ms);
		assert_int_equal(valid, rows[i].valid);
		assert_true(ms == (valid ? rows[i].ms : UNTOUCHED));
	}
}

static void test_rfc3339_format(void **state)
{
	(void)state;

	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 999, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ -1000, "1969-12-31T23:59:59Z" },
		{ -1001, "1969-12-31T23:59:58Z" },
		{ NOON + 999, "2026-06-06T12:00:00Z" },
		{ 951782400000, "2000-02-29T00:00:00Z" },
		{ 253402300799000, "9999-12-31T23:59:59Z" },
		{ -62135596800000, "0001-01-01T00:00:00Z" },
	};

	char text[32];
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		when_format_rfc3339(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
	}
	/* far out of any calendar: some text that fits */
	when_format_rfc3339(INT64_MAX, text);
	assert_true(strlen(text) < sizeof(text));
	when_format_rfc3339(INT64_MIN, text);
	assert_true(strlen(text) < sizeof(text));
}

static void test_http(void **state)
{
	(void)state;
	static const int64_t wanted = 784111777000;

	static const struct {
		const char *text;
		bool valid;
		int64_t ms;
	} rows[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", true, wanted },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", true, wanted },
		{ "Sun Nov  6 08:49:37 1994", true, wanted },
		{ "  Sun, 06 Nov 1994 08:49:37 GMT ", true, wanted },
		{ "Tue Nov 16 08:49:37 2004", true, 1100594977000 },
		{ "Thu, 29 Feb 2024 00:00:00 GMT", true, 1709164800000 },
		{ "Tue, 29 Feb 2000 00:00:00 GMT", true, 951782400000 },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", true, 1483228799000 },
		{ "Saturday, 06-Jun-26 12:00:00 GMT", true, NOON },
		{ "Wed, 29 Feb 2023 00:00:00 GMT", false, 0 },
		{ "Thu, 29 Feb 1900 00:00:00 GMT", false, 0 },
		{ "Sun, 6 Nov 1994 08:49:37 GMT", false, 0 },
		{ "Sun, 06 nov 1994 08:49:37 GMT", false, 0 },
		{ "Sun, 06 Nov 94 08:49:37 GMT", false, 0 },
		{ "Sun, 06 Nov 1994 08:49:37", false, 0 },
		{ "Sun, 06 Nov 1994 08:49:37 UTC", false, 0 },
		{ "Sun, 06 Nov 1994 08:49:37 +0000", false, 0 },
		{ "Sun, 06 Nov 1994 08:49 GMT", false, 0 },
		{ "Sun, 06 Nov 1994 24:49:37 GMT", false, 0 },
		{ "Sun, 00 Nov 1994 08:49:37 GMT", false, 0 },
		{ "Sunday, 06-Nov 94 08:49:37 GMT", false, 0 },
		{ "Sunday, 06-Nov-1994 08:49:37 GMT", false, 0 },
		{ "Sun Nov 32 08:49:37 1994", false, 0 },
		{ "Sun Nov  6 08:49:37 1994 GMT", false, 0 },
		{ "Nov  6 08:49:37 1994", false, 0 },
		{ "120", false, 0 },
		{ ",", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = UNTOUCHED;
		bool valid = when_parse_http(str_of(rows[i].text), &ms);
		if (valid != rows[i].valid || (valid && ms != rows[i].ms))
			print_error("'%s': %lld\n", rows[i].text, (long long)ms);
		assert_int_equal(valid, rows[i].valid);
		assert_true(ms == (valid ? rows[i].ms : UNTOUCHED));
	}
}

/* Every day of a thousand years follows the one before. */
static void test_days(void **state)
{
	(void)state;
	static const unsigned lengths[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	assert_true(when_days(1970, 1, 1) == 0);
	assert_true(when_days(0, 3, 1) == -719468);
	assert_true(when_days(-400, 3, 1) == -719468 - 146097);
	int64_t day = when_days(1500, 1, 1);
	for (int64_t year = 1500; year < 2500; year++) {
		bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		for (unsigned month = 1; month <= 12; month++) {
			unsigned n = lengths[month - 1] + (month == 2 && leap);
			for (unsigned d = 1; d <= n; d++)
				assert_true(when_days(year, month, d) == day++);
		}
	}
}

static void test_clocks(void **state)
{
	(void)state;
	int64_t before = when_monotonic_ms();
	assert_true(when_now_ms() > NOON - INT64_C(86400000) * 3650);
	assert_true(before >= 0 && when_monotonic_ms() >= before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration_parse),
		cmocka_unit_test(test_duration_field),
		cmocka_unit_test(test_duration_format),
		cmocka_unit_test(test_rfc3339),
		cmocka_unit_test(test_rfc3339_format),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_clocks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
