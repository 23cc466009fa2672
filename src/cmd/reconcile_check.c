/* SPDX-License-Identifier: MIT */
/* One Kustomization or HelmRelease, checked because somebody asks: its event is always
 * news. */
#include "cmd/reconcile_check.h"
#include "app/checks.h"
#include "app/drain.h"
#include "app/events.h"
#include "app/print.h"
#include "app/stop.h"
#include "base/when.h"

static int find(const struct check_list *checks, const struct document_set *set,
		const struct wanted *wanted, const struct check_result **out,
		struct err *err)
{
	const struct object_meta *meta = NULL;
	int code = wanted_one(wanted, set, &meta, err);
	if (code)
		return code;
	for (size_t i = 0; i < checks->len; i++)
		if (checks->items[i].meta == meta)
			*out = &checks->items[i];
	if (*out && (*out)->verdict != CHECK_NOT_JUDGED)
		return 0;
	if (check_is_suspended(meta))
		return err_set(err, ERR_INVALID, "resource is suspended");
	return err_set(err, ERR_INVALID, "%s '%s/%s' is %s", meta->kind_name,
		       meta->namespace, meta->name, checks_not_judged(meta));
}

static int emit(struct session *session, const struct loaded *loaded,
		const struct check_result *result, struct err *err)
{
	const struct object_meta *meta = result->meta;
	struct audience audience = { .session = session,
				     .documents = &loaded->documents,
				     .now_ms = when_now_ms() };
	struct event event = events_new(session, meta->kind_name, meta->namespace,
					meta->name, when_now_ms());
	events_put_commit(session, &event, loaded->branch,
			  arena_strdup(&session->arena, loaded->tip.hex));
	event.severity = result->verdict == CHECK_FAILED ? EVENT_ERROR : EVENT_INFO;
	event.reason = result->reason;
	event.message = result->message;
	struct emission emission = { .event = event,
				     .cluster = meta->cluster,
				     .mode = EMIT_ALWAYS };
	return events_tell(&audience, &emission, NULL, err);
}

int reconcile_check(const char *repo, struct wanted *wanted)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct loaded loaded = { 0 };
	struct check_list checks = { 0 };
	const struct check_result *result = NULL;
	struct drain_options drain = { .wait_ms = SEND_WAIT_MS };
	struct drain_report report = { 0 };
	struct err err = ERR_INIT;
	int code = open_as_owner(&session, repo, &err);
	if (!code)
		code = wanted_begin(&session, wanted, &err);
	if (!code)
		code = stop_check(&session, &err);
	if (!code)
		code = load_documents(&session, &loaded, &err);
	if (!code)
		code = checks_run(&session, &loaded, &checks, &err);
	if (!code)
		code = find(&checks, &loaded.documents, wanted, &result, &err);
	if (!code)
		code = emit(&session, &loaded, result, &err);
	if (!code)
		code = drain_run(&session, &drain, &report, &err);
	if (!code && result->verdict == CHECK_FAILED)
		code = err_set(&err, ERR_INVALID, "%s reconciliation failed: '%s'",
			       wanted->kind, result->message);
	if (code)
		return command_fail(&err);
	print_line(stderr, "\xe2\x9c\x94 %s", result->message);
	return EXIT_DONE;
}
