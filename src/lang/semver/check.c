/* SPDX-License-Identifier: MIT */
/* Whether a range accepts a version. */
#include "lang/semver/range.h"

static bool is_not(const struct range_term *term, const struct semver *version)
{
	const struct semver *base = &term->base;
	if (term->dirty) {
		if (version->major != base->major)
			return true;
		if (version->minor != base->minor && !term->minor_dirty)
			return true;
		if (term->minor_dirty)
			return false;
		if (term->patch_dirty)
			return semver_compare_pre(version->pre, base->pre) != 0;
	}
	return semver_compare(version, base) != 0;
}

static bool is_above(const struct range_term *term, const struct semver *version)
{
	const struct semver *base = &term->base;
	bool above = semver_compare(version, base) > 0;
	if (term->minor_dirty)
		above = version->major > base->major;
	else if (term->patch_dirty)
		above = version->major > base->major ||
			(version->major == base->major && version->minor > base->minor);
	return above;
}

static bool is_up_to(const struct range_term *term, const struct semver *version)
{
	const struct semver *base = &term->base;
	bool above = semver_compare(version, base) > 0;
	if (term->dirty)
		above = version->major > base->major ||
			(version->major == base->major && version->minor > base->minor &&
			 !term->minor_dirty);
	return !above;
}

static bool is_in_tilde(const struct range_term *term, const struct semver *version)
{
	const struct semver *base = &term->base;
	if (semver_compare(version, base) < 0)
		return false;
	/* `~0.0.0` accepts everything, just as `~*` does */
	if (base->major == 0 && base->minor == 0 && base->patch == 0 &&
	    !term->minor_dirty && !term->patch_dirty)
		return true;
	return version->major == base->major &&
	       (version->minor == base->minor || term->minor_dirty);
}

static bool is_in_caret(const struct range_term *term, const struct semver *version)
{
	const struct semver *base = &term->base;
	if (semver_compare(version, base) < 0)
		return false;
	if (base->major > 0 || term->minor_dirty)
		return version->major == base->major;
	if (version->major > 0)
		return false;
	if (base->minor > 0 || term->patch_dirty)
		return version->minor == base->minor;
	if (version->minor > 0)
		return false;
	return version->patch == base->patch;
}

static bool term_accepts(const struct range_term *term, const struct semver *version)
{
	switch (term->op) {
	case RANGE_NONE:
		if (term->dirty)
			return is_in_tilde(term, version);
		return semver_compare(version, &term->base) == 0;
	case RANGE_NOT_EQUAL:
		return is_not(term, version);
	case RANGE_ABOVE:
		return is_above(term, version);
	case RANGE_BELOW:
		return semver_compare(version, &term->base) < 0;
	case RANGE_FROM:
		return semver_compare(version, &term->base) >= 0;
	case RANGE_UP_TO:
		return is_up_to(term, version);
	case RANGE_TILDE:
		return is_in_tilde(term, version);
	case RANGE_CARET:
		return is_in_caret(term, version);
	}
	return true;
}

static bool group_accepts(const struct range_group *group, const struct semver *version)
{
	for (size_t i = 0; i < group->terms.len; i++)
		if (!term_accepts(&group->terms.items[i], version))
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
