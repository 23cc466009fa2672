/* SPDX-License-Identifier: MIT */
/* What is read of commits: tree, parents, message, and who descends from whom. */
#include "adapter/git/internal.h"
#include "base/cursor.h"
#include "base/text.h"

/* Takes the header line `KEY VALUE`; false when another line stands there. */
static bool take_header(struct str *rest, const char *key, struct str *value)
{
	struct str after = *rest;
	struct str line;
	size_t n = strlen(key);
	if (!str_line(&after, &line) || !str_starts(line, str_of(key)) || line.len <= n ||
	    line.ptr[n] != ' ')
		return false;
	*value = str_from(line, n + 1);
	*rest = after;
	return true;
}

static int refuse_commit(const struct oid *commit, struct err *err)
{
	return err_set(err, ERR_INVALID, "commit %s is malformed", commit->hex);
}

static int read_commit(struct repo *repo, const struct oid *commit, struct object *object,
		       struct raw_oid *tree, struct str *rest, struct err *err)
{
	struct raw_oid raw;
	struct str value;
	int code = raw_oid_of(commit, &raw, err);
	if (!code)
		code = object_read_as(repo, &raw, OBJECT_COMMIT, object, err);
	if (code)
		return code;
	*rest = buf_str(&object->bytes);
	if (!take_header(rest, "tree", &value) || !raw_oid_parse(value, tree))
		return refuse_commit(commit, err);
	return 0;
}

int repo_commit_tree(struct repo *repo, const struct oid *commit, struct oid *tree,
		     struct err *err)
{
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	struct raw_oid raw;
	struct str rest;
	int code = read_commit(repo, commit, &object, &raw, &rest, err);
	if (!code)
		raw_oid_format(&raw, tree);
	return code;
}

/* Bytes of a commit as text: what is no UTF-8 is shown escaped. */
static const char *to_text(struct arena *arena, struct str bytes)
{
	struct buf out BUF_CLEANUP = BUF_INIT(SIZE_MAX / 4);
	if (str_is_utf8(bytes, NULL) && str_find_char(bytes, '\0') == bytes.len)
		return arena_strndup(arena, bytes);
	text_escape(&out, bytes, true);
	return arena_strndup(arena, buf_str(&out));
}

/* `Name <mail> SECONDS ZONE`; what is missing stays empty. */
static struct repo_signature parse_signature(struct arena *arena, struct str who)
{
	uint64_t seconds = 0;
	size_t open = str_find_char(who, '<');
	size_t close = str_rfind_char(who, '>');
	struct str rest = str_from(who, close + 2);
	struct str mail =
	    close > open ? str_slice(who, open + 1, close - open - 1) : STR("");
	(void)cursor_number(&rest, INT64_MAX / 1000, &seconds);
	return (struct repo_signature){
		.name = to_text(arena, str_trim(str_slice(who, 0, open))),
		.email = to_text(arena, mail),
		.time_s = (int64_t)seconds,
	};
}

int repo_read_commit(struct repo *repo, const struct oid *commit, struct arena *arena,
		     struct repo_commit *out, struct err *err)
{
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	struct repo_commit read = { .time_ms = 0 };
	struct raw_oid raw;
	struct str rest;
	struct str value;
	int code = read_commit(repo, commit, &object, &raw, &rest, err);
	if (code)
		return code;
	raw_oid_format(&raw, &read.tree);
	while (take_header(&rest, "parent", &value)) {
		if (!raw_oid_parse(value, &raw))
			return refuse_commit(commit, err);
		raw_oid_format(&raw, VEC_ADD(arena, &read.parents));
	}
	if (!take_header(&rest, "author", &value))
		return refuse_commit(commit, err);
	read.author = parse_signature(arena, value);
	if (!take_header(&rest, "committer", &value))
		return refuse_commit(commit, err);
	read.committer = parse_signature(arena, value);
	read.time_ms = read.committer.time_s * 1000;
	size_t gap = str_starts(rest, STR("\n")) ? 0 : str_find(rest, STR("\n\n")) + 1;
	struct str message = str_from(rest, gap + 1);
	read.message = to_text(arena, message);
	read.subject =
	    arena_strndup(arena, str_slice(str_of(read.message), 0,
					   str_find_char(str_of(read.message), '\n')));
	*out = read;
	return 0;
}

bool repo_is_ancestor(struct repo *repo, const struct oid *ancestor,
		      const struct oid *commit)
{
	struct raw_oid a;
	struct raw_oid b;
	struct err ignored = ERR_INIT;
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	int status = 0;
	if (raw_oid_of(ancestor, &a, &ignored) || raw_oid_of(commit, &b, &ignored))
		return false;
	if (raw_oid_eq(&a, &b))
		return true;
	const char *args[] = { "merge-base",  "--is-ancestor", "--end-of-options",
			       ancestor->hex, commit->hex,     NULL };
	struct git_command command = { .kind = GIT_CHILD_READS, .args = args };
	return git_run(repo, &command, &errors, &status, &ignored) == 0 && status == 0;
}

int repo_parse_revision(struct repo *repo, const char *text, struct oid *out,
			struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf output BUF_CLEANUP = BUF_INIT(4096);
	struct buf errors BUF_CLEANUP = BUF_INIT(4096);
	struct raw_oid raw;
	int status = 0;
	const char *args[] = { "rev-parse",
			       "--verify",
			       "--quiet",
			       "--end-of-options",
			       arena_printf(&arena, "%s^{commit}", text),
			       NULL };
	struct git_command command = { .kind = GIT_CHILD_READS,
				       .args = args,
				       .out = &output };
	int code = git_run(repo, &command, &errors, &status, err);
	if (code)
		return code;
	if (status != 0 || !raw_oid_parse(str_trim(buf_str(&output)), &raw))
		return err_set(err, ERR_NOTFOUND, "'%s' names no commit",
			       text_clean(&arena, str_of(text), 100));
	raw_oid_format(&raw, out);
	return 0;
}
