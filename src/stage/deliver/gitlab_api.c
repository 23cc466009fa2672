/* SPDX-License-Identifier: MIT */
/* Requests to GitLab: the project is its whole path in one segment, or its number. */
#include "stage/deliver/gitlab_api.h"
#include "base/limits.h"

int gitlab_open(struct deliver_state *state, struct err *err)
{
	struct forge *forge = NULL;
	if (!forge_token(state)[0])
		return err_set(err, ERR_INVALID, "gitlab token cannot be empty");
	if (state->data)
		return 0;
	forge = ARENA_NEW(state->arena, struct forge);
	forge_read(state, forge);
	forge_take_prefix(state, forge, "/api/v4/");
	if (!forge->web[0] || !forge->path[0])
		return forge_refuse(forge, err);
	state->data = forge;
	return 0;
}

/* One segment: `/` is escaped, and dots as upstream's client does. */
static const char *project(const struct forge *forge, struct arena *a)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_DELIVERY_BYTES);
	for (const char *c = forge_escape(str_of(forge->path), a); *c; c++)
		if (*c == '.')
			(void)buf_puts(&out, "%2E");
		else
			(void)buf_putc(&out, *c);
	return arena_strndup(a, buf_str(&out));
}

int gitlab_request(struct deliver_state *state, const char *method, const char *path,
		   const struct value *body, struct http_request *request,
		   struct err *err)
{
	struct arena *a = state->arena;
	const struct forge *forge = state->data;
	const char *url = path[0] == '/'
			      ? arena_printf(a, "%s/api/v4%s", forge->web, path)
			      : arena_printf(a, "%s/api/v4/projects/%s/%s", forge->web,
					     project(forge, a), path);
	int code = body ? deliver_json(state, method, url, body, request, err)
			: deliver_begin(state, method, url, request, err);
	if (code == 0)
		code = deliver_header(state, request, "PRIVATE-TOKEN", forge_token(state),
				      err);
	if (code == 0)
		code = deliver_header(state, request, "Accept", "application/json", err);
	return code;
}
