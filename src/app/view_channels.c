/* SPDX-License-Identifier: MIT */
/* Providers and alerts: what keeps them from working, and how their deliveries went. */
#include "app/channel.h"
#include "app/events.h"
#include "app/viewer.h"
#include "state/outbox.h"

static struct outbox_tally add_up(const struct outbox_tallies *tallies, const char *path,
				  bool is_provider)
{
	struct outbox_tally sum = { .last_error = "" };
	for (size_t i = 0; i < tallies->len; i++) {
		const struct outbox_tally *tally = &tallies->items[i];
		if (strcmp(is_provider ? tally->provider : tally->alert, path) == 0)
			outbox_tally_add(&sum, tally);
	}
	return sum;
}

/* `problem` NULL: it works. */
static void add(struct viewer *viewer, const struct outbox_tallies *tallies,
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
	struct outbox_tally sum = add_up(tallies, object_path(arena, meta), is_provider);
	struct object_view *view = viewer_add(viewer, meta, &condition, NULL, &status);
	view->suspended = suspended;
	view->last = viewer_time(arena, sum.sent_ms);
	view->waiting = arena_printf(arena, "%zu", sum.waiting);
	view->error = sum.last_error;
	viewer_put(arena, status, "lastDelivery", view->last);
	viewer_put(arena, status, "lastError", view->error);
	value_set(arena, status, "waiting", value_int(arena, (int64_t)sum.waiting));
	value_set(arena, status, "givenUp", value_int(arena, (int64_t)sum.dead));
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

int viewer_providers(struct viewer *viewer, struct err *err)
{
	const struct provider_list *list = &viewer->loaded->documents.providers;
	struct outbox_tallies tallies = { 0 };
	int code = outbox_tallies(viewer->session->store, viewer->session->id,
				  viewer->arena, &tallies, err);
	for (size_t i = 0; i < list->len && !code; i++) {
		const struct provider *provider = &list->items[i];
		if (wanted_is(viewer->wanted, &provider->meta))
			add(viewer, &tallies, &provider->meta, provider->suspend,
			    provider_problem(viewer, provider));
	}
	return code;
}

int viewer_alerts(struct viewer *viewer, struct err *err)
{
	const struct alert_list *list = &viewer->loaded->documents.alerts;
	struct outbox_tallies tallies = { 0 };
	int code = outbox_tallies(viewer->session->store, viewer->session->id,
				  viewer->arena, &tallies, err);
	for (size_t i = 0; i < list->len && !code; i++) {
		const struct alert *alert = &list->items[i];
		if (wanted_is(viewer->wanted, &alert->meta))
			add(viewer, &tallies, &alert->meta, alert->suspend,
			    alert_problem(viewer, alert));
	}
	return code;
}
