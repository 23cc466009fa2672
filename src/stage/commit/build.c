/* SPDX-License-Identifier: MIT */
/*
 * Who signs a commit and which messages are accepted; the objects themselves are the
 * adapter's.
 */
#include "base/limits.h"
#include "base/text.h"
#include "stage/commit/commit.h"

static int check_message(struct str message, struct err *err)
{
	size_t bad = 0;
	if (message.len > LIMIT_MESSAGE_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_MESSAGE_BYTES));
	if (!str_is_utf8(message, &bad))
		return err_set(err, ERR_INVALID,
			       "the commit message is not UTF-8 at byte %zu", bad + 1);
	if (!text_is_printable(message))
		return err_set(err, ERR_INVALID,
			       "the commit message holds control characters");
	return 0;
}

/* Without what would end a name or an address in a commit, and without outer blanks. */
static const char *clean(struct arena *arena, struct str text)
{
	struct buf out BUF_CLEANUP = BUF_INIT(text.len + 1);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7f &&
		    text.ptr[i] != '<' && text.ptr[i] != '>')
			(void)buf_putc(&out, text.ptr[i]);
	return arena_strndup(arena, str_trim(buf_str(&out)));
}

static int make_signature(struct arena *arena, struct str name, struct str email,
			  struct repo_signature *out, struct err *err)
{
	out->name = clean(arena, name);
	out->email = clean(arena, email);
	if (!out->email[0])
		return err_set(err, ERR_INVALID, "no address to commit with");
	struct str local = str_of(out->email);
	local = str_slice(local, 0, str_find_char(local, '@'));
	if (!out->name[0])
		out->name = arena_strndup(arena, str_trim(local));
	if (!out->name[0])
		out->name = out->email;
	return 0;
}

/* `Name <mail>`. */
static int parse_committer(struct arena *arena, const char *text,
			   struct repo_signature *out, struct err *err)
{
	struct str all = str_trim(str_of(text));
	size_t open = str_find_char(all, '<');
	if (open == all.len || !str_ends(all, STR(">")))
		return err_set(err, ERR_INVALID,
			       "committer '%s' is not of the form 'Name <mail>'", text);
	return make_signature(arena, str_slice(all, 0, open),
			      str_slice(all, open + 1, all.len - open - 2), out, err);
}

static int make_identity(struct arena *arena, const struct commit_identity *identity,
			 struct repo_commit_spec *spec, struct err *err)
{
	int code = make_signature(arena, str_of(identity->author_name),
				  str_of(identity->author_email), &spec->author, err);
	if (!code && identity->committer)
		code = parse_committer(arena, identity->committer, &spec->committer, err);
	else
		spec->committer = spec->author;
	spec->author.time_s = identity->time_s;
	spec->committer.time_s = identity->time_s;
	return code;
}

int commit_build(struct repo *repo, const struct commit_draft *draft,
		 const struct commit_identity *identity, struct oid *out, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	const struct file_change_list *files = draft->files;
	struct repo_commit_spec spec = { .parent = draft->base,
					 .message = draft->message };
	int code = check_message(draft->message, err);
	if (!code)
		code = make_identity(&arena, identity, &spec, err);
	if (!code)
		code = repo_commit_tree(repo, &draft->base, &spec.base_tree, err);
	if (code)
		return code;
	struct repo_edit *edits = ARENA_ARRAY(&arena, struct repo_edit, files->len);
	for (size_t i = 0; i < files->len; i++)
		edits[i] =
		    (struct repo_edit){ files->items[i].path, files->items[i].new_text };
	spec.edits = edits;
	spec.n_edits = files->len;
	return repo_build_commit(repo, &spec, out, err);
}
