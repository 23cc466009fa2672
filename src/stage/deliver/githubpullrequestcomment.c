/* SPDX-License-Identifier: MIT */
/* GitHub: one comment on a pull request, kept up to date. */
#include "base/limits.h"
#include "stage/deliver/github_api.h"

enum {
	PAGE = 100
};

enum step {
	STEP_LOGIN,
	STEP_NAMED,
	STEP_LISTED,
	STEP_END
};

static const char key[] = "flux-pr-comment-key";
static const char *const author[2] = { "user", "login" };

static int list(struct deliver_state *state, struct http_request *request,
		struct err *err)
{
	const struct github *github = state->data;
	const char *page =
	    github->page > 1 ? arena_printf(state->arena, "&page=%u", github->page) : "";
	const char *path = arena_printf(
	    state->arena, "issues/%s/comments?direction=asc%s&per_page=100&sort=created",
	    github->change, page);
	int code = github_request(state, "GET", path, NULL, request, err);
	state->what = "failed to list pull request comments: ";
	return code;
}

static int write_comment(struct deliver_state *state, int64_t id,
			 struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct github *github = state->data;
	struct value *body = json_map(a);
	json_text(a, body, "body", forge_comment(state, key));
	int code =
	    id ? github_request(state, "PATCH",
				arena_printf(a, "issues/comments/%lld", (long long)id),
				body, request, err)
	       : github_request(state, "POST",
				arena_printf(a, "issues/%s/comments", github->change),
				body, request, err);
	state->what = id ? "failed to update pull request comment: "
			 : "failed to create pull request comment: ";
	return code;
}

/* The first page, or the next while they are full and ours is not among them. */
static int look(struct deliver_state *state, const struct http_response *answer,
		struct http_request *request, struct err *err)
{
	struct github *github = state->data;
	const struct value *found = deliver_answer(state, answer);
	int64_t id = forge_find_comment(state, found, author, github->name,
					forge_marker(state, key));
	bool is_full = found && found->kind == VALUE_LIST && found->list.len >= PAGE;
	if (id == 0 && is_full && github->page < LIMIT_COMMENT_PAGES) {
		github->page++;
		return list(state, request, err);
	}
	state->step = STEP_END;
	return write_comment(state, id, request, err);
}

static int find_name(struct deliver_state *state, const struct http_response *answer,
		     struct err *err)
{
	struct github *github = state->data;
	const char *name =
	    value_get_text(deliver_answer(state, answer), "login", state->arena);
	if (!name && !state->dry_run)
		return err_set(err, ERR_NETWORK, "no login in the answer for the user");
	github->name = name ? name : "";
	return 0;
}

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
	if (state->step == STEP_LOGIN && !github->slug) {
		state->step = STEP_NAMED;
		return github_request(state, "GET", "/user", NULL, request, err);
	}
	if (state->step == STEP_NAMED)
		code = find_name(state, answer, err);
	else if (state->step == STEP_LOGIN)
		github->name = arena_printf(state->arena, "%s[bot]", github->slug);
	if (code)
		return code;
	if (state->step < STEP_LISTED) {
		state->step = STEP_LISTED;
		github->page = 1;
		code = forge_change(state, &github->change, err);
		return code ? code : list(state, request, err);
	}
	if (state->step == STEP_LISTED)
		return look(state, answer, request, err);
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_type deliver_githubpullrequestcomment;
const struct deliver_type deliver_githubpullrequestcomment = {
	.type = "githubpullrequestcomment",
	.flags = DELIVER_COMMENT,
	.help =
	    "address: the repository; the secret's token, or an App's githubApp* keys; events need change_request",
	.failure = "request failed: ",
	.step = step_githubpullrequestcomment,
};
