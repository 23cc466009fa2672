/* SPDX-License-Identifier: MIT */
/*
 * Raw trees: one strict cursor that every reader goes through, so that a tree which git
 * itself would not have written is refused before anybody believes it.
 */
#include "adapter/git/internal.h"

bool mode_is_file(uint32_t mode)
{
	return mode == MODE_FILE || mode == MODE_EXECUTABLE;
}

/* The byte that git compares behind the end of a name. */
static int name_byte(const struct tree_entry *entry, size_t at)
{
	if (at < entry->name.len)
		return (unsigned char)entry->name.ptr[at];
	return at == entry->name.len && entry->mode == MODE_TREE ? '/' : 0;
}

int tree_order(const struct tree_entry *a, const struct tree_entry *b)
{
	size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order = memcmp(a->name.ptr, b->name.ptr, n);
	if (order)
		return order;
	return name_byte(a, n) - name_byte(b, n);
}

static bool is_safe_name(struct str name)
{
	return name.len && !str_is(name, ".") && !str_is(name, "..") &&
	       !str_is(name, ".git") && str_find_char(name, '/') == name.len;
}

/* The octal mode in front of a name; false when there is none. */
static bool take_mode(struct str *rest, uint32_t *out)
{
	enum {
		MODE_DIGITS = 7
	};

	size_t n = 0;
	uint32_t mode = 0;
	for (; n < rest->len && n <= MODE_DIGITS && rest->ptr[n] != ' '; n++) {
		if (rest->ptr[n] < '0' || rest->ptr[n] > '7')
			return false;
		mode = mode * 8 + (uint32_t)(rest->ptr[n] - '0');
	}
	if (n == 0 || n > MODE_DIGITS || n >= rest->len)
		return false;
	*rest = str_from(*rest, n + 1);
	*out = mode;
	return true;
}

int tree_next(struct tree_cursor *cursor, struct err *err)
{
	struct tree_entry entry;
	if (cursor->off >= cursor->bytes.len)
		return 0;
	struct str rest = str_from(cursor->bytes, cursor->off);
	if (!take_mode(&rest, &entry.mode))
		return err_set(err, ERR_INVALID, "malformed tree: no mode");
	size_t nul = str_find_char(rest, '\0');
	if (nul >= rest.len || rest.len - nul - 1 < RAW_OID_BYTES)
		return err_set(err, ERR_INVALID, "malformed tree: cut entry");
	entry.name = str_slice(rest, 0, nul);
	if (!is_safe_name(entry.name))
		return err_set(err, ERR_INVALID, "tree with the forbidden name '%.*s'",
			       STR_ARG(entry.name));
	rest = str_from(rest, nul + 1);
	memcpy(entry.oid.bytes, rest.ptr, RAW_OID_BYTES);
	entry.oid_off = cursor->bytes.len - rest.len;
	if (cursor->started && tree_order(&cursor->entry, &entry) >= 0)
		return err_set(err, ERR_INVALID,
			       "tree with the name '%.*s' out of order or twice",
			       STR_ARG(entry.name));
	cursor->off = entry.oid_off + RAW_OID_BYTES;
	cursor->entry = entry;
	cursor->started = true;
	return 1;
}

struct str tree_join(struct arena *arena, struct str folder, struct str name)
{
	if (folder.len == 0)
		return arena_str(arena, name);
	char *path = arena_alloc(arena, folder.len + 1 + name.len, 1);
	memcpy(path, folder.ptr, folder.len);
	path[folder.len] = '/';
	memcpy(path + folder.len + 1, name.ptr, name.len);
	return (struct str){ path, folder.len + 1 + name.len };
}

int tree_spend(uint64_t *spent_bytes, size_t bytes, struct err *err)
{
	*spent_bytes += bytes;
	return *spent_bytes > LIMIT_TREE_BYTES
		   ? err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_BYTES))
		   : 0;
}

/* --- looking up paths --- */

struct tree_finder *finder_new(struct repo *repo, const struct raw_oid *root)
{
	struct tree_finder *finder = xcalloc(1, sizeof(*finder));
	finder->repo = repo;
	finder->root = *root;
	return finder;
}

static void drop_levels(struct tree_finder *finder, size_t keep)
{
	while (finder->depth > keep)
		object_release(&finder->levels[--finder->depth].tree);
}

void finder_release(struct tree_finder *const *finder)
{
	if (!*finder)
		return;
	drop_levels(*finder, 0);
	arena_clear(&(*finder)->arena);
	free(*finder);
}

static int push_level(struct tree_finder *finder, struct str name,
		      const struct raw_oid *oid, struct err *err)
{
	if (finder->depth >= ARRAY_LEN(finder->levels))
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_TREE_DEPTH));
	struct tree_level *level = &finder->levels[finder->depth];
	*level = (struct tree_level){ .tree = OBJECT_INIT };
	int code = object_read_as(finder->repo, oid, OBJECT_TREE, &level->tree, err);
	if (code) {
		object_release(&level->tree);
		return code;
	}
	level->name = arena_str(&finder->arena, name);
	level->cursor.bytes = buf_str(&level->tree.bytes);
	finder->depth++;
	return 0;
}

/* Looks for `name` from where the last look-up of this folder stopped, then from its
 * beginning. 1: found. */
static int seek_name(struct tree_level *level, struct str name, struct err *err)
{
	if (level->cursor.started && str_eq(level->cursor.entry.name, name))
		return 1;
	for (int round = 0; round < 2; round++) {
		int code = 0;
		while ((code = tree_next(&level->cursor, err)) > 0)
			if (str_eq(level->cursor.entry.name, name))
				return 1;
		if (code < 0)
			return code;
		level->cursor = (struct tree_cursor){ .bytes = level->cursor.bytes };
	}
	return 0;
}

int finder_find(struct tree_finder *finder, struct str path, struct tree_entry *out,
		struct err *err)
{
	struct str rest = path;
	struct str name;
	size_t at = 0;
	if (finder->depth == 0) {
		int code = push_level(finder, STR(""), &finder->root, err);
		if (code)
			return code;
	}
	while (str_split(&rest, '/', &name)) {
		struct tree_level *level = &finder->levels[at];
		int code = seek_name(level, name, err);
		if (code < 0)
			return code;
		if (code == 0)
			break;
		const struct tree_entry *entry = &level->cursor.entry;
		if (!rest.ptr) {
			*out = *entry;
			return 0;
		}
		if (entry->mode != MODE_TREE)
			break;
		if (++at < finder->depth && str_eq(finder->levels[at].name, name))
			continue;
		drop_levels(finder, at);
		code = push_level(finder, name, &entry->oid, err);
		if (code)
			return code;
	}
	return err_set(err, ERR_NOTFOUND, "'%.*s' does not exist", STR_ARG(path));
}

int repo_look_up(struct repo *repo, const struct oid *tree, struct str path,
		 uint32_t *mode, struct oid *oid, struct err *err)
{
	struct raw_oid root;
	struct tree_entry entry;
	int code = raw_oid_of(tree, &root, err);
	if (code)
		return code;
	if (path.len == 0) {
		*mode = MODE_TREE;
		*oid = *tree;
		return 0;
	}
	struct tree_finder *finder FINDER_CLEANUP = finder_new(repo, &root);
	code = finder_find(finder, path, &entry, err);
	if (code)
		return code;
	*mode = entry.mode;
	raw_oid_format(&entry.oid, oid);
	return 0;
}
