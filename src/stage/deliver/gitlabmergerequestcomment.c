/* SPDX-License-Identifier: MIT */
/* GitLab: one note on a merge request, kept up to date. */
#include "base/limits.h"
#include "stage/deliver/gitlab_api.h"

enum {
	PAGE = 100
};

enum step {
	STEP_LOGIN,
	STEP_NAMED,
	STEP_LISTED,
	STEP_END
};

static const char key[] = "flux-mr-comment-key";
static const char *const author[2] = { "author", "username" };

static int list(struct deliver_state *state, struct http_request *request,
		struct err *err)
{
	const struct forge *forge = state->data;
	const char *page =
	    forge->page > 1 ? arena_printf(state->arena, "&page=%u", forge->page) : "";
	const char *path = arena_printf(
	    state->arena,
	    "merge_requests/%s/notes?order_by=created_at%s&per_page=100&sort=asc",
	    forge->change, page);
	int code = gitlab_request(state, "GET", path, NULL, request, err);
	state->what = "failed to list merge request notes: ";
	return code;
}

static int write_note(struct deliver_state *state, int64_t id,
		      struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct forge *forge = state->data;
	struct value *body = json_map(a);
	const char *path = arena_printf(a, "merge_requests/%s/notes", forge->change);
	json_text(a, body, "body", forge_comment(state, key));
	if (id)
		path = arena_printf(a, "%s/%lld", path, (long long)id);
	int code = gitlab_request(state, id ? "PUT" : "POST", path, body, request, err);
	state->what = id ? "failed to update merge request note: "
			 : "failed to create merge request note: ";
	return code;
}

static int look(struct deliver_state *state, const struct http_response *answer,
		struct http_request *request, struct err *err)
{
	struct forge *forge = state->data;
	const struct value *found = deliver_answer(state, answer);
	int64_t id = forge_find_comment(state, found, author, forge->login,
					forge_marker(state, key));
	bool is_full = found && found->kind == VALUE_LIST && found->list.len >= PAGE;
	if (id == 0 && is_full && forge->page < LIMIT_COMMENT_PAGES) {
		forge->page++;
		return list(state, request, err);
	}
	state->step = STEP_END;
	return write_note(state, id, request, err);
}

static int step_gitlabmergerequestcomment(struct deliver_state *state,
					  const struct http_response *answer,
					  struct http_request *request,
					  enum deliver_next *next, struct err *err)
{
	int code = gitlab_open(state, err);
	struct forge *forge = state->data;
	if (code)
		return code;
	switch ((enum step)state->step) {
	case STEP_LOGIN:
		state->step = STEP_NAMED;
		return gitlab_request(state, "GET", "/user", NULL, request, err);
	case STEP_NAMED:
		forge->login = value_get_text(deliver_answer(state, answer), "username",
					      state->arena);
		if (!forge->login && !state->dry_run)
			return err_set(err, ERR_NETWORK,
				       "no user name in the answer for the user");
		forge->login = forge->login ? forge->login : "";
		forge->page = 1;
		state->step = STEP_LISTED;
		code = forge_change(state, &forge->change, err);
		return code ? code : list(state, request, err);
	case STEP_LISTED:
		return look(state, answer, request, err);
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_type deliver_gitlabmergerequestcomment;
const struct deliver_type deliver_gitlabmergerequestcomment = {
	.type = "gitlabmergerequestcomment",
	.flags = DELIVER_COMMENT,
	.help = "address: the project; the secret's token; events need change_request",
	.failure = "request failed: ",
	.step = step_gitlabmergerequestcomment,
};
