/* SPDX-License-Identifier: MIT */
/* What is known of a channel without sending: its secrets, and the alerts that use it. An
 * address that a secret gives is never read out. */
#include "app/channel.h"
#include "cmd/describe.h"

static void put_secret(const struct describer *d, const struct provider *provider,
		       const struct provider_secret *secret, const struct err *err)
{
	const char *name = provider->secret_ref;
	struct arena *arena = &d->session->arena;
	bool is_secret = secret->address || (name && *name && !*provider->address);
	struct buf address BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	deliver_mask(secret, str_of(provider->address), &address);
	describe_put(d, "Address",
		     is_secret ? "***** (from the secret)" : buf_cstr(&address));
	if (name && *name)
		name = err->code
			   ? arena_printf(arena, "%s (not usable: %s)", name, err->text)
			   : arena_printf(arena, "%s (usable)", name);
	describe_put(d, "Secret", name);
}

void describe_alerts(const struct describer *d, struct strings *out)
{
	const struct object_meta *meta = d->view.meta;
	struct wanted near = { .cluster = meta->cluster, .namespace = meta->namespace };
	const struct document_set *set = &d->loaded.documents;
	for (size_t i = 0; i < set->alerts.len; i++) {
		const struct alert *alert = &set->alerts.items[i];
		if (wanted_is(&near, &alert->meta) && alert->provider_ref &&
		    strcmp(alert->provider_ref, meta->name) == 0)
			strings_add(&d->session->arena, out, alert->meta.name);
	}
}

void describe_provider_alerts(const struct describer *d)
{
	struct strings names = { 0 };
	describe_alerts(d, &names);
	for (size_t i = 0; i < names.len; i++)
		describe_put(d, i ? NULL : "Alerts", names.items[i]);
	if (!names.len)
		describe_put(d, "Alerts", NULL);
}

void describe_provider(const struct describer *d)
{
	const struct provider *provider = WANTED_AS(struct provider, d->view.meta);
	struct arena *arena = &d->session->arena;
	struct provider_secret secret = { 0 };
	struct err secret_err = ERR_INIT;
	struct err err = ERR_INIT;
	const char *problem = NULL;
	if (!provider->meta.valid) {
		problem = d->view.message;
	} else {
		describe_put(d, "Type", provider->type);
		if (channel_open(d->session, provider, arena, &secret, &secret_err))
			problem = secret_err.text;
		else if (channel_check(d->session, provider, &err))
			problem = err.text;
		put_secret(d, provider, &secret, &secret_err);
	}
	if (provider->suspend && !problem)
		problem = "it is suspended";
	describe_put(d, "Ready",
		     problem ? arena_printf(arena, "False (%s)", problem) : "True");
}
