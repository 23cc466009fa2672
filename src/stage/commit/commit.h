/* SPDX-License-Identifier: MIT */
/*
 * Commits: from edited files to a built commit, and from a built commit to a moved
 * branch, as two steps between which the caller stores its intent (DESIGN 4.6).
 */
#ifndef STAGE_COMMIT_COMMIT_H
#define STAGE_COMMIT_COMMIT_H

#include "adapter/git/repo.h"
#include "model/change.h"

/* Where an automation reads and writes, resolved against the repository. */
struct commit_target {
	const char *checkout_ref; /* full name, NULL for a commit checkout */
	struct oid checkout_oid;  /* the commit that is read */
	const char *push_ref;     /* `refs/heads/main` */
	struct oid push_oid;      /* its tip now, "" when it does not exist */
	bool same_branch;         /* checkout and push branch are one */
	struct oid base; /* the parent of the commit to build: files are read from it */
	/* the push branch holds commits of others: appended on its head */
	bool foreign;
};

/* Who wrote a commit of a push branch (TRUST 6: known by its id). */
enum commit_writer {
	COMMIT_BY_OTHERS,
	COMMIT_BY_THIS,   /* the automation that asks */
	COMMIT_BY_ANOTHER /* automation of ours that uses the same branch */
};

struct commit_target_request {
	const char *docs_branch; /* the fallback checkout branch */
	const struct checkout_ref *checkout;
	const char *push_branch; /* NULL: the checkout branch */
	/* from the store; NULL: all are of others */
	enum commit_writer (*writer)(void *ctx, const struct oid *commit);
	void *writer_ctx;
};

/*
 * Resolves checkout and push branch by DESIGN 5 and Flux's precedence (commit, name, tag,
 * semver, branch). ERR_NOTFOUND with the ref's name; ERR_INVALID for a name that git
 * would refuse, or when no push branch can be inferred (upstream's text).
 */
int commit_resolve(struct repo *repo, const struct commit_target_request *request,
		   struct arena *arena, struct commit_target *out,
		   struct err *err) MUST_CHECK;

struct commit_identity {
	const char *author_name,
	    *author_email;     /* name "": the local part of the address */
	const char *committer; /* `Name <mail>` or NULL: the author */
	int64_t time_s;
};

/* What is committed, on which parent. */
struct commit_draft {
	struct oid base;
	const struct file_change_list *files;
	struct str message;
};

/*
 * Builds the commit; no ref moves. The message is checked (UTF-8, no NUL or control
 * characters, LIMIT_MESSAGE_BYTES). ERR_INVALID, ERR_DENIED, ERR_LIMIT.
 */
int commit_build(struct repo *repo, const struct commit_draft *draft,
		 const struct commit_identity *identity, struct oid *out,
		 struct err *err) MUST_CHECK;

/* Appends the unified diff of the planned files as git prints it (`diff --git a/...
 * b/...`). */
void commit_write_diff(struct buf *out, const struct file_change_list *files);

#endif
