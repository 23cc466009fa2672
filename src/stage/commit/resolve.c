/* SPDX-License-Identifier: MIT */
/*
 * Decides what an automation reads and where its commit goes: the checkout reference by
 * Flux's precedence, the push branch, and on which commit to build when that branch
 * exists.
 */
#include "base/limits.h"
#include "lang/semver/semver.h"
#include "stage/commit/commit.h"

struct resolving {
	struct repo *repo;
	const struct commit_target_request *request;
	struct arena *arena;
	struct commit_target *out;
};

static bool is_given(const char *text)
{
	return text && text[0];
}

/* A full name below `folder`; ERR_INVALID for what git would refuse as `what`. */
static int make_ref(struct resolving *r, const char *folder, const char *what,
		    const char *name, const char **out, struct err *err)
{
	const char *ref = arena_printf(r->arena, "%s%s", folder, name);
	if (name[0] == '-' || strcmp(name, "HEAD") == 0 || !repo_is_ref_name(ref))
		return err_set(err, ERR_INVALID, "'%s' is not a valid %s name", name,
			       what);
	*out = ref;
	return 0;
}

static const char *branch_name(const char *name)
{
	struct str heads = STR("refs/heads/");
	return str_starts(str_of(name), heads) ? name + heads.len : name;
}

static int checkout_commit(struct resolving *r, const char *text, struct err *err)
{
	struct oid oid = { "" };
	if (strlen(text) != 40 || strspn(text, "0123456789abcdef") != 40)
		return err_set(err, ERR_INVALID, "commit '%s' is not a full commit id",
			       text);
	memcpy(oid.hex, text, 40);
	int code = repo_peel(r->repo, &oid, &r->out->checkout_oid, err);
	if (code == ERR_NOTFOUND)
		return err_set(err, ERR_NOTFOUND, "commit '%s' does not exist", text);
	return code;
}

static int checkout_ref(struct resolving *r, const char *ref, struct err *err)
{
	struct oid oid = { "" };
	int code = repo_resolve(r->repo, ref, &oid, err);
	if (!code)
		code = repo_peel(r->repo, &oid, &r->out->checkout_oid, err);
	if (!code)
		r->out->checkout_ref = ref;
	return code;
}

static int checkout_name(struct resolving *r, const char *name, struct err *err)
{
	bool known = str_starts(str_of(name), STR("refs/heads/")) ||
		     str_starts(str_of(name), STR("refs/tags/"));
	if (!known || !repo_is_ref_name(name))
		return err_set(err, ERR_INVALID,
			       "'%s' is not the full name of a branch or tag", name);
	return checkout_ref(r, arena_strdup(r->arena, name), err);
}

static int checkout_below(struct resolving *r, const char *folder, const char *what,
			  const char *name, struct err *err)
{
	const char *ref = NULL;
	int code = make_ref(r, folder, what, name, &ref, err);
	return code ? code : checkout_ref(r, ref, err);
}

/* Of versions that differ in build metadata alone, the one whose commit is younger. */
static bool is_newer(struct resolving *r, const struct repo_ref *a,
		     const struct repo_ref *b)
{
	struct repo_commit left;
	struct repo_commit right;
	struct err ignored = ERR_INIT;
	if (repo_read_commit(r->repo, &a->oid, r->arena, &left, &ignored))
		return false;
	if (repo_read_commit(r->repo, &b->oid, r->arena, &right, &ignored))
		return true;
	return left.time_ms > right.time_ms ||
	       (left.time_ms == right.time_ms && strcmp(a->name, b->name) > 0);
}

static int checkout_semver(struct resolving *r, const char *text, struct err *err)
{
	struct semver_range *range = NULL;
	struct repo_refs tags = { NULL, 0, 0 };
	const struct repo_ref *best = NULL;
	struct semver best_version;
	int code = semver_range_new(str_of(text), r->arena, &range, err);
	if (code)
		return err_prefix(err, "semver parse error");
	code = repo_list_refs(r->repo, "refs/tags/", r->arena, &tags, err);
	if (code)
		return code;
	for (size_t i = 0; i < tags.len; i++) {
		struct str name = str_from(str_of(tags.items[i].name), 10);
		struct semver version;
		if (!semver_read(name, SEMVER_FLUX, &version) ||
		    !semver_range_accepts(range, &version, false))
			continue;
		int order = best ? semver_compare(&version, &best_version) : 1;
		if (order < 0 || (order == 0 && !is_newer(r, &tags.items[i], best)))
			continue;
		best = &tags.items[i];
		best_version = version;
	}
	if (!best)
		return err_set(err, ERR_NOTFOUND, "no match found for semver: %s", text);
	return checkout_ref(r, best->name, err);
}

static int resolve_checkout(struct resolving *r, struct err *err)
{
	const struct checkout_ref *ref = r->request->checkout;
	if (ref && ref->present) {
		if (is_given(ref->commit))
			return checkout_commit(r, ref->commit, err);
		if (is_given(ref->name))
			return checkout_name(r, ref->name, err);
		if (is_given(ref->tag))
			return checkout_below(r, "refs/tags/", "tag", ref->tag, err);
		if (is_given(ref->semver))
			return checkout_semver(r, ref->semver, err);
		if (is_given(ref->branch))
			return checkout_below(r, "refs/heads/", "branch", ref->branch,
					      err);
	}
	return checkout_below(r, "refs/heads/", "branch",
			      branch_name(r->request->docs_branch), err);
}

/* Whether the reference says more than a branch. */
static bool is_pinned(const struct checkout_ref *ref)
{
	return ref && ref->present &&
	       (is_given(ref->commit) || is_given(ref->name) || is_given(ref->tag) ||
		is_given(ref->semver));
}

static int resolve_push(struct resolving *r, struct err *err)
{
	const struct checkout_ref *ref = r->request->checkout;
	const char *branch = r->request->push_branch;
	if (!is_given(branch) && ref && ref->present)
		branch = ref->branch;
	if (!is_given(branch) && is_pinned(ref))
		return err_set(err, ERR_INVALID,
			       "push spec not provided, and cannot be inferred from "
			       ".spec.git.checkout.ref or GitRepository .spec.ref");
	if (!is_given(branch))
		branch = branch_name(r->request->docs_branch);
	return make_ref(r, "refs/heads/", "branch", branch, &r->out->push_ref, err);
}

/* Who wrote what the push branch has beyond the checkout: people, or this automation
 * alone, or others of ours too. */
static int judge_commits(struct resolving *r, enum commit_writer *writer, struct err *err)
{
	struct repo_oids extra = { NULL, 0, 0 };
	const struct commit_target_request *request = r->request;
	const struct repo_range range = { &r->out->checkout_oid, &r->out->push_oid,
					  LIMIT_PUSH_BRANCH_COMMITS };
	int code = repo_list_missing(r->repo, &range, r->arena, &extra, err);
	*writer = COMMIT_BY_OTHERS;
	if (code == ERR_LIMIT || (!code && extra.len && !request->writer))
		return 0;
	if (code)
		return code;
	*writer = COMMIT_BY_THIS;
	for (size_t i = 0; i < extra.len && *writer != COMMIT_BY_OTHERS; i++) {
		enum commit_writer by =
		    request->writer(request->writer_ctx, &extra.items[i]);
		*writer = by == COMMIT_BY_THIS ? *writer : by;
	}
	return 0;
}

/* Whether the push branch has all of the checkout. */
static bool is_up_to_date(struct resolving *r)
{
	struct repo_oids missing = { NULL, 0, 0 };
	struct err ignored = ERR_INIT;
	const struct repo_range range = { &r->out->push_oid, &r->out->checkout_oid,
					  LIMIT_PUSH_BRANCH_COMMITS };
	return repo_list_missing(r->repo, &range, r->arena, &missing, &ignored) == 0 &&
	       missing.len == 0;
}

/* DESIGN 5: rebuilt while it holds only ours (or nothing: it was merged), appended to
 * when somebody else works on it, started anew when it is gone. What another automation
 * put there stays until the branch is behind: then each rebuilds its own part. */
static int resolve_base(struct resolving *r, struct err *err)
{
	struct commit_target *out = r->out;
	enum commit_writer writer = COMMIT_BY_THIS;
	out->base = out->checkout_oid;
	out->same_branch =
	    out->checkout_ref && strcmp(out->checkout_ref, out->push_ref) == 0;
	if (out->same_branch) {
		out->push_oid = out->checkout_oid;
		return 0;
	}
	int code = repo_resolve(r->repo, out->push_ref, &out->push_oid, err);
	if (code == ERR_NOTFOUND) {
		out->push_oid.hex[0] = '\0';
		return 0;
	}
	if (!code)
		code = judge_commits(r, &writer, err);
	out->foreign = writer == COMMIT_BY_OTHERS;
	if (!code && (out->foreign || (writer == COMMIT_BY_ANOTHER && is_up_to_date(r))))
		out->base = out->push_oid;
	return code;
}

int commit_resolve(struct repo *repo, const struct commit_target_request *request,
		   struct arena *arena, struct commit_target *out, struct err *err)
{
	struct commit_target target = { .checkout_ref = NULL };
	struct resolving r = { repo, request, arena, &target };
	int code = resolve_push(&r, err);
	if (!code)
		code = resolve_checkout(&r, err);
	if (!code)
		code = resolve_base(&r, err);
	if (!code)
		*out = target;
	return code;
}
