/* SPDX-License-Identifier: MIT */
/*
 * Decides which comment counts for which scalar. A comment is a line comment of what ends
 * before it on its line, a foot of what stands above it, or a head of what follows;
 * Flux's library tells them apart by blank lines and columns, and this follows it. A
 * scalar's line comment hides its head comment, and a marker must be the only one of its
 * sort.
 */
#include "stage/rewrite/attach.h"

#define NO_TARGET SIZE_MAX

/* An open collection. */
struct level {
	uint32_t col; /* of a block collection, 1-based; that of the parent in flow */
	bool is_flow;
	bool in_key; /* it is a key, or inside one */
	bool is_map;
};

struct indices {
	size_t *items;
	size_t len;
	size_t cap;
};

/* Comments of one scalar. */
struct tally {
	uint8_t lines; /* 0, 1, or 2 for several */
	uint8_t heads;
};

struct attach {
	struct page page;
	struct arena *arena;
	struct attachment_list *out;
	size_t *slots; /* event index of a comment -> its attachment */
	bool *is_head; /* by attachment */
	struct tally *tallies;
	VEC_OF(struct level) levels;
	struct indices heads; /* wait for the next node */
	struct indices lines; /* likewise */
	size_t passed;        /* heads that an empty value stands behind */
	size_t prev;          /* last event that is no comment */
	bool document_fresh;  /* nothing of the document was seen yet */
	bool keeps_header;    /* its header comments are not split off */
};

static const struct scan_event *event_at(const struct attach *attach, size_t i)
{
	return page_event(&attach->page, i);
}

static bool top_is_flow(const struct attach *attach)
{
	return attach->levels.len && attach->levels.items[attach->levels.len - 1].is_flow;
}

/* Whether a node is a key or part of one. */
static bool is_in_key(const struct attach *attach, const struct scan_event *event)
{
	return event->role == SCAN_KEY ||
	       (attach->levels.len &&
		attach->levels.items[attach->levels.len - 1].in_key);
}

/* 0-based indentation of the innermost block collection. */
static uint32_t indent_of(const struct attach *attach)
{
	if (attach->levels.len == 0)
		return 0;
	return attach->levels.items[attach->levels.len - 1].col - 1;
}

static void set_target(struct attach *attach, size_t comment, size_t target, bool head)
{
	size_t slot = attach->slots[comment];
	attach->out->items[slot].target = target;
	attach->is_head[slot] = head;
	if (target == NO_TARGET)
		return;
	uint8_t *count =
	    head ? &attach->tallies[target].heads : &attach->tallies[target].lines;
	if (*count < 2)
		(*count)++;
}

static void drop_all(struct attach *attach, struct indices *list)
{
	for (size_t i = 0; i < list->len; i++)
		set_target(attach, list->items[i], NO_TARGET, false);
	list->len = 0;
}

/* Drops the first n of those that wait. */
static void drop_heads(struct attach *attach, size_t n)
{
	struct indices *heads = &attach->heads;
	if (n > heads->len)
		n = heads->len;
	for (size_t i = 0; i < n; i++)
		set_target(attach, heads->items[i], NO_TARGET, false);
	heads->len -= n;
	if (heads->len)
		memmove(heads->items, heads->items + n,
			heads->len * sizeof(*heads->items));
	attach->passed = 0;
}

static void give_all(struct attach *attach, struct indices *list, size_t target,
		     bool head)
{
	for (size_t i = 0; i < list->len; i++)
		set_target(attach, list->items[i], target, head);
	list->len = 0;
}

/* Behind a lone dash a comment is a head of what follows, even of the next item when this
 * one is empty. */
static bool is_behind_dash(const struct attach *attach, size_t i, size_t lead)
{
	const struct scan_event *prev = event_at(attach, attach->prev);
	bool is_node = prev->kind == SCAN_SCALAR || prev->kind == SCAN_ALIAS;
	return attach->page.text.ptr[lead - 1] == '-' && !top_is_flow(attach) &&
	       !event_at(attach, i)->in_node && !event_at(attach, i)->in_header &&
	       (!is_node || prev->start == prev->end || prev->end < lead);
}

/* The comment behind the last thing on its line. */
static void place_behind(struct attach *attach, size_t i, size_t lead)
{
	const struct scan_event *comment = event_at(attach, i);
	const struct scan_event *prev = event_at(attach, attach->prev);
	bool is_node = prev->kind == SCAN_SCALAR || prev->kind == SCAN_ALIAS;
	char c = attach->page.text.ptr[lead - 1];
	set_target(attach, i, NO_TARGET, false);
	if (comment->in_node) {
		VEC_PUSH(attach->arena, &attach->lines, i);
		return;
	}
	if (comment->in_header) {
		set_target(attach, i, attach->prev, false);
		return;
	}
	/* behind a comma that other comments stand before, it goes on to the next item */
	if (c == ',' && top_is_flow(attach) && attach->heads.len) {
		VEC_PUSH(attach->arena, &attach->lines, i);
		return;
	}
	if (is_node && !is_in_key(attach, prev) &&
	    (prev->end == lead || (c == ',' && top_is_flow(attach)))) {
		set_target(attach, i, attach->prev, false);
		return;
	}
	if (c == ':' && top_is_flow(attach))
		VEC_PUSH(attach->arena, &attach->lines, i);
}

/* The line that counts as directly below what stands above, where a comment is a foot; 0
 * when there is none. A plain scalar runs on to the comment, so only other tokens can
 * leave the library on the first line, where it knows no feet. */
static uint32_t foot_line_of(const struct attach *attach, size_t first, size_t token,
			     uint32_t token_line)
{
	const struct scan_event *prev = event_at(attach, attach->prev);
	bool runs_on = prev->kind == SCAN_SCALAR && prev->end > prev->start &&
		       (prev->style == SCAN_PLAIN || prev->style == SCAN_LITERAL ||
			prev->style == SCAN_FOLDED) &&
		       prev->end >= token &&
		       (first == 0 || event_at(attach, first - 1)->kind != SCAN_COMMENT);
	return token == 0 || (!runs_on && token_line <= 1) ? 0 : token_line + 1;
}

/* One run of comments that stand on lines of their own, from `first` to before `end`. */
static void place_run(struct attach *attach, size_t first, size_t end)
{
	uint32_t indent = indent_of(attach);
	uint32_t above = 0;
	size_t token = page_token_end(&attach->page, first, &above);
	uint32_t foot_line = foot_line_of(attach, first, token, above);
	bool is_value = token > 0 && attach->page.text.ptr[token - 1] == ':';
	bool first_gap = event_at(attach, first)->line <= above + 1;
	size_t group = first;
	for (size_t i = first; i < end; i++) {
		const struct scan_event *start = event_at(attach, group);
		const struct scan_event *comment = event_at(attach, i);
		struct page_next next = page_next(&attach->page, comment);
		bool is_foot = next.closes && top_is_flow(attach);
		if (next.line > comment->line + 1) {
			if (first_gap && ((start->line == foot_line && !is_value) ||
					  start->col - 1 < indent))
				is_foot = true;
			first_gap = false;
		}
		if (next.col - 1 < indent && next.col != start->col)
			is_foot = true;
		if (is_foot)
			group = i + 1;
	}
	for (size_t i = first; i < end; i++) {
		set_target(attach, i, NO_TARGET, false);
		if (i >= group)
			VEC_PUSH(attach->arena, &attach->heads, i);
	}
}

/* Of what stands above a document, only the part that touches the content is its. */
static void split_header(struct attach *attach)
{
	struct indices *heads = &attach->heads;
	size_t keep = heads->len;
	if (attach->keeps_header)
		return;
	while (keep > 0) {
		const struct scan_event *comment =
		    event_at(attach, heads->items[keep - 1]);
		if (page_next(&attach->page, comment).line > comment->line + 1)
			break;
		keep--;
	}
	drop_heads(attach, keep);
}

/* A block collection that is an item takes the comments above its dash, not those behind
 * it. */
static void take_stem(struct attach *attach, const struct scan_event *event)
{
	struct indices *heads = &attach->heads;
	size_t end = event->start;
	size_t stem = heads->len;
	bool dash_follows = false;
	while (stem > 0) {
		const struct scan_event *comment =
		    event_at(attach, heads->items[stem - 1]);
		struct str behind =
		    str_slice(attach->page.text, comment->end, end - comment->end);
		dash_follows = dash_follows || str_find_char(behind, '-') < behind.len;
		if (dash_follows)
			break;
		end = comment->start;
		stem--;
	}
	drop_heads(attach, stem);
}

static void open_level(struct attach *attach, const struct scan_event *event)
{
	bool in_key = is_in_key(attach, event);
	struct level level = { event->col, event->style == SCAN_FLOW, in_key,
			       event->kind == SCAN_MAPPING };
	if (attach->levels.len) {
		const struct level *parent =
		    &attach->levels.items[attach->levels.len - 1];
		if (level.is_flow || parent->is_flow)
			level = (struct level){ parent->col, true, in_key, level.is_map };
	} else if (level.is_flow) {
		level.col = 1;
	}
	VEC_PUSH(attach->arena, &attach->levels, level);
}

static void meet_collection(struct attach *attach, size_t i)
{
	const struct scan_event *event = event_at(attach, i);
	if (event->style == SCAN_FLOW) {
		drop_all(attach, &attach->heads);
		drop_all(attach, &attach->lines);
	} else if (event->role == SCAN_ITEM) {
		take_stem(attach, event);
	}
	open_level(attach, event);
}

static void meet_end(struct attach *attach)
{
	if (top_is_flow(attach)) {
		drop_all(attach, &attach->heads);
		drop_all(attach, &attach->lines);
	}
	if (attach->levels.len == 0)
		return;
	/* a mapping's end takes what an empty value at its end did not */
	if (attach->levels.items[attach->levels.len - 1].is_map)
		drop_heads(attach, attach->passed);
	attach->levels.len--;
}

static void meet_node(struct attach *attach, size_t i)
{
	const struct scan_event *event = event_at(attach, i);
	if (event->kind == SCAN_SCALAR && event->start == event->end) {
		attach->passed = attach->heads.len;
		return;
	}
	/* a mapping behind an anchor or tag stands where its first key does */
	if (event->role == SCAN_KEY && !event->in_flow && attach->levels.len)
		attach->levels.items[attach->levels.len - 1].col =
		    event->col < attach->levels.items[attach->levels.len - 1].col ||
			    i == 0 || event_at(attach, attach->prev)->kind == SCAN_MAPPING
			? event->col
			: attach->levels.items[attach->levels.len - 1].col;
	bool is_key = is_in_key(attach, event);
	attach->passed = 0;
	give_all(attach, &attach->heads, is_key ? NO_TARGET : i, true);
	give_all(attach, &attach->lines, is_key ? NO_TARGET : i, false);
}

static void meet_event(struct attach *attach, size_t i)
{
	const struct scan_event *event = event_at(attach, i);
	if (event->kind == SCAN_DOCUMENT) {
		if (event->is_explicit)
			drop_all(attach, &attach->heads);
		attach->document_fresh = true;
		attach->keeps_header = event->is_explicit && event->start == 0;
		return;
	}
	if (attach->document_fresh)
		split_header(attach);
	attach->document_fresh = false;
	switch (event->kind) {
	case SCAN_SCALAR:
	case SCAN_ALIAS:
		meet_node(attach, i);
		break;
	case SCAN_SEQUENCE:
	case SCAN_MAPPING:
		meet_collection(attach, i);
		break;
	case SCAN_END:
		meet_end(attach);
		break;
	case SCAN_DOCUMENT:
	case SCAN_DOCUMENT_END:
	case SCAN_STREAM_END:
	case SCAN_COMMENT:
		drop_all(attach, &attach->heads);
		drop_all(attach, &attach->lines);
		break;
	}
}

/* Places the comments from `i` on; returns the index behind them. */
static size_t meet_comments(struct attach *attach, size_t i)
{
	size_t n = attach->page.events->len;
	while (i < n && event_at(attach, i)->kind == SCAN_COMMENT) {
		size_t lead = page_lead_end(&attach->page, event_at(attach, i));
		if (lead != PAGE_NOTHING && !is_behind_dash(attach, i, lead)) {
			place_behind(attach, i, lead);
			i++;
			continue;
		}
		size_t end = i + 1;
		while (end < n && page_follows_directly(&attach->page, end))
			end++;
		place_run(attach, i, end);
		i = end;
	}
	return i;
}

static enum attach_fate fate_of(const struct attach *attach, size_t slot)
{
	size_t target = attach->out->items[slot].target;
	if (target == NO_TARGET)
		return ATTACH_NOWHERE;
	const struct scan_event *event = event_at(attach, target);
	const struct tally *tally = &attach->tallies[target];
	if (event->kind == SCAN_ALIAS)
		return ATTACH_ALIAS;
	if (event->start == event->end || event->text >= event->end)
		return ATTACH_NULL;
	bool alone = attach->is_head[slot] ? tally->lines == 0 && tally->heads == 1
					   : tally->lines == 1;
	return alone ? ATTACH_COUNTS : ATTACH_CROWDED;
}

void attach_comments(struct str text, const struct scan_events *events,
		     struct arena *arena, struct attachment_list *out)
{
	struct attach attach = { .page = { text, events }, .arena = arena, .out = out };
	size_t first_slot = out->len;
	attach.slots = ARENA_ARRAY(arena, size_t, events->len);
	attach.tallies = ARENA_ARRAY(arena, struct tally, events->len);
	for (size_t i = 0; i < events->len; i++) {
		if (events->items[i].kind != SCAN_COMMENT)
			continue;
		attach.slots[i] = out->len;
		struct attachment comment = { i, NO_TARGET, ATTACH_NOWHERE };
		VEC_PUSH(arena, out, comment);
	}
	attach.is_head = ARENA_ARRAY(arena, bool, out->len);
	for (size_t i = 0; i < events->len;) {
		if (events->items[i].kind == SCAN_COMMENT) {
			i = meet_comments(&attach, i);
			continue;
		}
		meet_event(&attach, i);
		/* the end of a block stands behind the comments that follow it */
		if (events->items[i].kind != SCAN_END ||
		    events->items[i].end > events->items[i].start)
			attach.prev = i;
		i++;
	}
	for (size_t slot = first_slot; slot < out->len; slot++)
		out->items[slot].fate = fate_of(&attach, slot);
}
