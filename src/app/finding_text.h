/* SPDX-License-Identifier: MIT */
/* Findings as people and programs read them (DESIGN 9). */
#ifndef APP_FINDING_TEXT_H
#define APP_FINDING_TEXT_H

#include "base/buf.h"
#include "base/finding.h"
#include "base/value.h"

/* Appends `path:line:col: severity: text [id]` and, on a line of its own, the hint; what
 * is not known of the place is left out, control characters are escaped. */
void finding_write(struct buf *out, const struct finding *finding);
/* All findings as a list of maps. */
struct value *findings_to_value(const struct finding_list *findings, struct arena *arena);

#endif
