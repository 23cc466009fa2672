/* SPDX-License-Identifier: MIT */
/*
 * Whether a range accepts a version, and why not. Accepting and explaining run through
 * the same rules, so they cannot disagree.
 */
#include "base/limits.h"
#include "lang/semver/range.h"

enum refusal {
	ACCEPTED,
	REFUSED_PRERELEASE,
	REFUSED_LESS,
	REFUSED_NOT_ABOVE,
	REFUSED_NOT_BELOW,
	REFUSED_ABOVE,
	REFUSED_EQUAL,
	REFUSED_NOT_EQUAL,
	REFUSED_MAJOR,
	REFUSED_TILDE_MINOR,
	REFUSED_CARET_MINOR,
	REFUSED_CARET_ZERO_MINOR,
	REFUSED_CARET_PATCH
};

/* The text between version and constraint, and the one behind. */
static const char *const refusal_texts[][2] = {
	[ACCEPTED] = { "", "" },
	[REFUSED_PRERELEASE] = { " is a prerelease version and the constraint is only "
				 "looking for release versions",
				 "" },
	[REFUSED_LESS] = { " is less than ", "" },
	[REFUSED_NOT_ABOVE] = { " is less than or equal to ", "" },
	[REFUSED_NOT_BELOW] = { " is greater than or equal to ", "" },
	[REFUSED_ABOVE] = { " is greater than ", "" },
	[REFUSED_EQUAL] = { " is equal to ", "" },
	[REFUSED_NOT_EQUAL] = { " is not equal to ", "" },
	[REFUSED_MAJOR] = { " does not have same major version as ", "" },
	[REFUSED_TILDE_MINOR] = { " does not have same major and minor version as ", "" },
	[REFUSED_CARET_MINOR] = { " does not have same minor version as ",
				  ". Expected minor versions to match when constraint "
				  "major version is 0" },
	[REFUSED_CARET_ZERO_MINOR] = { " does not have same minor version as ", "" },
	[REFUSED_CARET_PATCH] = { " does not equal ",
				  ". Expect version and constraint to equal when major "
				  "and minor versions are 0" },
};

static enum refusal check_not_equal(const struct range_term *term,
				    const struct semver *version)
{
	const struct semver *base = &term->base;
	if (term->dirty) {
		if (version->major != base->major)
			return ACCEPTED;
		if (version->minor != base->minor && !term->minor_dirty)
			return ACCEPTED;
		if (term->minor_dirty)
			return REFUSED_EQUAL;
		if (term->patch_dirty)
			return semver_compare_pre(version->pre, base->pre) != 0
				   ? ACCEPTED
				   : REFUSED_EQUAL;
	}
	return semver_compare(version, base) != 0 ? ACCEPTED : REFUSED_EQUAL;
}

static enum refusal check_above(const struct range_term *term,
				const struct semver *version)
{
	const struct semver *base = &term->base;
	bool above = semver_compare(version, base) > 0;
	if (term->minor_dirty)
		above = version->major > base->major;
	else if (term->patch_dirty)
		above = version->major > base->major ||
			(version->major == base->major && version->minor > base->minor);
	return above ? ACCEPTED : REFUSED_NOT_ABOVE;
}

static enum refusal check_up_to(const struct range_term *term,
				const struct semver *version)
{
	const struct semver *base = &term->base;
	bool above = semver_compare(version, base) > 0;
	if (term->dirty)
		above = version->major > base->major ||
			(version->major == base->major && version->minor > base->minor &&
			 !term->minor_dirty);
	return above ? REFUSED_ABOVE : ACCEPTED;
}

static enum refusal check_tilde(const struct range_term *term,
				const struct semver *version)
{
	const struct semver *base = &term->base;
	if (semver_compare(version, base) < 0)
		return REFUSED_LESS;
	/* `~0.0.0` accepts everything, just as `~*` does */
	if (base->major == 0 && base->minor == 0 && base->patch == 0 &&
	    !term->minor_dirty && !term->patch_dirty)
		return ACCEPTED;
	if (version->major != base->major)
		return REFUSED_MAJOR;
	if (version->minor != base->minor && !term->minor_dirty)
		return REFUSED_TILDE_MINOR;
	return ACCEPTED;
}

static enum refusal check_caret(const struct range_term *term,
				const struct semver *version)
{
	const struct semver *base = &term->base;
	if (semver_compare(version, base) < 0)
		return REFUSED_LESS;
	if (base->major > 0 || term->minor_dirty)
		return version->major == base->major ? ACCEPTED : REFUSED_MAJOR;
	if (version->major > 0)
		return REFUSED_MAJOR;
	if (base->minor > 0 || term->patch_dirty)
		return version->minor == base->minor ? ACCEPTED : REFUSED_CARET_MINOR;
	if (version->minor > 0)
		return REFUSED_CARET_ZERO_MINOR;
	return version->patch == base->patch ? ACCEPTED : REFUSED_CARET_PATCH;
}

static enum refusal check_term(const struct range_term *term,
			       const struct semver *version)
{
	switch (term->op) {
	case RANGE_NONE:
		if (term->dirty)
			return check_tilde(term, version);
		return semver_compare(version, &term->base) == 0 ? ACCEPTED
								 : REFUSED_NOT_EQUAL;
	case RANGE_NOT_EQUAL:
		return check_not_equal(term, version);
	case RANGE_ABOVE:
		return check_above(term, version);
	case RANGE_BELOW:
		return semver_compare(version, &term->base) < 0 ? ACCEPTED
								: REFUSED_NOT_BELOW;
	case RANGE_FROM:
		return semver_compare(version, &term->base) >= 0 ? ACCEPTED
								 : REFUSED_LESS;
	case RANGE_UP_TO:
		return check_up_to(term, version);
	case RANGE_TILDE:
		return check_tilde(term, version);
	case RANGE_CARET:
		return check_caret(term, version);
	}
	return ACCEPTED;
}

static bool group_accepts(const struct range_group *group, const struct semver *version)
{
	for (size_t i = 0; i < group->terms.len; i++)
		if (check_term(&group->terms.items[i], version) != ACCEPTED)
			return false;
	return true;
}

bool semver_range_accepts(const struct semver_range *range, const struct semver *version,
			  bool prereleases)
{
	for (size_t i = 0; i < range->groups.len; i++) {
		const struct range_group *group = &range->groups.items[i];
		bool allowed = version->pre.len == 0 || prereleases || group->has_pre;
		if (allowed && group_accepts(group, version))
			return true;
	}
	return false;
}

static const char *describe_refusal(enum refusal why, const struct range_term *term,
				    const struct semver *version, struct arena *arena)
{
	struct buf shown BUF_CLEANUP = BUF_INIT(LIMIT_VERSION_BYTES + 64);
	struct buf text BUF_CLEANUP = BUF_INIT(ERR_TEXT_BYTES);
	semver_write(&shown, version);
	semver_quote(&text, buf_str(&shown));
	(void)buf_puts(&text, refusal_texts[why][0]);
	if (why != REFUSED_PRERELEASE)
		semver_quote(&text, term->text);
	(void)buf_puts(&text, refusal_texts[why][1]);
	return arena_strndup(arena, buf_str(&text));
}

void semver_range_reasons(const struct semver_range *range, const struct semver *version,
			  bool prereleases, struct arena *arena, struct strings *out)
{
	bool told_prerelease = false;
	*out = (struct strings){ NULL, 0, 0 };
	if (semver_range_accepts(range, version, prereleases))
		return;
	for (size_t i = 0; i < range->groups.len; i++) {
		const struct range_group *group = &range->groups.items[i];
		bool allowed = version->pre.len == 0 || prereleases || group->has_pre;
		for (size_t j = 0; j < group->terms.len; j++) {
			const struct range_term *term = &group->terms.items[j];
			enum refusal why = REFUSED_PRERELEASE;
			if (allowed)
				why = check_term(term, version);
			if (why == ACCEPTED ||
			    (why == REFUSED_PRERELEASE && told_prerelease))
				continue;
			told_prerelease = told_prerelease || why == REFUSED_PRERELEASE;
			VEC_PUSH(arena, out, describe_refusal(why, term, version, arena));
		}
	}
}
