/* SPDX-License-Identifier: MIT */
/* Policies: which of an image's tags is wanted, as Flux's ImagePolicy decides it, and
 * why. */
#ifndef STAGE_SELECT_SELECT_H
#define STAGE_SELECT_SELECT_H

#include "base/err.h"
#include "base/finding.h"
#include "model/document.h"
#include "model/image.h"

struct selection {
	struct str tag; /* points into the tags given */
	struct str key; /* what it was ordered by */
};

/* What there is to select from, and by which rule. Borrowed, unchanged. */
struct select_terms {
	const struct image_policy *policy;
	const struct strings *exclusions; /* expressions, applied first; NULL: none */
	const struct tag_list *tags;      /* any order, duplicates allowed */
};

/*
 * Selects the newest tag under the policy, as Flux's ImagePolicy does.
 *
 * verdicts    NULL, or gets every distinct tag's fate, descending bytes, the chosen one
 *             included; filled also when nothing could be chosen. Costs a sort
 * findings    NULL, or gets the warnings (extract without a group); their place is
 *             policy->extract_place
 * out         set on success only
 *
 * Returns 0; ERR_NOTFOUND with upstream's text when nothing is selectable ("unable to
 * determine latest version from provided list", "version list argument cannot be empty",
 * "retrying in 30s error: no tags in database" when no tag is left by the exclusions);
 * ERR_INVALID when the policy or an expression is malformed or a number cannot be parsed,
 * with upstream's text ("invalid policy: ...", "failed to filter tags: ...", "scan
 * failed: failed to compile regex ..."); ERR_LIMIT. Pure. O(n) matches and comparisons.
 */
int select_tag(const struct select_terms *terms, struct arena *arena,
	       struct selection *out, struct tag_verdict_list *verdicts,
	       struct finding_list *findings, struct err *err) MUST_CHECK;

/*
 * Sets a policy's order from what was given, NULL for what was not: upstream's precedence
 * (semver, alphabetical, numerical), its orders (`asc`, `desc` in any case, "" is asc),
 * its texts. ERR_INVALID "invalid policy: ...".
 */
int select_set_order(struct image_policy *policy, const char *range,
		     const char *alphabetical, const char *numerical,
		     struct err *err) MUST_CHECK;

/* Checks what can be checked without tags: range, order, pattern. Error and warnings as
 * select_tag(). */
int select_check(const struct image_policy *policy, struct finding_list *findings,
		 struct err *err) MUST_CHECK;

/* Negative when `policy` orders `old_tag` below `new_tag`, positive above, 0 equal or not
 * comparable: the guard against downgrades while a scan fails. */
int select_compare(const struct image_policy *policy, struct str old_tag,
		   struct str new_tag);

/* Upstream's condition reason for an error of select_tag() or select_check()
 * ("InvalidPolicy", "Failure", ...), and whether the policy is stalled by it. */
const char *select_reason(const struct err *err, bool *stalled);
/* `chosen`, `older`, `excluded`, `no-match`, `shadowed`, `not-a-version`, `out-of-range`,
 * `not-a-number`. */
const char *select_fate_name(enum tag_fate fate);

/* The default exclusionList: signatures by name and by digest. */
extern const char *const select_default_exclusions[2];

#endif
