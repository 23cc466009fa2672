/* SPDX-License-Identifier: MIT */
/* Requests to Gitea. An instance below a path is known by its API's address, or by more
 * than two parts: owner and repository are the last two. */
#include "stage/deliver/gitea_api.h"

static void take_last_two(struct deliver_state *state, struct forge *forge)
{
	struct arena *a = state->arena;
	if (!forge->web[0] || forge->n_parts <= 2 || forge->n_parts > FORGE_PARTS)
		return;
	size_t skip = forge->n_parts - 2;
	for (size_t i = 0; i < skip; i++)
		forge->web =
		    arena_printf(a, "%s/%s", forge->web, forge_part(forge, i, a));
	forge->parts[0] = forge->parts[skip];
	forge->parts[1] = forge->parts[skip + 1];
	forge->n_parts = 2;
}

static int read_address(struct deliver_state *state, struct err *err)
{
	if (!forge_token(state)[0])
		return err_set(err, ERR_INVALID, "gitea token cannot be empty");
	if (state->data)
		return 0;
	struct forge *forge = ARENA_NEW(state->arena, struct forge);
	forge_read(state, forge);
	forge_take_prefix(state, forge, "/api/v1/repos/");
	forge_take_prefix(state, forge, "/api/v1/");
	take_last_two(state, forge);
	state->data = forge;
	return forge_need_parts(forge, 2, err);
}

int gitea_request(struct deliver_state *state, const char *method, const char *path,
		  const struct value *body, struct http_request *request, struct err *err)
{
	struct arena *a = state->arena;
	const struct forge *forge = state->data;
	const char *url =
	    path[0] == '/'
		? arena_printf(a, "%s/api/v1%s", forge->web, path)
		: arena_printf(a, "%s/api/v1/repos/%s/%s/%s", forge->web,
			       forge_part(forge, 0, a), forge_part(forge, 1, a), path);
	int code = body ? deliver_json(state, method, url, body, request, err)
			: deliver_begin(state, method, url, request, err);
	return code ? code
		    : deliver_auth(state, request, "token", forge_token(state), err);
}

int gitea_open(struct deliver_state *state, struct http_request *request, bool *ready,
	       struct err *err)
{
	int code = read_address(state, err);
	struct forge *forge = state->data;
	*ready = code == 0 && forge->probed;
	if (code || forge->probed)
		return code;
	forge->probed = true;
	code = gitea_request(state, "GET", "/version", NULL, request, err);
	state->what = "could not create Gitea client: ";
	return code;
}
