/* SPDX-License-Identifier: MIT */
/*
 * A YAML text as events that know their exact bytes, comments included: what an edit in
 * place needs. Aliases stay aliases, nothing is typed.
 */
#ifndef ADAPTER_YAML_SCANNER_H
#define ADAPTER_YAML_SCANNER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum scan_kind {
	SCAN_DOCUMENT,     /* a document begins */
	SCAN_DOCUMENT_END, /* as a rule without bytes of its own */
	SCAN_SCALAR,
	SCAN_ALIAS,
	SCAN_SEQUENCE,
	SCAN_MAPPING,
	SCAN_END,     /* of the innermost collection */
	SCAN_COMMENT, /* `#` up to the line's end */
	SCAN_STREAM_END
};

enum scan_style {
	SCAN_BLOCK, /* of a collection */
	SCAN_FLOW,  /* of a collection */
	SCAN_PLAIN,
	SCAN_SINGLE_QUOTED,
	SCAN_DOUBLE_QUOTED,
	SCAN_LITERAL,
	SCAN_FOLDED
};

/* What a node is to the collection that holds it. */
enum scan_role {
	SCAN_ROOT,
	SCAN_KEY,
	SCAN_VALUE,
	SCAN_ITEM
};

struct scan_event {
	enum scan_kind kind;
	enum scan_style style;
	enum scan_role role;
	bool is_explicit;  /* a document that begins with `---` */
	bool in_flow;      /* a node inside a flow collection */
	bool in_header;    /* a comment behind `|` or `>` */
	bool in_node;      /* a comment between an anchor or tag and what it belongs to */
	size_t start;      /* first byte, of the anchor or tag if there is one */
	size_t text;       /* first byte behind anchor, tag and what follows them */
	size_t end;        /* behind the last byte */
	uint32_t line;     /* 1-based, of `text` */
	uint32_t col;      /* 1-based in code points, of `text` */
	uint32_t end_line; /* of `end` */
	uint32_t end_col;
	struct str anchor; /* empty: none */
	struct str tag;    /* resolved, `tag:yaml.org,2002:int`; empty: none */
	struct str
	    content; /* of a scalar, decoded; an alias' name; a comment with its `#` */
};

struct scanner;

/*
 * Begins a text, which must outlive the scanner. Contents that are not in the text as
 * they are (escapes, folded lines) are copied to the arena. ERR_INVALID, ERR_LIMIT as
 * yaml_load() has them. The scanner is freed by scanner_free().
 */
int scanner_open(struct scanner **out, struct str text, struct arena *arena,
		 struct err *err) MUST_CHECK;
/* The next event in the order of the text. ERR_INVALID with place, ERR_LIMIT. */
int scanner_next(struct scanner *scanner, struct scan_event *out,
		 struct err *err) MUST_CHECK;
/* Bytes of the line break at `off` as YAML 1.1 knows them: CR LF, CR, LF, NEL, LS, PS; 0
 * when there is none. */
size_t scanner_break_len(struct str text, size_t off);
/* For CLEANUP(). */
void scanner_free(struct scanner **scanner);
#define SCANNER_CLEANUP CLEANUP(scanner_free)

#endif
