/* SPDX-License-Identifier: MIT */
/* `imagehook events`: what happened, newest first. */
#include "adapter/json/json.h"
#include "cmd/event_text.h"
#include "cmd/kinds.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"
#include <unistd.h>

enum {
	DEFAULT_MAX = 100,
	WATCH_US = 500000
};

struct events_options {
	const char *repo;
	const char *namespace;
	const char *for_object;
	const char *kind;
	const char *types;
	const char *severity;
	const char *output;
	int64_t limit;
	bool all_namespaces;
	bool watch;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct events_options),
	OPT_TEXT_ROW('n', "namespace", struct events_options, namespace, "NS",
		     "events of objects in this namespace (default: all)"),
	OPT_FLAG_ROW('A', "all-namespaces", struct events_options, all_namespaces,
		     "all namespaces, as a first column"),
	OPT_TEXT_ROW(0, "for", struct events_options, for_object, "KIND[/NAME]",
		     "events of this object"),
	OPT_TEXT_ROW(0, "kind", struct events_options, kind, "KIND",
		     "events of objects of this kind"),
	OPT_CHOICE_ROW(0, "types", struct events_options, types,
		       "Normal|Warning|Normal,Warning|Warning,Normal",
		       "events of these types"),
	OPT_CHOICE_ROW(0, "severity", struct events_options, severity, "info|error",
		       "events of this severity"),
	OPT_NUMBER_ROW(0, "limit", struct events_options, limit, "N",
		       "at most this many (default: 100)"),
	OPT_FLAG_ROW('w', "watch", struct events_options, watch,
		     "go on with what happens from now on"),
	OPT_CHOICE_ROW('o', "output", struct events_options, output, "text|json",
		       "how to print them; json is one object a line with --watch"),
};

extern const struct command command_events;

struct viewing {
	const struct events_options *options;
	struct session *session;
	struct event_filter filter;
};

static bool is_json(const struct viewing *viewing)
{
	return viewing->options->output && strcmp(viewing->options->output, "json") == 0;
}

static void print_json(const struct viewing *viewing, const struct event_records *records,
		       struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < records->len; i++) {
		struct value *one = event_text_value(arena, &records->items[i]);
		value_append(arena, list, one);
		if (!viewing->options->watch)
			continue;
		json_write(&out, one, JSON_COMPACT);
		(void)buf_putc(&out, '\n');
	}
	if (!viewing->options->watch) {
		json_write(&out, list, JSON_PRETTY);
		(void)buf_putc(&out, '\n');
	}
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
}

static void print_table(const struct viewing *viewing,
			const struct event_records *records, bool with_header,
			struct arena *arena)
{
	static const char *const columns[] = { "LAST SEEN", "TYPE", "REASON", "OBJECT",
					       "MESSAGE" };
	struct table table = { .arena = arena };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (viewing->options->all_namespaces)
		table_column(&table, "NAMESPACE");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		table_column(&table, columns[i]);
	for (size_t i = 0; i < records->len; i++) {
		const struct event_record *record = &records->items[i];
		const char **cell = table_row(&table)->cells;
		if (viewing->options->all_namespaces)
			*cell++ = record->namespace;
		*cell++ = event_text_seen(arena, record);
		*cell++ = event_text_type(record);
		*cell++ = record->reason;
		*cell++ = arena_printf(arena, "%s/%s", record->kind, record->name);
		*cell = event_text_line(arena, record->message);
	}
	table_write(&table, with_header, &out);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
}

static void print(const struct viewing *viewing, const struct event_records *records,
		  bool with_header, struct arena *arena)
{
	if (is_json(viewing))
		print_json(viewing, records, arena);
	else if (records->len)
		print_table(viewing, records, with_header, arena);
	(void)fflush(stdout);
}

/* From here on only what is written later. */
static void go_on_behind(struct viewing *viewing, const struct event_records *records)
{
	for (size_t i = 0; i < records->len; i++)
		if (records->items[i].change >= viewing->filter.from)
			viewing->filter.from = records->items[i].change + 1;
}

static int look_again(struct viewing *viewing, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct event_records records = { 0 };
	struct event_records fresh = { 0 };
	int code = store_event_list(viewing->session->store, &viewing->filter, &arena,
				    &records, err);
	if (code)
		return code;
	for (size_t i = records.len; i > 0; i--)
		VEC_PUSH(&arena, &fresh, records.items[i - 1]);
	go_on_behind(viewing, &fresh);
	print(viewing, &fresh, false, &arena);
	return 0;
}

/* What came since the last look, oldest first, until somebody interrupts. */
static int watch(struct viewing *viewing, struct err *err)
{
	viewing->filter.max = 0;
	for (;;) {
		(void)usleep(WATCH_US);
		int code = look_again(viewing, err);
		if (code || ferror(stdout))
			return code;
	}
}

/* Kustomization/apps, ks or kustomization/apps as flux takes them. */
static const char *kind_of(struct arena *arena, struct str word)
{
	const char *text = arena_strndup(arena, word);
	const char *kind = kinds_of_word(text);
	return kind ? kind : text;
}

static void fill_filter(struct viewing *viewing)
{
	const struct events_options *options = viewing->options;
	struct arena *arena = &viewing->session->arena;
	struct event_filter *filter = &viewing->filter;
	filter->repo_id = viewing->session->id;
	filter->namespace = options->namespace;
	filter->max = options->limit ? (size_t)options->limit : DEFAULT_MAX;
	filter->severity = options->severity;
	if (options->types && !strchr(options->types, ','))
		filter->severity =
		    strcmp(options->types, "Warning") == 0 ? "error" : "info";
	const char *object = options->for_object ? options->for_object : options->kind;
	if (!object)
		return;
	struct str text = str_of(object);
	size_t slash = str_find_char(text, '/');
	filter->kind = kind_of(arena, str_slice(text, 0, slash));
	if (slash < text.len)
		filter->name = arena_strndup(arena, str_from(text, slash + 1));
}

static int run_events(void *options_ptr, const struct strings *words)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct viewing viewing = { .options = options_ptr, .session = &session };
	struct event_records records = { 0 };
	struct err err = ERR_INIT;
	if (words->len)
		return command_usage(&command_events, "unexpected '%s'", words->items[0]);
	if (viewing.options->limit < 0)
		return command_usage(&command_events, "'%lld' is not a number of events",
				     (long long)viewing.options->limit);
	int code = open_as_owner(&session, viewing.options->repo, &err);
	if (!code) {
		fill_filter(&viewing);
		code = store_event_list(session.store, &viewing.filter, &session.arena,
					&records, &err);
	}
	if (code)
		return command_fail(&err);
	if (records.len == 0 && !is_json(&viewing) && !viewing.options->watch) {
		(void)fprintf(stderr, "imagehook: no events found\n");
		return EXIT_DONE;
	}
	print(&viewing, &records, true, &session.arena);
	if (!viewing.options->watch)
		return EXIT_DONE;
	viewing.filter.from = 1;
	go_on_behind(&viewing, &records);
	return watch(&viewing, &err) ? command_fail(&err) : EXIT_DONE;
}

const struct command command_events = {
	.name = "events",
	.usage = "[--for KIND[/NAME]] [options]",
	.summary = "Shows what happened, newest first.",
	.details =
	    "Events are kept for 90 days; repetitions are counted. In JSON an event tells its\n"
	    "transition: new, repetition or recovery.",
	.example = "imagehook events --for Kustomization/apps\n"
		   "imagehook events --types Warning -o json",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct events_options),
	.run = run_events,
};
