/* SPDX-License-Identifier: MIT */
#include "app/retry.h"
#include "tests/unit/unit.h"

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR
};

static const struct outbox_row fresh = { .created_ms = 0, .expires_ms = DAY };

static void assert_retry(struct retry got, int64_t from_ms, int64_t to_ms,
			 bool lane_rests, const char *prefix)
{
	assert_true(got.due_ms >= from_ms && got.due_ms <= to_ms);
	assert_int_equal(got.lane_rests, lane_rests);
	assert_string_equal(got.prefix, prefix);
}

static void test_a_receiver_that_is_away(void **state)
{
	static const int64_t wanted_s[] = { 2,   4,   8,   16,  32,  64,
					    128, 256, 512, 900, 900, 900 };
	struct outbox_row row = fresh;
	struct http_response away = { .status = 500 };
	(void)state;
	for (uint32_t i = 0; i < ARRAY_LEN(wanted_s); i++) {
		int64_t wanted = wanted_s[i] * SECOND;
		row.attempts = i;
		assert_retry(retry_judge(&row, ERR_NETWORK, &away, HOUR),
			     HOUR + wanted * 8 / 10, HOUR + wanted * 12 / 10, true, "");
	}
	row.attempts = UINT32_MAX - 1;
	assert_retry(retry_judge(&row, ERR_NETWORK, &away, 0), 720 * SECOND,
		     1080 * SECOND, true, "");
	/* nobody answered at all */
	away.status = 0;
	row.attempts = 0;
	assert_retry(retry_judge(&row, ERR_TIMEOUT, &away, 0), 1600, 2400, true, "");
}

static void test_a_receiver_that_says_when(void **state)
{
	struct http_header items[] = { { "Retry-After", "120" } };
	struct http_response busy = { .status = 429, .headers = { items, 1, 1 } };
	(void)state;
	assert_retry(retry_judge(&fresh, ERR_NETWORK, &busy, 5), 5 + 2 * MINUTE,
		     5 + 2 * MINUTE, true, "");
}

static void test_a_receiver_that_refuses(void **state)
{
	struct http_response gone = { .status = 410 };
	(void)state;
	assert_retry(retry_judge(&fresh, ERR_NETWORK, &gone, 0), 0, 0, false, "");
}

static void test_what_a_person_has_to_mend(void **state)
{
	struct http_response none = { .status = 0 };
	(void)state;
	assert_retry(retry_judge(&fresh, ERR_DENIED, NULL, 0), 10 * MINUTE, 10 * MINUTE,
		     true, "not sent: ");
	assert_retry(retry_judge(&fresh, ERR_INVALID, &none, 0), 10 * MINUTE, 10 * MINUTE,
		     true, "not sent: ");
	assert_retry(retry_refused(&fresh, false, 0), 10 * MINUTE, 10 * MINUTE, false,
		     "not sent: ");
}

static void test_a_commit_that_is_not_there_yet(void **state)
{
	struct http_response unknown = { .status = 404 };
	(void)state;
	assert_retry(retry_judge(&fresh, ERR_NOTFOUND, &unknown, 0), 1600, 2400, false,
		     "commit unknown: ");
	assert_retry(retry_judge(&fresh, ERR_NOTFOUND, &unknown, 10 * MINUTE - 1),
		     10 * MINUTE + 1599, 10 * MINUTE + 2399, false, "commit unknown: ");
	assert_retry(retry_judge(&fresh, ERR_NOTFOUND, &unknown, 10 * MINUTE), 0, 0,
		     false, "commit unknown: ");
}

static void test_nothing_is_tried_after_its_day(void **state)
{
	struct http_response away = { .status = 500 };
	struct outbox_row row = fresh;
	(void)state;
	row.expires_ms = 2399;
	assert_retry(retry_judge(&row, ERR_NETWORK, &away, 2000), 0, 0, false, "");
	assert_retry(retry_refused(&row, true, 0), 0, 0, false, "not sent: ");
	row.expires_ms = 10 * MINUTE;
	assert_retry(retry_refused(&row, true, 0), 10 * MINUTE, 10 * MINUTE, true,
		     "not sent: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_receiver_that_is_away),
		cmocka_unit_test(test_a_receiver_that_says_when),
		cmocka_unit_test(test_a_receiver_that_refuses),
		cmocka_unit_test(test_what_a_person_has_to_mend),
		cmocka_unit_test(test_a_commit_that_is_not_there_yet),
		cmocka_unit_test(test_nothing_is_tried_after_its_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
