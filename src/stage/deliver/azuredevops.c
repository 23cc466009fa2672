/* SPDX-License-Identifier: MIT */
/* Azure DevOps: a commit status. */
#include "stage/deliver/status.h"
#include "stage/deliver/words.h"

struct repo {
	const char *org; /* URL of the organisation, lower case */
	const char *project, *name;
};

/* `https://dev.azure.com/ORG/PROJECT/_git/REPO`, or `git@ssh.dev.azure.com:v3/...`. */
static int read_repo(struct deliver_state *state, struct err *err)
{
	struct arena *a = state->arena;
	struct forge forge;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "azure devops token cannot be empty");
	if (state->data)
		return 0;
	struct repo *out = ARENA_NEW(a, struct repo);
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
	state->data = out;
	return 0;
}

static const char *genre_of(const struct deliver_state *state)
{
	const char *summary = words_get(&state->delivery->event, "summary");
	if (!summary || !summary[0])
		return "fluxcd";
	return arena_printf(state->arena, "fluxcd:%s", summary);
}

static bool is_same(struct deliver_state *state, const struct value *answer,
		    const struct status *status)
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

static int discover(struct deliver_state *state, struct http_request *request,
		    struct err *err)
{
	const struct repo *repo = state->data;
	int code = deliver_begin(state, "OPTIONS",
				 arena_printf(state->arena, "%s/_apis", repo->org),
				 request, err);
	if (code == 0)
		code = deliver_basic(state, request, "", deliver_token(state), err);
	if (code == 0)
		code = deliver_header(state, request, "Accept", "application/json", err);
	return code;
}

static const char *url_of(const struct deliver_state *state, const struct status *status)
{
	const struct repo *repo = state->data;
	return arena_printf(state->arena,
			    "%s/%s/_apis/git/repositories/%s/commits/%s/statuses",
			    repo->org, repo->project, repo->name, status->commit);
}

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	int code = deliver_begin(state, "GET", url_of(state, status), request, err);
	return code ? code : add_headers(state, request, err);
}

static int set(struct deliver_state *state, const struct status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	struct value *context = json_sub(a, body, "context");
	json_text(a, context, "genre", genre_of(state));
	json_text(a, context, "name", status->context);
	json_text(a, body, "description", status->description);
	json_text(a, body, "state", status->state);
	int code = deliver_json(state, "POST", url_of(state, status), body, request, err);
	if (code == 0)
		code = deliver_header(state, request, "Content-Type",
				      "application/json;charset=utf-8", err);
	return code ? code : add_headers(state, request, err);
}

static const struct status_form form = {
	.forge = "azure devops",
	.success = "succeeded",
	.failure = "error",
	.looking = "could not list commit statuses: ",
	.setting = "could not create commit status: ",
	.begin = discover,
	.look = look,
	.is_same = is_same,
	.set = set,
};

static int step_azuredevops(struct deliver_state *state,
			    const struct http_response *answer,
			    struct http_request *request, enum deliver_next *next,
			    struct err *err)
{
	int code = read_repo(state, err);
	return code ? code : status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_azuredevops;
const struct deliver_service deliver_azuredevops = {
	.help =
	    "address: https://dev.azure.com/ORG/PROJECT/_git/REPO; the secret's token",
	.failure = "request failed: ",
	.step = step_azuredevops,
};
