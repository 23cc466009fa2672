/* SPDX-License-Identifier: MIT */
/* The function tables, one a family, and how a function fails. */
#ifndef LANG_TEMPLATE_FUNCTIONS_H
#define LANG_TEMPLATE_FUNCTIONS_H

#include "lang/template/gval.h"

struct gfunc_table {
	const struct gfunc *rows;
	size_t n;
};

extern const struct gfunc_table functions_builtin, functions_compare, functions_string,
    functions_words, functions_list, functions_listmore, functions_dict, functions_math,
    functions_decimal, functions_regex, functions_path, functions_url, functions_encode,
    functions_json, functions_date, functions_semver, functions_logic;

/* The function of that name, sprig's before the builtin; NULL when there is none. */
const struct gfunc *function_find(struct str name, bool sprig);
/* Whether sprig has it but this program leaves it out. */
bool function_is_left_out(struct str name);

/* Fails the call with Go's text; returns the invalid value. */
struct gval call_fail(struct gcall *call, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A string result from a buffer. */
struct gval call_string(struct gcall *call, const struct buf *buf);
/* Argument i; the invalid value when it was not given or is nil. */
struct gval call_arg(const struct gcall *call, size_t i);
/* Argument i, which the signature has made sure is a string or an integer. */
struct str call_str(const struct gcall *call, size_t i);
int64_t call_int(const struct gcall *call, size_t i);

/* A value as sprig's strval has it: the text itself, String(), else %v. */
struct str convert_to_text(struct gctx *ctx, struct gval v);
/* sprig's toStrings: every element that is not nil as text. */
struct gval convert_to_strings(struct gctx *ctx, struct gval v);
/* spf13/cast: 0 for what is not a number. */
int64_t convert_to_int64(struct gval v);
/* The same as a float. */
double convert_to_float(struct gval v);
/* Go's strconv.ParseInt; base 0 takes prefixes and underscores. false when malformed or
 * out of range; *out is then the nearest bound or 0. */
bool convert_parse_int(struct str s, unsigned base, int64_t *out);

#define FUNCTION_TABLE(rows)          \
	{                             \
		rows, ARRAY_LEN(rows) \
	}

#endif
