/* SPDX-License-Identifier: MIT */
/* From a branch to its decoded and checked documents. */
#ifndef APP_LOAD_H
#define APP_LOAD_H

#include "app/session.h"
#include "stage/document/document.h"
#include "stage/snapshot/snapshot.h"

struct loaded {
	const char *branch; /* the documents' branch: `main` */
	const char *ref;    /* `refs/heads/main` */
	struct oid tip;
	struct snapshot snapshot;
	struct document_set documents;
};

/*
 * Which branch holds the documents: imagehook.branch, else the branch that HEAD names,
 * else the only branch (with a warning). ERR_NOTFOUND with the command that sets it.
 */
int load_branch(struct session *session, const char **out, struct err *err) MUST_CHECK;

/* `main@sha1:<commit>`, as Flux writes a revision. */
const char *load_revision(struct arena *arena, const char *branch, const char *commit);

/* Takes the snapshot of the documents' branch (and leaves the index as it is), decodes
 * and checks. What is wrong with the
 * documents is in session->findings. ERR_NOTFOUND when there is no branch, ERR_LIMIT,
 * ERR_IO. */
int load_documents(struct session *session, struct loaded *out,
		   struct err *err) MUST_CHECK;

/* The same for any commit, without the index. */
int load_commit(struct session *session, const struct oid *commit, struct loaded *out,
		struct err *err) MUST_CHECK;

/* The texts of a snapshot's files with any of `flags`; one that is too large is a
 * finding. */
struct document_files {
	struct document_file *items;
	size_t len;
	size_t cap;
};

/* Reads the files that have one of `flags` (SNAPSHOT_...); one that is too large is
 * a finding. */
int load_files(struct session *session, const struct snapshot *snapshot, uint32_t flags,
	       struct document_files *out, struct err *err) MUST_CHECK;

/* Whether update.path is in `tree` and no link, which nobody follows. ERR_NOTFOUND, and a
 * finding at its place, when it is not. */
int load_check_path(struct session *session, struct repo *repo, const struct oid *tree,
		    const struct image_update_automation *automation,
		    struct err *err) MUST_CHECK;

/* The index file of a ref below the session's folder. */
const char *load_index_path(struct session *session, const char *ref);

/* Reads a file that the snapshot lists. */
int load_text(struct session *session, struct repo *repo,
	      const struct snapshot_file *file, struct str *out,
	      struct err *err) MUST_CHECK;

#endif
