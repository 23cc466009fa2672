/* SPDX-License-Identifier: MIT */
/* Azure DevOps: a commit status. */
#include "stage/deliver/forge.h"
#include "stage/deliver/words.h"

enum step {
	STEP_DISCOVER,
	STEP_LIST,
	STEP_SET,
	STEP_END
};

struct repo {
	const char *org; /* URL of the organisation, lower case */
	const char *project, *name;
};

/* `https://dev.azure.com/ORG/PROJECT/_git/REPO`, or `git@ssh.dev.azure.com:v3/...`. */
static int read_repo(struct deliver_state *state, struct repo *out, struct err *err)
{
	struct arena *a = state->arena;
	struct forge forge;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "azure devops token cannot be empty");
	forge_read(state, &forge);
	int code = forge_need_parts(&forge, 4, err);
	if (code)
		return code;
	bool ssh = str_is(forge.host, "ssh.dev.azure.com");
	out->org = words_lower(arena_printf(a, "%s/%s",
					    ssh ? "https://dev.azure.com" : forge.web,
					    forge_part(&forge, ssh ? 1 : 0, a)),
			       a);
	out->project = forge_part(&forge, ssh ? 2 : 1, a);
	out->name = forge_part(&forge, 3, a);
	return 0;
}

static const char *genre_of(const struct deliver_state *state)
{
	const char *summary = words_get(&state->delivery->event, "summary");
	if (!summary || !summary[0])
		return "fluxcd";
	return arena_printf(state->arena, "fluxcd:%s", summary);
}

static bool is_same(const struct deliver_state *state, const struct value *answer,
		    const struct forge_status *status)
{
	const struct value *list = value_get(answer, "value");
	if (!list || list->kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		const struct value *context = value_get(item, "context");
		if (forge_has(state, context, "name", status->context) &&
		    forge_has(state, context, "genre", genre_of(state)))
			return forge_has(state, item, "state", status->state) &&
			       forge_has(state, item, "description", status->description);
	}
	return false;
}

static int add_headers(struct deliver_state *state, struct http_request *request,
		       struct err *err)
{
	int code = deliver_basic(state, request, "", deliver_token(state), err);
	if (code == 0)
		code = deliver_header(state, request, "Accept",
				      "application/json;api-version=6.0", err);
	if (code == 0)
		code = deliver_header(state, request, "X-TFS-FedAuthRedirect", "Suppress",
				      err);
	return code;
}

static int discover(struct deliver_state *state, const struct repo *repo,
		    struct http_request *request, struct err *err)
{
	int code = deliver_begin(state, "OPTIONS",
				 arena_printf(state->arena, "%s/_apis", repo->org),
				 request, err);
	if (code == 0)
		code = deliver_basic(state, request, "", deliver_token(state), err);
	if (code == 0)
		code = deliver_header(state, request, "Accept", "application/json", err);
	return code;
}

static int set(struct deliver_state *state, const char *url,
	       const struct forge_status *status, struct http_request *request,
	       struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	struct value *context = json_sub(a, body, "context");
	json_text(a, context, "genre", genre_of(state));
	json_text(a, context, "name", status->context);
	json_text(a, body, "description", status->description);
	json_text(a, body, "state", status->state);
	int code = deliver_json(state, "POST", url, body, request, err);
	if (code == 0)
		code = deliver_header(state, request, "Content-Type",
				      "application/json;charset=utf-8", err);
	state->what = "could not create commit status: ";
	return code ? code : add_headers(state, request, err);
}

static int step_azuredevops(struct deliver_state *state,
			    const struct http_response *answer,
			    struct http_request *request, enum deliver_next *next,
			    struct err *err)
{
	struct repo repo = { 0 };
	struct forge_status status;
	int code = read_repo(state, &repo, err);
	if (code)
		return code;
	if (words_is_progressing(&state->delivery->event))
		return deliver_skip(state, next);
	code = forge_status(state, "azure devops", "succeeded", "error", &status, err);
	if (code)
		return code;
	const char *url = arena_printf(
	    state->arena, "%s/%s/_apis/git/repositories/%s/commits/%s/statuses", repo.org,
	    repo.project, repo.name, status.commit);
	switch ((enum step)state->step) {
	case STEP_DISCOVER:
		state->step = STEP_LIST;
		return discover(state, &repo, request, err);
	case STEP_LIST:
		state->step = STEP_SET;
		code = deliver_begin(state, "GET", url, request, err);
		state->what = "could not list commit statuses: ";
		return code ? code : add_headers(state, request, err);
	case STEP_SET:
		state->step = STEP_END;
		if (is_same(state, deliver_answer(state, answer), &status))
			return deliver_skip(state, next);
		return set(state, url, &status, request, err);
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_service deliver_azuredevops;
const struct deliver_service deliver_azuredevops = {
	.help =
	    "address: https://dev.azure.com/ORG/PROJECT/_git/REPO; the secret's token",
	.failure = "request failed: ",
	.step = step_azuredevops,
};
