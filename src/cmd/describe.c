/* SPDX-License-Identifier: MIT */
/*
 * `imagehook describe alert-provider NAME`: one channel, whether it can be used and how
 * its deliveries went. An address that a secret gives is never read out.
 */
#include "app/channel.h"
#include "app/view.h"
#include "base/text.h"
#include "cmd/repo_options.h"

enum {
	LABEL_WIDTH = 16
};

struct describe_options {
	const char *repo;
	const char *namespace;
	const char *cluster;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct describe_options),
	OPT_NAMESPACE_ROW(struct describe_options),
	OPT_CLUSTER_ROW(struct describe_options),
};

extern const struct command command_describe;

struct describer {
	struct session *session;
	const struct provider *provider;
	struct loaded loaded;
	struct object_view view;
	struct buf *out;
};

static void put(const struct describer *d, const char *label, const char *text)
{
	const char *clean =
	    text_clean(&d->session->arena, str_of(text && *text ? text : "<none>"), 1024);
	(void)buf_printf(d->out, "%-*s%s\n", LABEL_WIDTH, label, clean);
}

static void put_secret(const struct describer *d, const struct provider_secret *secret,
		       const struct err *err)
{
	const struct provider *provider = d->provider;
	const char *name = provider->secret_ref;
	struct arena *arena = &d->session->arena;
	bool is_secret = secret->address || (name && *name && !*provider->address);
	struct buf address BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	deliver_mask(secret, str_of(provider->address), &address);
	put(d, "Address:", is_secret ? "***** (from the secret)" : buf_cstr(&address));
	if (!name || !*name)
		put(d, "Secret:", NULL);
	else
		put(d, "Secret:",
		    err->code
			? arena_printf(arena, "%s (not usable: %s)", name, err->text)
			: arena_printf(arena, "%s (usable)", name));
}

static void put_alerts(const struct describer *d)
{
	const struct object_meta *meta = &d->provider->meta;
	const struct document_set *set = &d->loaded.documents;
	const char *label = "Alerts:";
	for (size_t i = 0; i < set->alerts.len; i++) {
		const struct alert *alert = &set->alerts.items[i];
		if (strcmp(alert->meta.cluster, meta->cluster) != 0 ||
		    strcmp(alert->meta.namespace, meta->namespace) != 0 ||
		    !alert->provider_ref || strcmp(alert->provider_ref, meta->name) != 0)
			continue;
		put(d, label, alert->meta.name);
		label = "";
	}
	if (*label)
		put(d, label, NULL);
}

static void describe(const struct describer *d)
{
	const struct provider *provider = d->provider;
	struct arena *arena = &d->session->arena;
	struct provider_secret secret = { 0 };
	struct err secret_err = ERR_INIT;
	struct err err = ERR_INIT;
	const char *problem = NULL;
	put(d, "Name:", provider->meta.name);
	put(d, "Namespace:", provider->meta.namespace);
	if (*provider->meta.cluster)
		put(d, "Cluster:", provider->meta.cluster);
	if (!provider->meta.valid) {
		problem = provider->meta.message ? provider->meta.message
						 : "the document is not valid";
	} else {
		put(d, "Type:", provider->type);
		if (channel_open(d->session, provider, arena, &secret, &secret_err))
			problem = secret_err.text;
		else if (channel_check(d->session, provider, &err))
			problem = err.text;
		put_secret(d, &secret, &secret_err);
	}
	if (provider->suspend && !problem)
		problem = "it is suspended";
	put(d, "Ready:", problem ? arena_printf(arena, "False (%s)", problem) : "True");
	put(d, "Waiting:", d->view.waiting);
	put(d, "Last delivery:", d->view.last);
	put(d, "Last error:", d->view.error);
	put_alerts(d);
}

static int find(struct describer *d, struct wanted *wanted, struct err *err)
{
	const struct object_meta *meta = NULL;
	struct object_views views = { 0 };
	int code = wanted_begin(d->session, wanted, err);
	if (!code)
		code = load_documents(d->session, &d->loaded, err);
	if (!code)
		code = wanted_one(wanted, &d->loaded.documents, &meta, err);
	if (code)
		return code;
	wanted->cluster = meta->cluster;
	code = view_list(d->session, &d->loaded, wanted, &views, err);
	if (code)
		return code;
	d->provider = WANTED_AS(struct provider, meta);
	d->view = views.items[0];
	return 0;
}

static int run_describe(void *options_ptr, const struct strings *words)
{
	const struct describe_options *options = options_ptr;
	struct session session SESSION_CLEANUP = { 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct describer d = { .session = &session, .out = &out };
	struct err err = ERR_INIT;
	if (words->len != 2 || (strcmp(words->items[0], "alert-provider") != 0 &&
				strcmp(words->items[0], "alert-providers") != 0))
		return command_usage(&command_describe, "expected 'alert-provider NAME'");
	struct wanted wanted = { .kind = "Provider",
				 .cluster = options->cluster,
				 .namespace = options->namespace,
				 .name = words->items[1] };
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = find(&d, &wanted, &err);
	if (code)
		return command_fail(&err);
	describe(&d);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

const struct command command_describe = {
	.name = "describe",
	.usage = "alert-provider NAME [options]",
	.summary = "Tells all about one provider of alerts.",
	.details = "Whether its secret can be used, what waits for it, when it last took "
		   "something, what last went wrong and which alerts use it. Contacts "
		   "nobody.",
	.example = "imagehook describe alert-provider on-call-slack -n flux-system",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct describe_options),
	.run = run_describe,
};
