/* SPDX-License-Identifier: MIT */
/* The documents' branch, its snapshot and its documents. */
#include "app/load.h"
#include "adapter/crypto/crypto.h"
#include "app/check.h"
#include "app/suspend.h"
#include "base/file.h"
#include "base/limits.h"
#include "stage/document/document.h"
#include <sys/stat.h>

enum {
	SHA256_DIGITS = 64
};

static bool branch_exists(struct session *session, const char *branch)
{
	struct oid oid;
	struct err err = ERR_INIT;
	return repo_resolve(session->repo,
			    arena_printf(&session->arena, "refs/heads/%s", branch), &oid,
			    &err) == 0;
}

/* What is left when HEAD names no branch that exists. */
static int guess_branch(struct session *session, const char *head, const char **out,
			struct err *err)
{
	struct repo_refs refs = { 0 };
	int code =
	    repo_list_refs(session->repo, "refs/heads/", &session->arena, &refs, err);
	if (code)
		return code;
	if (refs.len == 0)
		return err_set(
		    err, ERR_NOTFOUND,
		    "there is no branch yet; push one, then the documents are read from it");
	if (refs.len > 1)
		return err_set(
		    err, ERR_NOTFOUND,
		    "HEAD names the branch '%s', which does not exist; say which branch "
		    "holds the documents: git --git-dir=%s config imagehook.branch NAME",
		    head, session->git_dir);
	*out = refs.items[0].name + strlen("refs/heads/");
	struct finding *finding = finding_add(
	    &session->findings, SEVERITY_WARNING, "head-names-no-branch",
	    (struct place){ 0 },
	    "HEAD names the branch '%s', which does not exist; '%s' is used", head, *out);
	finding->hint = arena_printf(&session->arena,
				     "git --git-dir=%s symbolic-ref HEAD refs/heads/%s",
				     session->git_dir, *out);
	return 0;
}

int load_branch(struct session *session, const char **out, struct err *err)
{
	const char *configured = config_text(session->config, CONFIG_BRANCH);
	const char *head = NULL;
	if (*configured) {
		if (!branch_exists(session, configured))
			return err_set(
			    err, ERR_NOTFOUND,
			    "imagehook.branch names the branch '%s', which does not exist",
			    configured);
		*out = configured;
		return 0;
	}
	int code = repo_head_branch(session->repo, &session->arena, &head, err);
	if (code)
		return code;
	if (branch_exists(session, head)) {
		*out = head;
		return 0;
	}
	return guess_branch(session, head, out, err);
}

const char *load_index_path(struct session *session, const char *ref)
{
	char hash[HASH_MAX_HEX];
	struct err err = ERR_INIT;
	hash_hex(HASH_SHA256, str_of(ref), hash);
	const char *dir = file_join(&session->arena, session->dir, "index");
	if (file_make_dirs(dir, 0700, &err))
		return NULL;
	return arena_printf(&session->arena, "%s/%.16s", dir, hash);
}

int load_text(struct session *session, struct repo *repo,
	      const struct snapshot_file *file, struct str *out, struct err *err)
{
	int code = repo_read_blob(repo, &file->blob, LIMIT_FILE_BYTES, &session->arena,
				  out, err);
	if (code == ERR_LIMIT)
		(void)err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_FILE_BYTES));
	return code;
}

int load_files(struct session *session, const struct snapshot *snapshot, uint32_t flags,
	       struct document_files *out, struct err *err)
{
	for (size_t i = 0; i < snapshot->len; i++) {
		const struct snapshot_file *file = &snapshot->items[i];
		struct str text;
		if (!(file->flags & flags))
			continue;
		int code = load_text(session, session->repo, file, &text, err);
		if (code == ERR_LIMIT) {
			(void)finding_add_err(&session->findings, "file-too-large",
					      (struct place){ file->path, 0, 0 }, err);
			continue;
		}
		if (code)
			return code;
		struct document_file *entry = VEC_ADD(&session->arena, out);
		entry->path = file->path;
		entry->text = text;
	}
	return 0;
}

const char *load_revision(struct arena *arena, const char *branch, const char *commit)
{
	return arena_printf(arena, "%s@%s:%s", branch,
			    strlen(commit) == SHA256_DIGITS ? "sha256" : "sha1", commit);
}

int load_check_path(struct session *session, struct repo *repo, const struct oid *tree,
		    const struct image_update_automation *automation, struct err *err)
{
	const char *path = automation->update_path;
	struct err missing = ERR_INIT;
	struct oid oid;
	uint32_t mode = 0;
	if (!*path)
		return 0;
	int code = repo_look_up(repo, tree, str_of(path), &mode, &oid, &missing);
	/* what else goes wrong here is met, and told, by who reads the files */
	if ((code && code != ERR_NOTFOUND) || (!code && (S_ISDIR(mode) || S_ISREG(mode))))
		return 0;
	(void)err_set(err, ERR_NOTFOUND, "spec.update.path: '%s' is %s", path,
		      code ? "not in the tree of the branch that is read"
			   : "neither a folder nor a file");
	(void)finding_add(&session->findings, SEVERITY_ERROR, "unknown-path",
			  automation->path_place, "%s", err->text);
	return err->code;
}

/* Policies alone are a way to look at tags; markers want to be written. */
static void check_automation_is_there(struct session *session,
				      const struct loaded *loaded)
{
	const struct snapshot *snapshot = &loaded->snapshot;
	const struct document_set *set = &loaded->documents;
	if (set->automations.len || !set->policies.len ||
	    finding_count(&session->findings, SEVERITY_ERROR))
		return;
	for (size_t i = 0; i < snapshot->len; i++) {
		const struct snapshot_file *file = &snapshot->items[i];
		if (!(file->flags & SNAPSHOT_HAS_MARKER))
			continue;
		struct finding *finding =
		    finding_add(&session->findings, SEVERITY_WARNING, "no-automation",
				(struct place){ .path = file->path },
				"no ImageUpdateAutomation is in the tree, so the markers "
				"are not looked at");
		finding->hint = "add one; 'imagehook create image update' prints it";
		return;
	}
}

static int decode(struct session *session, struct loaded *out, struct err *err)
{
	struct document_files files = { 0 };
	struct document_options options = {
		.default_namespace = config_text(session->config, CONFIG_NAMESPACE),
		.paths = *config_list(session->config, CONFIG_PATH),
	};
	int code =
	    load_files(session, &out->snapshot, SNAPSHOT_HAS_DOCUMENT, &files, err);
	if (code)
		return code;
	out->documents.arena = &session->arena;
	document_decode(files.items, files.len, &options, &out->documents,
			&session->findings);
	check_documents(&out->documents, &session->findings);
	suspend_apply(session, &out->documents);
	check_automation_is_there(session, out);
	return 0;
}

int load_commit(struct session *session, const struct oid *commit, struct loaded *out,
		struct err *err)
{
	*out = (struct loaded){ .tip = *commit };
	int code = snapshot_take(session->repo, commit, NULL, &session->arena,
				 &out->snapshot, err);
	return code ? code : decode(session, out, err);
}

int load_documents(struct session *session, struct loaded *out, struct err *err)
{
	*out = (struct loaded){ 0 };
	int code = load_branch(session, &out->branch, err);
	if (code)
		return code;
	out->ref = arena_printf(&session->arena, "refs/heads/%s", out->branch);
	code = repo_resolve(session->repo, out->ref, &out->tip, err);
	if (!code)
		code = snapshot_take(session->repo, &out->tip,
				     load_index_path(session, out->ref), &session->arena,
				     &out->snapshot, err);
	return code ? code : decode(session, out, err);
}
