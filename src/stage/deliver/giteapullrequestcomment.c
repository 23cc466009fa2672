/* SPDX-License-Identifier: MIT */
/* Gitea: one comment on a pull request, kept up to date. */
#include "stage/deliver/comment.h"
#include "stage/deliver/gitea_api.h"

static const struct comment_form form = {
	.request = gitea_request,
	.key = "flux-pr-comment-key",
	.name = "pull request comment",
	.login = "login",
	.author = "user",
	.changes = "issues",
	.comments = "comments",
	.query = "?limit=100",
	.query_rest = "",
	.edit_method = "PATCH",
	.page_always = true,
	.page_any_size = true,
};

static int step_giteapullrequestcomment(struct deliver_state *state,
					const struct http_response *answer,
					struct http_request *request,
					enum deliver_next *next, struct err *err)
{
	bool ready = false;
	int code = gitea_open(state, request, &ready, err);
	if (code || !ready)
		return code;
	const struct comment comment = { state, &form, state->data };
	return comment_step(&comment, answer, request, next, err);
}

extern const struct deliver_service deliver_giteapullrequestcomment;
const struct deliver_service deliver_giteapullrequestcomment = {
	.help = "address: the repository; the secret's token; events need change_request",
	.failure = "request failed: ",
	.step = step_giteapullrequestcomment,
};
