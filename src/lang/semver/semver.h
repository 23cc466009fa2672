/* SPDX-License-Identifier: MIT */
/*
 * Semantic versions and ranges as Masterminds/semver 3.5 reads them, with its error
 * texts, and the rule by which Flux takes a tag for a version.
 */
#ifndef LANG_SEMVER_SEMVER_H
#define LANG_SEMVER_SEMVER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum semver_grammar {
	SEMVER_LOOSE,  /* NewVersion: `v1`, `1.2-rc`, `01.2.3` too */
	SEMVER_STRICT, /* StrictNewVersion: semver.org to the letter */
	SEMVER_FLUX    /* loose, but with two dots somewhere */
};

/* `pre` and `meta` view the parsed text; they stand without `-` and `+`. */
struct semver {
	uint64_t major;
	uint64_t minor;
	uint64_t patch;
	struct str pre;  /* `rc.1`, empty for a release */
	struct str meta; /* `build.7`, empty when there is none */
};

/* Reads a whole text without allocating; false when it is no version. O(length), at most
 * LIMIT_VERSION_BYTES. */
bool semver_read(struct str text, enum semver_grammar grammar, struct semver *out);
/* The same with Masterminds' text in ERR_INVALID ("invalid semantic version"). */
int semver_parse(struct str text, enum semver_grammar grammar, struct semver *out,
		 struct err *err) MUST_CHECK;
/* Precedence: negative, 0, positive. Build metadata never counts, an all-digit identifier
 * above uint64 counts as text. */
int semver_compare(const struct semver *a, const struct semver *b);
/* The same for two pre-releases ("" is above all others). */
int semver_compare_pre(struct str a, struct str b);
/* Appends `MAJOR.MINOR.PATCH[-PRE][+META]`. */
void semver_write(struct buf *out, const struct semver *version);

/* A parsed constraint: `>=1.2 <2 || ^3`. Lives in the arena that it was made in. */
struct semver_range;

/* Parses a constraint; keeps no view of `text`. ERR_INVALID with Masterminds' text
 * ("improper constraint: \"1.\"", "constraint parser error"). At most LIMIT_RANGE_BYTES
 * and LIMIT_RANGE_GROUPS. */
int semver_range_new(struct str text, struct arena *arena, struct semver_range **out,
		     struct err *err) MUST_CHECK;
/* Constraints.Check; `prereleases` is Masterminds' IncludePrerelease, which Flux and
 * sprig leave off. Allocates nothing. */
bool semver_range_accepts(const struct semver_range *range, const struct semver *version,
			  bool prereleases);

/* Appends Go's strconv.Quote of the text, which is fmt's %q. */
void semver_quote(struct buf *out, struct str text);

#endif
