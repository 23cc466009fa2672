/* SPDX-License-Identifier: MIT */
/* How commands show what the stages hand them. */
#ifndef CMD_SHOW_H
#define CMD_SHOW_H

#include "base/finding.h"

/* Writes each finding to stderr as `path:line:col: severity: text [id]`, its hint on a
 * line of its own; everything is escaped. */
void show_findings(const struct finding_list *findings);

#endif
