/* SPDX-License-Identifier: MIT */
/*
 * Which file a secret is, who may read it, and that no name and no link leads anywhere
 * else. Values are bytes; what they mean is the business of whoever asked.
 */
#include "admin/secret.h"
#include "admin/grant.h"
#include "admin/secret_dir.h"
#include "base/cursor.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include <fcntl.h>
#include <unistd.h>

enum {
	KEY_MAX_BYTES = 253
};

static bool is_key(struct str s)
{
	if (s.len == 0 || s.len > KEY_MAX_BYTES || str_is(s, ".") || str_is(s, ".."))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!char_is_alnum(s.ptr[i]) && !strchr("._-", s.ptr[i]))
			return false;
	return true;
}

int secret_check_names(const char *namespace, const char *name, const char *key,
		       struct err *err)
{
	if (!text_is_dns_subdomain(str_of(namespace)))
		return err_set(err, ERR_INVALID,
			       "namespace '%s' is not a name of a-z, 0-9, '-' and '.'",
			       namespace);
	if (!text_is_dns_subdomain(str_of(name)))
		return err_set(err, ERR_INVALID,
			       "secret name '%s' is not a name of a-z, 0-9, '-' and '.'",
			       name);
	if (key && !is_key(str_of(key)))
		return err_set(err, ERR_INVALID,
			       "key '%s' is not a name of letters, digits, '.', '_' and "
			       "'-'",
			       key);
	return 0;
}

/* One text for everything that a pusher must not tell apart (TRUST 18). */
static int not_found(const char *namespace, const char *name, struct err *err)
{
	return err_set(err, ERR_NOTFOUND, "secret '%s/%s' not found", namespace, name);
}

static int read_value(int dir_fd, const char *key, struct arena *arena, struct str *out,
		      struct err *err)
{
	int fd FD_CLEANUP = -1;
	struct buf value BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	int code = file_open_below(dir_fd, key, &fd, err);
	if (!code)
		code = file_read_fd(fd, &value, err);
	if (code == ERR_LIMIT)
		code = err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_SECRET_BYTES));
	if (code)
		return err_prefix(err, "key '%s'", key);
	*out = buf_to_arena(&value, arena);
	return 0;
}

/* Every key of the secret below an open folder of secrets. */
static int read_from(int root_fd, const char *namespace, const char *name,
		     struct arena *arena, struct secret *out, struct err *err)
{
	int fd FD_CLEANUP = -1;
	struct strings keys = { NULL, 0, 0 };
	struct secret secret = { NULL, 0, 0 };
	int code = dir_open_below(root_fd, arena_printf(arena, "%s/%s", namespace, name),
				  DIR_EXISTING, &fd, err);
	if (!code)
		code = dir_names(fd, is_key, arena, &keys, err);
	for (size_t i = 0; i < keys.len && !code; i++) {
		struct secret_entry *entry = VEC_ADD(arena, &secret);
		entry->key = keys.items[i];
		code = read_value(fd, entry->key, arena, &entry->value, err);
	}
	if (code == ERR_NOTFOUND || (!code && secret.len == 0))
		return not_found(namespace, name, err);
	if (code)
		return err_prefix(err, "secret '%s/%s'", namespace, name);
	*out = secret;
	return 0;
}

int secret_read_dir(const char *dir, const char *namespace, const char *name,
		    struct arena *arena, struct secret *out, struct err *err)
{
	int fd FD_CLEANUP = -1;
	int code = secret_check_names(namespace, name, NULL, err);
	if (!code)
		code = dir_open(dir, &fd, err);
	return code ? code : read_from(fd, namespace, name, arena, out, err);
}

static const char *folder_of(struct arena *arena, const char *repo_id)
{
	return arena_printf(arena, "%s/secrets", repo_id);
}

static int check_id(const char *repo_id, struct err *err)
{
	struct str id = str_of(repo_id);
	for (size_t i = 0; i < id.len; i++)
		if (!char_is_hex(id.ptr[i]))
			return err_set(err, ERR_INVALID, "'%s' is not a repository's id",
				       repo_id);
	return id.len == 32
		   ? 0
		   : err_set(err, ERR_INVALID, "'%s' is not a repository's id", repo_id);
}

/* The secrets of a repository, or the shared ones. */
static int check_owner(const char *repo_id, struct err *err)
{
	return strcmp(repo_id, SECRET_SHARED) == 0 ? 0 : check_id(repo_id, err);
}

/* Those below `<home>/<owner>/secrets`. */
static int read_owned(int home_fd, const struct secret_id *id, struct arena *arena,
		      struct secret *out, struct err *err)
{
	int fd FD_CLEANUP = -1;
	int code = dir_open_below(home_fd, folder_of(arena, id->repo_id), DIR_EXISTING,
				  &fd, err);
	return code ? code : read_from(fd, id->namespace, id->name, arena, out, err);
}

int secret_read(const struct secret_reader *reader, const char *namespace,
		const char *name, struct arena *arena, struct secret *out,
		struct err *err)
{
	struct secret_id id = { reader->home, reader->repo_id, namespace, name };
	int home_fd FD_CLEANUP = -1;
	struct strings globs = { NULL, 0, 0 };
	int code = secret_check_names(namespace, name, NULL, err);
	if (!code)
		code = check_id(reader->repo_id, err);
	if (!code)
		code = dir_open(reader->home, &home_fd, err);
	if (code)
		return code == ERR_NOTFOUND ? not_found(namespace, name, err) : code;
	code = read_owned(home_fd, &id, arena, out, err);
	if (code != ERR_NOTFOUND)
		return code;
	if (!reader->path ||
	    secret_shared_with(reader->home, namespace, name, arena, &globs, err) ||
	    !secret_globs_match(&globs, reader->path))
		return not_found(namespace, name, err);
	id.repo_id = SECRET_SHARED;
	code = read_owned(home_fd, &id, arena, out, err);
	return code == ERR_NOTFOUND ? not_found(namespace, name, err) : code;
}

const struct str *secret_get(const struct secret *secret, const char *key)
{
	for (size_t i = 0; i < secret->len; i++)
		if (strcmp(secret->items[i].key, key) == 0)
			return &secret->items[i].value;
	return NULL;
}

/* Opens `<home>/<id>/secrets`, and below it NS/NAME when the id has a name. */
static int open_own(const struct secret_id *id, enum dir_mode mode, int *out_fd,
		    struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int home_fd FD_CLEANUP = -1;
	const char *rel = folder_of(&arena, id->repo_id);
	if (id->name)
		rel = arena_printf(&arena, "%s/%s/%s", rel, id->namespace, id->name);
	int code = check_owner(id->repo_id, err);
	if (!code)
		code = dir_open(id->home, &home_fd, err);
	if (!code)
		code = dir_open_below(home_fd, rel, mode, out_fd, err);
	return code;
}

int secret_write(const struct secret_id *id, const char *key, struct str value,
		 struct err *err)
{
	int fd FD_CLEANUP = -1;
	int code = secret_check_names(id->namespace, id->name, key, err);
	if (!code && value.len > LIMIT_SECRET_BYTES)
		code = err_set(err, ERR_LIMIT, "key '%s': " LIMIT_FMT, key,
			       LIMIT_ARG(LIMIT_SECRET_BYTES));
	if (!code)
		code = open_own(id, DIR_MAKE, &fd, err);
	if (!code)
		code = dir_write(fd, key, value, err);
	return code ? err_prefix(err, "secret '%s/%s'", id->namespace, id->name) : 0;
}

/* Removes the folders that nothing is left in; that they are not empty is no error. */
static void remove_empty(const struct secret_id *id)
{
	const struct secret_id all = { .home = id->home, .repo_id = id->repo_id };
	struct err ignored = ERR_INIT;
	int root_fd FD_CLEANUP = -1;
	int namespace_fd FD_CLEANUP = -1;
	if (open_own(&all, DIR_EXISTING, &root_fd, &ignored) ||
	    dir_open_below(root_fd, id->namespace, DIR_EXISTING, &namespace_fd, &ignored))
		return;
	if (unlinkat(namespace_fd, id->name, AT_REMOVEDIR) == 0)
		(void)unlinkat(root_fd, id->namespace, AT_REMOVEDIR);
}

static int delete_keys(int fd, const struct strings *keys, struct err *err)
{
	for (size_t i = 0; i < keys->len; i++)
		if (unlinkat(fd, keys->items[i], 0) != 0)
			return err_errno(err, "key '%s'", keys->items[i]);
	return fsync(fd) == 0 ? 0 : err_errno(err, "cannot sync the folder");
}

/* Whether a key of the folder stays when `key` goes; NULL: all go. */
static bool keeps_some(const struct strings *keys, const char *key)
{
	if (!key)
		return false;
	for (size_t i = 0; i < keys->len; i++)
		if (strcmp(keys->items[i], key) != 0)
			return true;
	return false;
}

/* What the secret was good for, and for whom. */
static int forget_rights(const struct secret_id *id, struct err *err)
{
	struct strings nobody = { NULL, 0, 0 };
	int code = grant_delete(id, err);
	if (!code && strcmp(id->repo_id, SECRET_SHARED) == 0)
		code = secret_share(id->home, id->namespace, id->name, &nobody, err);
	return code;
}

int secret_delete(const struct secret_id *id, const char *key, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	int fd FD_CLEANUP = -1;
	struct strings keys = { NULL, 0, 0 };
	int code = secret_check_names(id->namespace, id->name, key, err);
	if (!code)
		code = open_own(id, DIR_EXISTING, &fd, err);
	if (!code)
		code = dir_names(fd, is_key, &arena, &keys, err);
	if (code == ERR_NOTFOUND)
		return not_found(id->namespace, id->name, err);
	/* first: a crash in between must not leave grants for the next secret of the name
	 */
	if (!code && !keeps_some(&keys, key))
		code = forget_rights(id, err);
	if (key) {
		keys = (struct strings){ NULL, 0, 0 };
		strings_add(&arena, &keys, key);
	}
	if (!code)
		code = delete_keys(fd, &keys, err);
	if (code)
		return err_prefix(err, "secret '%s/%s'", id->namespace, id->name);
	remove_empty(id);
	return 0;
}

static int list_namespace(int root_fd, const char *namespace, struct arena *arena,
			  struct secret_names *out, struct err *err)
{
	int namespace_fd FD_CLEANUP = -1;
	struct strings names = { NULL, 0, 0 };
	int code = dir_open_below(root_fd, namespace, DIR_EXISTING, &namespace_fd, err);
	if (!code)
		code = dir_names(namespace_fd, text_is_dns_subdomain, arena, &names, err);
	for (size_t i = 0; i < names.len && !code; i++) {
		int fd FD_CLEANUP = -1;
		struct secret_name entry = { .namespace = namespace,
					     .name = names.items[i] };
		code = dir_open_below(namespace_fd, entry.name, DIR_EXISTING, &fd, err);
		if (!code)
			code = dir_names(fd, is_key, arena, &entry.keys, err);
		if (!code && entry.keys.len)
			VEC_PUSH(arena, out, entry);
	}
	return code ? err_prefix(err, "namespace '%s'", namespace) : 0;
}

int secret_list(const char *home, const char *repo_id, struct arena *arena,
		struct secret_names *out, struct err *err)
{
	const struct secret_id all = { .home = home, .repo_id = repo_id };
	int root_fd FD_CLEANUP = -1;
	struct strings namespaces = { NULL, 0, 0 };
	struct secret_names list = { NULL, 0, 0 };
	int code = open_own(&all, DIR_EXISTING, &root_fd, err);
	if (code == ERR_NOTFOUND) {
		*out = list;
		return 0;
	}
	if (!code)
		code = dir_names(root_fd, text_is_dns_subdomain, arena, &namespaces, err);
	for (size_t i = 0; i < namespaces.len && !code; i++)
		code = list_namespace(root_fd, namespaces.items[i], arena, &list, err);
	if (!code)
		*out = list;
	return code;
}
