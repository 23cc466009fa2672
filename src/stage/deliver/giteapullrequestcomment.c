/* SPDX-License-Identifier: MIT */
/* Gitea: one comment on a pull request, kept up to date. */
#include "base/limits.h"
#include "stage/deliver/gitea_api.h"

enum step {
	STEP_VERSION,
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
	const struct forge *forge = state->data;
	const char *path =
	    arena_printf(state->arena, "issues/%s/comments?limit=100&page=%u",
			 forge->change, forge->page);
	int code = gitea_request(state, "GET", path, NULL, request, err);
	state->what = "failed to list pull request comments: ";
	return code;
}

static int write_comment(struct deliver_state *state, int64_t id,
			 struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct forge *forge = state->data;
	struct value *body = json_map(a);
	const char *path = id ? arena_printf(a, "issues/comments/%lld", (long long)id)
			      : arena_printf(a, "issues/%s/comments", forge->change);
	json_text(a, body, "body", forge_comment(state, key));
	int code = gitea_request(state, id ? "PATCH" : "POST", path, body, request, err);
	state->what = id ? "failed to update pull request comment: "
			 : "failed to create pull request comment: ";
	return code;
}

/* An instance may give smaller pages than it was asked for, or all at once whatever the
 * page: an empty page or a known first comment ends the search. */
static int look(struct deliver_state *state, const struct http_response *answer,
		struct http_request *request, struct err *err)
{
	struct forge *forge = state->data;
	const struct value *found = deliver_answer(state, answer);
	int64_t id = forge_find_comment(state, found, author, forge->login,
					forge_marker(state, key));
	bool has_items = found && found->kind == VALUE_LIST && found->list.len > 0;
	const struct value *first =
	    has_items ? value_get(found->list.items[0], "id") : NULL;
	int64_t first_id = first && first->kind == VALUE_INT ? first->integer : 0;
	if (id == 0 && first_id && first_id != forge->first_id &&
	    forge->page < LIMIT_COMMENT_PAGES) {
		forge->first_id = first_id;
		forge->page++;
		return list(state, request, err);
	}
	state->step = STEP_END;
	return write_comment(state, id, request, err);
}

static int find_login(struct deliver_state *state, const struct http_response *answer,
		      struct err *err)
{
	struct forge *forge = state->data;
	const struct value *user = deliver_answer(state, answer);
	forge->login = value_get_text(user, "login", state->arena);
	if (!forge->login && !state->dry_run)
		return err_set(err, ERR_NETWORK, "no login in the answer for the user");
	forge->login = forge->login ? forge->login : "";
	return 0;
}

static int step_giteapullrequestcomment(struct deliver_state *state,
					const struct http_response *answer,
					struct http_request *request,
					enum deliver_next *next, struct err *err)
{
	int code = gitea_open(state, err);
	struct forge *forge = state->data;
	if (code)
		return code;
	switch ((enum step)state->step) {
	case STEP_VERSION:
		state->step = STEP_LOGIN;
		return gitea_request(state, "GET", "/version", NULL, request, err);
	case STEP_LOGIN:
		state->step = STEP_NAMED;
		return gitea_request(state, "GET", "/user", NULL, request, err);
	case STEP_NAMED:
		code = find_login(state, answer, err);
		if (code == 0)
			code = forge_change(state, &forge->change, err);
		forge->page = 1;
		state->step = STEP_LISTED;
		return code ? code : list(state, request, err);
	case STEP_LISTED:
		return look(state, answer, request, err);
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_type deliver_giteapullrequestcomment;
const struct deliver_type deliver_giteapullrequestcomment = {
	.type = "giteapullrequestcomment",
	.flags = DELIVER_COMMENT,
	.help = "address: the repository; the secret's token; events need change_request",
	.failure = "request failed: ",
	.step = step_giteapullrequestcomment,
};
