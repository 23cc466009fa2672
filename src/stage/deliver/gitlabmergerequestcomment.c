/* SPDX-License-Identifier: MIT */
/* GitLab: one note on a merge request, kept up to date. */
#include "stage/deliver/comment.h"
#include "stage/deliver/gitlab_api.h"

static const struct comment_form form = {
	.request = gitlab_request,
	.key = "flux-mr-comment-key",
	.name = "merge request note",
	.login = "username",
	.author = "author",
	.changes = "merge_requests",
	.comments = "notes",
	.query = "?order_by=created_at",
	.query_rest = "&per_page=100&sort=asc",
	.edit_method = "PUT",
	.edit_below_change = true,
};

static int step_gitlabmergerequestcomment(struct deliver_state *state,
					  const struct http_response *answer,
					  struct http_request *request,
					  enum deliver_next *next, struct err *err)
{
	int code = gitlab_open(state, err);
	const struct comment comment = { state, &form, state->data };
	return code ? code : comment_step(&comment, answer, request, next, err);
}

extern const struct deliver_service deliver_gitlabmergerequestcomment;
const struct deliver_service deliver_gitlabmergerequestcomment = {
	.help = "address: the project; the secret's token; events need change_request",
	.failure = "request failed: ",
	.step = step_gitlabmergerequestcomment,
};
