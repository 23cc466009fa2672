/* SPDX-License-Identifier: MIT */
/* Bitbucket Server and Data Center: a build status. */
#include "stage/deliver/status.h"
#include "stage/deliver/words.h"

static size_t rfind(struct str text, struct str needle)
{
	for (size_t at = text.len; at-- > 0;)
		if (str_starts(str_from(text, at), needle))
			return at;
	return text.len;
}

/* `https://host[/context]/scm/PROJECT/REPO[.git]`. */
static int read_address(struct deliver_state *state, const char **out, struct err *err)
{
	struct arena *a = state->arena;
	struct deliver_url url;
	struct str project;
	if (!url_cut(str_of(deliver_address(state)), &url))
		return err_set(err, ERR_INVALID,
			       "could not parse git address: supplied provider address "
			       "is not http(s) git clone url");
	size_t at = rfind(url.path, STR("/scm/"));
	struct str rest = str_from(url.path, at + 5);
	while (str_ends(rest, STR("/")))
		rest.len--;
	if (str_ends(rest, STR(".git")))
		rest.len -= 4;
	if (at == url.path.len)
		return err_set(err, ERR_INVALID,
			       "could not parse git address: supplied provider address "
			       "is not http(s) git clone url");
	size_t slash = str_find_char(rest, '/');
	project = str_slice(rest, 0, slash);
	struct str repo = str_from(rest, slash + 1);
	if (!project.len || !repo.len || str_find_char(repo, '/') < repo.len)
		return err_set(err, ERR_INVALID,
			       "could not parse git address: invalid repository id '%s'",
			       deliver_quote(state, rest));
	*out = arena_printf(
	    a, "%.*s://%.*s%.*s/rest/api/latest/projects/%s/repos/%s/commits",
	    STR_ARG(url.scheme), STR_ARG(url.host), STR_ARG(str_slice(url.path, 0, at)),
	    forge_escape(project, a), forge_escape(repo, a));
	return 0;
}

static bool has_login(const struct deliver_state *state)
{
	return deliver_username(state)[0] && state->secret->password;
}

static int begin(struct deliver_state *state, const char *method, const char *url,
		 const struct value *body, struct http_request *request, struct err *err)
{
	int code = body ? deliver_json(state, method, url, body, request, err)
			: deliver_begin(state, method, url, request, err);
	if (code == 0)
		code =
		    deliver_header(state, request, "X-Atlassian-Token", "no-check", err);
	if (code == 0)
		code = deliver_header(state, request, "X-Requested-With",
				      "XMLHttpRequest", err);
	if (code)
		return code;
	if (deliver_token(state)[0])
		return deliver_auth(state, request, "Bearer", deliver_token(state), err);
	return deliver_basic(state, request, deliver_username(state),
			     state->secret->password, err);
}

static const char *url_of(const struct deliver_state *state, const struct status *status)
{
	const char *commits = state->data;
	return arena_printf(state->arena, "%s/%s/builds", commits, status->commit);
}

static const char *name_of(const struct deliver_state *state, const struct status *status)
{
	struct arena *a = state->arena;
	const char *object = words_short_object(&state->delivery->event, a);
	return words_cut(arena_printf(a, "%s [%s]", object, status->description), 255, a);
}

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	const char *url = arena_printf(state->arena, "%s?key=%s", url_of(state, status),
				       status_key(state, status));
	return begin(state, "GET", url, NULL, request, err);
}

static bool is_same(struct deliver_state *state, const struct value *old,
		    const struct status *status)
{
	return forge_has(state, old, "key", status_key(state, status)) &&
	       forge_has(state, old, "state", status->state) &&
	       forge_has(state, old, "name", name_of(state, status)) &&
	       forge_has(state, old, "description", status->description);
}

static int set(struct deliver_state *state, const struct status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_unless_empty(a, body, "description", status->description);
	json_text(a, body, "key", status_key(state, status));
	json_text(a, body, "name", name_of(state, status));
	json_text(a, body, "state", status->state);
	json_text(a, body, "url", deliver_address(state));
	return begin(state, "POST", url_of(state, status), body, request, err);
}

static const struct status_form form = {
	.forge = "bitbucketserver",
	.success = "SUCCESSFUL",
	.failure = "FAILED",
	.looking = "could not get existing commit status: ",
	.setting = "could not post commit status: ",
	.may_lack = true,
	.look = look,
	.is_same = is_same,
	.set = set,
};

static int step_bitbucketserver(struct deliver_state *state,
				const struct http_response *answer,
				struct http_request *request, enum deliver_next *next,
				struct err *err)
{
	const char *commits = NULL;
	if (!deliver_token(state)[0] && !has_login(state))
		return err_set(err, ERR_INVALID,
			       "invalid credentials, expected to be one of "
			       "username/password or API Token");
	int code = read_address(state, &commits, err);
	if (code)
		return code;
	state->data = arena_strdup(state->arena, commits);
	return status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_bitbucketserver;
const struct deliver_service deliver_bitbucketserver = {
	.help =
	    "address: the https clone URL; the secret's token, or username and password",
	.failure = "request failed: ",
	.step = step_bitbucketserver,
};
