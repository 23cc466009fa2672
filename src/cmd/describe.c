/* SPDX-License-Identifier: MIT */
/*
 * `imagehook describe KIND NAME`: one object for a person, as `kubectl describe` shows
 * it: its state, what there is to know of its kind (the table of kinds), its spec, its
 * newest events.
 */
#include "cmd/describe.h"
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "base/cursor.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/event_text.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"

enum {
	LABEL_WIDTH = 16,
	LINE_BYTES = 1024,
	INDENT = 2,
	EVENTS = 10
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
		       "lines, or the object with its status and events"),
};

extern const struct command command_describe;

void describe_put(const struct describer *d, const char *label, const char *text)
{
	struct arena *arena = &d->session->arena;
	const char *clean =
	    text_clean(arena, str_of(text && *text ? text : "<none>"), LINE_BYTES);
	label = label ? arena_printf(arena, "%s:", label) : "";
	(void)buf_printf(d->out, "%-*s%s\n", LABEL_WIDTH, label, clean);
}

static const struct value *find(const struct value *value, const char *path,
				struct arena *arena)
{
	struct str rest = str_of(path);
	struct str key;
	while (value && str_split(&rest, '.', &key))
		value = value_get(value, arena_strndup(arena, key));
	return value;
}

/* Scalars of the status are texts and whole numbers. */
static const char *scalar_text(const struct describer *d, const struct value *value)
{
	struct arena *arena = &d->session->arena;
	if (value && value->kind == VALUE_INT)
		return arena_printf(arena, "%lld", (long long)value->integer);
	return value && value->kind == VALUE_STRING ? arena_strndup(arena, value->string)
						    : NULL;
}

static void put_detail(const struct describer *d, const struct kind_detail *detail)
{
	const struct value *value =
	    find(d->view.object, detail->path, &d->session->arena);
	if (!value || value->kind != VALUE_LIST) {
		describe_put(d, detail->label, scalar_text(d, value));
		return;
	}
	for (size_t i = 0; i < value->list.len; i++)
		describe_put(d, i ? NULL : detail->label,
			     scalar_text(d, value->list.items[i]));
}

static void put_labels(const struct describer *d, const char *label,
		       const struct label_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		describe_put(d, i ? NULL : label,
			     arena_printf(&d->session->arena, "%s=%s", list->items[i].key,
					  list->items[i].value));
}

static void put_state(const struct describer *d)
{
	const struct object_view *view = &d->view;
	const struct object_meta *meta = view->meta;
	struct arena *arena = &d->session->arena;
	char since[32] = "";
	if (view->condition.changed_ms)
		when_format_rfc3339(view->condition.changed_ms, since);
	put_labels(d, "Labels", &meta->labels);
	put_labels(d, "Annotations", &meta->annotations);
	describe_put(
	    d, "Document",
	    arena_printf(arena, "%.*s:%u", STR_ARG(meta->place.path), meta->place.line));
	describe_put(d, "Suspended",
		     meta->held        ? "True (imagehook.suspend)"
		     : view->suspended ? "True"
				       : "False");
	describe_put(d, "Ready", view->ready);
	describe_put(d, "Reason", view->condition.reason);
	describe_put(d, "Message", view->message);
	if (*since)
		describe_put(d, "Since", since);
}

static void put_spec(const struct describer *d)
{
	const struct value *spec = d->view.meta->spec;
	if (!spec || spec->kind != VALUE_MAP || !spec->map.len)
		return;
	(void)buf_puts(d->out, "Spec:\n");
	yaml_write(d->out, spec, INDENT);
}

static void put_events(const struct describer *d)
{
	static const char *const columns[] = { "  LAST SEEN", "TYPE", "REASON",
					       "MESSAGE" };
	struct arena *arena = &d->session->arena;
	struct table table = { .arena = arena };
	if (!d->events.len) {
		describe_put(d, "Events", NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		table_column(&table, columns[i]);
	for (size_t i = 0; i < d->events.len; i++) {
		const struct event_record *record = &d->events.items[i];
		const char **cell = table_row(&table)->cells;
		*cell++ = arena_printf(arena, "  %s", event_text_seen(arena, record));
		*cell++ = event_text_type(record);
		*cell++ = record->reason;
		*cell = event_text_line(arena, record->message);
	}
	(void)buf_puts(d->out, "Events:\n");
	table_write(&table, true, d->out);
}

static void write_text(const struct describer *d)
{
	const struct object_meta *meta = d->view.meta;
	bool is_provider = meta->kind == DOCUMENT_PROVIDER;
	describe_put(d, "Name", meta->name);
	describe_put(d, "Namespace", meta->namespace);
	if (*meta->cluster)
		describe_put(d, "Cluster", meta->cluster);
	if (is_provider)
		describe_provider(d);
	else
		put_state(d);
	for (size_t i = 0; i < d->kind->n_details; i++)
		put_detail(d, &d->kind->details[i]);
	if (is_provider)
		describe_provider_alerts(d);
	else
		put_spec(d);
	put_events(d);
}

static void write_json(const struct describer *d)
{
	struct arena *arena = &d->session->arena;
	struct value *events = value_new(arena, VALUE_LIST);
	if (d->view.meta->kind == DOCUMENT_PROVIDER) {
		struct strings names = { 0 };
		struct value *alerts = value_new(arena, VALUE_LIST);
		describe_alerts(d, &names);
		for (size_t i = 0; i < names.len; i++)
			value_append(arena, alerts, value_text(arena, names.items[i]));
		value_set(arena, value_get(d->view.object, "status"), "alerts", alerts);
	}
	for (size_t i = 0; i < d->events.len; i++)
		value_append(arena, events, event_text_value(arena, &d->events.items[i]));
	value_set(arena, d->view.object, "events", events);
	json_write(d->out, d->view.object, JSON_PRETTY);
	(void)buf_putc(d->out, '\n');
}

static int look(struct describer *d, struct wanted *wanted, struct err *err)
{
	struct session *session = d->session;
	int code = wanted_begin(session, wanted, err);
	if (!code)
		code = load_documents(session, &d->loaded, err);
	if (!code)
		code = view_one(session, &d->loaded, wanted, &d->view, err);
	if (code)
		return code;
	const struct object_meta *meta = d->view.meta;
	struct event_filter filter = { .repo_id = session->id,
				       .kind = meta->kind_name,
				       .namespace = meta->namespace,
				       .name = meta->name,
				       .max = EVENTS };
	return store_event_list(session->store, &filter, &session->arena, &d->events,
				err);
}

static int run_describe(void *options_ptr, const struct strings *words)
{
	const struct describe_options *options = options_ptr;
	struct session session SESSION_CLEANUP = { 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct kind_group group = { 0 };
	struct err err = ERR_INIT;
	size_t used = kinds_find(words, &group);
	if (!used || group.n > 1 || words->len != used + 1)
		return command_usage(&command_describe, "expected KIND NAME");
	struct describer d = { .session = &session, .kind = group.kinds, .out = &out };
	struct wanted wanted = { .kind = group.kinds->kind,
				 .cluster = options->cluster,
				 .namespace = options->namespace,
				 .name = words->items[used] };
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = look(&d, &wanted, &err);
	if (code)
		return command_fail(&err);
	if (options->output && strcmp(options->output, "json") == 0)
		write_json(&d);
	else
		write_text(&d);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

const struct command command_describe = {
	.name = "describe",
	.usage = "image repository|policy|update | source git | kustomization | "
		 "helmrelease | alert-provider | alert NAME [options]",
	.summary = "Tells all about one object: its state, its spec, its newest events.",
	.details = "Ready or not and why, what was last scanned, chosen, committed or "
		   "delivered. Of a provider it tells whether its secret can be used, "
		   "what waits for it and which alerts use it. Contacts nobody.",
	.example = "imagehook describe alert-provider on-call-slack -n flux-system\n"
		   "imagehook describe image policy grade-api\n"
		   "imagehook describe kustomization apps -o json",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct describe_options),
	.run = run_describe,
};
