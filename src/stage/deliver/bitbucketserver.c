/* SPDX-License-Identifier: MIT */
/* Bitbucket Server and Data Center: a build status. */
#include "stage/deliver/forge.h"
#include "stage/deliver/words.h"

enum step {
	STEP_GET,
	STEP_SET,
	STEP_END
};

static size_t rfind(struct str text, struct str needle)
{
	for (size_t at = text.len; at-- > 0;)
		if (str_starts(str_from(text, at), needle))
			return at;
	return text.len;
}

/* `https://host[/context]/scm/PROJECT/REPO[.git]`. */
static int read_address(struct deliver_state *state, const char *commit, const char **out,
			struct err *err)
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
	    a, "%.*s://%.*s%.*s/rest/api/latest/projects/%s/repos/%s/commits/%s/builds",
	    STR_ARG(url.scheme), STR_ARG(url.host), STR_ARG(str_slice(url.path, 0, at)),
	    forge_escape(project, a), forge_escape(repo, a), commit);
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

static struct value *body_of(struct deliver_state *state,
			     const struct forge_status *status, const char *key)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	const char *name =
	    arena_printf(a, "%s [%s]", words_short_object(&state->delivery->event, a),
			 status->description);
	json_unless_empty(a, body, "description", status->description);
	json_text(a, body, "key", key);
	json_text(a, body, "name", words_cut(name, 255, a));
	json_text(a, body, "state", status->state);
	json_text(a, body, "url", deliver_address(state));
	return body;
}

static bool is_same(const struct deliver_state *state, const struct value *old,
		    const struct value *body)
{
	static const char *const keys[] = { "key", "state", "name", "description" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *text = value_get_text(body, keys[i], state->arena);
		if (!forge_has(state, old, keys[i], text))
			return false;
	}
	return true;
}

static int step_bitbucketserver(struct deliver_state *state,
				const struct http_response *answer,
				struct http_request *request, enum deliver_next *next,
				struct err *err)
{
	struct arena *a = state->arena;
	struct forge_status status;
	const char *url = NULL;
	if (!deliver_token(state)[0] && !has_login(state))
		return err_set(err, ERR_INVALID,
			       "invalid credentials, expected to be one of "
			       "username/password or API Token");
	int code = read_address(state, "", &url, err);
	if (code)
		return code;
	if (words_is_progressing(&state->delivery->event))
		return deliver_skip(state, next);
	code =
	    forge_status(state, "bitbucketserver", "SUCCESSFUL", "FAILED", &status, err);
	if (code == 0)
		code = read_address(state, status.commit, &url, err);
	if (code)
		return code;
	const char *key = forge_build_key(state, status.context);
	struct value *body = body_of(state, &status, key);
	switch ((enum step)state->step) {
	case STEP_GET:
		state->step = STEP_SET;
		code = begin(state, "GET", arena_printf(a, "%s?key=%s", url, key), NULL,
			     request, err);
		state->any_status = true;
		return code;
	case STEP_SET:
		state->step = STEP_END;
		if (answer->status / 100 != 2 && answer->status != 404)
			return err_set(err, ERR_NETWORK,
				       "could not get existing commit status: status "
				       "code %d",
				       answer->status);
		if (is_same(state, deliver_answer(state, answer), body))
			return deliver_skip(state, next);
		code = begin(state, "POST", url, body, request, err);
		state->what = "could not post commit status: ";
		return code;
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_service deliver_bitbucketserver;
const struct deliver_service deliver_bitbucketserver = {
	.help =
	    "address: the https clone URL; the secret's token, or username and password",
	.failure = "request failed: ",
	.step = step_bitbucketserver,
};
