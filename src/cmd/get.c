/* SPDX-License-Identifier: MIT */
/* `imagehook get KIND`: the objects and their state in flux's columns. */
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "cmd/get_filter.h"
#include "cmd/kinds.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"
#include <unistd.h>

enum {
	WATCH_US = 1000000
};

struct get_options {
	const char *repo;
	const char *namespace;
	const char *cluster;
	bool all_namespaces;
	bool no_header;
	bool watch;
	const char *labels;
	const char *status;
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct get_options),
	OPT_TEXT_ROW('n', "namespace", struct get_options, namespace, "NS",
		     "objects of this namespace (default: imagehook.namespace)"),
	OPT_FLAG_ROW('A', "all-namespaces", struct get_options, all_namespaces,
		     "objects of every namespace"),
	OPT_TEXT_ROW(0, "cluster", struct get_options, cluster, "FOLDER",
		     "objects of this cluster, as imagehook.path has it (default: all)"),
	OPT_TEXT_ROW('l', "label-selector", struct get_options, labels, "SELECTOR",
		     "objects with these labels, such as app=web,tier!=test"),
	OPT_TEXT_ROW(0, "status-selector", struct get_options, status, "TYPE=STATUS",
		     "objects in this state, such as ready=false or ready!=true"),
	OPT_FLAG_ROW(0, "no-header", struct get_options, no_header,
		     "leave the header line out"),
	OPT_FLAG_ROW('w', "watch", struct get_options, watch,
		     "go on, with each row that changes"),
	OPT_CHOICE_ROW('o', "output", struct get_options, output, "wide|json|yaml",
		       "more columns, or the objects with their status"),
};

extern const struct command command_get;

struct get {
	const struct get_options *options;
	const struct kind_group *group;
	struct session *session;
	struct loaded loaded;
	struct wanted wanted;
	struct get_filter filter;
	bool with_cluster; /* as a column */
};

static bool is_output(const struct get *get, const char *output)
{
	return get->options->output && strcmp(get->options->output, output) == 0;
}

static const char *cell_text(const struct kind_row *kind,
			     const struct kind_column *column, struct arena *arena,
			     const struct object_view *view)
{
	const char *text = NULL;
	if (column->is_bool)
		return view->suspended ? "True" : "False";
	memcpy(&text, (const char *)view + column->off, sizeof(text));
	return kind->shortens ? kinds_shorten(arena, text) : text;
}

static bool is_shown(const struct get *get, const struct kind_column *column)
{
	return !column->wide_only || is_output(get, "wide");
}

static void add_row(const struct get *get, const struct kind_row *kind,
		    const struct object_view *view, struct table *table)
{
	struct arena *arena = &get->session->arena;
	const char **cell = table_row(table)->cells;
	if (get->with_cluster)
		*cell++ = view->meta->cluster;
	if (get->options->all_namespaces)
		*cell++ = view->meta->namespace;
	*cell++ = get->group->n > 1
		      ? arena_printf(arena, "%s/%s", kind->lower, view->meta->name)
		      : view->meta->name;
	for (size_t c = 0; c < kind->n; c++)
		if (is_shown(get, &kind->columns[c]))
			*cell++ = cell_text(kind, &kind->columns[c], arena, view);
}

static void write_table(const struct get *get, const struct kind_row *kind,
			const struct object_views *views, struct buf *out)
{
	struct table table = { .arena = &get->session->arena };
	if (get->with_cluster)
		table_column(&table, "CLUSTER");
	if (get->options->all_namespaces)
		table_column(&table, "NAMESPACE");
	table_column(&table, "NAME");
	for (size_t c = 0; c < kind->n; c++)
		if (is_shown(get, &kind->columns[c]))
			table_column(&table, kind->columns[c].name);
	for (size_t i = 0; i < views->len; i++)
		add_row(get, kind, &views->items[i], &table);
	table_write(&table, !get->options->no_header, out);
}

static void write_objects(const struct get *get, struct value *items, struct buf *out)
{
	struct arena *arena = &get->session->arena;
	struct value *root = items;
	if (get->wanted.name && items->list.len == 1) {
		root = items->list.items[0];
	} else {
		root = value_new(arena, VALUE_MAP);
		value_set(arena, root, "apiVersion", value_text(arena, "v1"));
		value_set(arena, root, "kind", value_text(arena, "List"));
		value_set(arena, root, "items", items);
	}
	if (is_output(get, "json")) {
		json_write(out, root, JSON_PRETTY);
		(void)buf_putc(out, '\n');
	} else {
		yaml_write(out, root, 0);
	}
}

static int list_kind(struct get *get, const struct kind_row *kind,
		     struct object_views *out, struct err *err)
{
	struct object_views all = { 0 };
	get->wanted.kind = kind->kind;
	int code = view_list(get->session, &get->loaded, &get->wanted, &all, err);
	for (size_t i = 0; i < all.len && !code; i++)
		if (get_filter_takes(&get->filter, &all.items[i]))
			VEC_PUSH(&get->session->arena, out, all.items[i]);
	return code;
}

static int get_kinds(struct get *get, struct buf *out, struct err *err)
{
	struct arena *arena = &get->session->arena;
	struct value *items = value_new(arena, VALUE_LIST);
	bool as_objects = is_output(get, "json") || is_output(get, "yaml");
	for (size_t k = 0; k < get->group->n; k++) {
		const struct kind_row *kind = &get->group->kinds[k];
		struct object_views views = { 0 };
		int code = list_kind(get, kind, &views, err);
		if (code)
			return code;
		for (size_t i = 0; i < views.len; i++)
			value_append(arena, items, views.items[i].object);
		if (as_objects || views.len == 0)
			continue;
		write_table(get, kind, &views, out);
		if (get->group->n > 1)
			(void)buf_putc(out, '\n');
	}
	if (items->list.len == 0) {
		get->wanted.kind = get->group->name;
		return wanted_none(&get->wanted, err);
	}
	if (as_objects)
		write_objects(get, items, out);
	return 0;
}

static int look(const struct get_options *options, const struct kind_group *group,
		const char *name, bool may_be_none, struct buf *out, struct err *err)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct get get = {
		.options = options,
		.group = group,
		.session = &session,
		.wanted = { .cluster = options->cluster,
			    .namespace =
				options->all_namespaces ? NULL : options->namespace,
			    .name = name,
			    .any_namespace = options->all_namespaces },
	};
	int code = open_as_owner(&session, options->repo, err);
	if (!code)
		code = get_filter_parse(options->labels, options->status, &session.arena,
					&get.filter, err);
	if (!code)
		code = wanted_begin(&session, &get.wanted, err);
	if (!code)
		code = load_documents(&session, &get.loaded, err);
	if (code)
		return code;
	get.with_cluster = wanted_is_across_clusters(&session, &get.wanted);
	code = get_kinds(&get, out, err);
	return code == ERR_NOTFOUND && may_be_none ? 0 : code;
}

static bool has_line(const struct buf *text, struct str wanted)
{
	struct str rest = buf_str(text);
	struct str line;
	while (str_line(&rest, &line))
		if (str_eq(line, wanted))
			return true;
	return false;
}

/* Until somebody interrupts, or nobody reads any more. */
static int watch(const struct get_options *options, const struct kind_group *group,
		 const char *name, struct buf *before, struct err *err)
{
	struct get_options next = *options;
	next.no_header = true;
	while (fflush(stdout) == 0) {
		struct buf now BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
		struct str line;
		(void)usleep(WATCH_US);
		int code = look(&next, group, name, true, &now, err);
		if (code)
			return code;
		struct str rest = buf_str(&now);
		while (str_line(&rest, &line))
			if (!has_line(before, line))
				printf("%.*s\n", STR_ARG(line));
		buf_truncate(before, 0);
		(void)buf_append(before, buf_str(&now));
	}
	return 0;
}

static int unknown_kind(const struct strings *words)
{
	struct str first = str_of(words->items[0]);
	bool is_group =
	    str_starts(first, STR("image")) || str_starts(first, STR("source"));
	const char *second = is_group && words->len > 1 ? words->items[1] : "";
	const char *nearest = kinds_nearest(*second ? second : words->items[0]);
	return command_usage(&command_get, "unknown kind '%s%s%s'%s%s%s", words->items[0],
			     *second ? " " : "", second,
			     nearest ? "; did you mean '" : "", nearest ? nearest : "",
			     nearest ? "'?" : "");
}

static int run_get(void *options_ptr, const struct strings *words)
{
	const struct get_options *options = options_ptr;
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct err err = ERR_INIT;
	struct kind_group group = { 0 };
	size_t used = kinds_find(words, &group);
	bool is_table = !options->output || strcmp(options->output, "wide") == 0;
	if (!used && !words->len)
		return command_usage(&command_get, "expected a KIND");
	if (!used)
		return unknown_kind(words);
	if (words->len > used + 1)
		return command_usage(&command_get, "one name at a time");
	if (options->watch && (group.n > 1 || !is_table))
		return command_usage(&command_get, "--watch shows the table of one kind");
	const char *name = words->len > used ? words->items[used] : NULL;
	int code = look(options, &group, name, false, &out, &err);
	if (code)
		return command_fail(&err);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	if (options->watch && watch(options, &group, name, &out, &err))
		return command_fail(&err);
	return EXIT_DONE;
}

const struct command command_get = {
	.name = "get",
	.usage = "image all|repository|policy|update | source git | kustomizations | "
		 "helmreleases | alert-providers | alerts | all [NAME] [options]",
	.summary = "Shows the objects with their state, as 'flux get' does.",
	.details =
	    "Times are in UTC. '-o wide' adds the number of tags. A Kustomization is ready when the check of its path "
	    "passed; what is not checked here is Unknown. With several clusters in "
	    "imagehook.path the first column names the cluster.",
	.example =
	    "imagehook get image all\nimagehook get image policy grade-api -o yaml\n"
	    "imagehook get kustomizations -A --status-selector ready=false",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct get_options),
	.run = run_get,
};
