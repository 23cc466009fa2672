/* SPDX-License-Identifier: MIT */
/* Providers and alerts with what keeps them from working, and how their deliveries went.
 */
#include "cmd/get_alerts.h"
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "app/channel.h"
#include "app/events.h"
#include "base/when.h"
#include "cmd/table.h"
#include "state/outbox.h"

enum {
	ROWS = 10000
};

struct getter {
	const struct get_alerts *options;
	struct session *session;
	struct loaded loaded;
	struct outbox_rows rows; /* newest first */
	struct table table;
	struct value *items;
};

struct state {
	const struct object_meta *meta;
	const char *path;
	bool suspended;
	bool ready;
	const char *message;
	const char *last;  /* time of the last delivery */
	const char *error; /* of the newest row that failed and was not sent since */
	size_t waiting, dead;
};

static void count_rows(const struct getter *getter, struct state *state)
{
	char text[32];
	int64_t last_ms = 0;
	state->last = "";
	state->error = "";
	for (size_t i = 0; i < getter->rows.len; i++) {
		const struct outbox_row *row = &getter->rows.items[i];
		const char *path =
		    getter->options->providers ? row->provider : row->alert;
		if (strcmp(path, state->path) != 0)
			continue;
		state->waiting += row->status == OUTBOX_WAITING;
		state->dead += row->status == OUTBOX_DEAD;
		if (row->status == OUTBOX_SENT && row->last_attempt_ms > last_ms)
			last_ms = row->last_attempt_ms;
		if (row->status != OUTBOX_SENT && !*state->error)
			state->error = row->last_error;
	}
	if (!last_ms)
		return;
	when_format_rfc3339(last_ms, text);
	state->last = arena_strdup(&getter->session->arena, text);
}

static void put(struct getter *getter, struct value *map, const char *key,
		const char *text)
{
	if (text && *text)
		value_set(&getter->session->arena, map, key,
			  value_text(&getter->session->arena, text));
}

static void add_object(struct getter *getter, const struct state *state)
{
	struct arena *arena = &getter->session->arena;
	struct value *object = value_new(arena, VALUE_MAP);
	struct value *meta = value_new(arena, VALUE_MAP);
	struct value *status = value_new(arena, VALUE_MAP);
	struct value *conditions = value_new(arena, VALUE_LIST);
	struct value *ready = value_new(arena, VALUE_MAP);
	put(getter, object, "apiVersion", state->meta->api_version);
	put(getter, object, "kind", state->meta->kind_name);
	put(getter, meta, "name", state->meta->name);
	put(getter, meta, "namespace", state->meta->namespace);
	value_set(arena, object, "metadata", meta);
	if (state->meta->spec) {
		struct value *spec = value_new(arena, VALUE_NULL);
		*spec = *state->meta->spec;
		value_set(arena, object, "spec", spec);
	}
	put(getter, ready, "type", "Ready");
	put(getter, ready, "status", state->ready ? "True" : "False");
	put(getter, ready, "message", state->message);
	value_append(arena, conditions, ready);
	value_set(arena, status, "conditions", conditions);
	put(getter, status, "lastDelivery", state->last);
	put(getter, status, "lastError", state->error);
	value_set(arena, status, "waiting", value_int(arena, (int64_t)state->waiting));
	value_set(arena, status, "givenUp", value_int(arena, (int64_t)state->dead));
	value_set(arena, object, "status", status);
	value_append(arena, getter->items, object);
}

static void add_row(struct getter *getter, const struct state *state)
{
	struct arena *arena = &getter->session->arena;
	const char **cell = table_row(&getter->table)->cells;
	bool wide = getter->options->output != NULL;
	if (getter->options->all_namespaces)
		*cell++ = state->meta->namespace;
	*cell++ = state->meta->name;
	if (!getter->options->providers)
		*cell++ = state->suspended ? "True" : "False";
	*cell++ = state->ready ? "True" : "False";
	*cell++ = state->message;
	if (!wide)
		return;
	*cell++ = state->last;
	*cell++ = arena_printf(arena, "%zu", state->waiting);
	*cell = state->error;
}

static void add_state(struct getter *getter, struct state *state)
{
	state->path = object_path(&getter->session->arena, state->meta);
	count_rows(getter, state);
	add_object(getter, state);
	add_row(getter, state);
}

static bool is_wanted(const struct getter *getter, const struct object_meta *meta)
{
	const struct get_alerts *options = getter->options;
	return (!options->namespace ||
		strcmp(options->namespace, meta->namespace) == 0) &&
	       (!options->name || strcmp(options->name, meta->name) == 0);
}

/* Why a provider cannot be used; NULL when it can. */
static const char *provider_problem(struct getter *getter,
				    const struct provider *provider)
{
	struct err err = ERR_INIT;
	if (!provider->meta.valid)
		return provider->meta.message ? provider->meta.message
					      : "the document is not valid";
	return channel_check(getter->session, provider, &err)
		   ? arena_strdup(&getter->session->arena, err.text)
		   : NULL;
}

static const char *alert_problem(struct getter *getter, const struct alert *alert)
{
	struct arena *arena = &getter->session->arena;
	const struct provider_list *providers = &getter->loaded.documents.providers;
	if (!alert->meta.valid)
		return alert->meta.message ? alert->meta.message
					   : "the document is not valid";
	for (size_t i = 0; i < providers->len; i++) {
		const struct provider *provider = &providers->items[i];
		if (strcmp(provider->meta.cluster, alert->meta.cluster) != 0 ||
		    strcmp(provider->meta.namespace, alert->meta.namespace) != 0 ||
		    strcmp(provider->meta.name, alert->provider_ref) != 0)
			continue;
		const char *problem = provider_problem(getter, provider);
		return problem ? arena_printf(arena, "Provider %s: %s",
					      provider->meta.name, problem)
			       : NULL;
	}
	return arena_printf(arena, "there is no Provider '%s/%s'", alert->meta.namespace,
			    alert->provider_ref);
}

static void collect(struct getter *getter)
{
	const struct document_set *set = &getter->loaded.documents;
	for (size_t i = 0; i < set->providers.len && getter->options->providers; i++) {
		const struct provider *provider = &set->providers.items[i];
		struct state state = { .meta = &provider->meta,
				       .suspended = provider->suspend };
		if (!is_wanted(getter, &provider->meta))
			continue;
		const char *problem = provider_problem(getter, provider);
		state.ready = !problem;
		state.message = problem ? problem : "Provider is Ready";
		add_state(getter, &state);
	}
	for (size_t i = 0; i < set->alerts.len && !getter->options->providers; i++) {
		const struct alert *alert = &set->alerts.items[i];
		struct state state = { .meta = &alert->meta,
				       .suspended = alert->suspend };
		if (!is_wanted(getter, &alert->meta))
			continue;
		const char *problem = alert_problem(getter, alert);
		state.ready = !problem;
		state.message = problem ? problem : "Alert is Ready";
		add_state(getter, &state);
	}
}

static void begin_table(struct getter *getter)
{
	getter->table.arena = &getter->session->arena;
	if (getter->options->all_namespaces)
		table_column(&getter->table, "NAMESPACE");
	table_column(&getter->table, "NAME");
	if (!getter->options->providers)
		table_column(&getter->table, "SUSPENDED");
	table_column(&getter->table, "READY");
	table_column(&getter->table, "MESSAGE");
	if (!getter->options->output)
		return;
	table_column(&getter->table, "LAST DELIVERY");
	table_column(&getter->table, "WAITING");
	table_column(&getter->table, "LAST ERROR");
}

static void print(struct getter *getter)
{
	struct arena *arena = &getter->session->arena;
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	const char *output = getter->options->output;
	struct value *root = getter->items;
	if (getter->options->name && root->list.len == 1) {
		root = root->list.items[0];
	} else {
		root = value_new(arena, VALUE_MAP);
		put(getter, root, "apiVersion", "v1");
		put(getter, root, "kind", "List");
		value_set(arena, root, "items", getter->items);
	}
	if (output && strcmp(output, "json") == 0) {
		json_write(&out, root, JSON_PRETTY);
		(void)buf_putc(&out, '\n');
	} else if (output && strcmp(output, "yaml") == 0) {
		yaml_write(&out, root, 0);
	} else {
		table_write(&getter->table, !getter->options->no_header, &out);
	}
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
}

int get_alerts(const struct get_alerts *options)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct getter getter = { .options = options, .session = &session };
	struct err err = ERR_INIT;
	const char *kind = options->providers ? "Provider" : "Alert";
	const char *where = options->namespace ? options->namespace : "any";
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = load_documents(&session, &getter.loaded, &err);
	if (!code)
		code = outbox_list(session.store, session.id, -1, ROWS, &session.arena,
				   &getter.rows, &err);
	if (code)
		return command_fail(&err);
	getter.items = value_new(&session.arena, VALUE_LIST);
	begin_table(&getter);
	collect(&getter);
	if (getter.items->list.len == 0) {
		if (options->name)
			(void)err_set(&err, ERR_NOTFOUND,
				      "%s object '%s' not found in \"%s\" namespace",
				      kind, options->name, where);
		else
			(void)err_set(&err, ERR_NOTFOUND,
				      "no %s objects found in \"%s\" namespace", kind,
				      where);
		return command_fail(&err);
	}
	print(&getter);
	return EXIT_DONE;
}
