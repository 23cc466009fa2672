/* SPDX-License-Identifier: MIT */
/*
 * Markers: replaces exactly the bytes of the marked values of one file, and proves that
 * nothing else changed. Everything Flux would re-serialise stays.
 */
#ifndef STAGE_REWRITE_REWRITE_H
#define STAGE_REWRITE_REWRITE_H

#include "base/err.h"
#include "base/finding.h"
#include "model/change.h"

/* The bytes that a file must hold to be looked at. */
#define REWRITE_TOKEN "\"$imagepolicy\""

struct rewrite_request {
	struct str path; /* for findings only */
	struct str text;
	const char *namespace; /* markers of other namespaces are not ours */
	const struct image_choice_list *choices;
	/* policies of that namespace that exist but have no choice yet or are not
	 * selected: their markers are left alone without a finding; `ns:name` texts */
	const struct strings *known;
	/* the namespaces that have an automation: markers of others are told; NULL when
	 * that is not known */
	const struct strings *namespaces;
	/* Optional guard, asked before a value is written: false leaves it, and adds its
	 * own finding. */
	bool (*may_write)(void *ctx, const struct image_choice *choice,
			  struct str old_value, struct str new_value, struct place place);
	void *may_write_ctx;
};

/*
 * Rewrites one file.
 *
 * new_text  the input's own bytes when nothing changed, else a text in the arena
 * changes   one per changed value, in position order
 * findings  every marker that cannot work, with `path:line:col`
 *
 * Returns 0, changed or not; ERR_INVALID when a text with a token was left alone because
 * it cannot be parsed or failed verification (a finding says which); ERR_LIMIT when it is
 * too large or too deep. Pure. Time is linear in the text but for flow nesting, which is
 * capped.
 */
int rewrite_text(const struct rewrite_request *request, struct arena *arena,
		 struct str *new_text, struct change_list *changes,
		 struct finding_list *findings, struct err *err) MUST_CHECK;

/* `*.yaml`, `*.yml` and `Kustomization`: the files that are looked at. */
bool rewrite_is_candidate(struct str path);
/* Whether a text may hold a marker; also as UTF-16, which is then found unreadable. */
bool rewrite_holds_token(struct str text);

#endif
