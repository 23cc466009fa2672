/* SPDX-License-Identifier: MIT */
/*
 * Decides what of a YAML text is let in at all: size, encoding, depth, anchors and
 * syntax. Depth is counted while events arrive, because the library's time grows with the
 * square of the nesting.
 */
#include "adapter/yaml/stream.h"
#include "base/arena.h"
#include "base/limits.h"

size_t break_len(struct str text, size_t off)
{
	if (off >= text.len)
		return 0;
	const unsigned char *at = (const unsigned char *)text.ptr + off;
	size_t left = text.len - off;
	if (at[0] == '\r')
		return left > 1 && at[1] == '\n' ? 2 : 1;
	if (at[0] == '\n')
		return 1;
	if (at[0] == 0xc2 && left > 1 && at[1] == 0x85)
		return 2;
	if (at[0] == 0xe2 && left > 2 && at[1] == 0x80 &&
	    (at[2] == 0xa8 || at[2] == 0xa9))
		return 3;
	return 0;
}

/* The place of a byte, for errors that the library gives an offset only. */
static void place_of(struct str text, size_t off, uint32_t *line, uint32_t *col)
{
	*line = 1;
	*col = 1;
	size_t at = str_starts(text, STR("\xef\xbb\xbf")) ? 3 : 0;
	while (at < off && at < text.len) {
		size_t n = break_len(text, at);
		if (n) {
			at += n;
			(*line)++;
			*col = 1;
			continue;
		}
		uint32_t code_point = 0;
		n = str_utf8_decode(text, at, &code_point);
		at += n ? n : 1;
		(*col)++;
	}
}

void stream_release(struct stream *stream)
{
	if (stream->open)
		yaml_parser_delete(&stream->parser);
	stream->open = false;
}

int stream_open(struct stream *stream, struct str text, struct err *err)
{
	*stream = (struct stream){ .text = text };
	if (text.len > LIMIT_FILE_BYTES) {
		(void)err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_FILE_BYTES));
		return err_at(err, NULL, 1, 1);
	}
	if (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff"))) {
		(void)err_set(err, ERR_INVALID, "the text is UTF-16, expected UTF-8");
		return err_at(err, NULL, 1, 1);
	}
	if (!yaml_parser_initialize(&stream->parser))
		die_out_of_memory();
	stream->open = true;
	yaml_parser_set_input_string(
	    &stream->parser, (const unsigned char *)(text.ptr ? text.ptr : ""), text.len);
	return 0;
}

int stream_fail(yaml_mark_t mark, int code, const char *text, struct err *err)
{
	(void)err_set(err, code, "%s", text);
	return err_at(err, NULL, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1);
}

static int fail_reader(const struct stream *stream, struct err *err)
{
	const yaml_parser_t *parser = &stream->parser;
	uint32_t line = 0;
	uint32_t col = 0;
	place_of(stream->text, parser->problem_offset, &line, &col);
	(void)err_set(err, ERR_INVALID, "not YAML: %s",
		      parser->problem ? parser->problem : "cannot be read as UTF-8");
	return err_at(err, NULL, line, col);
}

static int fail_syntax(const struct stream *stream, struct err *err)
{
	const yaml_parser_t *parser = &stream->parser;
	if (parser->error == YAML_MEMORY_ERROR)
		die_out_of_memory();
	if (parser->error == YAML_READER_ERROR)
		return fail_reader(stream, err);
	const char *context = parser->context;
	(void)err_set(err, ERR_INVALID, "not YAML: %s%s%s",
		      parser->problem ? parser->problem : "malformed",
		      context ? ", " : "", context ? context : "");
	return err_at(err, NULL, (uint32_t)parser->problem_mark.line + 1,
		      (uint32_t)parser->problem_mark.column + 1);
}

/* What an event opens or closes, and whether it is a node with an anchor. */
static void count_event(struct stream *stream, const yaml_event_t *event, bool *anchored)
{
	bool is_flow = false;
	switch (event->type) {
	case YAML_SEQUENCE_START_EVENT:
		is_flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
		*anchored = event->data.sequence_start.anchor != NULL;
		break;
	case YAML_MAPPING_START_EVENT:
		is_flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
		*anchored = event->data.mapping_start.anchor != NULL;
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		stream->depth--;
		if (stream->flow_depth)
			stream->flow_depth--;
		return;
	case YAML_SCALAR_EVENT:
		*anchored = event->data.scalar.anchor != NULL;
		stream->nodes++;
		return;
	case YAML_ALIAS_EVENT:
		stream->nodes++;
		return;
	default:
		return;
	}
	stream->nodes++;
	stream->depth++;
	/* inside a flow collection everything is flow */
	if (is_flow || stream->flow_depth)
		stream->flow_depth++;
}

static int check_limits(struct stream *stream, const yaml_event_t *event, struct err *err)
{
	bool anchored = false;
	count_event(stream, event, &anchored);
	if (stream->flow_depth > LIMIT_YAML_FLOW_DEPTH)
		return STREAM_FAIL_LIMIT(event->start_mark, LIMIT_YAML_FLOW_DEPTH, err);
	if (stream->depth > LIMIT_YAML_DEPTH)
		return STREAM_FAIL_LIMIT(event->start_mark, LIMIT_YAML_DEPTH, err);
	if (stream->nodes > LIMIT_YAML_NODES)
		return STREAM_FAIL_LIMIT(event->start_mark, LIMIT_YAML_NODES, err);
	if (anchored && ++stream->anchors > LIMIT_YAML_ANCHORS)
		return STREAM_FAIL_LIMIT(event->start_mark, LIMIT_YAML_ANCHORS, err);
	return 0;
}

int stream_next(struct stream *stream, yaml_event_t *event, struct err *err)
{
	memset(event, 0, sizeof(*event));
	if (!yaml_parser_parse(&stream->parser, event))
		return fail_syntax(stream, err);
	int code = check_limits(stream, event, err);
	if (code) {
		yaml_event_delete(event);
		memset(event, 0, sizeof(*event));
	}
	return code;
}
