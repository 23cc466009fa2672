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
	assert_int_equal(budget_share(0, 600, 10), SIZE_MAX);
	assert_int_equal(budget_share(0, 601, 20), 30);
	assert_int_equal(budget_share(595, 100, 3), 1);
	assert_int_equal(budget_share(598, 100, 3), 1);
	assert_int_equal(budget_share(700, 1, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_budget_is_spent),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_shares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
