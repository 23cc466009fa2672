/* SPDX-License-Identifier: MIT */
#include "app/budget.h"
#include "tests/unit/unit.h"

static void test_a_budget_is_spent(void **state)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct allowance own = { .spent = BUDGET_PROVIDER - 1 };
	size_t spent = BUDGET_REPOSITORY - 2;
	(void)state;
	assert_null(budget_spend(&spent, &own, &arena));
	assert_int_equal(spent, BUDGET_REPOSITORY - 1);
	assert_string_equal(budget_spend(&spent, &own, &arena),
			    "waits: the provider has got its 60 deliveries of the hour");
	own.spent = 0;
	assert_null(budget_spend(&spent, &own, &arena));
	assert_string_equal(
	    budget_spend(&spent, &own, &arena),
	    "waits: this repository has sent its 600 deliveries of the hour");
	assert_int_equal(own.spent, 1);
}

static void test_claims(void **state)
{
	(void)state;
	assert_int_equal(budget_claim(&(struct allowance){ .spent = 50, .wanted = 7 }),
			 7);
	assert_int_equal(budget_claim(&(struct allowance){ .spent = 50, .wanted = 70 }),
			 10);
	assert_int_equal(budget_claim(&(struct allowance){ .spent = 61, .wanted = 1 }),
			 0);
}

static void test_shares(void **state)
{
	(void)state;
	assert_int_equal(budget_share(0, 0, 600, 10), SIZE_MAX);
	assert_int_equal(budget_share(0, 0, 601, 20), 30);
	assert_int_equal(budget_share(595, 0, 100, 3), 1);
	assert_int_equal(budget_share(598, 0, 100, 3), 1);
	assert_int_equal(budget_share(700, 0, 1, 1), 1);
}

static void test_shares_beside_others(void **state)
{
	(void)state;
	assert_int_equal(budget_share(300, 290, 10, 5), SIZE_MAX);
	assert_int_equal(budget_share(300, 290, 100, 5), 2);
	assert_int_equal(budget_share(300, 300, 100, 5), 0);
	assert_int_equal(budget_share(300, 310, 1, 1), 0);
	/* they are told that the hour is over */
	assert_int_equal(budget_share(600, 10, 1, 1), 1);
}

static size_t reserve(size_t spent, size_t wanted, size_t share, size_t n)
{
	struct allowance own = { .spent = spent, .wanted = wanted, .share = share };
	return budget_reserve(&own, n);
}

static void test_reserves(void **state)
{
	(void)state;
	assert_int_equal(reserve(0, 7, SIZE_MAX, 2), 7);
	assert_int_equal(reserve(0, 70, SIZE_MAX, 2), 60);
	assert_int_equal(reserve(50, 70, SIZE_MAX, 2), 10);
	assert_int_equal(reserve(0, 70, 3, 2), 3);
	assert_int_equal(reserve(0, 70, SIZE_MAX, 20), 30);
	assert_int_equal(reserve(0, 70, SIZE_MAX, 1000), 1);
	assert_int_equal(reserve(0, 0, SIZE_MAX, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_budget_is_spent),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_shares_beside_others),
		cmocka_unit_test(test_reserves),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
