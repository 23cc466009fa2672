/* SPDX-License-Identifier: MIT */
/* sourceRef, and the conditions under which a repository may be written to directly. */
#include "app/source.h"
#include "base/file.h"

/* A repository path without `.git` and slashes at its end. */
static struct str bare_path(struct str path)
{
	while (path.len && path.ptr[path.len - 1] == '/')
		path.len--;
	if (str_ends(path, STR("/.git")))
		path.len -= 5;
	else if (str_ends(path, STR(".git")))
		path.len -= 4;
	return path;
}

/* The path part of a URL or of the scp-like `host:path`. */
static struct str url_path(struct str url)
{
	size_t scheme = str_find(url, STR("://"));
	if (scheme < url.len) {
		struct str rest = str_from(url, scheme + 3);
		return str_from(rest, str_find_char(rest, '/'));
	}
	size_t colon = str_find_char(url, ':');
	size_t slash = str_find_char(url, '/');
	return colon < slash ? str_from(url, colon + 1) : url;
}

/* Whether `tail` is the end of `path` at a component border. */
static bool ends_in(struct str path, struct str tail)
{
	while (tail.len && (tail.ptr[0] == '/' || tail.ptr[0] == '~'))
		tail = str_from(tail, 1);
	if (tail.len == 0 || !str_ends(path, tail))
		return false;
	return path.len == tail.len || path.ptr[path.len - tail.len - 1] == '/';
}

bool source_is_own(const char *url, const char *git_dir)
{
	struct str own = bare_path(str_of(git_dir));
	struct str theirs = bare_path(url_path(str_of(url)));
	return ends_in(own, theirs) || ends_in(theirs, own);
}

/* The host of a URL or of the scp-like `host:path`, without user and port; "" for a
 * path. */
static struct str url_host(struct str url)
{
	size_t scheme = str_find(url, STR("://"));
	bool is_url = scheme < url.len;
	struct str rest = is_url ? str_from(url, scheme + 3) : url;
	size_t slash = str_find_char(rest, '/');
	if (!is_url && str_find_char(rest, ':') > slash)
		return STR("");
	rest = str_slice(rest, 0, slash);
	size_t at = str_rfind_char(rest, '@');
	rest = str_from(rest, at < rest.len ? at + 1 : 0);
	return str_slice(rest, 0, str_find_char(rest, ':'));
}

/* The last component of a URL's path, without `.git`. */
static struct str url_name(struct str url)
{
	struct str path = bare_path(url_path(url));
	size_t slash = str_rfind_char(path, '/');
	return str_from(path, slash < path.len ? slash + 1 : 0);
}

bool source_is_other(const char *url, const char *address)
{
	struct str host = url_host(str_of(url));
	struct str name = url_name(str_of(url));
	struct str other = url_name(str_of(address));
	return host.len && name.len && other.len &&
	       str_eq_nocase(host, url_host(str_of(address))) &&
	       !str_eq_nocase(name, other);
}

static const char *document_url(struct attempt *attempt)
{
	const struct document_set *set = &attempt->run->report->loaded.documents;
	const struct image_update_automation *automation = attempt->automation;
	for (size_t i = 0; i < set->others.len; i++) {
		const struct object_meta *meta = &set->others.items[i].meta;
		if (meta->kind == DOCUMENT_GIT_REPOSITORY &&
		    strcmp(meta->cluster, automation->meta.cluster) == 0 &&
		    strcmp(meta->namespace, automation->source_namespace) == 0 &&
		    strcmp(meta->name, automation->source_name) == 0)
			return value_get_text(meta->spec, "url",
					      &attempt->run->session->arena);
	}
	return NULL;
}

/* The directory that the admin mapped the source's name to; NULL when it is not mapped.
 */
static const char *mapped_dir(struct attempt *attempt)
{
	const struct strings *rows =
	    config_list(attempt->run->session->config, CONFIG_SOURCE);
	for (size_t i = 0; i < rows->len; i++) {
		const char *eq = strchr(rows->items[i], '=');
		struct str name = { rows->items[i],
				    eq ? (size_t)(eq - rows->items[i]) : 0 };
		if (eq && str_is(name, attempt->automation->source_name))
			return eq + 1;
	}
	return NULL;
}

const char *source_refusal(struct session *session, struct repo *repo)
{
	const struct repo_facts *facts = repo_facts(repo);
	struct strings guards = { 0 };
	struct err err = ERR_INIT;
	if (facts->mirror)
		return "the repository is a mirror: the next sync would drop the commit";
	if (facts->unsupported)
		return arena_printf(&session->arena,
				    "the repository uses %s, which cannot be written yet",
				    facts->unsupported);
	if (strcmp(config_text(session->config, CONFIG_WRITE), "direct") == 0)
		return NULL;
	if (repo_guarding_hooks(repo, &session->arena, &guards, &err))
		return arena_printf(&session->arena,
				    "nobody can tell which hooks guard it: %s", err.text);
	if (guards.len)
		return arena_printf(
		    &session->arena,
		    "the hook '%s' guards this repository; an admin who wants commits "
		    "all the same sets imagehook.write = direct",
		    guards.items[0]);
	return NULL;
}

static int open_mapped(struct attempt *attempt, const char *dir, struct err *err)
{
	struct session *session = attempt->run->session;
	const char *real = NULL;
	int code = file_real_path(dir, &session->arena, &real, err);
	if (!code && strcmp(real, session->git_dir) == 0)
		return 0;
	if (!code)
		code = repo_open(real, &attempt->repo, err);
	if (code)
		return err_prefix(err, "imagehook.source '%s'",
				  attempt->automation->source_name);
	attempt->repo_is_own = true;
	if (repo_facts(attempt->repo)->owner_uid != repo_facts(session->repo)->owner_uid)
		return err_set(err, ERR_DENIED,
			       "imagehook.source '%s' names a repository of another user",
			       attempt->automation->source_name);
	return repo_head_branch(attempt->repo, &session->arena, &attempt->default_branch,
				err);
}

int source_open(struct attempt *attempt, struct err *err)
{
	struct session *session = attempt->run->session;
	attempt->repo = session->repo;
	attempt->default_branch = attempt->run->report->loaded.branch;
	const char *dir = mapped_dir(attempt);
	if (dir) {
		int code = open_mapped(attempt, dir, err);
		if (code)
			return code;
	} else {
		const char *url = document_url(attempt);
		if (url && !source_is_own(url, session->git_dir))
			return err_set(
			    err, ERR_DENIED,
			    "GitRepository '%s/%s' is another repository (%s); an admin "
			    "maps it with imagehook.source = %s=DIR",
			    attempt->automation->source_namespace,
			    attempt->automation->source_name, url,
			    attempt->automation->source_name);
	}
	return 0;
}

const char *source_mapped_dir(const struct attempt *attempt)
{
	return attempt->repo == attempt->run->session->repo
		   ? ""
		   : repo_facts(attempt->repo)->git_dir;
}

const char *source_project(struct attempt *attempt)
{
	return *source_mapped_dir(attempt) ? document_url(attempt) : NULL;
}

void source_close(struct attempt *attempt)
{
	if (attempt->repo_is_own)
		repo_free(attempt->repo);
	attempt->repo = NULL;
	attempt->repo_is_own = false;
}
