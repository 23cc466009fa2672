/* SPDX-License-Identifier: MIT */
/* GitLab: a commit status. */
#include "stage/deliver/gitlab_api.h"
#include "stage/deliver/words.h"

enum step {
	STEP_LIST,
	STEP_SET,
	STEP_END
};

static bool is_same(const struct deliver_state *state, const struct value *list,
		    const struct forge_status *status)
{
	if (!list || list->kind != VALUE_LIST)
		return false;
	for (size_t i = 0; i < list->list.len; i++) {
		const struct value *item = list->list.items[i];
		if (forge_has(state, item, "sha", status->commit) &&
		    forge_has(state, item, "status", status->state) &&
		    forge_has(state, item, "description", status->description) &&
		    forge_has(state, item, "name", status->context))
			return true;
	}
	return false;
}

static int set(struct deliver_state *state, const struct forge_status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "state", status->state);
	json_text(a, body, "name", status->context);
	json_text(a, body, "description", status->description);
	return gitlab_request(state, "POST",
			      arena_printf(a, "statuses/%s", status->commit), body,
			      request, err);
}

static int step_gitlab(struct deliver_state *state, const struct http_response *answer,
		       struct http_request *request, enum deliver_next *next,
		       struct err *err)
{
	struct forge_status status;
	int code = gitlab_open(state, err);
	if (code)
		return code;
	if (words_is_progressing(&state->delivery->event))
		return deliver_skip(state, next);
	code = forge_status(state, "gitlab", "success", "failed", &status, err);
	if (code)
		return code;
	if (state->step == STEP_SET &&
	    is_same(state, deliver_answer(state, answer), &status))
		return deliver_skip(state, next);
	if (state->step == STEP_END) {
		*next = DELIVER_DONE;
		return 0;
	}
	if (state->step++ == STEP_SET)
		return set(state, &status, request, err);
	code = gitlab_request(
	    state, "GET",
	    arena_printf(state->arena, "repository/commits/%s/statuses?name=%s",
			 status.commit, url_query(status.context, state->arena)),
	    NULL, request, err);
	state->what = "unable to list commit status: ";
	return code;
}

extern const struct deliver_service deliver_gitlab;
const struct deliver_service deliver_gitlab = {
	.help = "address: the project; the secret's token",
	.failure = "request failed: ",
	.step = step_gitlab,
};
