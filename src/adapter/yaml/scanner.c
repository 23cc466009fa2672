/* SPDX-License-Identifier: MIT */
/*
 * From the library's marks to bytes. Marks count code points, leave a leading byte order
 * mark out, begin at the anchor or tag of a scalar, and comments have none: each is made
 * good here, by one cursor that walks the text beside the events.
 */
#include "adapter/yaml/scanner.h"
#include "adapter/yaml/anchors.h"
#include "adapter/yaml/stream.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/vec.h"

/* A place in the text in every measure. */
struct spot {
	size_t byte;
	size_t index; /* code points, as the library counts them */
	uint32_t line;
	uint32_t col;
};

struct level {
	bool is_map;
	bool is_flow;
	bool wants_key;
};

struct scanner {
	struct stream stream;
	struct str text;
	struct arena *arena;
	bool ascii;
	size_t bom_bytes;
	struct spot cursor;     /* byte and index only: where the last mark was */
	struct spot gap;        /* behind what has been told */
	struct scan_event node; /* read, not told yet */
	struct spot inner;      /* behind the node's anchor and tag */
	bool pending;
	struct scan_event header; /* a block scalar's comment, told after it */
	bool has_header;
	VEC_OF(struct level) levels;
	struct anchors anchors; /* of this document: the names alone */
};

void scanner_free(struct scanner **scanner)
{
	if (*scanner)
		stream_release(&(*scanner)->stream);
	*scanner = NULL;
}

static bool is_ascii(struct str text)
{
	size_t i = 0;
	for (; i + sizeof(uint64_t) <= text.len; i += sizeof(uint64_t)) {
		uint64_t word = 0;
		memcpy(&word, text.ptr + i, sizeof(word));
		if (word & 0x8080808080808080U)
			return false;
	}
	for (; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x80)
			return false;
	return true;
}

int scanner_open(struct scanner **out, struct str text, struct arena *arena,
		 struct err *err)
{
	struct scanner *scanner = ARENA_NEW(arena, struct scanner);
	scanner->text = text;
	scanner->arena = arena;
	scanner->ascii = is_ascii(text);
	scanner->bom_bytes = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
	scanner->cursor.byte = scanner->bom_bytes;
	scanner->gap = (struct spot){ scanner->bom_bytes, 0, 1, 1 };
	int code = stream_open(&scanner->stream, text, err);
	if (!code)
		*out = scanner;
	return code;
}

size_t scanner_break_len(struct str text, size_t off)
{
	return break_len(text, off);
}

/* Marks come in order but for a few that step back a little, so one cursor serves all. */
static size_t byte_of(struct scanner *scanner, size_t index)
{
	if (scanner->ascii)
		return index;
	struct str text = scanner->text;
	struct spot *at = &scanner->cursor;
	while (at->index < index && at->byte < text.len) {
		at->byte++;
		while (at->byte < text.len &&
		       ((unsigned char)text.ptr[at->byte] & 0xc0) == 0x80)
			at->byte++;
		at->index++;
	}
	while (at->index > index && at->byte > scanner->bom_bytes) {
		at->byte--;
		while (at->byte > scanner->bom_bytes &&
		       ((unsigned char)text.ptr[at->byte] & 0xc0) == 0x80)
			at->byte--;
		at->index--;
	}
	return at->byte;
}

static struct spot spot_of(struct scanner *scanner, yaml_mark_t mark)
{
	return (struct spot){ byte_of(scanner, mark.index), mark.index,
			      (uint32_t)mark.line + 1, (uint32_t)mark.column + 1 };
}

/* Steps over one character or line break. */
static void step(struct str text, struct spot *spot)
{
	if (text.ptr[spot->byte] >= ' ') {
		spot->byte++;
		spot->index++;
		spot->col++;
		return;
	}
	size_t n = break_len(text, spot->byte);
	if (n) {
		spot->index += text.ptr[spot->byte] == '\r' && n == 2 ? 2 : 1;
		spot->byte += n;
		spot->line++;
		spot->col = 1;
		return;
	}
	uint32_t code_point = 0;
	n = str_utf8_decode(text, spot->byte, &code_point);
	spot->byte += n ? n : 1;
	spot->index++;
	spot->col++;
}

static bool is_blank_at(struct str text, size_t off)
{
	return off < text.len && (text.ptr[off] == ' ' || text.ptr[off] == '\t');
}

/* Takes the comment at `spot`, which moves to the line's end. */
static void take_comment(const struct scanner *scanner, struct spot *spot,
			 struct scan_event *out)
{
	struct spot from = *spot;
	while (spot->byte < scanner->text.len && !break_len(scanner->text, spot->byte))
		step(scanner->text, spot);
	*out = (struct scan_event){ .kind = SCAN_COMMENT,
				    .start = from.byte,
				    .text = from.byte,
				    .end = spot->byte,
				    .line = from.line,
				    .col = from.col,
				    .end_line = spot->line,
				    .end_col = spot->col };
	out->content = str_slice(scanner->text, from.byte, spot->byte - from.byte);
}

/* Walks a gap between tokens to its next comment; false when it holds no more. What is
 * no comment there is white space, indicators and directives, none of which may hold
 * `#`. */
static bool next_comment(const struct scanner *scanner, struct spot *spot, size_t end,
			 struct scan_event *out)
{
	struct str text = scanner->text;
	/* most gaps hold none; the spot need not move, the node's own is known */
	if (spot->byte >= end || !memchr(text.ptr + spot->byte, '#', end - spot->byte))
		return false;
	while (spot->byte < end) {
		if (text.ptr[spot->byte] == '#') {
			take_comment(scanner, spot, out);
			return true;
		}
		step(text, spot);
	}
	return false;
}

static bool is_anchor_char(char c)
{
	return char_is_alnum(c) || c == '-' || c == '_';
}

/* Moves behind one anchor or tag; false when there is none. */
static bool skip_property(struct str text, struct spot *spot)
{
	if (spot->byte >= text.len ||
	    (text.ptr[spot->byte] != '&' && text.ptr[spot->byte] != '!'))
		return false;
	bool is_tag = text.ptr[spot->byte] == '!';
	bool is_verbatim = is_tag && str_starts(str_from(text, spot->byte), STR("!<"));
	step(text, spot);
	while (spot->byte < text.len && !break_len(text, spot->byte) &&
	       !is_blank_at(text, spot->byte)) {
		char c = text.ptr[spot->byte];
		if (!is_tag && !is_anchor_char(c))
			break;
		if (is_tag && !is_verbatim && strchr(",[]{}", c) && c)
			break;
		step(text, spot);
		if (is_verbatim && c == '>')
			break;
	}
	return true;
}

/* Moves behind white space; true when a comment stands there. */
static bool skip_space(struct str text, struct spot *spot, size_t end)
{
	while (spot->byte < end &&
	       (is_blank_at(text, spot->byte) || break_len(text, spot->byte)))
		step(text, spot);
	return spot->byte < end && text.ptr[spot->byte] == '#';
}

/* Moves from an anchor or tag to what it belongs to; comments on the way are left for the
 * gap. `last` is behind the last property. */
static struct spot skip_properties(const struct scanner *scanner, struct spot spot,
				   size_t end, struct spot *last)
{
	struct scan_event unused;
	while (skip_property(scanner->text, &spot)) {
		*last = spot;
		while (skip_space(scanner->text, &spot, end))
			take_comment(scanner, &spot, &unused);
	}
	return spot;
}

static enum scan_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return SCAN_SINGLE_QUOTED;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return SCAN_DOUBLE_QUOTED;
	case YAML_LITERAL_SCALAR_STYLE:
		return SCAN_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return SCAN_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return SCAN_PLAIN;
}

/* The decoded text, as a view of the text where it stands there as it is. */
static struct str content_of(const struct scanner *scanner,
			     const struct scan_event *event, const unsigned char *value,
			     size_t len)
{
	struct str decoded = { (const char *)value, len };
	bool is_quoted =
	    event->style == SCAN_SINGLE_QUOTED || event->style == SCAN_DOUBLE_QUOTED;
	struct str raw = str_slice(scanner->text, event->text + (is_quoted ? 1 : 0), len);
	if (str_eq(raw, decoded))
		return raw;
	return arena_str(scanner->arena, decoded);
}

static struct str copy_of(const struct scanner *scanner, const unsigned char *name)
{
	return name ? arena_str(scanner->arena, str_of((const char *)name))
		    : (struct str){ NULL, 0 };
}

static void fill_span(struct scanner *scanner, const yaml_event_t *event,
		      struct scan_event *out)
{
	struct spot start = spot_of(scanner, event->start_mark);
	struct spot end = spot_of(scanner, event->end_mark);
	*out = (struct scan_event){ .start = start.byte,
				    .text = start.byte,
				    .end = end.byte,
				    .line = start.line,
				    .col = start.col,
				    .end_line = end.line,
				    .end_col = end.col };
	scanner->inner = start;
}

/* What the node is to its collection, and what that one expects next. */
static void fill_role(struct scanner *scanner, struct scan_event *out)
{
	out->role = SCAN_ROOT;
	if (scanner->levels.len == 0)
		return;
	struct level *level = &scanner->levels.items[scanner->levels.len - 1];
	out->in_flow = level->is_flow;
	if (!level->is_map) {
		out->role = SCAN_ITEM;
		return;
	}
	out->role = level->wants_key ? SCAN_KEY : SCAN_VALUE;
	level->wants_key = !level->wants_key;
}

/* The node's own text begins behind its anchor and tag. */
static void fill_properties(struct scanner *scanner, const unsigned char *anchor,
			    const unsigned char *tag, struct scan_event *out)
{
	out->anchor = copy_of(scanner, anchor);
	out->tag = copy_of(scanner, tag);
	if (anchor)
		(void)anchors_add(&scanner->anchors, scanner->arena, out->anchor);
	if (!anchor && !tag)
		return;
	struct spot start = scanner->inner;
	struct spot text = skip_properties(scanner, start, out->end, &scanner->inner);
	if (out->kind != SCAN_SCALAR)
		text = scanner->inner;
	out->text = text.byte;
	out->line = text.line;
	out->col = text.col;
}

static void fill_scalar(struct scanner *scanner, const yaml_event_t *event,
			struct scan_event *out)
{
	out->kind = SCAN_SCALAR;
	out->style = style_of(event->data.scalar.style);
	fill_properties(scanner, event->data.scalar.anchor, event->data.scalar.tag, out);
	out->content =
	    content_of(scanner, out, event->data.scalar.value, event->data.scalar.length);
}

static void fill_collection(struct scanner *scanner, const yaml_event_t *event,
			    struct scan_event *out)
{
	bool is_map = event->type == YAML_MAPPING_START_EVENT;
	bool is_flow = is_map
			   ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
			   : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	out->kind = is_map ? SCAN_MAPPING : SCAN_SEQUENCE;
	out->style = is_flow ? SCAN_FLOW : SCAN_BLOCK;
	fill_properties(
	    scanner,
	    is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor,
	    is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag, out);
	struct level *level = VEC_ADD(scanner->arena, &scanner->levels);
	*level = (struct level){ is_map, is_flow || out->in_flow, is_map };
}

static void fill_event(struct scanner *scanner, const yaml_event_t *event,
		       struct scan_event *out)
{
	fill_span(scanner, event, out);
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		fill_role(scanner, out);
		fill_scalar(scanner, event, out);
		break;
	case YAML_ALIAS_EVENT:
		fill_role(scanner, out);
		out->kind = SCAN_ALIAS;
		out->content = copy_of(scanner, event->data.alias.anchor);
		break;
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		fill_role(scanner, out);
		fill_collection(scanner, event, out);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		scanner->levels.len--;
		out->kind = SCAN_END;
		break;
	case YAML_DOCUMENT_START_EVENT:
		out->kind = SCAN_DOCUMENT;
		out->is_explicit = !event->data.document_start.implicit;
		break;
	case YAML_DOCUMENT_END_EVENT:
		out->kind = SCAN_DOCUMENT_END;
		break;
	default:
		out->kind = SCAN_STREAM_END;
		break;
	}
}

/* The comment on a block scalar's header line. */
static void find_header(struct scanner *scanner, const struct scan_event *event)
{
	struct spot spot = { event->text, 0, event->line, event->col };
	struct str text = scanner->text;
	if (event->style != SCAN_LITERAL && event->style != SCAN_FOLDED)
		return;
	while (spot.byte < event->end && !break_len(text, spot.byte) &&
	       text.ptr[spot.byte] != '#')
		step(text, &spot);
	if (spot.byte >= event->end || text.ptr[spot.byte] != '#')
		return;
	take_comment(scanner, &spot, &scanner->header);
	scanner->header.in_header = true;
	scanner->has_header = true;
}

static int read_node(struct scanner *scanner, struct err *err)
{
	yaml_event_t event CLEANUP(yaml_event_delete);
	do {
		int code = stream_next(&scanner->stream, &event, err);
		if (code)
			return code;
	} while (event.type == YAML_STREAM_START_EVENT);
	fill_event(scanner, &event, &scanner->node);
	scanner->pending = true;
	if (scanner->node.kind == SCAN_DOCUMENT)
		scanner->anchors.len = 0;
	if (scanner->node.kind != SCAN_ALIAS)
		return 0;
	if (anchors_find(&scanner->anchors, scanner->node.content))
		return 0;
	return anchors_fail(scanner->node.content, "names no anchor", scanner->node.line,
			    scanner->node.col, err);
}

/* Comments before the node, then those between its anchor or tag and itself. */
static bool tell_comment(struct scanner *scanner, struct scan_event *out)
{
	const struct scan_event *node = &scanner->node;
	size_t end = node->kind == SCAN_STREAM_END ? scanner->text.len : node->start;
	if (next_comment(scanner, &scanner->gap, end, out))
		return true;
	if (scanner->inner.byte > scanner->gap.byte)
		scanner->gap = scanner->inner;
	if (!next_comment(scanner, &scanner->gap, node->text, out))
		return false;
	out->in_node = true;
	return true;
}

int scanner_next(struct scanner *scanner, struct scan_event *out, struct err *err)
{
	if (scanner->has_header) {
		*out = scanner->header;
		scanner->has_header = false;
		return 0;
	}
	if (!scanner->pending) {
		int code = read_node(scanner, err);
		if (code)
			return code;
	}
	if (tell_comment(scanner, out))
		return 0;
	*out = scanner->node;
	scanner->pending = false;
	if (out->kind == SCAN_SCALAR || out->kind == SCAN_ALIAS) {
		scanner->gap = (struct spot){ out->end, 0, out->end_line, out->end_col };
		if (out->kind == SCAN_SCALAR)
			find_header(scanner, out);
	}
	return 0;
}
