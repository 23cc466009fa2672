/* SPDX-License-Identifier: MIT */
/*
 * Go's text/template with the function sets that users of Flux know: what is parsed, run
 * and said about mistakes is what Go's own engine does.
 */
#ifndef LANG_TEMPLATE_TEMPLATE_H
#define LANG_TEMPLATE_TEMPLATE_H

#include "lang/template/gval.h"

enum template_functions {
	TEMPLATE_GO,   /* the builtins */
	TEMPLATE_SPRIG /* and sprig 3.3's functions that give the same text every time */
};

struct template;

/*
 * Parses a template and everything it defines.
 *
 * name   stands in errors and is the name of the main template; copied
 * text   borrowed for as long as *out is used
 * out    in the arena
 *
 * Returns 0; ERR_INVALID with `NAME:LINE: parse: TEXT`, TEXT as Go has it; ERR_LIMIT in
 * the same form.
 */
int template_parse(const char *name, struct str text, enum template_functions functions,
		   struct arena *arena, struct template **out,
		   struct err *err) MUST_CHECK;

/*
 * Appends what the template prints for `data`, whose values live at least as long as the
 * call; `out->max` bounds the output. On failure the contents of `out` are undefined.
 *
 * Returns 0; ERR_INVALID with `NAME:LINE:COL: exec: TEXT`, COL in bytes from 0 as Go
 * counts it; ERR_LIMIT in the same form. Time and memory are bounded by LIMIT_TEMPLATE_*.
 */
int template_execute(const struct template *tmpl, struct gval data, struct buf *out,
		     struct err *err) MUST_CHECK;

/* Whether the template takes a field of that name from anything, in a branch that runs or
 * not. */
bool template_uses_field(const struct template *tmpl, const char *name);

#endif
