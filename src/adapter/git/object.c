/* SPDX-License-Identifier: MIT */
/*
 * Reads single objects: by our own readers of packs and loose files, and through libgit2
 * (started when first needed) whatever those leave alone. Sizes are judged before an
 * object is unpacked.
 */
#include "adapter/git/internal.h"
#include "adapter/git/libgit2.h"
#include <pthread.h>

_Static_assert(sizeof(git_oid) == sizeof(struct raw_oid), "ids have one layout");

static int init_result;

/* Once a process: nothing outside the repository configures libgit2. */
static void init_library(void)
{
	static const int levels[] = { GIT_CONFIG_LEVEL_PROGRAMDATA,
				      GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
				      GIT_CONFIG_LEVEL_GLOBAL };
	/* checked by us: a value that libgit2 1.5 would refuse is harmless or was refused
	 */
	static const char *extensions[] = { "objectformat",    "refstorage",
					    "worktreeconfig",  "partialclone",
					    "preciousobjects", "relativeworktrees" };
	init_result = git_libgit2_init();
	if (init_result < 0)
		return;
	init_result = 0;
	for (size_t i = 0; i < ARRAY_LEN(levels) && !init_result; i++)
		init_result = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	if (!init_result)
		init_result = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	if (!init_result)
		init_result = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	if (!init_result)
		init_result = git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
					       ARRAY_LEN(extensions));
}

int library_err(struct err *err, int git_code, const char *what)
{
	const git_error *last = git_error_last();
	const char *text = last && last->message ? last->message : "no reason given";
	int code = ERR_IO;
	if (git_code == GIT_ENOTFOUND)
		code = ERR_NOTFOUND;
	else if (git_code == GIT_ELOCKED)
		code = ERR_BUSY;
	return err_set(err, code, "%s: %s", what, text);
}

/* Opens libgit2's view of the repository once. */
static int open_library(struct repo *repo, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	if (repo->odb)
		return 0;
	if (libgit2_load(err))
		return err->code;
	(void)pthread_once(&once, init_library);
	git_error_clear();
	if (init_result)
		return library_err(err, init_result, "cannot start libgit2");
	int result = git_repository_open_ext(&repo->git, repo->facts.git_dir,
					     GIT_REPOSITORY_OPEN_NO_SEARCH |
						 GIT_REPOSITORY_OPEN_BARE |
						 GIT_REPOSITORY_OPEN_NO_DOTGIT,
					     NULL);
	if (!result)
		result = git_repository_odb(&repo->odb, repo->git);
	if (result)
		return library_err(err, result, "cannot open the repository");
	return 0;
}

void library_close(struct repo *repo)
{
	if (repo->odb)
		git_odb_free(repo->odb);
	if (repo->git)
		git_repository_free(repo->git);
	repo->odb = NULL;
	repo->git = NULL;
}

void object_release(struct object *object)
{
	buf_release(&object->bytes);
}

static void free_odb_object(git_odb_object **object)
{
	git_odb_object_free(*object);
}

static int read_by_library(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
			   struct object *out, struct err *err)
{
	git_oid id;
	size_t size = 0;
	git_object_t type = GIT_OBJECT_INVALID;
	git_odb_object *object CLEANUP(free_odb_object) = NULL;
	struct oid hex;
	int code = open_library(repo, err);
	if (code)
		return code;
	memcpy(id.id, oid->bytes, sizeof(id.id));
	raw_oid_format(oid, &hex);
	git_error_clear();
	int result = git_odb_read_header(&size, &type, repo->odb, &id);
	if (!result && size > max_bytes)
		return err_set(err, ERR_LIMIT, "object %s has more than %zu bytes",
			       hex.hex, max_bytes);
	if (!result)
		result = git_odb_read(&object, repo->odb, &id);
	if (result == GIT_ENOTFOUND)
		return err_set(err, ERR_NOTFOUND, "object %s is missing", hex.hex);
	if (result)
		return library_err(err, result, "cannot read an object");
	out->type = (enum object_type)git_odb_object_type(object);
	struct str bytes = { git_odb_object_data(object), git_odb_object_size(object) };
	buf_truncate(&out->bytes, 0);
	out->bytes.max = max_bytes;
	(void)buf_append(&out->bytes, bytes);
	return 0;
}

/* Our own readers first: most runs need no more. What they give has its id checked. */
int object_read(struct repo *repo, const struct raw_oid *oid, size_t max_bytes,
		struct object *out, struct err *err)
{
	struct raw_oid id;
	struct oid hex;
	enum found found = packs_read(repo, oid, max_bytes, out);
	if (found == FOUND_NOT)
		found = loose_read(repo, oid, max_bytes, out);
	if (found == FOUND) {
		object_id(out->type, buf_str(&out->bytes), &id);
		if (raw_oid_eq(&id, oid))
			return 0;
	}
	raw_oid_format(oid, &hex);
	if (found == FOUND_CIRCLE)
		return err_set(err, ERR_IO, "object %s is a delta on itself", hex.hex);
	if (found == FOUND_TOO_LARGE)
		return err_set(err, ERR_LIMIT, "object %s has more than %zu bytes",
			       hex.hex, max_bytes);
	return read_by_library(repo, oid, max_bytes, out, err);
}

const char *object_type_name(enum object_type type)
{
	switch (type) {
	case OBJECT_COMMIT:
		return "commit";
	case OBJECT_TREE:
		return "tree";
	case OBJECT_BLOB:
		return "blob";
	case OBJECT_TAG:
		return "tag";
	}
	return "object";
}

/* A blob is called what it is in a tree. */
static const char *kind_name(enum object_type type)
{
	return type == OBJECT_BLOB ? "file" : object_type_name(type);
}

int object_check_type(const struct object *object, const struct raw_oid *oid,
		      enum object_type type, struct err *err)
{
	struct oid hex;
	if (object->type == type)
		return 0;
	raw_oid_format(oid, &hex);
	return err_set(err, ERR_INVALID, "object %s is a %s, not a %s", hex.hex,
		       object_type_name(object->type), kind_name(type));
}

int object_read_as(struct repo *repo, const struct raw_oid *oid, enum object_type type,
		   struct object *out, struct err *err)
{
	int code = object_read(repo, oid, LIMIT_OBJECT_BYTES, out, err);
	return code ? code : object_check_type(out, oid, type, err);
}

int object_peel(struct repo *repo, const struct raw_oid *oid, struct raw_oid *out,
		struct err *err)
{
	enum {
		LINKS_MAX = 16
	};
	struct raw_oid at = *oid;
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	for (int i = 0; i < LINKS_MAX; i++) {
		int code = object_read(repo, &at, LIMIT_OBJECT_BYTES, &object, err);
		if (code)
			return code;
		if (object.type == OBJECT_COMMIT) {
			*out = at;
			return 0;
		}
		struct str bytes = buf_str(&object.bytes);
		if (object.type != OBJECT_TAG || !str_starts(bytes, STR("object ")) ||
		    !raw_oid_parse(str_slice(bytes, 7, OID_HEX_LEN), &at))
			return err_set(err, ERR_INVALID, "a %s is not a commit",
				       object_type_name(object.type));
	}
	return err_set(err, ERR_INVALID, "too many tags of tags");
}

int repo_peel(struct repo *repo, const struct oid *oid, struct oid *out, struct err *err)
{
	struct raw_oid raw;
	struct raw_oid peeled;
	int code = raw_oid_of(oid, &raw, err);
	if (!code)
		code = object_peel(repo, &raw, &peeled, err);
	if (!code)
		raw_oid_format(&peeled, out);
	return code;
}

int repo_read_blob(struct repo *repo, const struct oid *blob, size_t max_bytes,
		   struct arena *arena, struct str *out, struct err *err)
{
	struct raw_oid raw;
	struct object object OBJECT_CLEANUP = OBJECT_INIT;
	int code = raw_oid_of(blob, &raw, err);
	if (!code)
		code = object_read(repo, &raw, max_bytes, &object, err);
	if (!code)
		code = object_check_type(&object, &raw, OBJECT_BLOB, err);
	if (code)
		return code;
	*out = buf_to_arena(&object.bytes, arena);
	return 0;
}
