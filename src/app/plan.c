/* SPDX-License-Identifier: MIT */
/* A dry run and its text. */
#include "app/plan.h"
#include "adapter/json/json.h"
#include "app/report.h"
#include "base/text.h"

static void describe_nothing(const struct run_report *report, struct buf *notes)
{
	(void)buf_printf(
	    notes, "imagehook: %zu of %zu image policies ready, nothing to update\n",
	    report->policies_ready, report->loaded.documents.policies.len);
}

int plan_make(struct session *session, struct plan *plan, struct buf *text,
	      struct buf *notes, struct err *err)
{
	struct run_options options = { .trigger = RUN_COMMAND,
				       .dry_run = true,
				       .on_progress = plan->on_progress,
				       .ctx = plan->ctx };
	struct run_report report = { 0 };
	int code = run_repository(session, &options, &report, err);
	if (code)
		return code;
	for (size_t i = 0; i < report.outcomes.len; i++)
		plan->would_change =
		    plan->would_change || report.outcomes.items[i].code == 0;
	plan->failed = report_is_failure(session, &report);
	if (plan->as_json) {
		json_write(text, report_value(session, &report, true), JSON_PRETTY);
		(void)buf_putc(text, '\n');
		return 0;
	}
	report_plan(session, &report, text);
	for (size_t i = 0; i < report.failures.len; i++) {
		const struct object_failure *failure = &report.failures.items[i];
		(void)buf_printf(notes, "imagehook: %s %s/%s: ", failure->meta->kind_name,
				 failure->meta->namespace, failure->meta->name);
		text_escape(notes, str_of(failure->message), false);
		(void)buf_putc(notes, '\n');
	}
	report_findings(&session->findings, SEVERITY_WARNING, notes);
	if (report.stopped)
		(void)buf_printf(notes, "imagehook: nothing is written: %s\n",
				 report.stopped);
	if (!plan->would_change && report.failures.len == 0)
		describe_nothing(&report, notes);
	return 0;
}
