/* SPDX-License-Identifier: MIT */
/*
 * One bare repository: reading objects and refs, all files of a tree, building commits
 * and moving refs. Objects are read by readers of our own and by libgit2, refs are moved
 * by git's own command. Replacements and the environment never count (TRUST 3).
 */
#ifndef ADAPTER_GIT_REPO_H
#define ADAPTER_GIT_REPO_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum {
	OID_HEX_MAX = 65
}; /* SHA-256 hex and NUL */

struct oid {
	char hex[OID_HEX_MAX]; /* lower case; "" = none */
};

struct repo;

/* Facts read at open, without libgit2. */
struct repo_facts {
	const char *git_dir; /* real path */
	bool bare;
	bool sha256;
	const char *shared; /* core.sharedRepository, NULL when unset */
	bool mirror;        /* a remote is a mirror: pushes here would be overwritten */
	const char *unsupported; /* an extension that we cannot write, NULL when none */
	unsigned owner_uid, owner_gid;
	bool has_info_refs; /* dumb HTTP: update-server-info after a move */
};

/* Whether `path` itself is a git directory, by what lies in it. */
bool repo_is_git_dir(const char *path, struct arena *arena);
/* The real path of the git directory at `path`: a bare one, or a work tree's .git.
 * ERR_NOTFOUND; ERR_UNSUPPORTED for a linked work tree or a submodule. */
int repo_find(const char *path, struct arena *arena, const char **out,
	      struct err *err) MUST_CHECK;

/*
 * Opens the repository at `path` (a bare one, or a work tree's .git). Reads its config
 * file itself; loads libgit2 only when an object is asked for. ERR_NOTFOUND when it is no
 * repository, ERR_UNSUPPORTED for formats that cannot be read (sha256 and reftable: said
 * in the text).
 */
int repo_open(const char *path, struct repo **out, struct err *err) MUST_CHECK;
/* Closes it, children included; NULL is fine. repo_cleanup() is for CLEANUP(). */
void repo_free(struct repo *repo);
void repo_cleanup(struct repo *const *repo);
#define REPO_CLEANUP CLEANUP(repo_cleanup)
/* What was read when it was opened; lives as long as `repo`. */
const struct repo_facts *repo_facts(const struct repo *repo);

/* The branch that HEAD names (`main`), whether it exists or not; ERR_NOTFOUND when
 * detached. */
int repo_head_branch(struct repo *repo, struct arena *arena, const char **out,
		     struct err *err) MUST_CHECK;
/* The oid of a full ref name; ERR_NOTFOUND when it does not exist. Literal, no guessing.
 */
int repo_resolve(struct repo *repo, const char *full_ref, struct oid *out,
		 struct err *err) MUST_CHECK;

struct repo_ref {
	const char *name; /* full */
	struct oid oid;   /* tags peeled to the commit */
};

struct repo_refs {
	struct repo_ref *items;
	size_t len;
	size_t cap;
};

/* The commit that an oid names, annotated tags followed; ERR_INVALID when it is none. */
int repo_peel(struct repo *repo, const struct oid *oid, struct oid *out,
	      struct err *err) MUST_CHECK;
/* All refs below `prefix` (`refs/heads/`), sorted by name. */
int repo_list_refs(struct repo *repo, const char *prefix, struct arena *arena,
		   struct repo_refs *out, struct err *err) MUST_CHECK;
/* Any revision expression a person typed (`main~1`, short oid) to a commit. For commands
 * only. */
int repo_parse_revision(struct repo *repo, const char *text, struct oid *out,
			struct err *err) MUST_CHECK;
/* git check-ref-format for a branch or tag name, without a child. */
bool repo_is_ref_name(const char *full_ref);

/* The tree of a commit. ERR_NOTFOUND; ERR_INVALID for what is no commit. */
int repo_commit_tree(struct repo *repo, const struct oid *commit, struct oid *tree,
		     struct err *err) MUST_CHECK;

struct repo_signature {
	const char *name, *email;
	int64_t time_s;
};

/* A commit's headers and message; what is no UTF-8 is shown escaped. */
struct repo_commit {
	struct oid tree;
	VEC_OF(struct oid) parents;
	struct repo_signature author, committer;
	const char *subject;
	const char *message;
	int64_t time_ms; /* of the committer */
};

/* The texts live in the arena. ERR_NOTFOUND; ERR_INVALID for what is no commit. */
int repo_read_commit(struct repo *repo, const struct oid *commit, struct arena *arena,
		     struct repo_commit *out, struct err *err) MUST_CHECK;
/* A blob's bytes in the arena; ERR_LIMIT beyond max_bytes. */
int repo_read_blob(struct repo *repo, const struct oid *blob, size_t max_bytes,
		   struct arena *arena, struct str *out, struct err *err) MUST_CHECK;
/* Whether `commit` has all of `ancestor`; a commit is its own ancestor. False also when
 * that cannot be found out. Starts a git child. */
bool repo_is_ancestor(struct repo *repo, const struct oid *ancestor,
		      const struct oid *commit);

struct repo_oids {
	struct oid *items;
	size_t len;
	size_t cap;
};

/* The commits that `tip` has and `base` has not. */
struct repo_range {
	const struct oid *base, *tip;
	size_t max;
};

/* Those commits, newest first. ERR_LIMIT when there are more than `max`. */
int repo_list_missing(struct repo *repo, const struct repo_range *range,
		      struct arena *arena, struct repo_oids *out,
		      struct err *err) MUST_CHECK;

/* A regular file (mode 100644 or 100755) of a tree. */
struct repo_file {
	struct str path;
	struct oid blob;
	uint32_t mode;
};

/* What stands at `path` of a tree: its mode as in the tree (folders: 040000, links:
 * 0120000) and its id; "" is the tree itself. ERR_NOTFOUND. */
int repo_look_up(struct repo *repo, const struct oid *tree, struct str path,
		 uint32_t *mode, struct oid *oid, struct err *err) MUST_CHECK;

/* Who looks into files. */
struct repo_visitor {
	void *ctx;
	/* Whether a file is looked into, by its base name. */
	bool (*takes)(struct str name);
	/* One file; `text` is borrowed for the call, NULL for a file beyond
	 * LIMIT_OBJECT_BYTES. A code but 0 ends the reading. */
	int (*file)(void *ctx, const struct repo_file *file, const struct str *text,
		    struct err *err);
};

/*
 * Reads every regular file of the tree whose name is taken, in no order: what is cheap to
 * read next comes next. Contents are not checked against their ids, trees are. ERR_LIMIT
 * before any file is read when there are too many entries, bytes of trees and paths or
 * folders inside one another (TRUST 27), and after five minutes; ERR_INVALID for a
 * malformed tree; ERR_NOTFOUND or ERR_IO when an object is missing or damaged.
 */
int repo_read_files(struct repo *repo, const struct oid *tree,
		    const struct repo_visitor *visitor, struct err *err) MUST_CHECK;

struct repo_delta {
	struct str path;
	struct oid old_blob, new_blob; /* "" where absent */
	uint32_t old_mode, new_mode;   /* 0 where absent */
};

struct repo_deltas {
	struct repo_delta *items; /* ordered by path */
	size_t len;
	size_t cap;
};

/* Files that differ between two trees, by our own recursion that skips equal ids.
 * `old_tree` may be none. */
int repo_diff(struct repo *repo, const struct oid *old_tree, const struct oid *new_tree,
	      struct arena *arena, struct repo_deltas *out, struct err *err) MUST_CHECK;

struct repo_edit {
	struct str path;
	struct str text;
};

struct repo_commit_spec {
	struct oid base_tree; /* trees are edited as bytes: only an entry's id changes */
	struct oid parent;
	const struct repo_edit *edits;
	size_t n_edits;
	struct repo_signature author, committer;
	struct str message;
};

/*
 * Writes blobs, trees and commit, durably: loose below 100 objects, one pack otherwise,
 * under the umask of core.sharedRepository. Verifies by its own diff that exactly the
 * edited paths differ and modes are equal. No ref moves. ERR_DENIED inside quarantine;
 * ERR_INVALID for unsorted trees, duplicate names, a path that is absent.
 */
int repo_build_commit(struct repo *repo, const struct repo_commit_spec *spec,
		      struct oid *out, struct err *err) MUST_CHECK;

struct repo_move {
	const char *ref;    /* full name */
	struct oid old_oid; /* "" = must not exist */
	struct oid new_oid;
	const char *reason; /* reflog */
	/* refs that must still be where they were read; NULL-safe */
	const struct repo_ref *verify;
	size_t n_verify;
};

/*
 * Moves one ref by compare-and-swap in one transaction of `git update-ref --stdin`. Waits
 * for locks up to 2 s. ERR_CONFLICT when a tip moved, ERR_BUSY when a lock stays held,
 * ERR_DENIED inside quarantine, for a hidden ref, for a checked-out branch or by a
 * reference-transaction hook.
 */
int repo_move_ref(struct repo *repo, const struct repo_move *move,
		  struct err *err) MUST_CHECK;

/* update-server-info if info/refs exists, and `git maintenance run --auto` detached. */
int repo_after_move(struct repo *repo, struct err *err) MUST_CHECK;
/* Whether the environment says that we are inside receive-pack's quarantine. */
bool repo_in_quarantine(const char *git_dir);
/* The bytes by which an executable hook is known as imagehook's own; hooks/ holds them.
 */
#define REPO_HOOK_MARK "imagehook-hook version "
/* Names of hooks of others that guard the repository (TRUST 2): pre-receive, update, ...
 */
int repo_guarding_hooks(struct repo *repo, struct arena *arena, struct strings *out,
			struct err *err) MUST_CHECK;
/* A config value of the repository's own file (no includes), last one wins; NULL when
 * unset. */
const char *repo_config(const struct repo *repo, const char *key);

#endif
