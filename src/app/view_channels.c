/* SPDX-License-Identifier: MIT */
/* Providers and alerts: what keeps them from working, and how their deliveries went. */
#include "app/channel.h"
#include "app/events.h"
#include "app/viewer.h"
#include "state/outbox.h"

enum {
	ROWS = 10000
};

/* How the deliveries of one provider or alert went. */
struct traffic {
	size_t waiting, dead;
	int64_t last_ms;   /* of the last that arrived */
	const char *error; /* of the newest that did not */
};

/* `rows` newest first. */
static struct traffic count_rows(const struct outbox_rows *rows, const char *path,
				 bool is_provider)
{
	struct traffic traffic = { .error = "" };
	for (size_t i = 0; i < rows->len; i++) {
		const struct outbox_row *row = &rows->items[i];
		if (strcmp(is_provider ? row->provider : row->alert, path) != 0)
			continue;
		traffic.waiting += row->status == OUTBOX_WAITING;
		traffic.dead += row->status == OUTBOX_DEAD;
		if (row->status == OUTBOX_SENT && row->last_attempt_ms > traffic.last_ms)
			traffic.last_ms = row->last_attempt_ms;
		if (row->status != OUTBOX_SENT && !*traffic.error)
			traffic.error = row->last_error;
	}
	return traffic;
}

/* `problem` NULL: it works. */
static void add(struct viewer *viewer, const struct outbox_rows *rows,
		const struct object_meta *meta, bool suspended, const char *problem)
{
	struct arena *arena = viewer->arena;
	bool is_provider = meta->kind == DOCUMENT_PROVIDER;
	struct value *status = NULL;
	struct condition condition = {
		.ready = !problem,
		.reason = problem ? "InvalidConfig" : "Succeeded",
		.message = problem       ? problem
			   : is_provider ? "Provider is Ready"
					 : "Alert is Ready",
	};
	struct traffic traffic = count_rows(rows, object_path(arena, meta), is_provider);
	struct object_view *view = viewer_add(viewer, meta, &condition, NULL, &status);
	view->suspended = suspended;
	view->last = viewer_time(arena, traffic.last_ms);
	view->waiting = arena_printf(arena, "%zu", traffic.waiting);
	view->error = traffic.error;
	viewer_put(arena, status, "lastDelivery", view->last);
	viewer_put(arena, status, "lastError", view->error);
	value_set(arena, status, "waiting", value_int(arena, (int64_t)traffic.waiting));
	value_set(arena, status, "givenUp", value_int(arena, (int64_t)traffic.dead));
}

static const char *provider_problem(struct viewer *viewer,
				    const struct provider *provider)
{
	struct err err = ERR_INIT;
	if (!provider->meta.valid)
		return provider->meta.message ? provider->meta.message
					      : "the document is not valid";
	return channel_check(viewer->session, provider, &err)
		   ? arena_strdup(viewer->arena, err.text)
		   : NULL;
}

static const char *alert_problem(struct viewer *viewer, const struct alert *alert)
{
	const struct provider_list *providers = &viewer->loaded->documents.providers;
	struct wanted wanted = { .cluster = alert->meta.cluster,
				 .namespace = alert->meta.namespace,
				 .name = alert->provider_ref };
	if (!alert->meta.valid)
		return alert->meta.message ? alert->meta.message
					   : "the document is not valid";
	for (size_t i = 0; i < providers->len; i++) {
		const struct provider *provider = &providers->items[i];
		if (!wanted_is(&wanted, &provider->meta))
			continue;
		const char *problem = provider_problem(viewer, provider);
		return problem ? arena_printf(viewer->arena, "Provider %s: %s",
					      provider->meta.name, problem)
			       : NULL;
	}
	return arena_printf(viewer->arena, "there is no Provider '%s/%s'",
			    alert->meta.namespace, alert->provider_ref);
}

static int read_rows(struct viewer *viewer, struct outbox_rows *out, struct err *err)
{
	return outbox_list(viewer->session->store, viewer->session->id, -1, ROWS,
			   viewer->arena, out, err);
}

int viewer_providers(struct viewer *viewer, struct err *err)
{
	const struct provider_list *list = &viewer->loaded->documents.providers;
	struct outbox_rows rows = { 0 };
	int code = read_rows(viewer, &rows, err);
	for (size_t i = 0; i < list->len && !code; i++) {
		const struct provider *provider = &list->items[i];
		if (wanted_is(viewer->wanted, &provider->meta))
			add(viewer, &rows, &provider->meta, provider->suspend,
			    provider_problem(viewer, provider));
	}
	return code;
}

int viewer_alerts(struct viewer *viewer, struct err *err)
{
	const struct alert_list *list = &viewer->loaded->documents.alerts;
	struct outbox_rows rows = { 0 };
	int code = read_rows(viewer, &rows, err);
	for (size_t i = 0; i < list->len && !code; i++) {
		const struct alert *alert = &list->items[i];
		if (wanted_is(viewer->wanted, &alert->meta))
			add(viewer, &rows, &alert->meta, alert->suspend,
			    alert_problem(viewer, alert));
	}
	return code;
}
