/* SPDX-License-Identifier: MIT */
/* What stands around a comment on the page, by bytes, lines and columns alone. */
#ifndef STAGE_REWRITE_PAGE_H
#define STAGE_REWRITE_PAGE_H

#include "adapter/yaml/scanner.h"
#include "base/vec.h"

struct scan_events {
	struct scan_event *items;
	size_t len;
	size_t cap;
};

#define PAGE_NOTHING SIZE_MAX

struct page {
	struct str text;
	const struct scan_events *events; /* of the text, in its order */
};

/* The next thing on the page behind a comment. */
struct page_next {
	uint32_t line, col;
	bool closes; /* `]` or `}` */
};

/* The event at an index. */
const struct scan_event *page_event(const struct page *page, size_t i);
/* The offset behind the last thing on the comment's line before it; PAGE_NOTHING when it
 * stands alone there. */
size_t page_lead_end(const struct page *page, const struct scan_event *comment);
/* What comes behind a comment, blank lines left out; the end of the text has a place
 * too. */
struct page_next page_next(const struct page *page, const struct scan_event *comment);
/* Where the last thing before the comment at index `i` ends that is neither white space
 * nor comment, and its line. */
size_t page_token_end(const struct page *page, size_t i, uint32_t *line);
/* Whether the event is a comment on a line of its own with nothing but white space
 * between it and the comment before it. */
bool page_follows_directly(const struct page *page, size_t i);

#endif
