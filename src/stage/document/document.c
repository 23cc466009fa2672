/* SPDX-License-Identifier: MIT */
/* From the files of a tree to its objects: clusters, texts that are no YAML, and the
 * order in which everything is decoded, settled and resolved. */
#include "stage/document/document.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/document/tree.h"

struct run {
	struct tree tree;
	const struct document_file **files; /* ordered by path */
	size_t n;
	bool *seen; /* by file: decoded for a cluster */
	struct kustomize_paths excluded;
	size_t work; /* bytes of memory spent, LIMIT_DOCUMENT_WORK */
};

/* One file while it is decoded. */
struct file_state {
	struct source source;
	size_t work;
	bool template_told; /* one finding for a file full of template syntax */
	bool stopped;
};

static struct str line_of(struct source *source, struct arena *arena, uint32_t line)
{
	return source_at(source, arena, line, 1);
}

/* Whether the parser stumbled over template syntax: a chart's file, not a mistake. */
static bool is_template(struct source *source, struct arena *arena, uint32_t line)
{
	for (uint32_t at = line > 1 ? line - 1 : 1; at <= line + 1; at++) {
		struct str text = line_of(source, arena, at);
		if (str_find(text, STR("{{")) < text.len)
			return true;
	}
	return false;
}

static void hint_quotes(struct finding *finding, struct source *source,
			struct arena *arena, uint32_t line)
{
	for (uint32_t at = line; at && at + 1 >= line; at--) {
		struct str key;
		struct str value;
		if (!screen_unquoted(line_of(source, arena, at), &key, &value))
			continue;
		const char *quote = memchr(value.ptr, '"', value.len) ? "'" : "\"";
		finding->hint = arena_printf(arena, "quote the value: %s%s%s%s%s",
					     show_text(arena, key), key.len ? ": " : "",
					     quote, show_text(arena, value), quote);
		return;
	}
}

/* A text that YAML cannot read is a mistake only if it holds a document that we judge. */
static void report_syntax(struct run *run, struct file_state *file, struct err *err)
{
	struct finding_list *findings = run->tree.findings;
	struct place place = { file->source.path, file->source.line_base + 1, 0 };
	if (!screen_holds_judged(file->source.text))
		return;
	if (err->line) {
		place.line = file->source.line_base + err->line;
		place.col = err->col;
	}
	if (is_template(&file->source, findings->arena, err->line)) {
		if (!file->template_told)
			finding_add(findings, SEVERITY_WARNING, "template-file", place,
				    "this is a template, not YAML: its documents are not "
				    "read")
			    ->hint = "keep charts outside of imagehook.path";
		file->template_told = true;
		return;
	}
	struct finding *finding = finding_add(
	    findings, SEVERITY_ERROR, err->code == ERR_LIMIT ? "limit" : "yaml-syntax",
	    place, "%s", err->text);
	hint_quotes(finding, &file->source, findings->arena, err->line);
}

static void decode_documents(struct run *run, struct file_state *file,
			     const struct yaml_documents *documents,
			     const struct yaml_duplicates *duplicates)
{
	for (size_t i = 0; i < documents->len; i++) {
		const struct value *root = documents->items[i].root;
		struct object object = { root, 0, 0, 0, 0, duplicates };
		if (!root)
			continue;
		object.line = root->line;
		object.col = root->col;
		for (size_t k = i + 1; k < documents->len && !object.end_line; k++) {
			const struct value *next = documents->items[k].root;
			object.end_line = next ? next->line : 0;
			object.end_col = next ? next->col : 0;
		}
		object_decode(&run->tree, &file->source, &object);
	}
}

/* Memory stands for work: what a text can be expanded to is bounded per text only. */
static void count_work(struct run *run, struct file_state *file, size_t bytes)
{
	struct place place = { file->source.path, file->source.line_base + 1, 0 };
	file->work += bytes;
	run->work += bytes;
	if (run->work > LIMIT_DOCUMENT_WORK && !run->tree.full) {
		finding_add(run->tree.findings, SEVERITY_ERROR, "limit", place,
			    "all further documents are left out (" LIMIT_FMT ")",
			    LIMIT_ARG(LIMIT_DOCUMENT_WORK));
		run->tree.full = true;
	} else if (file->work > LIMIT_FILE_WORK) {
		finding_add(run->tree.findings, SEVERITY_ERROR, "limit", place,
			    "the rest of this file is left out (" LIMIT_FMT ")",
			    LIMIT_ARG(LIMIT_FILE_WORK));
		file->stopped = true;
	}
}

static void decode_segment(struct run *run, struct file_state *file)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct yaml_documents documents = { NULL, 0, 0 };
	struct yaml_duplicates duplicates = { NULL, 0, 0 };
	struct err err = ERR_INIT;
	int code = yaml_load(file->source.text, &scratch, &documents, &duplicates, &err);
	decode_documents(run, file, &documents, &duplicates);
	if (code)
		report_syntax(run, file, &err);
	count_work(run, file, scratch.total_bytes);
}

static bool is_wide(struct str text)
{
	return str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff"));
}

/* UTF-16 is not read; its ASCII, which is what is left without zero bytes, tells whether
 * anybody meant us to. */
static void report_wide(struct run *run, struct str text, struct str path)
{
	struct buf narrow BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i])
			(void)buf_putc(&narrow, text.ptr[i]);
	if (screen_holds_judged(buf_str(&narrow)))
		finding_add(run->tree.findings, SEVERITY_ERROR, "yaml-syntax",
			    (struct place){ path, 1, 1 },
			    "the text is UTF-16, expected UTF-8");
}

static void decode_file(struct run *run, const struct document_file *in, struct str path)
{
	struct file_state file = { 0 };
	struct str rest = in->text;
	uint32_t lines = 0;
	file.source.path = path;
	if (in->text.len > LIMIT_FILE_BYTES) {
		struct place place = { path, 1, 1 };
		if (screen_holds_judged(in->text))
			finding_add(run->tree.findings, SEVERITY_ERROR, "limit", place,
				    "this file is left out (" LIMIT_FMT ")",
				    LIMIT_ARG(LIMIT_FILE_BYTES));
		return;
	}
	if (is_wide(in->text)) {
		report_wide(run, in->text, path);
		return;
	}
	while (!file.stopped && !run->tree.full &&
	       screen_next(&rest, &file.source.text, &lines)) {
		file.source.lines = NULL;
		if (screen_holds_kind(file.source.text))
			decode_segment(run, &file);
		file.source.line_base += lines;
	}
}

static bool is_below(struct str path, const char *cluster)
{
	struct str head = str_of(cluster);
	return head.len == 0 || str_eq(path, head) ||
	       (str_starts(path, head) && path.ptr[head.len] == '/');
}

static void decode_cluster(struct run *run, const char *cluster)
{
	struct finding_list *findings = run->tree.findings;
	run->tree.cluster = cluster;
	for (size_t i = 0; i < run->n; i++) {
		const struct document_file *file = run->files[i];
		struct finding_list unheard = FINDING_LIST_INIT(run->tree.set->arena);
		if (!is_below(file->path, cluster) ||
		    kustomize_excludes(&run->excluded, file->path) ||
		    !(screen_holds_kind(file->text) || is_wide(file->text)))
			continue;
		run->tree.again = run->seen[i];
		run->tree.findings = run->seen[i] ? &unheard : findings;
		decode_file(run, file, arena_str(run->tree.set->arena, file->path));
		run->tree.findings = findings;
		run->seen[i] = true;
	}
}

static void decode_clusters(struct run *run, const struct strings *paths)
{
	struct strings clusters = { NULL, 0, 0 };
	document_clusters(paths, run->tree.set->arena, &clusters);
	if (paths->len == 0)
		decode_cluster(run, "");
	for (size_t i = 0; i < clusters.len; i++)
		decode_cluster(run, clusters.items[i]);
}

static int compare_files(const void *a_ptr, const void *b_ptr)
{
	const struct document_file *a = *(const struct document_file *const *)a_ptr;
	const struct document_file *b = *(const struct document_file *const *)b_ptr;
	return str_cmp(a->path, b->path);
}

static void read_kustomizations(struct run *run)
{
	for (size_t i = 0; i < run->n && run->work <= LIMIT_DOCUMENT_WORK; i++)
		if (kustomize_is_name(run->files[i]->path) &&
		    run->files[i]->text.len <= LIMIT_FILE_BYTES)
			run->work += kustomize_read(&run->excluded, run->files[i]->path,
						    run->files[i]->text);
	kustomize_finish(&run->excluded);
}

/* One finding per kind and version: a tree may hold hundreds of such documents. */
static void report_deprecated(const struct tree *tree)
{
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		for (size_t k = 0; k < DEPRECATED_MAX; k++) {
			const struct deprecation *found = &tree->deprecated[i][k];
			if (found->n == 0)
				continue;
			const char *more =
			    found->n == 1 ? ""
					  : arena_printf(tree->set->arena,
							 " (%zu documents)", found->n);
			finding_add(tree->findings, SEVERITY_INFO, "deprecated-version",
				    found->first, "%s %s is deprecated, upgrade to v1%s",
				    found->version, document_kinds[i]->name, more);
		}
}

void document_clusters(const struct strings *paths, struct arena *arena,
		       struct strings *out)
{
	for (size_t i = 0; i < paths->len; i++) {
		const char *cluster =
		    screen_clean_path(arena, STR(""), str_of(paths->items[i]));
		if (cluster && !strings_contain(out, cluster))
			strings_add(arena, out, cluster);
	}
}

void document_decode(const struct document_file *files, size_t n,
		     const struct document_options *options, struct document_set *set,
		     struct finding_list *findings)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	struct run run = { .n = n };
	struct resolution resolution = { set, findings };
	run.tree.set = set;
	run.tree.findings = findings;
	run.tree.options = options;
	run.excluded.arena = &scratch;
	run.files = ARENA_ARRAY(&scratch, const struct document_file *, n);
	run.seen = ARENA_ARRAY(&scratch, bool, n);
	for (size_t i = 0; i < n; i++)
		run.files[i] = &files[i];
	if (n > 1)
		qsort(run.files, n, sizeof(*run.files), compare_files);
	read_kustomizations(&run);
	decode_clusters(&run, &options->paths);
	report_deprecated(&run.tree);
	unique_settle(set, findings);
	for (size_t i = 0; i < DOCUMENT_KINDS; i++)
		if (document_kinds[i]->resolve)
			document_kinds[i]->resolve(&resolution);
}
