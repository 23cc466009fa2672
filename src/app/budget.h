/* SPDX-License-Identifier: MIT */
/* How much may be sent in an hour, and how long a delivery may wait (TRUST 25). */
#ifndef APP_BUDGET_H
#define APP_BUDGET_H

#include "base/arena.h"

enum {
	BUDGET_WINDOW_MS = 3600 * 1000,
	BUDGET_REPOSITORY = 600, /* deliveries in a window, each attempt of one */
	BUDGET_PROVIDER = 60,
	DELIVERY_EXPIRY_MS = 24 * 3600 * 1000,
	/* What may wait: more could not be sent before it expires. */
	BACKLOG_PROVIDER = BUDGET_PROVIDER * (DELIVERY_EXPIRY_MS / BUDGET_WINDOW_MS),
	BACKLOG_REPOSITORY = BUDGET_REPOSITORY * (DELIVERY_EXPIRY_MS / BUDGET_WINDOW_MS)
};

/* Of one provider. */
struct allowance {
	size_t spent;  /* attempts of the last window */
	size_t wanted; /* what it would send from now on */
	size_t share;  /* what it may send from now on, out of budget_share() */
};

/* How a text of budget_spend() begins. */
#define BUDGET_WAITS "waits: "
/* Takes one delivery from both budgets; `spent` is the repository's. Why there is none in
 * the arena, NULL when there was. */
const char *budget_spend(size_t *spent, struct allowance *own, struct arena *arena);
/* What is kept for a provider that is being sent to: what it can send of its share, and
 * no more than its part of an hour among `n` providers. */
size_t budget_reserve(const struct allowance *own, size_t n);
/* The share of each of `n` further providers, which want `wanted` within their own
 * budgets, when `reserved` is kept for others: everything while the repository's budget
 * reaches for all, else equal shares of what is left of it, at least 1; 0 when all that
 * is left is kept for others. */
size_t budget_share(size_t spent, size_t reserved, size_t wanted, size_t n);
/* What a provider can still send of what it wants. */
size_t budget_claim(const struct allowance *own);

#endif
