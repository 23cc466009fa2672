/* SPDX-License-Identifier: MIT */
/* Whether a text would be read as something else than itself when it stands plain. */
#ifndef STAGE_REWRITE_QUOTE_H
#define STAGE_REWRITE_QUOTE_H

#include "base/str.h"

/* Whether YAML 1.1 or 1.2 reads the plain text as null, bool, integer, float, sexagesimal
 * or date, overflowing ones included. Pure. */
bool quote_is_typed(struct str text);

/* Whether the text can stand plain at all: one line, no indicator at its front, no `: `
 * or ` #`; in flow also none of `:,[]{}?`. Pure. */
bool quote_is_plain(struct str text, bool in_flow);

#endif
