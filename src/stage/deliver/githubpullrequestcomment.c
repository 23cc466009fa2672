/* SPDX-License-Identifier: MIT */
/* GitHub: one comment on a pull request, kept up to date. */
#include "stage/deliver/comment.h"
#include "stage/deliver/github_api.h"

static const struct comment_form form = {
	.request = github_request,
	.key = "flux-pr-comment-key",
	.name = "pull request comment",
	.login = "login",
	.author = "user",
	.changes = "issues",
	.comments = "comments",
	.query = "?direction=asc",
	.query_rest = "&per_page=100&sort=created",
	.edit_method = "PATCH",
};

static int step_githubpullrequestcomment(struct deliver_state *state,
					 const struct http_response *answer,
					 struct http_request *request,
					 enum deliver_next *next, struct err *err)
{
	bool ready = false;
	int code = github_open(state, &answer, request, true, &ready, err);
	struct github *github = state->data;
	if (code || !ready)
		return code;
	/* an App comments under its own name */
	if (github->slug && !github->forge.login)
		github->forge.login = arena_printf(state->arena, "%s[bot]", github->slug);
	const struct comment comment = { state, &form, &github->forge };
	return comment_step(&comment, answer, request, next, err);
}

extern const struct deliver_service deliver_githubpullrequestcomment;
const struct deliver_service deliver_githubpullrequestcomment = {
	.help =
	    "address: the repository; the secret's token, or an App's githubApp* keys; events need change_request",
	.failure = "request failed: ",
	.step = step_githubpullrequestcomment,
};
