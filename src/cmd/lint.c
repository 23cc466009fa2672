/* SPDX-License-Identifier: MIT */
/* `imagehook lint`: every finding of a folder, of files, or of a revision of a
 * repository. */
#include "adapter/json/json.h"
#include "app/check.h"
#include "app/finding_text.h"
#include "app/folder.h"
#include "app/load.h"
#include "base/file.h"
#include "base/limits.h"
#include "cmd/repo_options.h"

struct lint_options {
	const char *repo;
	const char *output;
	const char *namespace;
	struct strings clusters;
};

static const struct opt opts[] = {
	OPT_REPO_ROW(struct lint_options),
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

static int show(const struct lint_options *options, struct finding_list *findings,
		struct arena *arena)
{
	finding_unique(findings);
	if (options->output && strcmp(options->output, "json") == 0)
		print_json(findings, arena);
	else
		print_text(findings);
	return fail_if_errors(findings);
}

static int lint_paths(const struct lint_options *options, const struct strings *words)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct folder_files files = { .arena = &arena };
	struct document_set set = { .arena = &arena };
	struct finding_list findings = FINDING_LIST_INIT(&arena);
	struct err err = ERR_INIT;
	struct document_options how = { .default_namespace = options->namespace
								 ? options->namespace
								 : "flux-system",
					.paths = options->clusters };
	for (size_t i = 0; i < words->len; i++)
		if (folder_read(&files, words->items[i], &err))
			return command_fail(&err);
	document_decode(files.items, files.len, &how, &set, &findings);
	check_documents(&set, &findings);
	check_markers(files.items, files.len, &set, how.default_namespace, &findings);
	return show(options, &findings, &arena);
}

/* Whether the automation reads the tree that is judged. */
static bool reads_here(const struct session *session, const struct loaded *loaded,
		       const struct image_update_automation *automation)
{
	const struct checkout_ref *from = &automation->checkout;
	if (!automation->meta.valid || automation->suspend ||
	    config_list(session->config, CONFIG_SOURCE)->len)
		return false;
	if (from->tag || from->semver || from->name || from->commit)
		return false;
	return !from->branch || !loaded->branch ||
	       strcmp(from->branch, loaded->branch) == 0;
}

static void check_paths(struct session *session, const struct loaded *loaded)
{
	const struct document_set *set = &loaded->documents;
	struct err found = ERR_INIT; /* and told by its finding */
	for (size_t i = 0; i < set->automations.len; i++)
		if (reads_here(session, loaded, &set->automations.items[i]))
			(void)!load_check_path(session, session->repo,
					       &loaded->snapshot.tree,
					       &set->automations.items[i], &found);
}

/* A revision of the repository; NULL: the tip of the documents' branch. */
static int lint_revision(const struct lint_options *options, const char *revision)
{
	struct session session SESSION_CLEANUP = { 0 };
	struct loaded loaded = { 0 };
	struct document_files files = { 0 };
	struct oid commit;
	struct err err = ERR_INIT;
	int code = open_as_owner(&session, options->repo, &err);
	if (!code && !revision)
		code = load_documents(&session, &loaded, &err);
	if (!code && revision)
		code = repo_parse_revision(session.repo, revision, &commit, &err);
	if (!code && revision)
		code = load_commit(&session, &commit, &loaded, &err);
	if (!code)
		code = load_files(&session, &loaded.snapshot, SNAPSHOT_HAS_MARKER, &files,
				  &err);
	if (code)
		return command_fail(&err);
	check_markers(files.items, files.len, &loaded.documents,
		      config_text(session.config, CONFIG_NAMESPACE), &session.findings);
	check_paths(&session, &loaded);
	return show(options, &session.findings, &session.arena);
}

static int lint_folder(const struct lint_options *options, const char *folder)
{
	const struct strings words = { &folder, 1, 1 };
	return lint_paths(options, &words);
}

static int run_lint(void *ptr, const struct strings *words)
{
	const struct lint_options *options = ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	/* whoever stands in a work tree means what they see there */
	if (words->len == 0 && !options->repo && !repo_is_git_dir(".", &arena))
		return lint_folder(options, ".");
	if (words->len == 0)
		return lint_revision(options, NULL);
	/* a name that is in the file system is meant as a path, unless --repo says
	 * otherwise */
	if (!options->repo && file_exists(words->items[0]))
		return lint_paths(options, words);
	if (words->len > 1)
		return command_usage(&command_lint, "one revision at a time");
	return lint_revision(options, words->items[0]);
}

const struct command command_lint = {
	.name = "lint",
	.usage = "[options] [PATH... | REV]",
	.summary =
	    "Shows every mistake in the documents and markers of a folder or a revision.",
	.details =
	    "Reads *.yaml, *.yml and Kustomization below each PATH, never through links, "
	    "as one tree, and prints one line per finding: "
	    "path:line:col: severity: text [id]. Exits 1 when one of them is an error. "
	    "A name that is no path is a revision of the repository; without any name it "
	    "is the tip of the branch that holds the documents, or the current folder where "
	    "that is no git directory, such as a clone.",
	.example = "imagehook lint\n"
		   "imagehook lint clusters/production\n"
		   "imagehook lint --repo /srv/git/fleet.git main~1",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct lint_options),
	.run = run_lint,
};
