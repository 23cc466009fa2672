/* SPDX-License-Identifier: MIT */
/* A parsed range, shared by what makes it and what asks it. */
#ifndef LANG_SEMVER_RANGE_H
#define LANG_SEMVER_RANGE_H

#include "lang/semver/semver.h"

enum range_op {
	RANGE_NONE, /* no operator, or `=` */
	RANGE_NOT_EQUAL,
	RANGE_ABOVE,
	RANGE_BELOW,
	RANGE_FROM,
	RANGE_UP_TO,
	RANGE_TILDE,
	RANGE_CARET
};

/* One comparison: an operator and a version that may have wildcards. */
struct range_term {
	enum range_op op;
	struct semver base; /* wildcards and missing numbers are 0 */
	bool dirty;         /* some number is a wildcard or missing */
	bool minor_dirty;   /* from the minor on */
	bool patch_dirty;   /* the patch only */
};

/* What stands between two `||`: every term has to accept. */
struct range_group {
	VEC_OF(struct range_term) terms;
	bool has_pre; /* some base is a pre-release, which lets pre-releases in */
};

struct semver_range {
	VEC_OF(struct range_group) groups;
};

#endif
