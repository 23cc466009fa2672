/* SPDX-License-Identifier: MIT */
/*
 * Finds the files of a tree that hold one of a few fixed strings. git does the searching,
 * which nobody does faster through libgit2; the paths it names are then looked up in the
 * tree by us, so that only regular files of that very tree come out.
 */
#include "adapter/git/internal.h"

enum {
	GREP_MEMORY = 1 << 30, /* times four: see below */
	GREP_TIMEOUT_MS = 300000,
	GREP_ARGS = 48
};

static void add_arg(const char **args, size_t *n, const char *arg)
{
	args[(*n)++] = arg;
}

static int build_command(const struct oid *tree, const struct repo_search *search,
			 struct arena *arena, const char **args, struct err *err)
{
	static const char *const head[] = { "grep",
					    "-l",
					    "-z",
					    "-F",
					    "-a",
					    "--no-color",
					    "--no-textconv",
					    "--no-recurse-submodules" };
	size_t n = 0;
	if (ARRAY_LEN(head) + 2 * search->needles->len + search->names->len + 3 >
	    GREP_ARGS)
		return err_set(err, ERR_INTERNAL, "too many needles or names");
	for (size_t i = 0; i < ARRAY_LEN(head); i++)
		add_arg(args, &n, head[i]);
	for (size_t i = 0; i < search->needles->len; i++) {
		add_arg(args, &n, "-e");
		add_arg(args, &n, search->needles->items[i]);
	}
	/* an id of hex digits needs no --end-of-options, which git grep does not know */
	add_arg(args, &n, tree->hex);
	add_arg(args, &n, "--");
	for (size_t i = 0; i < search->names->len; i++)
		add_arg(args, &n,
			arena_printf(arena, ":(top,glob)**/%s", search->names->items[i]));
	args[n] = NULL;
	return 0;
}

static int run_grep(struct repo *repo, const struct oid *tree,
		    const struct repo_search *search, struct buf *out, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const char *args[GREP_ARGS];
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	int status = 0;
	int code = build_command(tree, search, &arena, args, err);
	if (code)
		return code;
	struct git_command command = { .kind = GIT_CHILD_READS,
				       .args = args,
				       .out = out,
				       .timeout_ms = GREP_TIMEOUT_MS,
				       .memory_bytes = (size_t)GREP_MEMORY * 4 };
	code = git_run(repo, &command, &errors, &status, err);
	if (code)
		return err_prefix(err, "cannot search the tree");
	/* 1: nothing found; a complaint beside it is a failure all the same */
	if (status > 1 || errors.len)
		return err_set(err, ERR_IO, "cannot search the tree: %s",
			       git_complaint(&errors, &arena));
	return 0;
}

/* Takes `TREE:path NUL` records. */
static int take_hits(struct repo *repo, const struct raw_oid *root, struct str output,
		     struct arena *arena, struct repo_files *out, struct err *err)
{
	struct tree_finder *finder FINDER_CLEANUP = finder_new(repo, root);
	struct str record;
	while (output.len && str_split(&output, '\0', &record)) {
		struct tree_entry entry;
		struct str path = str_from(record, OID_HEX_LEN + 1);
		int code = finder_find(finder, path, &entry, err);
		if (code)
			return code;
		if (!mode_is_file(entry.mode))
			continue;
		if (out->len >= LIMIT_FILES)
			return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_FILES));
		struct repo_file *file = VEC_ADD(arena, out);
		file->path = arena_str(arena, path);
		file->mode = entry.mode;
		raw_oid_format(&entry.oid, &file->blob);
	}
	return 0;
}

int repo_grep(struct repo *repo, const struct oid *tree, const struct repo_search *search,
	      struct arena *arena, struct repo_files *out, struct err *err)
{
	struct raw_oid root;
	struct buf output BUF_CLEANUP = BUF_INIT(LIMIT_CHILD_OUTPUT_BYTES);
	struct repo_files found = { NULL, 0, 0 };
	int code = raw_oid_of(tree, &root, err);
	if (!code)
		code = run_grep(repo, tree, search, &output, err);
	if (!code)
		code = take_hits(repo, &root, buf_str(&output), arena, &found, err);
	if (!code)
		*out = found;
	return code;
}
