/* SPDX-License-Identifier: MIT */
/*
 * An event from outside through every type of provider: each body that says it is JSON is
 * JSON, each header is one line, and what a receiver answers ends the dialogue. The
 * event's JSON ends at the first NUL; behind it stands an answer's body.
 */
#include "stage/deliver/deliver.h"
#include "adapter/json/json.h"
#include "stage/event/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	STEPS_MAX = 1000
};

static const struct provider_secret secret = {
	.token = "token",
	.username = "user",
	.password = "password",
};

static void check_request(const struct http_request *request, struct arena *arena)
{
	struct err err = ERR_INIT;
	struct value *root = NULL;
	struct http_headers copy = { 0 };
	for (size_t i = 0; i < request->headers.len; i++)
		if (http_header_add(arena, &copy, request->headers.items[i].name,
				    request->headers.items[i].value, &err))
			abort();
	const char *type = http_header_get(&request->headers, "Content-Type");
	if (request->body.len && type &&
	    str_starts(str_of(type), STR("application/json")) &&
	    json_parse(request->body, arena, &root, &err) && err.code != ERR_LIMIT)
		abort();
}

static void talk(struct deliver_state *state, struct str body)
{
	struct err err = ERR_INIT;
	const struct http_response answer = { .status = 200, .body = body };
	enum deliver_next next = DELIVER_SEND;
	for (int i = 0; next == DELIVER_SEND; i++) {
		struct http_request request = { 0 };
		if (i == STEPS_MAX)
			abort();
		if (deliver_step(state, i ? &answer : NULL, &request, &next, &err))
			return;
		if (next == DELIVER_SEND)
			check_request(&request, state->arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct str input = { (const char *)data, size };
	size_t nul = str_find_char(input, '\0');
	struct event event;
	struct err err = ERR_INIT;
	if (event_parse(str_slice(input, 0, nul), &arena, &event, &err) ||
	    event_check(&event, &err))
		return 0;
	for (size_t i = 0; deliver_type_at(i); i++) {
		struct arena own CLEANUP(arena_clear) = ARENA_INIT;
		struct provider provider = {
			.meta = { .namespace = "flux-system", .name = "p" },
			.type = deliver_type_at(i)->name,
			.address = "https://good.example/o/r",
			.channel = "channel",
			.proxy = "",
			.username = "user",
		};
		struct delivery delivery = { .provider = &provider,
					     .event = event,
					     .commit_status = "imagehook/x",
					     .id = "id" };
		struct deliver_state state = { .delivery = &delivery,
					       .secret = &secret,
					       .arena = &own,
					       .now_ms = 1700000000000 };
		talk(&state, str_from(input, nul + 1));
	}
	return 0;
}
