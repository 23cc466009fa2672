/* SPDX-License-Identifier: MIT */
/* The three orders of a policy, without the rules for ties. */
#include "stage/select/order.h"
#include "stage/select/number.h"
#include "stage/select/select.h"
#include <strings.h>

static bool is_word(struct str text, const char *upper)
{
	return text.len == strlen(upper) && strncasecmp(text.ptr, upper, text.len) == 0;
}

static int set_descending(struct image_policy *policy, const char *order, struct err *err)
{
	struct str text = str_of(order);
	policy->descending = is_word(text, "DESC");
	if (text.len == 0 || policy->descending || is_word(text, "ASC"))
		return 0;
	char shown[64];
	size_t n = 0;
	for (; n < text.len && n + 1 < sizeof(shown); n++) {
		shown[n] = text.ptr[n];
		if (shown[n] >= 'a' && shown[n] <= 'z')
			shown[n] = (char)(shown[n] - ('a' - 'A'));
	}
	shown[n] = '\0';
	return err_set(err, ERR_INVALID,
		       "invalid policy: invalid order argument provided: '%s', must be "
		       "one of: ASC, DESC",
		       shown);
}

int select_set_order(struct image_policy *policy, const char *range,
		     const char *alphabetical, const char *numerical, struct err *err)
{
	if (range) {
		policy->order = POLICY_SEMVER;
		policy->range = range;
		return 0;
	}
	policy->order = alphabetical ? POLICY_ALPHABETICAL : POLICY_NUMERICAL;
	if (alphabetical || numerical)
		return set_descending(policy, alphabetical ? alphabetical : numerical,
				      err);
	return err_set(err, ERR_INVALID,
		       "invalid policy: given ImagePolicyChoice object is invalid");
}

int order_open(struct order *order, const struct image_policy *policy,
	       struct arena *arena, struct err *err)
{
	*order = (struct order){ policy->order, policy->descending, NULL };
	if (policy->order != POLICY_SEMVER)
		return 0;
	int code = semver_range_new(str_of(policy->range), arena, &order->range, err);
	return code ? err_prefix(err, "invalid policy") : 0;
}

enum tag_fate order_read(const struct order *order, struct str key, struct rank *out)
{
	switch (order->kind) {
	case POLICY_SEMVER:
		if (!semver_read(key, SEMVER_FLUX, &out->version))
			return TAG_NOT_A_VERSION;
		if (!semver_range_accepts(order->range, &out->version, false))
			return TAG_OUT_OF_RANGE;
		return TAG_OLDER;
	case POLICY_ALPHABETICAL:
		return TAG_OLDER;
	case POLICY_NUMERICAL:
		return number_read(key, &out->number) ? TAG_OLDER : TAG_NOT_A_NUMBER;
	}
	return TAG_OLDER;
}

int order_compare(const struct order *order, struct str a_key, const struct rank *a,
		  struct str b_key, const struct rank *b)
{
	int result = 0;
	switch (order->kind) {
	case POLICY_SEMVER:
		return semver_compare(&a->version, &b->version);
	case POLICY_ALPHABETICAL:
		result = str_cmp(a_key, b_key);
		break;
	case POLICY_NUMERICAL:
		/* nan is equal to everything */
		result = (a->number > b->number) - (a->number < b->number);
		break;
	}
	return order->descending ? -result : result;
}
