/* SPDX-License-Identifier: MIT */
/* Go's fmt package: how values print, and what printf says about its own misuse. */
#ifndef LANG_TEMPLATE_GFMT_H
#define LANG_TEMPLATE_GFMT_H

#include "lang/template/gval.h"

/* fmt.Sprint: blanks between two operands when neither is a string. */
void gfmt_print(struct gctx *ctx, struct buf *out, const struct gval *args, size_t n);
/* fmt.Sprintln: blanks between all, a line feed behind. */
void gfmt_println(struct gctx *ctx, struct buf *out, const struct gval *args, size_t n);
/* fmt.Sprintf. */
void gfmt_printf(struct gctx *ctx, struct buf *out, struct str format,
		 const struct gval *args, size_t n);
/* The value as `%v` prints it. */
void gfmt_value(struct gctx *ctx, struct buf *out, struct gval v);
/* The same as a text in the context's memory. */
struct str gfmt_text(struct gctx *ctx, struct gval v);
/* What %T prints: the dynamic type's name, `<nil>` for nil. */
const char *gfmt_type_name(struct gval v);

#endif
