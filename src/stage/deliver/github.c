/* SPDX-License-Identifier: MIT */
/* GitHub: a commit status. */
#include "stage/deliver/github_api.h"
#include "stage/deliver/words.h"

enum step {
	STEP_LIST,
	STEP_SET,
	STEP_END
};

static int list(struct deliver_state *state, const struct forge_status *status,
		struct http_request *request, struct err *err)
{
	int code = github_request(
	    state, "GET",
	    arena_printf(state->arena, "commits/%s/statuses?per_page=50", status->commit),
	    NULL, request, err);
	state->what = "could not list commit statuses: ";
	return code;
}

static int set(struct deliver_state *state, const struct forge_status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "state", status->state);
	json_text(a, body, "description", status->description);
	json_text(a, body, "context", status->context);
	int code =
	    github_request(state, "POST", arena_printf(a, "statuses/%s", status->commit),
			   body, request, err);
	state->what = "could not create commit status: ";
	return code;
}

static int step_github(struct deliver_state *state, const struct http_response *answer,
		       struct http_request *request, enum deliver_next *next,
		       struct err *err)
{
	bool ready = false;
	struct forge_status status;
	int code = github_open(state, &answer, request, false, &ready, err);
	if (code || !ready)
		return code;
	if (words_is_progressing(&state->delivery->event))
		return deliver_skip(state, next);
	code = forge_status(state, "github", "success", "failure", &status, err);
	if (code)
		return code;
	if (state->step == STEP_SET &&
	    forge_is_same(state, deliver_answer(state, answer), &status))
		return deliver_skip(state, next);
	if (state->step == STEP_END) {
		*next = DELIVER_DONE;
		return 0;
	}
	return state->step++ == STEP_LIST ? list(state, &status, request, err)
					  : set(state, &status, request, err);
}

extern const struct deliver_service deliver_github;
const struct deliver_service deliver_github = {
	.help =
	    "address: the repository; the secret's token, or an App's githubApp* keys",
	.failure = "request failed: ",
	.step = step_github,
};
