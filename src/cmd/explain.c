/* SPDX-License-Identifier: MIT */
/* `imagehook explain policy`: every tag with its fate. */
#include "app/explain.h"
#include "adapter/json/json.h"
#include "base/when.h"
#include "cmd/kinds.h"
#include "cmd/repo_options.h"
#include "cmd/table.h"

struct explain_options {
	const char *repo;
	const char *namespace;
	const char *cluster;
	const char *output;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct explain_options),
	OPT_NAMESPACE_ROW(struct explain_options),
	OPT_CLUSTER_ROW(struct explain_options),
	OPT_CHOICE_ROW('o', "output", struct explain_options, output, "text|json",
		       "a table, or an object with every tag"),
};

static const char *when_text(struct arena *arena, int64_t ms)
{
	char text[32];
	if (ms == 0)
		return "never";
	when_format_rfc3339(ms, text);
	return arena_strdup(arena, text);
}

static void write_text(struct arena *arena, const struct explanation *explanation,
		       struct buf *out)
{
	struct table table = { .arena = arena };
	(void)buf_printf(
	    out,
	    "policy     %s/%s\nimage      %s\nlast scan  %s\nnext scan  %s\nchosen     %s\n",
	    explanation->policy->meta.namespace, explanation->policy->meta.name,
	    explanation->image, when_text(arena, explanation->last_scan_ms),
	    when_text(arena, explanation->next_scan_ms),
	    explanation->chosen ? explanation->chosen : "none");
	if (explanation->problem)
		(void)buf_printf(out, "problem    %s\n", explanation->problem);
	if (explanation->verdicts.len == 0)
		return;
	(void)buf_putc(out, '\n');
	table_column(&table, "TAG");
	table_column(&table, "FATE");
	table_column(&table, "KEY");
	for (size_t i = 0; i < explanation->verdicts.len; i++) {
		const struct tag_verdict *verdict = &explanation->verdicts.items[i];
		struct table_row *row = table_row(&table);
		row->cells[0] = arena_strndup(arena, verdict->tag);
		row->cells[1] = explain_fate(arena, verdict);
		row->cells[2] = arena_strndup(arena, verdict->key);
	}
	table_write(&table, true, out);
}

static void write_json(struct arena *arena, const struct explanation *explanation,
		       struct buf *out)
{
	struct value *root = value_new(arena, VALUE_MAP);
	struct value *tags = value_new(arena, VALUE_LIST);
	value_set(arena, root, "namespace",
		  value_text(arena, explanation->policy->meta.namespace));
	value_set(arena, root, "name", value_text(arena, explanation->policy->meta.name));
	value_set(arena, root, "image", value_text(arena, explanation->image));
	value_set(arena, root, "lastScan",
		  value_text(arena, when_text(arena, explanation->last_scan_ms)));
	value_set(arena, root, "nextScan",
		  value_text(arena, when_text(arena, explanation->next_scan_ms)));
	value_set(arena, root, "chosen",
		  value_text(arena, explanation->chosen ? explanation->chosen : ""));
	value_set(arena, root, "problem",
		  value_text(arena, explanation->problem ? explanation->problem : ""));
	for (size_t i = 0; i < explanation->verdicts.len; i++) {
		const struct tag_verdict *verdict = &explanation->verdicts.items[i];
		struct value *item = value_new(arena, VALUE_MAP);
		value_set(arena, item, "tag", value_string(arena, verdict->tag));
		value_set(arena, item, "fate",
			  value_text(arena, explain_fate(arena, verdict)));
		value_set(arena, item, "key", value_string(arena, verdict->key));
		value_append(arena, tags, item);
	}
	value_set(arena, root, "tags", tags);
	json_write(out, root, JSON_PRETTY);
	(void)buf_putc(out, '\n');
}

static int run_explain(void *options_ptr, const struct strings *words);

const struct command command_explain = {
	.name = "explain",
	.usage = "policy [NS/]NAME [options]",
	.summary =
	    "Shows every tag of a policy's image and why it was or was not chosen.",
	.details = "It reads the list of the last good scan; no registry is asked.",
	.example = "imagehook explain policy flux-system/grade-api",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct explain_options),
	.run = run_explain,
};

static int explain(const struct explain_options *options, struct wanted *wanted)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct explanation explanation = { 0 };
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct buf notes BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	struct err err = ERR_INIT;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code)
		code = explain_policy(&session, wanted, &explanation, &err);
	if (code)
		return command_fail(&err);
	if (options->output && strcmp(options->output, "json") == 0)
		write_json(&session.arena, &explanation, &out);
	else
		write_text(&session.arena, &explanation, &out);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

static int run_explain(void *options_ptr, const struct strings *words)
{
	const struct explain_options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct wanted wanted = { .cluster = options->cluster,
				 .namespace = options->namespace };
	bool has_image = words->len && strcmp(words->items[0], "image") == 0;
	size_t at = has_image ? 1 : 0;
	const char *kind = words->len > at ? kinds_of_word(words->items[at]) : NULL;
	if (words->len != at + 2 || !kind || strcmp(kind, "ImagePolicy") != 0)
		return command_usage(&command_explain, "expected 'policy [NS/]NAME'");
	wanted_take_name(&wanted, words->items[at + 1], &arena);
	return explain(options, &wanted);
}
