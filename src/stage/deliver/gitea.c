/* SPDX-License-Identifier: MIT */
/* Gitea, Forgejo and Gogs: a commit status. */
#include "stage/deliver/gitea_api.h"
#include "stage/deliver/words.h"

enum step {
	STEP_VERSION,
	STEP_LIST,
	STEP_SET,
	STEP_END
};

static int set(struct deliver_state *state, const struct forge_status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "state", status->state);
	json_text(a, body, "target_url", "");
	json_text(a, body, "description", status->description);
	json_text(a, body, "context", status->context);
	return gitea_request(state, "POST",
			     arena_printf(a, "statuses/%s", status->commit), body,
			     request, err);
}

static int step_gitea(struct deliver_state *state, const struct http_response *answer,
		      struct http_request *request, enum deliver_next *next,
		      struct err *err)
{
	struct forge_status status;
	int code = gitea_open(state, err);
	if (code)
		return code;
	if (state->step == STEP_VERSION) {
		state->step = STEP_LIST;
		code = gitea_request(state, "GET", "/version", NULL, request, err);
		state->what = "could not create Gitea client: ";
		return code;
	}
	code = forge_status(state, "gitea", "success", "failure", &status, err);
	if (code)
		return code;
	/* the one forge that shows what is going on */
	if (words_is_progressing(&state->delivery->event))
		status.state = "pending";
	if (state->step == STEP_SET &&
	    forge_is_same(state, deliver_answer(state, answer), &status))
		return deliver_skip(state, next);
	if (state->step == STEP_END) {
		*next = DELIVER_DONE;
		return 0;
	}
	if (state->step++ == STEP_SET)
		return set(state, &status, request, err);
	code = gitea_request(state, "GET",
			     arena_printf(state->arena,
					  "commits/%s/statuses?limit=50&page=1",
					  status.commit),
			     NULL, request, err);
	state->what = "could not list commit statuses: ";
	return code;
}

extern const struct deliver_service deliver_gitea;
const struct deliver_service deliver_gitea = {
	.help = "address: the repository; the secret's token",
	.failure = "request failed: ",
	.step = step_gitea,
};
