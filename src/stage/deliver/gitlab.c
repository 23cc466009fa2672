/* SPDX-License-Identifier: MIT */
/* GitLab: a commit status. */
#include "stage/deliver/gitlab_api.h"
#include "stage/deliver/status.h"

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	return gitlab_request(
	    state, "GET",
	    arena_printf(state->arena, "repository/commits/%s/statuses?name=%s",
			 status->commit, url_query(status->context, state->arena)),
	    NULL, request, err);
}

/* Any of the list counts, not the first of that name alone. */
static bool is_same(struct deliver_state *state, const struct value *list,
		    const struct status *status)
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

static int set(struct deliver_state *state, const struct status *status,
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

static const struct status_form form = {
	.forge = "gitlab",
	.success = "success",
	.failure = "failed",
	.looking = "unable to list commit status: ",
	.look = look,
	.is_same = is_same,
	.set = set,
};

static int step_gitlab(struct deliver_state *state, const struct http_response *answer,
		       struct http_request *request, enum deliver_next *next,
		       struct err *err)
{
	int code = gitlab_open(state, err);
	return code ? code : status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_gitlab;
const struct deliver_service deliver_gitlab = {
	.help = "address: the project; the secret's token",
	.failure = "request failed: ",
	.step = step_gitlab,
};
