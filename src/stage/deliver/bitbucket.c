/* SPDX-License-Identifier: MIT */
/* Bitbucket Cloud: a build status. */
#include "stage/deliver/status.h"
#include "stage/deliver/words.h"

static int read_repo(struct deliver_state *state, struct err *err)
{
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "bitbucket token cannot be empty");
	const char *colon = strchr(deliver_token(state), ':');
	if (!colon || colon == deliver_token(state) || !colon[1])
		return err_set(err, ERR_INVALID,
			       "invalid token format, expected to be <user>:<password>");
	if (state->data)
		return 0;
	struct forge *forge = ARENA_NEW(state->arena, struct forge);
	forge_read(state, forge);
	state->data = forge;
	return forge_need_parts(forge, 2, err);
}

static const char *url_of(const struct deliver_state *state, const struct status *status)
{
	const struct forge *forge = state->data;
	struct arena *a = state->arena;
	return arena_printf(
	    a,
	    "https://api.bitbucket.org/2.0/repositories/%s/%s/commit/%s/statuses/build",
	    forge_part(forge, 0, a), forge_part(forge, 1, a), status->commit);
}

static int begin(struct deliver_state *state, const char *method, const char *url,
		 const struct value *body, struct http_request *request, struct err *err)
{
	struct str token = str_of(deliver_token(state));
	size_t colon = str_find_char(token, ':');
	int code = body ? deliver_json(state, method, url, body, request, err)
			: deliver_begin(state, method, url, request, err);
	if (code)
		return code;
	return deliver_basic(
	    state, request, arena_strndup(state->arena, str_slice(token, 0, colon)),
	    arena_strndup(state->arena, str_from(token, colon + 1)), err);
}

static int look(struct deliver_state *state, const struct status *status,
		struct http_request *request, struct err *err)
{
	const char *url = arena_printf(state->arena, "%s/%s", url_of(state, status),
				       status_key(state, status));
	return begin(state, "GET", url, NULL, request, err);
}

static bool is_same(struct deliver_state *state, const struct value *old,
		    const struct status *status)
{
	return forge_has(state, old, "state", status->state) &&
	       forge_has(state, old, "description", status->description);
}

static int set(struct deliver_state *state, const struct status *status,
	       struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "key", status_key(state, status));
	json_text(a, body, "url", "https://bitbucket.org");
	json_text(a, body, "state", status->state);
	json_text(a, body, "name",
		  words_cut(words_short_object(&state->delivery->event, a), 255, a));
	json_text(a, body, "description", status->description);
	return begin(state, "POST", url_of(state, status), body, request, err);
}

static const struct status_form form = {
	.forge = "bitbucket",
	.success = "SUCCESSFUL",
	.failure = "FAILED",
	.looking = "could not get commit status: ",
	.may_lack = true,
	.look = look,
	.is_same = is_same,
	.set = set,
};

static int step_bitbucket(struct deliver_state *state, const struct http_response *answer,
			  struct http_request *request, enum deliver_next *next,
			  struct err *err)
{
	int code = read_repo(state, err);
	return code ? code : status_step(state, &form, answer, request, next, err);
}

extern const struct deliver_service deliver_bitbucket;
const struct deliver_service deliver_bitbucket = {
	.help = "address: the repository; the secret's token: USER:APP-PASSWORD",
	.failure = "request failed: ",
	.step = step_bitbucket,
};
