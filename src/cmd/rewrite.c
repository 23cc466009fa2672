/* SPDX-License-Identifier: MIT */
/* `imagehook rewrite`: the rewrite stage alone, over standard input, a file or a tree. */
#include "stage/rewrite/rewrite.h"
#include "base/file.h"
#include "base/limits.h"
#include "cmd/edit_tree.h"
#include "cmd/opt.h"
#include "cmd/show.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct rewrite_options {
	const char *namespace;
	struct strings set;
	const char *path;
	bool in_place;
};

static const struct opt opts[] = {
	OPT_TEXT_ROW('n', "namespace", struct rewrite_options, namespace, "NS",
		     "whose markers are looked at; flux-system is the default"),
	OPT_LIST_ROW(0, "set", struct rewrite_options, set, "NS:NAME=IMAGE:TAG[@DIGEST]",
		     "what a policy chose; repeat it"),
	OPT_TEXT_ROW(0, "path", struct rewrite_options, path, "NAME",
		     "the name that standard input stands for"),
	OPT_FLAG_ROW('i', "in-place", struct rewrite_options, in_place,
		     "write the files instead of printing one"),
};

struct job {
	const struct rewrite_options *options;
	struct arena *arena; /* of the choices */
	struct image_choice_list choices;
	struct arena file_arena; /* of the file in hand */
	size_t left_alone;
	struct err first; /* why the first file was left alone */
};

static void release_job(struct job *job)
{
	arena_clear(&job->file_arena);
}

/* A later --set of the same policy replaces an earlier one. */
static void add_choice(struct job *job, const struct image_choice *choice)
{
	for (size_t i = 0; i < job->choices.len; i++) {
		struct image_choice *old = &job->choices.items[i];
		if (strcmp(old->namespace, choice->namespace) == 0 &&
		    strcmp(old->policy, choice->policy) == 0) {
			*old = *choice;
			return;
		}
	}
	VEC_PUSH(job->arena, &job->choices, *choice);
}

/* NS:NAME=IMAGE:TAG[@DIGEST], IMAGE cut at the last ':' behind the last '/'. */
static bool parse_set(struct job *job, const char *text)
{
	struct str rest = str_of(text);
	struct str namespace;
	struct str policy;
	if (!str_split(&rest, '=', &policy) || !rest.ptr)
		return false;
	struct str names = policy;
	if (!str_split(&names, ':', &namespace) || !names.ptr)
		return false;
	policy = names;
	size_t at = str_find_char(rest, '@');
	struct str image = str_slice(rest, 0, at);
	size_t slash = str_rfind_char(image, '/');
	size_t colon = str_rfind_char(image, ':');
	bool has_tag = colon + 1 < image.len && (slash == image.len || colon > slash);
	if (!namespace.len || !policy.len || !has_tag || colon == 0 || at + 1 == rest.len)
		return false;
	struct image_choice choice = {
		.namespace = arena_strndup(job->arena, namespace),
		.policy = arena_strndup(job->arena, policy),
		.ref = { arena_strndup(job->arena, str_slice(image, 0, colon)),
			 arena_strndup(job->arena, str_from(image, colon + 1)),
			 arena_strndup(job->arena, str_from(rest, at + 1)) },
	};
	add_choice(job, &choice);
	return true;
}

static void leave_alone(struct job *job, const struct err *err)
{
	if (job->left_alone++ == 0)
		job->first = *err;
}

/* One text; its findings are shown at once. */
static struct str rewrite_one(struct job *job, const char *path, struct str text)
{
	arena_clear(&job->file_arena);
	struct finding_list findings = FINDING_LIST_INIT(&job->file_arena);
	struct change_list changes = { NULL, 0, 0 };
	struct str out = text;
	struct err err = ERR_INIT;
	struct rewrite_request request = { .path = str_of(path),
					   .text = text,
					   .namespace = job->options->namespace,
					   .choices = &job->choices };
	if (rewrite_text(&request, &job->file_arena, &out, &changes, &findings, &err)) {
		(void)err_at(&err, path, err.line, err.col);
		leave_alone(job, &err);
	}
	finding_sort(&findings);
	show_findings(&findings);
	return out;
}

static struct str edit_one(void *ctx, const char *path, struct str text)
{
	return rewrite_one(ctx, path, text);
}

static void note_failure(void *ctx, const struct err *err)
{
	leave_alone(ctx, err);
}

/* The exit status, with the reason as the last line. */
static int finish(const struct job *job)
{
	struct err err = job->first;
	if (job->left_alone == 0)
		return EXIT_DONE;
	if (job->left_alone > 1)
		(void)err_prefix(&err, "%zu files were left alone; the first",
				 job->left_alone);
	return command_fail(&err);
}

static int rewrite_trees(struct job *job, const struct strings *words)
{
	struct edit_tree tree = { rewrite_is_candidate, edit_one, note_failure, job };
	for (size_t i = 0; i < words->len; i++)
		edit_tree_walk(&tree, words->items[i]);
	return finish(job);
}

/* Prints the text with its edits; the text itself when it was left alone. */
static int rewrite_stream(struct job *job, int fd, const char *path, bool is_wanted)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_OBJECT_BYTES);
	struct err err = ERR_INIT;
	if (file_read_fd(fd, &text, &err)) {
		(void)err_prefix(&err, "'%s'", path);
		return command_fail(&err);
	}
	struct str out = buf_str(&text);
	if (is_wanted)
		out = rewrite_one(job, path, out);
	(void)fwrite(out.ptr ? out.ptr : "", 1, out.len, stdout);
	return finish(job);
}

static int rewrite_file(struct job *job, const char *path)
{
	struct err err = ERR_INIT;
	int fd FD_CLEANUP = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0)
		return rewrite_stream(job, fd, path, true);
	(void)err_errno(&err, "cannot open '%s'", path);
	return command_fail(&err);
}

extern const struct command command_rewrite;

static int run_rewrite(void *options_ptr, const struct strings *words)
{
	struct rewrite_options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct job job CLEANUP(release_job) = { .options = options, .arena = &arena };
	bool from_stdin =
	    words->len == 0 || (words->len == 1 && strcmp(words->items[0], "-") == 0);
	if (!options->namespace)
		options->namespace = "flux-system";
	for (size_t i = 0; i < options->set.len; i++)
		if (!parse_set(&job, options->set.items[i]))
			return command_usage(
			    &command_rewrite,
			    "option '--set' takes NS:NAME=IMAGE:TAG[@DIGEST], "
			    "not '%s'",
			    options->set.items[i]);
	if (options->path && !from_stdin)
		return command_usage(
		    &command_rewrite,
		    "option '--path' names standard input, which is not read");
	if (from_stdin && options->in_place)
		return command_usage(&command_rewrite,
				     "option '--in-place' needs a file or a folder");
	if (from_stdin)
		return rewrite_stream(
		    &job, STDIN_FILENO, options->path ? options->path : "stdin",
		    !options->path || rewrite_is_candidate(str_of(options->path)));
	if (options->in_place)
		return rewrite_trees(&job, words);
	if (words->len > 1 || file_is_dir(words->items[0], false))
		return command_usage(&command_rewrite,
				     "several files or a folder need '--in-place'");
	return rewrite_file(&job, words->items[0]);
}

const struct command command_rewrite = {
	.name = "rewrite",
	.usage =
	    "[--namespace NS] [--set NS:NAME=IMAGE:TAG[@DIGEST]]... [--path NAME] [-i] "
	    "[FILE|DIR]...",
	.summary = "Writes chosen images into the values that bear their markers.",
	.details =
	    "Reads standard input or one file and prints it with every marked value of\n"
	    "the namespace replaced; nothing else changes. With --in-place it edits files,\n"
	    "and below folders every *.yaml, *.yml and Kustomization. Links are never\n"
	    "followed. A text that holds a marker but cannot be read is left as it is, and\n"
	    "the exit status is 1.",
	.example =
	    "imagehook rewrite --set flux-system:app=ghcr.io/org/app:1.5.3 < deployment.yaml",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct rewrite_options),
	.run = run_rewrite,
};
