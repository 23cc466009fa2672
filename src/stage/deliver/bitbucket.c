/* SPDX-License-Identifier: MIT */
/* Bitbucket Cloud: a build status. */
#include "stage/deliver/forge.h"
#include "stage/deliver/words.h"

enum step {
	STEP_GET,
	STEP_SET,
	STEP_END
};

static int check(struct deliver_state *state, struct forge *forge, struct err *err)
{
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "bitbucket token cannot be empty");
	const char *colon = strchr(deliver_token(state), ':');
	if (!colon || colon == deliver_token(state) || !colon[1])
		return err_set(err, ERR_INVALID,
			       "invalid token format, expected to be <user>:<password>");
	forge_read(state, forge);
	return forge_need_parts(forge, 2, err);
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

static struct value *body_of(struct deliver_state *state,
			     const struct forge_status *status, const char *key)
{
	struct arena *a = state->arena;
	struct value *body = json_map(a);
	json_text(a, body, "key", key);
	json_text(a, body, "url", "https://bitbucket.org");
	json_text(a, body, "state", status->state);
	json_text(a, body, "name",
		  words_cut(words_short_object(&state->delivery->event, a), 255, a));
	json_text(a, body, "description", status->description);
	return body;
}

static int step_bitbucket(struct deliver_state *state, const struct http_response *answer,
			  struct http_request *request, enum deliver_next *next,
			  struct err *err)
{
	struct arena *a = state->arena;
	struct forge forge;
	struct forge_status status;
	const struct value *old = NULL;
	int code = check(state, &forge, err);
	if (code)
		return code;
	if (words_is_progressing(&state->delivery->event))
		return deliver_skip(state, next);
	code = forge_status(state, "bitbucket", "SUCCESSFUL", "FAILED", &status, err);
	if (code)
		return code;
	const char *key = forge_build_key(state, status.context);
	const char *url = arena_printf(
	    a,
	    "https://api.bitbucket.org/2.0/repositories/%s/%s/commit/%s/statuses/build",
	    forge_part(&forge, 0, a), forge_part(&forge, 1, a), status.commit);
	switch ((enum step)state->step) {
	case STEP_GET:
		state->step = STEP_SET;
		code = begin(state, "GET", arena_printf(a, "%s/%s", url, key), NULL,
			     request, err);
		state->what = "could not get commit status: ";
		state->any_status = true;
		return code;
	case STEP_SET:
		state->step = STEP_END;
		if (answer->status / 100 != 2 && answer->status != 404)
			return err_set(err, ERR_NETWORK,
				       "could not get commit status: status code %d",
				       answer->status);
		old = deliver_answer(state, answer);
		if (forge_has(state, old, "state", status.state) &&
		    forge_has(state, old, "description", status.description))
			return deliver_skip(state, next);
		return begin(state, "POST", url, body_of(state, &status, key), request,
			     err);
	case STEP_END:
		break;
	}
	*next = DELIVER_DONE;
	return 0;
}

extern const struct deliver_service deliver_bitbucket;
const struct deliver_service deliver_bitbucket = {
	.help = "address: the repository; the secret's token: USER:APP-PASSWORD",
	.failure = "request failed: ",
	.step = step_bitbucket,
};
