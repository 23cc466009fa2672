/* SPDX-License-Identifier: MIT */
/* What the checks may see: the tree of one commit, and which source is this repository.
 */
#include "app/checks.h"
#include "app/source.h"
#include "base/limits.h"
#include <sys/stat.h>

struct tree_view {
	struct session *session;
	const struct loaded *loaded;
	struct oid tree;
};

static enum check_entry look_up(void *ctx, struct str path)
{
	struct tree_view *view = ctx;
	struct err missing = ERR_INIT;
	struct oid oid;
	uint32_t mode = 0;
	if (repo_look_up(view->session->repo, &view->tree, path, &mode, &oid, &missing))
		return CHECK_ABSENT;
	if (S_ISREG(mode))
		return CHECK_FILE;
	return S_ISDIR(mode) ? CHECK_FOLDER : CHECK_OTHER;
}

static int read_blob(void *ctx, struct str path, struct arena *arena, struct str *out,
		     struct err *err)
{
	struct tree_view *view = ctx;
	struct oid oid;
	uint32_t mode = 0;
	int code = repo_look_up(view->session->repo, &view->tree, path, &mode, &oid, err);
	return code ? code
		    : repo_read_blob(view->session->repo, &oid, LIMIT_FILE_BYTES, arena,
				     out, err);
}

bool checks_is_own(struct session *session, const struct loaded *loaded,
		   const struct object_meta *meta)
{
	struct arena *arena = &session->arena;
	const char *url = value_get_text(meta->spec, "url", arena);
	const char *branch =
	    value_get_text(value_get(meta->spec, "ref"), "branch", arena);
	bool is_on_branch = !branch || !*branch || strcmp(branch, loaded->branch) == 0;
	return url && source_is_own(url, session->git_dir) && is_on_branch;
}

const char *checks_not_judged(const struct object_meta *meta)
{
	if (check_is_suspended(meta))
		return "not checked here: it is suspended";
	return meta->kind == DOCUMENT_HELM_RELEASE
		   ? "not checked here: its chart is not in this repository and branch"
		   : "not checked here: it is of another source or branch";
}

/* A source without a document is this repository, as a bootstrap leaves it. */
static bool is_own(void *ctx, const char *cluster, const char *kind,
		   const char *namespace, const char *name)
{
	struct tree_view *view = ctx;
	const struct document_set *set = &view->loaded->documents;
	if (strcmp(kind, "GitRepository") != 0)
		return false;
	for (size_t i = 0; i < set->others.len; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind != DOCUMENT_GIT_REPOSITORY ||
		    strcmp(meta->cluster, cluster) != 0 ||
		    strcmp(meta->namespace, namespace) != 0 ||
		    strcmp(meta->name, name) != 0)
			continue;
		return checks_is_own(view->session, view->loaded, meta);
	}
	return true;
}

int checks_run(struct session *session, const struct loaded *loaded,
	       struct check_list *out, struct err *err)
{
	struct tree_view view = { .session = session, .loaded = loaded };
	struct check_reader reader = {
		.ctx = &view, .look_up = look_up, .read = read_blob, .is_own = is_own
	};
	struct repo_commit commit = { 0 };
	int code =
	    repo_read_commit(session->repo, &loaded->tip, &session->arena, &commit, err);
	if (code)
		return code;
	view.tree = commit.tree;
	check_run(&loaded->documents, &reader,
		  load_revision(&session->arena, loaded->branch, loaded->tip.hex),
		  &session->arena, out);
	return 0;
}
