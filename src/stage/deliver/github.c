/* SPDX-License-Identifier: MIT */
/* GitHub: a commit status. */
#include "stage/deliver/github_api.h"
#include "stage/deliver/status.h"

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	return github_request(
	    state, "GET",
	    arena_printf(state->arena, "commits/%s/statuses?per_page=50", status->commit),
	    NULL, request, err);
}

static int set(struct deliver_state *state, const struct status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "state", status->state);
	json_text(a, body, "description", status->description);
	json_text(a, body, "context", status->context);
	return github_request(state, "POST",
			      arena_printf(a, "statuses/%s", status->commit), body,
			      request, err);
}

static const struct status_form form = {
	.forge = "github",
	.success = "success",
	.failure = "failure",
	.looking = "could not list commit statuses: ",
	.setting = "could not create commit status: ",
	.look = look,
	.is_same = status_in_list,
	.set = set,
};

static int step_github(struct deliver_state *state, const struct http_response *answer,
		       struct http_request *request, enum deliver_next *next,
		       struct err *err)
{
	bool ready = false;
	int code = github_open(state, &answer, request, false, &ready, err);
	if (code || !ready)
		return code;
	return status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_github;
const struct deliver_service deliver_github = {
	.help =
	    "address: the repository; the secret's token, or an App's githubApp* keys",
	.failure = "request failed: ",
	.step = step_github,
};
