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

/* Goes from a tree to its entry of that name, whose name is not kept. 1: it is there. */
static int step_into(struct repo *repo, struct str name, struct tree_entry *at,
		     struct err *err)
{
	struct object tree OBJECT_CLEANUP = OBJECT_INIT;
	int code = object_read_as(repo, &at->oid, OBJECT_TREE, &tree, err);
	if (code)
		return code;
	struct tree_cursor cursor = { .bytes = buf_str(&tree.bytes) };
	while ((code = tree_next(&cursor, err)) > 0) {
		if (!str_eq(cursor.entry.name, name))
			continue;
		*at = cursor.entry;
		at->name = (struct str){ NULL, 0 };
		return 1;
	}
	return code;
}

int repo_look_up(struct repo *repo, const struct oid *tree, struct str path,
		 uint32_t *mode, struct oid *oid, struct err *err)
{
	struct tree_entry at = { .mode = MODE_TREE };
	struct str rest = path;
	struct str name;
	int code = raw_oid_of(tree, &at.oid, err);
	if (code)
		return code;
	for (size_t depth = 0; path.len && str_split(&rest, '/', &name); depth++) {
		if (depth > LIMIT_TREE_DEPTH)
			return err_set(err, ERR_LIMIT, LIMIT_FMT,
				       LIMIT_ARG(LIMIT_TREE_DEPTH));
		int found = at.mode == MODE_TREE ? step_into(repo, name, &at, err) : 0;
		if (found < 0)
			return found;
		if (!found)
			return err_set(err, ERR_NOTFOUND, "'%.*s' does not exist",
				       STR_ARG(path));
	}
	*mode = at.mode;
	raw_oid_format(&at.oid, oid);
	return 0;
}
