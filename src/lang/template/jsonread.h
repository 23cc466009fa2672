/* SPDX-License-Identifier: MIT */
/* encoding/json's Unmarshal into an interface{}: laxer than adapter/json about duplicate
 * keys, with Go's error texts. */
#ifndef LANG_TEMPLATE_JSONREAD_H
#define LANG_TEMPLATE_JSONREAD_H

#include "lang/template/gval.h"

/* The value of a JSON text; all numbers are float64. On a mistake Go's text stands in
 * *error, which is empty otherwise. */
struct gval jsonread(struct gctx *ctx, struct str text, struct buf *error);

#endif
