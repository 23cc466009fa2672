/* SPDX-License-Identifier: MIT */
/* Gitea, Forgejo and Gogs: a commit status. */
#include "stage/deliver/gitea_api.h"
#include "stage/deliver/status.h"

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	return gitea_request(state, "GET",
			     arena_printf(state->arena,
					  "commits/%s/statuses?limit=50&page=1",
					  status->commit),
			     NULL, request, err);
}

static int set(struct deliver_state *state, const struct status *status,
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

static const struct status_form form = {
	.forge = "gitea",
	.success = "success",
	.failure = "failure",
	.pending = "pending", /* the one forge that shows what is going on */
	.looking = "could not list commit statuses: ",
	.look = look,
	.is_same = status_in_list,
	.set = set,
};

static int step_gitea(struct deliver_state *state, const struct http_response *answer,
		      struct http_request *request, enum deliver_next *next,
		      struct err *err)
{
	bool ready = false;
	int code = gitea_open(state, request, &ready, err);
	if (code || !ready)
		return code;
	return status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_gitea;
const struct deliver_service deliver_gitea = {
	.help = "address: the repository; the secret's token",
	.failure = "request failed: ",
	.step = step_gitea,
};
