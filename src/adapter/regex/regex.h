/* SPDX-License-Identifier: MIT */
/*
 * Go's regular expressions by RE2: the same syntax, the same error texts, linear time.
 * What RE2 takes and Go refuses is refused here; `(?<name>` is accepted as Go 1.22 does.
 */
#ifndef ADAPTER_REGEX_REGEX_H
#define ADAPTER_REGEX_REGEX_H

#include "base/buf.h"
#include "base/err.h"

struct regex;

/* A group's span in the subject; ptr NULL when it did not take part. */
struct regex_group {
	struct str text;
};

enum {
	REGEX_MAX_GROUPS = 64
};

/* Compiles. ERR_INVALID with Go's text ("error parsing regexp: missing closing ]: `[a`");
 * ERR_LIMIT beyond LIMIT_REGEX_BYTES. */
int regex_new(struct str pattern, struct regex **out, struct err *err) MUST_CHECK;
/* NULL is fine; regex_cleanup() is for CLEANUP(). */
void regex_free(struct regex *regex);
void regex_cleanup(struct regex *const *regex);
#define REGEX_CLEANUP CLEANUP(regex_cleanup)
/* Unanchored leftmost-first search. The cheap question: ask it before regex_find(). */
bool regex_matches(const struct regex *regex, struct str subject);
/* The same from offset `start` with the spans of group 0 and up to n_groups - 1 others;
 * what stands before `start` still counts for `^` and `\b`. Elements beyond the
 * pattern's groups get a NULL ptr. Spans view the subject, unless its ptr is NULL. */
bool regex_find(const struct regex *regex, struct str subject, size_t start,
		struct regex_group *groups, size_t n_groups);
size_t regex_group_count(const struct regex *regex); /* without group 0 */
/* The name of group i (1-based), NULL for an unnamed one. */
const char *regex_group_name(const struct regex *regex, size_t i);
/* Whether a group has that name or, for digits, that number. */
bool regex_has_group(const struct regex *regex, struct str name);
/* Appends the template `text` expanded as Go's Regexp.Expand does. `groups` are all
 * groups + 1. */
void regex_expand(const struct regex *regex, struct buf *out, struct str text,
		  const struct regex_group *groups);
/* How many references of the template `text` mean a group that the pattern has, group 0
 * included; `$01` means group 1, though Go takes it for a name. *unknown (may be NULL) is
 * the first name or number that stands for no group, ptr NULL when there is none. */
size_t regex_template_refs(const struct regex *regex, struct str text,
			   struct str *unknown);
/* Whether the template `text` is one reference and nothing else, to one group: then its
 * expansion is that group's span. */
bool regex_template_group(const struct regex *regex, struct str text, size_t *out);
/* Go's regexp.QuoteMeta. */
void regex_quote(struct buf *out, struct str text);

#endif
