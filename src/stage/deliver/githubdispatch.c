/* SPDX-License-Identifier: MIT */
/* GitHub: a repository_dispatch event that starts workflows. */
#include "adapter/json/json.h"
#include "stage/deliver/github_api.h"
#include "stage/deliver/words.h"

enum {
	TYPE_UNITS = 100
};

static int step_githubdispatch(struct deliver_state *state,
			       const struct http_response *answer,
			       struct http_request *request, enum deliver_next *next,
			       struct err *err)
{
	bool ready = false;
	struct arena *a = state->arena;
	const struct event *event = &state->delivery->event;
	struct value *payload = NULL;
	int code = github_open(state, &answer, request, false, &ready, err);
	if (code || !ready)
		return code;
	if (answer) {
		*next = DELIVER_DONE;
		return 0;
	}
	const char *type = arena_printf(a, "%s/%s.%s", event->object.kind,
					event->object.name, event->object.namespace);
	code = json_parse(words_event_json(event, a), a, &payload, err);
	if (code)
		return code;
	struct value *body = json_map(a);
	json_text(a, body, "event_type", words_cut(type, TYPE_UNITS, a));
	value_set(a, body, "client_payload", payload);
	code = github_request(state, "POST", "dispatches", body, request, err);
	state->what = "could not send github repository dispatch event: ";
	return code;
}

extern const struct deliver_service deliver_githubdispatch;
const struct deliver_service deliver_githubdispatch = {
	.help =
	    "address: the repository; the secret's token, or an App's githubApp* keys",
	.failure = "request failed: ",
	.step = step_githubdispatch,
};
