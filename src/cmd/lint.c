/* SPDX-License-Identifier: MIT */
/* `imagehook lint`: every finding of a folder or of files, without a repository. */
#include "adapter/json/json.h"
#include "app/check.h"
#include "app/finding_text.h"
#include "app/folder.h"
#include "base/limits.h"
#include "cmd/opt.h"

struct lint_options {
	const char *output;
	const char *namespace;
	struct strings clusters;
};

static const struct opt opts[] = {
	OPT_CHOICE_ROW('o', "output", struct lint_options, output, "text|json",
		       "what to print; text is the default"),
	OPT_TEXT_ROW('n', "namespace", struct lint_options, namespace, "NS",
		     "the namespace of documents without one; default flux-system"),
	OPT_LIST_ROW(0, "cluster", struct lint_options, clusters, "FOLDER",
		     "a folder with names of its own, as imagehook.path has it; may be "
		     "repeated"),
};

extern const struct command command_lint;

static void print_text(const struct finding_list *findings)
{
	for (size_t i = 0; i < findings->len; i++) {
		struct buf line BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
		finding_write(&line, &findings->items[i]);
		(void)fputs(buf_cstr(&line), stdout);
	}
}

static void print_json(const struct finding_list *findings, struct arena *arena)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	json_write(&out, findings_to_value(findings, arena), JSON_PRETTY);
	(void)puts(buf_cstr(&out));
}

static int fail_if_errors(const struct finding_list *findings)
{
	size_t n = finding_count(findings, SEVERITY_ERROR);
	(void)fflush(stdout);
	if (findings->dropped)
		(void)fprintf(stderr, "imagehook: %zu more findings are not shown\n",
			      findings->dropped);
	if (n == 0)
		return EXIT_DONE;
	(void)fprintf(stderr, "imagehook: %zu error%s\n", n, n == 1 ? "" : "s");
	return EXIT_FAILED;
}

static int run_lint(void *ptr, const struct strings *words)
{
	const struct lint_options *options = ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct err err = ERR_INIT;
	struct document_options how = { .default_namespace = options->namespace
								 ? options->namespace
								 : "flux-system",
					.paths = options->clusters };
	if (words->len == 0)
		return command_usage(&command_lint, "name a folder or a file");
	for (size_t i = 0; i < words->len; i++)
		if (folder_read(&files, words->items[i], &err))
			return command_fail(&err);
	document_decode(files.items, files.len, &how, &set, &findings);
	check_documents(&set, &findings);
	check_markers(files.items, files.len, &set, how.default_namespace, &findings);
	finding_sort(&findings);
	if (options->output && strcmp(options->output, "json") == 0)
		print_json(&findings, &arena);
	else
		print_text(&findings);
	return fail_if_errors(&findings);
}

const struct command command_lint = {
	.name = "lint",
	.usage = "[options] PATH...",
	.summary = "show every mistake in the documents and markers of a folder",
	.details =
	    "Reads *.yaml, *.yml and Kustomization below each PATH, never through links, "
	    "as one tree, and prints one line per finding: "
	    "path:line:col: severity: text [id]. Exits 1 when one of them is an error.",
	.example = "imagehook lint clusters/production",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct lint_options),
	.run = run_lint,
};
