/* SPDX-License-Identifier: MIT */
/*
 * `imagehook select`: the select stage alone. The policy comes from options or from a
 * file, the tags from standard input.
 */
#include "adapter/json/json.h"
#include "app/print.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/opt.h"

#include "stage/document/document.h"
#include "stage/select/select.h"
#include <unistd.h>

struct select_options {
	const char *semver;
	const char *alphabetical;
	const char *numerical;
	const char *pattern;
	const char *extract;
	struct strings exclude;
	const char *file;
	const char *policy;
	const char *output;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW(0, "semver", struct select_options, semver, "RANGE",
		     "the greatest version in the range, such as '>=1.0.0 <2.0.0'"),
	OPT_TEXT_ROW(0, "alphabetical", struct select_options, alphabetical, "asc|desc",
		     "the last (asc) or first (desc) tag by bytes"),
	OPT_TEXT_ROW(0, "numerical", struct select_options, numerical, "asc|desc",
		     "the greatest (asc) or smallest (desc) number"),
	OPT_TEXT_ROW(0, "pattern", struct select_options, pattern, "RE",
		     "only tags that match (filterTags.pattern)"),
	OPT_TEXT_ROW(0, "extract", struct select_options, extract, "TEMPLATE",
		     "order by this, such as '$ts' (filterTags.extract)"),
	OPT_LIST_ROW(0, "exclude", struct select_options, exclude, "RE",
		     "drop tags that match, in place of the default exclusions"),
	OPT_TEXT_ROW('f', "file", struct select_options, file, "FILE",
		     "read the policy and its repository's exclusionList from FILE"),
	OPT_TEXT_ROW(0, "policy", struct select_options, policy, "NS/NAME",
		     "the policy to use when FILE has several"),
	OPT_CHOICE_ROW('o', "output", struct select_options, output, "text|json|explain",
		       "what to print; text is the default"),
};

/* Everything that one selection needs, in one arena. */
struct job {
	struct arena *arena;
	const struct select_options *options;
	struct image_policy policy;
	struct strings exclusions;
	const char *image; /* spec.image, NULL when the policy came from options */
	struct buf text;   /* standard input, which the tags view */
	struct tag_list tags;
	struct tag_verdict_list verdicts;
	struct finding_list findings;
	struct selection chosen;
};

static void release_job(struct job *job)
{
	buf_release(&job->text);
}

/* Findings belong on stderr, and none may be taken for the last line of a failure. */
static void print_findings(const struct finding_list *findings)
{
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		struct buf line BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
		if (finding->place.path.len)
			(void)buf_printf(&line,
					 "%.*s:%u:%u: ", STR_ARG(finding->place.path),
					 finding->place.line, finding->place.col);
		print_line(stderr, "%s%s: %s [%s]", buf_cstr(&line),
			   severity_name(finding->severity), finding->text, finding->id);
		if (finding->hint)
			print_line(stderr, "  hint: %s", finding->hint);
	}
}

static size_t count_lines(struct str text)
{
	size_t n = 1;
	struct str line;
	while (str_line(&text, &line))
		n++;
	return n;
}

static int read_tags(struct job *job, struct err *err)
{
	if (file_read_fd(STDIN_FILENO, &job->text, err))
		return err_prefix(err, "standard input");
	struct str rest = buf_str(&job->text);
	struct str line;
	job->tags.items = ARENA_ARRAY(job->arena, struct str, count_lines(rest));
	while (str_line(&rest, &line)) {
		if (line.len == 0)
			continue;
		if (job->tags.len == LIMIT_TAGS)
			return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TAGS));
		job->tags.items[job->tags.len++] = line;
	}
	return 0;
}

static void use_default_exclusions(struct job *job)
{
	for (size_t i = 0; i < ARRAY_LEN(select_default_exclusions); i++)
		strings_add(job->arena, &job->exclusions, select_default_exclusions[i]);
}

static int use_options(struct job *job, struct err *err)
{
	const struct select_options *options = job->options;
	struct image_policy *policy = &job->policy;
	policy->has_filter = options->pattern || options->extract;
	policy->pattern = options->pattern ? options->pattern : "";
	policy->extract = options->extract ? options->extract : "";
	job->exclusions = options->exclude;
	if (options->exclude.len == 0)
		use_default_exclusions(job);
	return select_set_order(policy, options->semver, options->alphabetical,
				options->numerical, err);
}

static bool is_named(const struct image_policy *policy, const char *wanted)
{
	size_t len = strlen(policy->meta.namespace);
	return strncmp(wanted, policy->meta.namespace, len) == 0 && wanted[len] == '/' &&
	       strcmp(wanted + len + 1, policy->meta.name) == 0;
}

/* The policy that --policy names, or the only one; NULL with the reason in *err. */
static const struct image_policy *find_policy(const struct document_set *set,
					      const struct select_options *options,
					      struct err *err)
{
	const struct image_policy *found = NULL;
	size_t n = 0;
	for (size_t i = 0; i < set->policies.len; i++) {
		const struct image_policy *policy = &set->policies.items[i];
		if (options->policy && !is_named(policy, options->policy))
			continue;
		found = policy;
		n++;
	}
	if (n == 1)
		return found;
	if (n > 1)
		(void)err_set(err, ERR_INVALID,
			      "'%s' has %zu policies: name one with --policy NS/NAME",
			      options->file, n);
	else if (options->policy)
		(void)err_set(err, ERR_NOTFOUND, "'%s' has no ImagePolicy '%s'",
			      options->file, options->policy);
	else
		(void)err_set(err, ERR_NOTFOUND, "'%s' has no ImagePolicy",
			      options->file);
	return NULL;
}

static const char *name_object(const struct object_meta *meta, struct arena *arena)
{
	return arena_printf(arena, "%s/%s/%s", meta->kind_name, meta->namespace,
			    meta->name);
}

/* Other objects of the file are not this command's business, and tags come from standard
 * input whether or not their repository is in the file. */
static void keep_findings(struct finding_list *findings, const char *policy,
			  const char *repository)
{
	size_t kept = 0;
	for (size_t i = 0; i < findings->len; i++) {
		const struct finding *finding = &findings->items[i];
		bool ours = !finding->object || strcmp(finding->object, policy) == 0 ||
			    strcmp(finding->object, repository) == 0;
		if (ours && finding->severity >= SEVERITY_WARNING &&
		    strcmp(finding->id, "unknown-repository") != 0)
			findings->items[kept++] = *finding;
	}
	findings->len = kept;
}

static int use_policy(struct job *job, const struct document_set *set,
		      const struct image_policy *policy, struct err *err)
{
	const struct image_repository *repository = document_find_repository(set, policy);
	const char *repository_name = "";
	job->policy = *policy;
	if (repository) {
		job->exclusions = repository->exclusion_list;
		job->image = repository->image;
		repository_name = name_object(&repository->meta, job->arena);
	}
	keep_findings(&job->findings, name_object(&policy->meta, job->arena),
		      repository_name);
	if (job->exclusions.len == 0)
		use_default_exclusions(job);
	bool usable =
	    policy->meta.valid || strcmp(policy->meta.reason, "DependencyNotReady") == 0;
	return usable ? 0 : err_set(err, ERR_INVALID, "%s", policy->meta.message);
}

static int use_file(struct job *job, struct err *err)
{
	const struct select_options *options = job->options;
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	if (file_read_given(options->file, &text, err))
		return err->code;
	struct document_file file = { str_of(options->file),
				      buf_to_arena(&text, job->arena) };
	struct document_options how = { .default_namespace = "flux-system" };
	struct document_set set = { .arena = job->arena };
	document_decode(&file, 1, &how, &set, &job->findings);
	const struct image_policy *policy = find_policy(&set, options, err);
	return policy ? use_policy(job, &set, policy, err) : err->code;
}

static const char *describe_choice(const struct job *job)
{
	return arena_printf(job->arena, "Latest image tag%s%s resolved to %.*s",
			    job->image ? " for " : "", job->image ? job->image : "",
			    STR_ARG(job->chosen.tag));
}

/* Bytes as they came, a NUL among them too. */
static void print_str(struct str s)
{
	if (s.len)
		(void)fwrite(s.ptr, 1, s.len, stdout);
}

static void print_tag(const struct job *job)
{
	print_str(job->chosen.tag);
	printf("\n");
}

static void print_json(const struct job *job)
{
	struct arena *arena = job->arena;
	struct value *root = value_new(arena, VALUE_MAP);
	struct value *warnings = value_new(arena, VALUE_LIST);
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_JSON_BYTES);
	for (size_t i = 0; i < job->findings.len; i++)
		value_append(arena, warnings,
			     value_text(arena, job->findings.items[i].text));
	value_set(arena, root, "tag", value_string(arena, job->chosen.tag));
	value_set(arena, root, "key", value_string(arena, job->chosen.key));
	value_set(arena, root, "message", value_text(arena, describe_choice(job)));
	value_set(arena, root, "warnings", warnings);
	json_write(&out, root, JSON_COMPACT);
	printf("%s\n", buf_cstr(&out));
}

static void print_verdicts(const struct job *job)
{
	for (size_t i = 0; i < job->verdicts.len; i++) {
		const struct tag_verdict *verdict = &job->verdicts.items[i];
		print_str(verdict->tag);
		printf("\t%s\t", select_fate_name(verdict->fate));
		print_str(verdict->key);
		printf("\n");
	}
}

static void print_choice(const struct job *job)
{
	const char *output = job->options->output ? job->options->output : "text";
	if (strcmp(output, "json") == 0)
		print_json(job);
	else if (strcmp(output, "explain") == 0)
		print_verdicts(job);
	else
		print_tag(job);
}

static int run_job(struct job *job, struct err *err)
{
	const struct select_options *options = job->options;
	bool explain = options->output && strcmp(options->output, "explain") == 0;
	int code = options->file ? use_file(job, err) : use_options(job, err);
	if (!code)
		code = read_tags(job, err);
	if (code)
		return code;
	const struct select_terms terms = { &job->policy, &job->exclusions, &job->tags };
	return select_tag(&terms, job->arena, &job->chosen,
			  explain ? &job->verdicts : NULL, &job->findings, err);
}

static int check_usage(const struct select_options *options, const struct strings *words);

static int run_select(void *opaque, const struct strings *words)
{
	const struct select_options *options = opaque;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct err err = ERR_INIT;
	int usage = check_usage(options, words);
	if (usage)
		return usage;
	struct job job CLEANUP(release_job) = { .arena = &arena,
						.options = options,
						.text = BUF_INIT(LIMIT_RESPONSE_BYTES),
						.findings = FINDING_LIST_INIT(&arena) };
	int code = run_job(&job, &err);
	print_findings(&job.findings);
	if (code)
		return command_fail(&err);
	print_choice(&job);
	return EXIT_DONE;
}

const struct command command_select = {
	.name = "select",
	.usage = "(--semver RANGE | --alphabetical ORDER | --numerical ORDER | -f FILE) "
		 "[options] < TAGS",
	.summary = "Chooses a tag as an ImagePolicy does.",
	.details =
	    "Reads tags from standard input, one per line, and prints the one that the "
	    "policy takes. Without --exclude, and without an exclusionList in FILE, "
	    "signature tags are left out.\n"
	    "\n"
	    "-o explain prints TAG, FATE and KEY of every tag, with tabs between. The "
	    "fates: chosen; older (in the running, but not the best); excluded (by an "
	    "exclusion); no-match (the pattern does not match); shadowed (another tag "
	    "has the same key); not-a-version and not-a-number (the key cannot be "
	    "ordered); out-of-range (outside the semver range). KEY is what the tag is "
	    "ordered by.",
	.example =
	    "imagehook scan ghcr.io/stefanprodan/podinfo | "
	    "imagehook select --semver '>=6.0.0'\n"
	    "imagehook select --numerical asc --pattern '^main-[a-f0-9]+-(?P<ts>[0-9]+)' "
	    "--extract '$ts' < tags",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct select_options),
	.run = run_select,
};

static int check_usage(const struct select_options *options, const struct strings *words)
{
	bool ordered = options->semver || options->alphabetical || options->numerical;
	bool filtered = options->pattern || options->extract || options->exclude.len;
	if (words->len)
		return command_usage(&command_select, "unexpected argument '%s'",
				     words->items[0]);
	if (options->file && (ordered || filtered))
		return command_usage(&command_select,
				     "-f FILE holds the policy: no other policy option "
				     "goes with it");
	if (options->policy && !options->file)
		return command_usage(&command_select, "--policy needs -f FILE");
	if (!options->file && !ordered)
		return command_usage(&command_select,
				     "one of --semver, --alphabetical, --numerical and "
				     "-f is needed");
	return 0;
}
