/* SPDX-License-Identifier: MIT */
/* What one verb of printf asks for; shared by the files that print values and numbers. */
#ifndef LANG_TEMPLATE_GFMT_STATE_H
#define LANG_TEMPLATE_GFMT_STATE_H

#include "lang/template/gval.h"

struct gfmt {
	struct gctx *ctx;
	struct buf *out;
	bool has_width, has_precision;
	bool minus, plus, sharp, space, zero;
	bool plus_v, sharp_v; /* %+v and %#v */
	bool erroring;        /* printing an error: no methods */
	int width, precision;
};

/* Writes the text padded to the width. */
void gfmt_pad(struct gfmt *f, struct str text);
/* `true` or `false`. */
void gfmt_bool(struct gfmt *f, bool b);
/* Base 2, 8, 10 or 16 with Go's flags; verb is the letter as written. */
void gfmt_integer(struct gfmt *f, uint64_t u, int base, bool is_signed, uint32_t verb);
/* As strconv writes it under e, f, g or x; -1 as precision is the shortest that reads
 * back. A precision of the verb wins. */
void gfmt_float(struct gfmt *f, double v, char verb, int precision);
/* `(1+2i)`, each part as gfmt_float(). */
void gfmt_complex(struct gfmt *f, double re, double im, char verb);
/* %c, %q and %U of a code point; what is none is U+FFFD for the first two. */
void gfmt_char(struct gfmt *f, uint64_t c);
void gfmt_quoted_char(struct gfmt *f, uint64_t c);
void gfmt_unicode(struct gfmt *f, uint64_t c);
/* A text for the verbs s, x, X, q and v; false for another verb. */
bool gfmt_string(struct gfmt *f, struct str s, uint32_t verb);

/* One operand under a verb, methods and %T included. */
void gfmt_arg(struct gfmt *f, struct gval v, uint32_t verb);

#endif
