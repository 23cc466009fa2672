/* SPDX-License-Identifier: MIT */
/* `imagehook get image ...`: the state of the image objects in flux's columns. */
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "app/view.h"
#include "cmd/get_alerts.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"

struct get_options {
	const char *repo;
	const char *namespace;
	bool all_namespaces;
	bool no_header;
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct get_options),
	OPT_TEXT_ROW('n', "namespace", struct get_options, namespace, "NS",
		     "objects of this namespace (default: flux-system)"),
	OPT_FLAG_ROW('A', "all-namespaces", struct get_options, all_namespaces,
		     "objects of every namespace"),
	OPT_FLAG_ROW(0, "no-header", struct get_options, no_header,
		     "leave the header line out"),
	OPT_CHOICE_ROW('o', "output", struct get_options, output, "wide|json|yaml",
		       "more columns, or the objects with their status"),
};

/* A column and where its cell comes from. */
struct column {
	const char *name;
	bool wide_only;
	const char *(*cell)(struct arena *arena, const struct object_view *view);
};

static const char *bool_text(bool value)
{
	return value ? "True" : "False";
}

static const char *cell_last(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return view->last;
}

static const char *cell_suspended(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return bool_text(view->suspended);
}

static const char *cell_ready(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return bool_text(view->ready);
}

static const char *cell_message(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return view->message;
}

static const char *cell_image(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return view->image;
}

static const char *cell_tag(struct arena *arena, const struct object_view *view)
{
	(void)arena;
	return view->tag;
}

static const char *cell_tags(struct arena *arena, const struct object_view *view)
{
	return view->has_tags ? arena_printf(arena, "%zu", view->tags) : "";
}

static const struct column repository_columns[] = {
	{ "LAST SCAN", false, cell_last },      { "TAGS", true, cell_tags },
	{ "SUSPENDED", false, cell_suspended }, { "READY", false, cell_ready },
	{ "MESSAGE", false, cell_message },
};
static const struct column policy_columns[] = {
	{ "IMAGE", false, cell_image },
	{ "TAG", false, cell_tag },
	{ "READY", false, cell_ready },
	{ "MESSAGE", false, cell_message },
};
static const struct column update_columns[] = {
	{ "LAST RUN", false, cell_last },
	{ "SUSPENDED", false, cell_suspended },
	{ "READY", false, cell_ready },
	{ "MESSAGE", false, cell_message },
};

static const struct kind_row {
	const char *kind;
	const char *lower;
	const struct column *columns;
	size_t n;
} kinds[] = {
	{ "ImageRepository", "imagerepository", repository_columns,
	  ARRAY_LEN(repository_columns) },
	{ "ImagePolicy", "imagepolicy", policy_columns, ARRAY_LEN(policy_columns) },
	{ "ImageUpdateAutomation", "imageupdateautomation", update_columns,
	  ARRAY_LEN(update_columns) },
};

struct get {
	const struct get_options *options;
	struct session *session;
	struct loaded loaded;
	const char *namespace; /* NULL: all */
	const char *name;      /* NULL: all */
	bool with_kind;        /* names as kind/name */
};

static bool is_output(const struct get *get, const char *output)
{
	return get->options->output && strcmp(get->options->output, output) == 0;
}

static void write_table(const struct get *get, const struct kind_row *row,
			const struct object_views *views, struct buf *out)
{
	struct arena *arena = &get->session->arena;
	struct table table = { .arena = arena };
	bool wide = is_output(get, "wide");
	if (get->options->all_namespaces)
		table_column(&table, "NAMESPACE");
	table_column(&table, "NAME");
	for (size_t c = 0; c < row->n; c++)
		if (wide || !row->columns[c].wide_only)
			table_column(&table, row->columns[c].name);
	for (size_t i = 0; i < views->len; i++) {
		const struct object_view *view = &views->items[i];
		struct table_row *cells = table_row(&table);
		size_t at = 0;
		if (get->options->all_namespaces)
			cells->cells[at++] = view->meta->namespace;
		cells->cells[at++] =
		    get->with_kind
			? arena_printf(arena, "%s/%s", row->lower, view->meta->name)
			: view->meta->name;
		for (size_t c = 0; c < row->n; c++)
			if (wide || !row->columns[c].wide_only)
				cells->cells[at++] = row->columns[c].cell(arena, view);
	}
	table_write(&table, !get->options->no_header, out);
}

static int not_found(const struct get *get, const char *kind, struct err *err)
{
	const char *where = get->namespace ? get->namespace : "any";
	if (get->name)
		return err_set(err, ERR_NOTFOUND,
			       "%s object '%s' not found in \"%s\" namespace", kind,
			       get->name, where);
	return err_set(err, ERR_NOTFOUND, "no %s objects found in \"%s\" namespace", kind,
		       where);
}

static void write_objects(const struct get *get, struct value *items, struct buf *out)
{
	struct arena *arena = &get->session->arena;
	struct value *root = items;
	if (get->name && items->list.len == 1) {
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

static int get_kinds(struct get *get, const char *only, struct buf *out, struct err *err)
{
	struct value *items = value_new(&get->session->arena, VALUE_LIST);
	bool as_objects = is_output(get, "json") || is_output(get, "yaml");
	size_t found = 0;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct object_views views = { 0 };
		if (only && strcmp(only, kinds[k].kind) != 0)
			continue;
		int code = view_list(get->session, &get->loaded, kinds[k].kind,
				     get->namespace, get->name, &views, err);
		if (code)
			return code;
		found += views.len;
		if (!only && views.len == 0)
			continue;
		if (!as_objects && views.len) {
			write_table(get, &kinds[k], &views, out);
			if (!only)
				(void)buf_putc(out, '\n');
		}
		for (size_t i = 0; i < views.len; i++)
			value_append(&get->session->arena, items, views.items[i].object);
	}
	if (found == 0)
		return not_found(get, only ? only : "image", err);
	if (as_objects)
		write_objects(get, items, out);
	return 0;
}

static int run_get(void *options_ptr, const struct strings *words);

const struct command command_get = {
	.name = "get",
	.usage = "image all|repository|policy|update | alerts | alert-providers [NAME] "
		 "[options]",
	.summary = "Shows the image objects with their state, as 'flux get' does.",
	.details =
	    "LAST SCAN and LAST RUN are in UTC. '-o wide' adds the number of tags.",
	.example =
	    "imagehook get image all\nimagehook get image policy grade-api -o yaml",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct get_options),
	.run = run_get,
};

static int get_image(const struct get_options *options, const char *kind,
		     const char *name)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct get get = { .options = options, .session = &session, .name = name };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct err err = ERR_INIT;
	if (!options->all_namespaces)
		get.namespace = options->namespace ? options->namespace : "flux-system";
	get.with_kind = kind == NULL;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = load_documents(&session, &get.loaded, &err);
	if (!code)
		code = get_kinds(&get, kind, &out, &err);
	if (code)
		return command_fail(&err);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

/* `alerts`, `alert-providers` and their singulars; -1 for another word. */
static int run_get_alerts(const struct get_options *options, const struct strings *words)
{
	const char *word = words->len ? words->items[0] : "";
	bool providers =
	    strcmp(word, "alert-providers") == 0 || strcmp(word, "alert-provider") == 0;
	if ((!providers && strcmp(word, "alerts") != 0 && strcmp(word, "alert") != 0) ||
	    words->len > 2)
		return -1;
	struct get_alerts wanted = {
		.repo = options->repo,
		.namespace = options->all_namespaces ? NULL
			     : options->namespace    ? options->namespace
						     : "flux-system",
		.name = words->len > 1 ? words->items[1] : NULL,
		.output = options->output,
		.all_namespaces = options->all_namespaces,
		.no_header = options->no_header,
		.providers = providers,
	};
	return get_alerts(&wanted);
}

static int run_get(void *options_ptr, const struct strings *words)
{
	int status = run_get_alerts(options_ptr, words);
	if (status >= 0)
		return status;
	bool is_image = words->len && (strcmp(words->items[0], "image") == 0 ||
				       strcmp(words->items[0], "images") == 0);
	if (!is_image || words->len < 2 || words->len > 3)
		return command_usage(
		    &command_get, "expected 'image all|repository|policy|update [NAME]', "
				  "'alerts' or 'alert-providers'");
	bool all = strcmp(words->items[1], "all") == 0;
	const char *kind = all ? NULL : image_kind_name(words->items[1]);
	if (!all && !kind)
		return command_usage(&command_get, "unknown kind '%s'", words->items[1]);
	return get_image(options_ptr, kind, words->len > 2 ? words->items[2] : NULL);
}
