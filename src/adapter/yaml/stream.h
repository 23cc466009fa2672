/* SPDX-License-Identifier: MIT */
/*
 * The event stream that the files of this folder share: libyaml's events with our limits
 * and with a position in every error. Not for other folders.
 */
#ifndef ADAPTER_YAML_STREAM_H
#define ADAPTER_YAML_STREAM_H

#include "base/err.h"
#include "base/str.h"
#include <yaml.h>

struct stream {
	yaml_parser_t parser;
	bool open;
	struct str text;
	size_t depth;
	size_t flow_depth;
	size_t nodes;
	size_t anchors;
};

/* For CLEANUP(). A zeroed stream may be released. */
void stream_release(struct stream *stream);
#define STREAM_CLEANUP CLEANUP(stream_release)

/* Begins a text, which must outlive the stream. ERR_LIMIT when it is longer than
 * LIMIT_FILE_BYTES, ERR_INVALID when it is UTF-16. */
int stream_open(struct stream *stream, struct str text, struct err *err) MUST_CHECK;

/* The next event, which the caller deletes. ERR_INVALID with the place of the fault,
 * ERR_LIMIT; then the event holds nothing. */
int stream_next(struct stream *stream, yaml_event_t *event, struct err *err) MUST_CHECK;

/* Fails at a mark of the library. Returns code. */
int stream_fail(yaml_mark_t mark, int code, const char *text, struct err *err);
#define STREAM_FAIL_LIMIT(mark, limit, err)                      \
	(err_set((err), ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(limit)), \
	 err_at((err), NULL, (uint32_t)(mark).line + 1, (uint32_t)(mark).column + 1))

/* Length in bytes of the line break at `off` as YAML 1.1 knows them (CR LF, CR, LF, NEL,
 * LS, PS); 0 when there is none. */
size_t break_len(struct str text, size_t off);

#endif
