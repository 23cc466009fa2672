/* SPDX-License-Identifier: MIT */
/* Looking around on the page; the judgement is in attach.c. */
#include "stage/rewrite/page.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

const struct scan_event *page_event(const struct page *page, size_t i)
{
	return &page->events->items[i];
}

size_t page_lead_end(const struct page *page, const struct scan_event *comment)
{
	size_t at = comment->start;
	while (at > 0 && is_space(page->text.ptr[at - 1]))
		at--;
	if (at == 0 || (at == 3 && memcmp(page->text.ptr, "\xef\xbb\xbf", 3) == 0))
		return PAGE_NOTHING;
	for (size_t n = 1; n <= 3 && n <= at; n++)
		if (scanner_break_len(page->text, at - n) == n)
			return PAGE_NOTHING;
	return at;
}

static bool stands_alone(const struct page *page, const struct scan_event *comment)
{
	return page_lead_end(page, comment) == PAGE_NOTHING;
}

struct page_next page_next(const struct page *page, const struct scan_event *comment)
{
	struct page_next next = { comment->end_line, comment->end_col, false };
	size_t at = comment->end;
	while (at < page->text.len) {
		size_t n = scanner_break_len(page->text, at);
		if (n) {
			next.line++;
			next.col = 1;
		} else if (is_space(page->text.ptr[at])) {
			next.col++;
			n = 1;
		} else {
			char c = page->text.ptr[at];
			next.closes = c == ']' || c == '}';
			break;
		}
		at += n;
	}
	return next;
}

size_t page_token_end(const struct page *page, size_t i, uint32_t *line)
{
	size_t at = page_event(page, i)->start;
	*line = page_event(page, i)->line;
	while (at > 0) {
		const struct scan_event *before = i > 0 ? page_event(page, i - 1) : NULL;
		if (before && before->kind == SCAN_COMMENT && before->end == at &&
		    !before->in_header) {
			i--;
			at = before->start;
			continue;
		}
		size_t n = 3;
		while (n > 0 && (n > at || scanner_break_len(page->text, at - n) != n))
			n--;
		if (n)
			(*line)--;
		else if (is_space(page->text.ptr[at - 1]))
			n = 1;
		else
			break;
		at -= n;
	}
	return at;
}

bool page_follows_directly(const struct page *page, size_t i)
{
	const struct scan_event *comment = page_event(page, i);
	if (comment->kind != SCAN_COMMENT || !stands_alone(page, comment))
		return false;
	struct page_next next = page_next(page, page_event(page, i - 1));
	return next.line == comment->line && next.col == comment->col;
}
