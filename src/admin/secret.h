/* SPDX-License-Identifier: MIT */
/*
 * Secrets: server-side files `<home>/<id>/secrets/NS/NAME/KEY`, 0600 in 0700 folders,
 * opened component by component without following links; never in the repository (TRUST
 * 10, 17-20).
 */
#ifndef ADMIN_SECRET_H
#define ADMIN_SECRET_H

#include "base/err.h"
#include "base/value.h"

struct secret_entry {
	const char *key;
	struct str value;
};

struct secret {
	struct secret_entry *items; /* ordered by key */
	size_t len;
	size_t cap;
};

/* Takes the place of a repository's id for the secrets in `<home>/shared`. */
#define SECRET_SHARED "shared"

/* Which secret of which repository; the names may come from anybody. */
struct secret_id {
	const char *home, *repo_id;
	const char *namespace, *name;
};

struct secret_reader {
	const char *home;
	const char *repo_id;
	const char *path; /* the repository's real path; NULL: none that is shared */
};

/* Reads a whole secret of a repository: its own folder first, then `shared/`.
 * ERR_NOTFOUND reads the same for missing and not granted (TRUST 18); ERR_INVALID for a
 * name that is none. */
int secret_read(const struct secret_reader *reader, const char *namespace,
		const char *name, struct arena *arena, struct secret *out,
		struct err *err) MUST_CHECK;
/* The same from a bare folder `DIR/NS/NAME/KEY`, as stage commands take it. */
int secret_read_dir(const char *dir, const char *namespace, const char *name,
		    struct arena *arena, struct secret *out, struct err *err) MUST_CHECK;
const struct str *secret_get(const struct secret *secret,
			     const char *key); /* NULL: none */
/* Writes one key atomically; replaces. ERR_INVALID for a name that is none; ERR_LIMIT. */
int secret_write(const struct secret_id *id, const char *key, struct str value,
		 struct err *err) MUST_CHECK;
/* Removes one key, or all when key is NULL; with the last key go the secret's grants.
 * ERR_NOTFOUND; ERR_INVALID. */
int secret_delete(const struct secret_id *id, const char *key,
		  struct err *err) MUST_CHECK;

/* `ns/name` and keys of every secret of a repository, sorted. */
struct secret_name {
	const char *namespace, *name;
	struct strings keys;
};

struct secret_names {
	struct secret_name *items;
	size_t len;
	size_t cap;
};

/* ERR_INVALID for an id that is none; no secrets are no error. */
int secret_list(const char *home, const char *repo_id, struct arena *arena,
		struct secret_names *out, struct err *err) MUST_CHECK;
/* Says which repositories may use a shared secret: globs over their paths, in place of
 * those before. ERR_INVALID for what is no pattern of an absolute path. */
int secret_share(const char *home, const char *namespace, const char *name,
		 const struct strings *globs, struct err *err) MUST_CHECK;
/* Those globs; none is no error. */
int secret_shared_with(const char *home, const char *namespace, const char *name,
		       struct arena *arena, struct strings *out,
		       struct err *err) MUST_CHECK;
bool secret_globs_match(const struct strings *globs, const char *path); /* pure */
/* Checks namespace, name and key by TRUST 10. */
int secret_check_names(const char *namespace, const char *name, const char *key,
		       struct err *err) MUST_CHECK;

#endif
