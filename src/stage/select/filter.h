/* SPDX-License-Identifier: MIT */
/* Which tags are in the running, and by what key: exclusionList and filterTags. */
#ifndef STAGE_SELECT_FILTER_H
#define STAGE_SELECT_FILTER_H

#include "adapter/regex/regex.h"
#include "base/finding.h"
#include "base/limits.h"
#include "model/document.h"

struct exclusion {
	const char *text;
	bool (*matches)(struct str tag); /* for our defaults; NULL: `regex` decides */
	struct regex *regex;
};

struct filter {
	struct arena *arena; /* borrowed */
	VEC_OF(struct exclusion) exclusions;
	struct regex *pattern; /* NULL: every tag matches, and is its own key */
	struct str extract;    /* empty: the key is the whole tag */
	struct regex_group *groups;
	size_t n_groups;    /* how many of them a match has to find */
	bool is_span;       /* the key is the span of the last of them */
	struct buf scratch; /* the key of the last tag, when it was extracted */
	size_t n_seen;
	size_t n_matched;
};

#define FILTER_INIT(arena_ptr)                                             \
	{                                                                  \
		.arena = (arena_ptr), .scratch = BUF_INIT(LIMIT_KEY_BYTES) \
	}
#define FILTER_CLEANUP CLEANUP(filter_release)

/* Compiles the exclusions. ERR_INVALID with upstream's text "scan failed: failed to
 * compile regex ...", ERR_LIMIT. */
int filter_open_exclusions(struct filter *filter, const struct strings *exclusions,
			   struct err *err) MUST_CHECK;
/* Compiles filterTags, if the policy has it. ERR_INVALID with upstream's text "failed to
 * filter tags: ...". An extract that refers to no group of the pattern is dropped, with a
 * warning; findings may be NULL. ERR_LIMIT. */
int filter_open_pattern(struct filter *filter, const struct image_policy *policy,
			struct finding_list *findings, struct err *err) MUST_CHECK;
/* The expression that excludes the tag, NULL when none does. */
const char *filter_excludes(const struct filter *filter, struct str tag);
/* The tag's key, a view of the tag or of `scratch`, good until the next call; false when
 * the pattern does not match. A key above LIMIT_KEY_BYTES leaves scratch.full set. */
bool filter_key(struct filter *filter, struct str tag, struct str *key);
/* Frees the compiled expressions. */
void filter_release(struct filter *filter);

#endif
