/* SPDX-License-Identifier: MIT */
/*
 * `imagehook render`: the message stage alone. A template and its data come in, the text
 * goes out.
 */
#include "adapter/json/json.h"
#include "app/print.h"
#include "base/file.h"
#include "base/limits.h"
#include "cmd/opt.h"
#include "lang/template/template.h"
#include "stage/message/message.h"
#include <unistd.h>

struct render_options {
	const char *functions;
	const char *data;
	const char *changes;
};

static const struct opt opts[] = {
	OPT_CHOICE_ROW(0, "functions", struct render_options, functions, "go|sprig",
		       "the functions that templates may use; sprig is the default"),
	OPT_TEXT_ROW(0, "data", struct render_options, data, "FILE",
		     "JSON that becomes the template's dot"),
	OPT_TEXT_ROW(0, "changes", struct render_options, changes, "FILE",
		     "JSON of a run: automation, files, values, policies"),
};

static int read_json(const char *path, struct arena *arena, struct value **out,
		     struct err *err)
{
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_JSON_BYTES);
	int code = file_read_given(path, &text, err);
	if (code)
		return code;
	/* values point into the text */
	code = json_parse(buf_to_arena(&text, arena), arena, out, err);
	return code ? err_at(err, path, err->line, err->col) : 0;
}

static int want_kind(const struct value *value, enum value_kind kind, const char *what,
		     struct err *err)
{
	if (!value || value->kind == kind)
		return 0;
	return err_set(err, ERR_INVALID, "%s is a %s, not a %s", what,
		       value_kind_name(value->kind), value_kind_name(kind));
}

/* The field's value, NULL when it is null or not there. */
static const struct value *take(const struct value *map, const char *key)
{
	const struct value *value = value_get(map, key);
	return value && value->kind != VALUE_NULL ? value : NULL;
}

/* The text of a field, "" when there is none. */
static const char *take_text(const struct value *map, const char *key,
			     struct arena *arena)
{
	const char *text = value_get_text(map, key, arena);
	return text ? text : "";
}

static void add_changes(const struct value *object, struct arena *arena,
			struct change_list *out)
{
	const struct value *list = value_get(object, "changes");
	struct object_id id = { take_text(object, "apiVersion", arena),
				take_text(object, "kind", arena),
				take_text(object, "namespace", arena),
				take_text(object, "name", arena) };
	for (size_t i = 0; list && list->kind == VALUE_LIST && i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		struct change *change = VEC_ADD(arena, out);
		*change = (struct change){ .object = id,
					   .old_value = take_text(item, "old", arena),
					   .new_value = take_text(item, "new", arena),
					   .setter = take_text(item, "setter", arena) };
	}
}

static int compare_files(const void *a, const void *b)
{
	const struct file_change *x = a;
	const struct file_change *y = b;
	return str_cmp(x->path, y->path);
}

static int take_files(const struct value *files, struct arena *arena,
		      struct file_change_list *out, struct err *err)
{
	int code = want_kind(files, VALUE_MAP, "'files'", err);
	for (size_t i = 0; !code && files && i < files->map.len; i++) {
		const struct value_entry *entry = &files->map.items[i];
		code = want_kind(entry->value, VALUE_LIST, "a file of 'files'", err);
		if (code)
			return code;
		struct file_change *file = VEC_ADD(arena, out);
		file->path = entry->key;
		file->shown_path = arena_strndup(arena, entry->key);
		for (size_t k = 0; k < entry->value->list.len; k++)
			add_changes(entry->value->list.items[k], arena, &file->changes);
	}
	VEC_SORT(out, compare_files);
	return code;
}

static int take_values(const struct value *values, struct arena *arena,
		       struct label_list *out, struct err *err)
{
	int code = want_kind(values, VALUE_MAP, "'values'", err);
	for (size_t i = 0; !code && values && i < values->map.len; i++) {
		const struct value_entry *entry = &values->map.items[i];
		code = want_kind(entry->value, VALUE_STRING, "a value of 'values'", err);
		if (code)
			return code;
		struct label *label = VEC_ADD(arena, out);
		label->key = arena_strndup(arena, entry->key);
		label->value = arena_strndup(arena, entry->value->string);
	}
	return code;
}

static int take_policies(const struct value *policies, struct arena *arena,
			 struct image_choice_list *out, struct err *err)
{
	int code = want_kind(policies, VALUE_MAP, "'policies'", err);
	for (size_t i = 0; !code && policies && i < policies->map.len; i++) {
		const struct value_entry *entry = &policies->map.items[i];
		size_t slash = str_find_char(entry->key, '/');
		struct image_choice *choice = VEC_ADD(arena, out);
		choice->namespace = arena_strndup(arena, str_slice(entry->key, 0, slash));
		choice->policy = arena_strndup(arena, str_from(entry->key, slash + 1));
		choice->ref =
		    (struct image_ref){ take_text(entry->value, "image", arena),
					take_text(entry->value, "tag", arena),
					take_text(entry->value, "digest", arena) };
	}
	return code;
}

static int take_run(const struct value *json, struct arena *arena,
		    struct run_changes *out, struct err *err)
{
	const struct value *automation = value_get(json, "automation");
	int code = want_kind(json, VALUE_MAP, "the run", err);
	if (code)
		return code;
	out->automation_namespace = take_text(automation, "namespace", arena);
	out->automation_name = take_text(automation, "name", arena);
	code = take_files(take(json, "files"), arena, &out->files, err);
	if (!code)
		code = take_values(take(json, "values"), arena, &out->values, err);
	if (!code)
		code = take_policies(take(json, "policies"), arena, &out->choices, err);
	return code;
}

/* The message of a run; what it has to say about the template goes to stderr. */
static int render_changes(const struct render_options *options, const char *name,
			  struct str template_text, struct arena *arena, struct str *out,
			  struct err *err)
{
	struct value *json;
	struct run_changes run = { .automation_namespace = "" };
	struct finding_list findings = FINDING_LIST_INIT(arena);
	int code = read_json(options->changes, arena, &json, err);
	if (code)
		return code;
	if (take_run(json, arena, &run, err))
		return err_prefix(err, "%s", options->changes);
	if (memchr(template_text.ptr, '\0', template_text.len))
		return err_set(err, ERR_INVALID, "%s:1: parse: a NUL in the template",
			       name);
	const struct message_template tmpl = { arena_strndup(arena, template_text),
					       name,
					       { str_of(name), 0, 0 } };
	code = message_check(&tmpl, &findings, err);
	if (!code)
		code = message_render(&run, &tmpl, arena, out, err);
	for (size_t i = 0; !code && i < findings.len; i++)
		print_line(stderr, "%s: %s: %s [%s]", name,
			   severity_name(findings.items[i].severity),
			   findings.items[i].text, findings.items[i].id);
	return code;
}

static int render_data(const struct render_options *options, const char *name,
		       struct str template_text, struct arena *arena, struct str *out,
		       struct err *err)
{
	struct template *tmpl;
	struct gctx ctx;
	struct gval dot = gval_none();
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_MESSAGE_BYTES);
	bool go = options->functions && strcmp(options->functions, "go") == 0;
	gctx_init(&ctx, arena);
	if (options->data) {
		struct value *json;
		int code = read_json(options->data, arena, &json, err);
		if (code)
			return code;
		dot = gval_from_value(&ctx, json, false);
		if (ctx.failed)
			return err_set(err, ctx.code, "%s: %s", options->data, ctx.text);
	}
	int code = template_parse(name, template_text, go ? TEMPLATE_GO : TEMPLATE_SPRIG,
				  arena, &tmpl, err);
	if (!code)
		code = template_execute(tmpl, dot, &text, err);
	if (!code)
		*out = buf_to_arena(&text, arena);
	return code;
}

static int read_template(const struct strings *words, struct buf *text, struct err *err)
{
	if (words->len == 0 || strcmp(words->items[0], "-") == 0)
		return file_read_fd(STDIN_FILENO, text, err);
	return file_read_given(words->items[0], text, err);
}

static int render(const struct render_options *options, const struct strings *words,
		  struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	BUF_CLEANUP struct buf text = BUF_INIT(LIMIT_TEMPLATE_BYTES);
	bool from_file = words->len > 0 && strcmp(words->items[0], "-") != 0;
	const char *name = from_file ? words->items[0] : "stdin";
	struct str out = STR("");
	int code = read_template(words, &text, err);
	if (code)
		return code;
	struct str source = buf_to_arena(&text, &arena);
	code = options->changes ? render_changes(options, name, source, &arena, &out, err)
				: render_data(options, name, source, &arena, &out, err);
	if (code)
		return code;
	return file_write_fd(STDOUT_FILENO, out, err);
}

static int run(void *options, const struct strings *words);

const struct command command_render = {
	.name = "render",
	.usage = "[--functions go|sprig] [--data FILE | --changes FILE] [TEMPLATE-FILE]",
	.summary = "Renders a commit message template.",
	.details =
	    "Reads a Go template from TEMPLATE-FILE or standard input and prints what it\n"
	    "gives. With --changes the template sees what a messageTemplate sees:\n"
	    ".AutomationObject, .Changed and .Values; an empty template gives the default\n"
	    "message. With --data it sees any JSON: whole numbers are integers, others\n"
	    "floats.\n\n"
	    "The FILE of --changes holds {\"automation\": {\"namespace\", \"name\"}, "
	    "\"files\":\n"
	    "{PATH: [{\"apiVersion\", \"kind\", \"namespace\", \"name\", \"changes\": "
	    "[{\"old\",\n"
	    "\"new\", \"setter\"}]}]}, \"values\": {KEY: TEXT}, \"policies\": "
	    "{\"NAMESPACE/NAME\":\n"
	    "{\"image\", \"tag\", \"digest\"}}}; a setter is the text of a marker, such as\n"
	    "\"flux-system:app:tag\", and what a template does not need can be left out.",
	.example =
	    "echo 'tag {{ .tag }}' | imagehook render --data <(echo '{\"tag\": \"1.5.3\"}')\n"
	    "imagehook render --changes changes.json < message.tmpl",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct render_options),
	.run = run,
};

static int run(void *options, const struct strings *words)
{
	const struct render_options *given = options;
	struct err err = ERR_INIT;
	if (words->len > 1)
		return command_usage(&command_render, "one template, not %zu",
				     words->len);
	if (given->data && given->changes)
		return command_usage(&command_render,
				     "--data and --changes exclude each other");
	if (given->changes && given->functions && strcmp(given->functions, "go") == 0)
		return command_usage(&command_render,
				     "--changes always has sprig's functions");
	return render(given, words, &err) ? command_fail(&err) : EXIT_DONE;
}
