/* SPDX-License-Identifier: MIT */
/*
 * From edited files to a commit that no ref names yet. Trees are edited as bytes: the
 * only thing that changes is the id of an entry that is on the way to an edited file. In
 * the end our own diff must list exactly the planned paths.
 */
#include "adapter/git/internal.h"
#include "base/cursor.h"

struct build {
	struct repo *repo;
	struct arena arena; /* bytes of the new objects */
	struct new_objects objects;
	struct oid_set seen;            /* equal files are one object */
	const struct repo_edit **edits; /* ordered by path */
	size_t n_edits;
};

static void add_object(struct build *build, enum object_type type, struct str bytes,
		       struct raw_oid *out)
{
	struct new_object object = { .type = type, .bytes = bytes };
	object_id(type, bytes, &object.oid);
	*out = object.oid;
	if (oid_set_add(&build->seen, &object.oid))
		VEC_PUSH(&build->arena, &build->objects, object);
}

static int refuse_path(const struct repo_edit *edit, const char *why, struct err *err)
{
	return err_set(err, ERR_INVALID, "'%.*s' %s", STR_ARG(edit->path), why);
}

static int compare_names(const void *a, const void *b)
{
	const struct str *left = a;
	const struct str *right = b;
	return str_cmp(*left, *right);
}

/* A file and a folder of one name need not stand side by side. */
static int refuse_twins(struct str tree, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	VEC_OF(struct str) names = { NULL, 0, 0 };
	struct tree_cursor cursor = { .bytes = tree };
	int code = 0;
	while ((code = tree_next(&cursor, err)) > 0)
		VEC_PUSH(&arena, &names, cursor.entry.name);
	if (code)
		return code;
	VEC_SORT(&names, compare_names);
	for (size_t i = 1; i < names.len; i++)
		if (str_eq(names.items[i - 1], names.items[i]))
			return err_set(err, ERR_INVALID,
				       "tree with the name '%.*s' twice",
				       STR_ARG(names.items[i]));
	return 0;
}

/* The edits [first, end) below one tree, whose folder's path takes `skip` bytes. */
struct part {
	size_t first, end;
	size_t skip;
	unsigned depth;
};

/* The next component of an edit's path below a part. */
static struct str next_name(const struct build *build, const struct part *part,
			    bool *is_last)
{
	struct str rest = str_from(build->edits[part->first]->path, part->skip);
	size_t slash = str_find_char(rest, '/');
	*is_last = slash == rest.len;
	return str_slice(rest, 0, slash);
}

static int build_file(struct build *build, const struct repo_edit *edit,
		      const struct tree_entry *entry, struct raw_oid *out,
		      struct err *err)
{
	if (!mode_is_file(entry->mode))
		return refuse_path(edit, "is not a regular file", err);
	add_object(build, OBJECT_BLOB, edit->text, out);
	if (raw_oid_eq(out, &entry->oid))
		return refuse_path(edit, "would not change", err);
	return 0;
}

static int build_tree(struct build *build, const struct raw_oid *oid, struct part part,
		      struct raw_oid *out, struct err *err);

/* Edits what one entry names; moves part->first behind the edits it used. */
static int build_entry(struct build *build, const struct tree_entry *entry,
		       struct part *part, bool is_last, struct raw_oid *out,
		       struct err *err)
{
	const struct repo_edit *edit = build->edits[part->first];
	if (is_last) {
		part->first++;
		return build_file(build, edit, entry, out, err);
	}
	if (entry->mode != MODE_TREE)
		return refuse_path(edit, "does not exist", err);
	struct part below = { .first = part->first,
			      .end = part->first,
			      .skip = part->skip + entry->name.len + 1,
			      .depth = part->depth + 1 };
	struct str folder = str_slice(edit->path, 0, below.skip);
	while (below.end < part->end && str_starts(build->edits[below.end]->path, folder))
		below.end++;
	part->first = below.end;
	return build_tree(build, &entry->oid, below, out, err);
}

/* Recursion is bounded by LIMIT_TREE_DEPTH. */
static int build_tree(struct build *build, const struct raw_oid *oid, struct part part,
		      struct raw_oid *out, struct err *err)
{
	struct object tree OBJECT_CLEANUP = OBJECT_INIT;
	if (part.depth > LIMIT_TREE_DEPTH)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_DEPTH));
	int code = object_read_as(build->repo, oid, OBJECT_TREE, &tree, err);
	if (!code)
		code = refuse_twins(buf_str(&tree.bytes), err);
	if (code)
		return code;
	char *bytes = arena_strndup(&build->arena, buf_str(&tree.bytes));
	struct tree_cursor cursor = { .bytes = { bytes, tree.bytes.len } };
	while (part.first < part.end && (code = tree_next(&cursor, err)) > 0) {
		bool is_last = false;
		struct raw_oid new_oid;
		struct str name = next_name(build, &part, &is_last);
		if (!str_eq(name, cursor.entry.name) ||
		    is_last == (cursor.entry.mode == MODE_TREE))
			continue;
		code = build_entry(build, &cursor.entry, &part, is_last, &new_oid, err);
		if (code)
			return code;
		memcpy(bytes + cursor.entry.oid_off, new_oid.bytes, RAW_OID_BYTES);
	}
	if (code < 0)
		return code;
	if (part.first < part.end)
		return refuse_path(build->edits[part.first],
				   "does not exist as a regular file", err);
	add_object(build, OBJECT_TREE, cursor.bytes, out);
	return 0;
}

static int compare_edits(const void *a, const void *b)
{
	const struct repo_edit *const *left = a;
	const struct repo_edit *const *right = b;
	return str_cmp((*left)->path, (*right)->path);
}

/* Orders the edits; none, an empty path or the same path twice is a caller's mistake. */
static int order_edits(struct build *build, const struct repo_commit_spec *spec,
		       struct err *err)
{
	if (spec->n_edits == 0)
		return err_set(err, ERR_INVALID, "nothing to commit");
	build->n_edits = spec->n_edits;
	build->edits =
	    ARENA_ARRAY(&build->arena, const struct repo_edit *, spec->n_edits);
	for (size_t i = 0; i < spec->n_edits; i++)
		build->edits[i] = &spec->edits[i];
	qsort(build->edits, build->n_edits, sizeof(*build->edits), compare_edits);
	for (size_t i = 1; i < build->n_edits; i++)
		if (str_eq(build->edits[i - 1]->path, build->edits[i]->path))
			return refuse_path(build->edits[i], "is edited twice", err);
	return 0;
}

static bool is_clean_name(const char *text)
{
	return text && text[0] && !strpbrk(text, "<>\n") &&
	       str_is_utf8(str_of(text), NULL);
}

static int put_signature(struct buf *out, const char *key,
			 const struct repo_signature *who, struct err *err)
{
	if (!is_clean_name(who->name) || !is_clean_name(who->email) || who->time_s < 0)
		return err_set(err, ERR_INVALID, "%s without a usable name or address",
			       key);
	(void)buf_printf(out, "%s %s <%s> %lld +0000\n", key, who->name, who->email,
			 (long long)who->time_s);
	return 0;
}

static int build_commit(struct build *build, const struct repo_commit_spec *spec,
			const struct raw_oid *tree, struct raw_oid *out, struct err *err)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_MESSAGE_BYTES + 16384);
	struct oid hex;
	raw_oid_format(tree, &hex);
	(void)buf_printf(&text, "tree %s\n", hex.hex);
	if (spec->parent.hex[0])
		(void)buf_printf(&text, "parent %s\n", spec->parent.hex);
	int code = put_signature(&text, "author", &spec->author, err);
	if (!code)
		code = put_signature(&text, "committer", &spec->committer, err);
	if (code)
		return code;
	(void)buf_putc(&text, '\n');
	(void)buf_append(&text, spec->message);
	if (text.full)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_MESSAGE_BYTES));
	if (str_find_char(spec->message, '\0') < spec->message.len)
		return err_set(err, ERR_INVALID, "NUL byte in the commit message");
	add_object(build, OBJECT_COMMIT, buf_to_arena(&text, &build->arena), out);
	return 0;
}

/* What was written must differ from the base in the planned files and in nothing else. */
static int verify(struct build *build, const struct oid *base, const struct raw_oid *tree,
		  struct err *err)
{
	struct repo_deltas deltas = { NULL, 0, 0 };
	struct oid hex;
	raw_oid_format(tree, &hex);
	int code = repo_diff(build->repo, base, &hex, &build->arena, &deltas, err);
	if (code)
		return code;
	bool same = deltas.len == build->n_edits;
	for (size_t i = 0; same && i < deltas.len; i++) {
		const struct repo_delta *delta = &deltas.items[i];
		struct raw_oid blob;
		struct oid blob_hex;
		object_id(OBJECT_BLOB, build->edits[i]->text, &blob);
		raw_oid_format(&blob, &blob_hex);
		same = str_eq(delta->path, build->edits[i]->path) &&
		       delta->old_mode == delta->new_mode &&
		       strcmp(delta->new_blob.hex, blob_hex.hex) == 0;
	}
	if (!same)
		return err_set(err, ERR_INTERNAL,
			       "the commit would change other files than planned");
	return 0;
}

static int check_base(struct repo *repo, const struct repo_commit_spec *spec,
		      struct raw_oid *tree, struct err *err)
{
	struct raw_oid parent;
	int code = repo_check_writable(repo, err);
	if (!code)
		code = raw_oid_of(&spec->base_tree, tree, err);
	if (!code && spec->parent.hex[0])
		code = raw_oid_of(&spec->parent, &parent, err);
	return code;
}

int repo_build_commit(struct repo *repo, const struct repo_commit_spec *spec,
		      struct oid *out, struct err *err)
{
	struct build build = { .repo = repo };
	struct raw_oid base;
	struct raw_oid tree;
	struct raw_oid commit;
	int code = check_base(repo, spec, &base, err);
	if (!code)
		code = order_edits(&build, spec, err);
	struct part all = { .first = 0, .end = build.n_edits, .skip = 0, .depth = 1 };
	if (!code)
		code = build_tree(&build, &base, all, &tree, err);
	if (!code)
		code = build_commit(&build, spec, &tree, &commit, err);
	if (!code)
		code = objects_write(repo, &build.objects, err);
	if (!code)
		code = verify(&build, &spec->base_tree, &tree, err);
	if (!code)
		raw_oid_format(&commit, out);
	oid_set_release(&build.seen);
	arena_clear(&build.arena);
	return code;
}
