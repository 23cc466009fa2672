/* SPDX-License-Identifier: MIT */
/* A run in words: the few lines that a pusher sees, and the full report of a terminal. */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "app/run.h"

/* At most LIMIT_HOOK_LINES lines of at most 72 ASCII columns, each beginning
 * `imagehook:` or indented below such a line (DESIGN 9); empty when there is
 * nothing to say. */
void report_pusher(struct session *session, const struct run_report *report,
		   struct strings *lines);
/* What ended a run early, in the same form. */
void report_pusher_error(const char *text, struct arena *arena, struct strings *lines);
/* The same content without limits. */
void report_terminal(struct session *session, const struct run_report *report,
		     struct buf *out);
/* What plan shows: per automation its branch, the unified diff and the message. */
void report_plan(struct session *session, const struct run_report *report,
		 struct buf *out);
/* The whole of it for programs; with_diff: the unified diff of each update, as plan
 * shows it. */
struct value *report_value(struct session *session, const struct run_report *report,
			   bool with_diff);
/* Every finding as `path:line:col: severity: text [id]`, its hint on a line of its own.
 */
void report_findings(const struct finding_list *findings, enum severity at_least,
		     struct buf *out);
/* Whether the run should end with a failure status. */
bool report_is_failure(const struct session *session, const struct run_report *report);
/* "1 image", "2 images". */
const char *report_count(struct arena *arena, size_t n, const char *noun);

#endif
