/* SPDX-License-Identifier: MIT */
/* Tags, image references and choices: what a registry has and what a policy took. */
#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include "base/vec.h"

/* Tags in any order; the bytes are borrowed. */
struct tag_list {
	struct str *items;
	size_t len;
	size_t cap;
};

/* `name:tag[@digest]`. */
struct image_ref {
	const char *name; /* spec.image as it is written, not the canonical name */
	const char *tag;
	const char *digest; /* `sha256:...`, "" when there is none */
};

/* A policy's image as the rewrite stage uses it. */
struct image_choice {
	const char *namespace;
	const char *policy;
	struct image_ref ref;
};

struct image_choice_list {
	struct image_choice *items;
	size_t len;
	size_t cap;
};

/* What became of one tag under a policy, for `explain`. */
enum tag_fate {
	TAG_CHOSEN,
	TAG_OLDER,         /* in the running, but not the best */
	TAG_EXCLUDED,      /* by exclusionList; `by` is the expression */
	TAG_NO_MATCH,      /* filterTags.pattern does not match */
	TAG_SHADOWED,      /* another tag has the same key; `by` is that tag */
	TAG_NOT_A_VERSION, /* semver cannot parse the key */
	TAG_OUT_OF_RANGE,  /* outside the semver range */
	TAG_NOT_A_NUMBER   /* numerical cannot parse the key, which fails the policy */
};

struct tag_verdict {
	struct str tag;
	enum tag_fate fate;
	struct str key; /* what it is ordered by; empty when it has none */
	struct str by;
};

struct tag_verdict_list {
	struct tag_verdict *items;
	size_t len;
	size_t cap;
};

#endif
