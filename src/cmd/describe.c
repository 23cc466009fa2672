/* SPDX-License-Identifier: MIT */
/*
 * `imagehook describe alert-provider NAME`: one channel, whether it can be used and how
 * its deliveries went. An address that a secret gives is never read out.
 */
#include "adapter/json/json.h"
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
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct describe_options),
	OPT_NAMESPACE_ROW(struct describe_options),
	OPT_CLUSTER_ROW(struct describe_options),
	OPT_CHOICE_ROW('o', "output", struct describe_options, output, "text|json",
		       "lines, or the object with its status"),
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

/* The names of the alerts that use it. */
static void list_alerts(const struct describer *d, struct strings *out)
{
	const struct object_meta *meta = &d->provider->meta;
	struct wanted near = { .cluster = meta->cluster, .namespace = meta->namespace };
	const struct document_set *set = &d->loaded.documents;
	for (size_t i = 0; i < set->alerts.len; i++) {
		const struct alert *alert = &set->alerts.items[i];
		if (wanted_is(&near, &alert->meta) && alert->provider_ref &&
		    strcmp(alert->provider_ref, meta->name) == 0)
			strings_add(&d->session->arena, out, alert->meta.name);
	}
}

static void put_alerts(const struct describer *d)
{
	struct strings names = { 0 };
	list_alerts(d, &names);
	for (size_t i = 0; i < names.len; i++)
		put(d, i ? "" : "Alerts:", names.items[i]);
	if (!names.len)
		put(d, "Alerts:", NULL);
}

static void write_json(const struct describer *d)
{
	struct arena *arena = &d->session->arena;
	struct strings names = { 0 };
	struct value *alerts = value_new(arena, VALUE_LIST);
	list_alerts(d, &names);
	for (size_t i = 0; i < names.len; i++)
		value_append(arena, alerts, value_text(arena, names.items[i]));
	value_set(arena, value_get(d->view.object, "status"), "alerts", alerts);
	json_write(d->out, d->view.object, JSON_PRETTY);
	(void)buf_putc(d->out, '\n');
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
	int code = wanted_begin(d->session, wanted, err);
	if (!code)
		code = load_documents(d->session, &d->loaded, err);
	if (!code)
		code = view_one(d->session, &d->loaded, wanted, &d->view, err);
	if (!code)
		d->provider = WANTED_AS(struct provider, d->view.meta);
	return code;
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
	if (options->output && strcmp(options->output, "json") == 0)
		write_json(&d);
	else
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
