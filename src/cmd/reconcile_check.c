/* SPDX-License-Identifier: MIT */
/* One Kustomization, checked because somebody asks: its event is always news. */
#include "cmd/reconcile_check.h"
#include "app/checks.h"
#include "app/drain.h"
#include "app/events.h"
#include "app/stop.h"
#include "base/when.h"

#define KIND "Kustomization"

static int find(const struct check_list *checks, const char *namespace, const char *name,
		const struct check_result **out, struct err *err)
{
	for (size_t i = 0; i < checks->len; i++) {
		const struct object_meta *meta = checks->items[i].meta;
		if (strcmp(meta->kind_name, KIND) != 0 ||
		    strcmp(meta->namespace, namespace) != 0 ||
		    strcmp(meta->name, name) != 0)
			continue;
		*out = &checks->items[i];
		if ((*out)->verdict == CHECK_NOT_JUDGED)
			return err_set(err, ERR_INVALID,
				       KIND " '%s/%s' is not checked here: it is "
					    "suspended, or of another source or branch",
				       namespace, name);
		return 0;
	}
	return err_set(err, ERR_NOTFOUND,
		       KIND " object '%s' not found in \"%s\" namespace", name,
		       namespace);
}

static int emit(struct session *session, const struct loaded *loaded,
		const struct check_result *result, struct err *err)
{
	const struct object_meta *meta = result->meta;
	struct audience audience = { session, &loaded->documents, when_now_ms(), false };
	struct event event =
	    events_new(session, KIND, meta->namespace, meta->name, when_now_ms());
	events_put_commit(session, &event, loaded->branch,
			  arena_strdup(&session->arena, loaded->tip.hex));
	event.severity = result->verdict == CHECK_FAILED ? EVENT_ERROR : EVENT_INFO;
	event.reason = result->reason;
	event.message = result->message;
	struct emission emission = { .event = event,
				     .cluster = meta->cluster,
				     .mode = EMIT_ALWAYS };
	int code = store_begin(session->store, err);
	if (code)
		return code;
	code = events_emit(&audience, &emission, NULL, err);
	if (!code)
		return store_commit(session->store, err);
	store_rollback(session->store);
	return code;
}

int reconcile_check(const char *repo, const char *namespace, const char *name)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct loaded loaded = { 0 };
	struct check_list checks = { 0 };
	const struct check_result *result = NULL;
	struct drain_options drain = { .wait_ms = 5000 };
	struct drain_report report = { 0 };
	struct err err = ERR_INIT;
	int code = open_as_owner(&session, repo, &err);
	if (!code)
		code = stop_check(&session, &err);
	if (!code)
		code = load_documents(&session, &loaded, &err);
	if (!code)
		code = checks_run(&session, &loaded, &checks, &err);
	if (!code)
		code = find(&checks, namespace, name, &result, &err);
	if (!code)
		code = emit(&session, &loaded, result, &err);
	if (!code)
		code = drain_run(&session, &drain, &report, &err);
	if (!code && result->verdict == CHECK_FAILED)
		code = err_set(&err, ERR_INVALID, KIND " reconciliation failed: '%s'",
			       result->message);
	if (code)
		return command_fail(&err);
	(void)fprintf(stderr, "\xe2\x9c\x94 %s\n", result->message);
	return EXIT_DONE;
}
