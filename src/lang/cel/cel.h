/* SPDX-License-Identifier: MIT */
/*
 * The subset of CEL that commitStatusExpr needs: member and index access, literals,
 * `+ == != && || ! ?:`, `in`, has(), size(), string methods, list first() and last().
 * What is outside the subset is refused by name. Steps and bytes are counted.
 */
#ifndef LANG_CEL_CEL_H
#define LANG_CEL_CEL_H

#include "base/err.h"
#include "base/value.h"

struct cel;

/* Compiles an expression that must give a string; `roots` are the variables (`event`,
 * `provider`, `alert`). ERR_INVALID with line and column; ERR_UNSUPPORTED naming what the
 * subset has not. The expression lives in the arena. */
int cel_compile(struct str text, const struct strings *roots, struct arena *arena,
		struct cel **out, struct err *err) MUST_CHECK;
/* Evaluates over a map of the roots. ERR_INVALID ("no such key: x", not a string);
 * ERR_LIMIT. */
int cel_eval_string(const struct cel *cel, const struct value *roots, struct arena *arena,
		    const char **out, struct err *err) MUST_CHECK;

#endif
