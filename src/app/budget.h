/* SPDX-License-Identifier: MIT */
/* How much may be sent in an hour, and how long a delivery may wait (TRUST 25). */
#ifndef APP_BUDGET_H
#define APP_BUDGET_H

#include "base/arena.h"

enum {
	BUDGET_WINDOW_MS = 3600 * 1000,
	BUDGET_REPOSITORY = 600, /* deliveries in a window */
	BUDGET_PROVIDER = 60,
	DELIVERY_EXPIRY_MS = 24 * 3600 * 1000,
	/* What may wait: more could not be sent before it expires. */
	BACKLOG_PROVIDER = BUDGET_PROVIDER * (DELIVERY_EXPIRY_MS / BUDGET_WINDOW_MS),
	BACKLOG_REPOSITORY = BUDGET_REPOSITORY * (DELIVERY_EXPIRY_MS / BUDGET_WINDOW_MS)
};

/* Of one provider. */
struct allowance {
	size_t spent;  /* deliveries of the last window */
	size_t wanted; /* what it would send now */
	size_t share;  /* what it may send now, out of budget_share(); never 0 */
};

/* Takes one delivery from both budgets; `spent` is the repository's. Why there is none in
 * the arena, NULL when there was. */
const char *budget_spend(size_t *spent, struct allowance *own, struct arena *arena);
/* The share of each of `n` providers, which want `wanted` within their own budgets:
 * everything while the repository's budget reaches for all, else equal shares of what is
 * left of it. */
size_t budget_share(size_t spent, size_t wanted, size_t n);
/* What a provider can still send of what it wants. */
size_t budget_claim(const struct allowance *own);

#endif
