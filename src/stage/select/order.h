/* SPDX-License-Identifier: MIT */
/* How a policy orders keys: what is in the running, and which of two is the newer. */
#ifndef STAGE_SELECT_ORDER_H
#define STAGE_SELECT_ORDER_H

#include "lang/semver/semver.h"
#include "model/document.h"
#include "model/image.h"

/* A policy made ready to judge keys. */
struct order {
	enum policy_order kind;
	bool descending;
	struct semver_range *range; /* semver only */
};

/* What a key is to the policy; which member counts is the order's kind. */
struct rank {
	struct semver version; /* views the key */
	double number;
};

/* ERR_INVALID with upstream's text "invalid policy: ...". */
int order_open(struct order *order, const struct image_policy *policy,
	       struct arena *arena, struct err *err) MUST_CHECK;
/* Reads a key; TAG_OLDER when it is in the running. */
enum tag_fate order_read(const struct order *order, struct str key, struct rank *out);
/* Negative when `a` is older than `b` under the policy, positive when newer, 0 when the
 * policy cannot tell them apart. Alphabetical compares the keys, not the ranks. */
int order_compare(const struct order *order, struct str a_key, const struct rank *a,
		  struct str b_key, const struct rank *b);

#endif
