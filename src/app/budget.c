/* SPDX-License-Identifier: MIT */
/* What is left of an hour, and whose it is. */
#include "app/budget.h"

const char *budget_spend(size_t *spent, struct allowance *own, struct arena *arena)
{
	if (own->spent >= BUDGET_PROVIDER)
		return arena_printf(arena,
				    BUDGET_WAITS
				    "the provider has got its %d deliveries of "
				    "the hour",
				    BUDGET_PROVIDER);
	if (*spent >= BUDGET_REPOSITORY)
		return arena_printf(arena,
				    BUDGET_WAITS
				    "this repository has sent its %d deliveries "
				    "of the hour",
				    BUDGET_REPOSITORY);
	(*spent)++;
	own->spent++;
	return NULL;
}

size_t budget_claim(const struct allowance *own)
{
	size_t left = own->spent < BUDGET_PROVIDER ? BUDGET_PROVIDER - own->spent : 0;
	return left < own->wanted ? left : own->wanted;
}

size_t budget_reserve(const struct allowance *own, size_t n)
{
	size_t part = n < BUDGET_REPOSITORY ? BUDGET_REPOSITORY / (n ? n : 1) : 1;
	size_t claim = budget_claim(own);
	claim = claim < own->share ? claim : own->share;
	return claim < part ? claim : part;
}

size_t budget_share(size_t spent, size_t reserved, size_t wanted, size_t n)
{
	size_t taken = spent + reserved;
	size_t left = taken < BUDGET_REPOSITORY ? BUDGET_REPOSITORY - taken : 0;
	if (wanted <= left || n == 0)
		return SIZE_MAX;
	if (left == 0 && spent < BUDGET_REPOSITORY)
		return 0;
	return left / n ? left / n : 1;
}
