/* SPDX-License-Identifier: MIT */
/*
 * Decides whether an edited text may be written. It trusts neither the splices nor the
 * spans: bytes are compared around the splices, then the new text is read anew and
 * compared event by event.
 */
#include "stage/rewrite/verify.h"
#include "stage/rewrite/quote.h"

static int verify_bytes(struct str before, struct str after,
			const struct splice_list *splices, struct err *err)
{
	size_t at = 0;
	size_t shifted = 0;
	for (size_t i = 0; i < splices->len; i++) {
		const struct splice *splice = &splices->items[i];
		if (splice->start < at || splice->end < splice->start ||
		    splice->end > before.len ||
		    !str_eq(str_slice(before, at, splice->start - at),
			    str_slice(after, shifted, splice->start - at)))
			return err_set(err, ERR_INVALID,
				       "bytes outside the edit changed");
		shifted += splice->start - at;
		if (!str_eq(splice->bytes, str_slice(after, shifted, splice->bytes.len)))
			return err_set(err, ERR_INVALID, "the edit was not made");
		shifted += splice->bytes.len;
		at = splice->end;
	}
	if (!str_eq(str_from(before, at), str_from(after, shifted)))
		return err_set(err, ERR_INVALID, "bytes outside the edit changed");
	return 0;
}

static bool same_event(const struct scan_event *a, const struct scan_event *b)
{
	return a->kind == b->kind && a->style == b->style && a->role == b->role &&
	       a->in_flow == b->in_flow && a->is_explicit == b->is_explicit &&
	       str_eq(a->anchor, b->anchor) && str_eq(a->tag, b->tag) &&
	       str_eq(a->content, b->content);
}

/* The scalar with its new value: still a string to every reader. */
static bool is_meant(const struct scan_event *before, const struct scan_event *after,
		     struct str value)
{
	bool is_string = after->style != SCAN_PLAIN || !quote_is_typed(after->content);
	bool tag_stays = str_eq(before->tag, after->tag) || after->tag.len == 0;
	return after->kind == SCAN_SCALAR && after->role == before->role &&
	       after->in_flow == before->in_flow && is_string && tag_stays &&
	       str_eq(before->anchor, after->anchor) && str_eq(after->content, value);
}

int verify_edit(struct str before, struct str after, const struct scan_events *events,
		const struct edit_list *edits, const struct splice_list *splices,
		struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct scanner *scanner SCANNER_CLEANUP = NULL;
	size_t next_edit = 0;
	int code = verify_bytes(before, after, splices, err);
	if (!code)
		code = scanner_open(&scanner, after, &arena, err);
	for (size_t i = 0; !code && i < events->len; i++) {
		struct scan_event event;
		code = scanner_next(scanner, &event, err);
		if (code)
			break;
		const struct scan_event *old = &events->items[i];
		bool is_edit =
		    next_edit < edits->len && edits->items[next_edit].event == i;
		bool good = is_edit ? is_meant(old, &event, edits->items[next_edit].value)
				    : same_event(old, &event);
		next_edit += is_edit;
		if (!good) {
			(void)err_set(err, ERR_INVALID,
				      "the edited text reads differently");
			code = err_at(err, NULL, event.line, event.col);
		}
	}
	return code;
}
