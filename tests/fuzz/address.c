/* SPDX-License-Identifier: MIT */
/*
 * Addresses of providers against what the admin granted: whatever a document writes there
 * and whatever a receiver answers, a secret goes to the granted host or to its `api.`,
 * by https and its port. The input's first byte chooses type and grant; address, a Link
 * header and an answer's body follow, parted by NUL.
 */
#include "admin/grant.h"
#include "stage/deliver/deliver.h"
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	STEPS_MAX = 200
};

static struct label metadata[] = {
	{ "commit", "0123456789012345678901234567890123456789" },
	{ "change_request", "1" },
	{ "revision", "main@sha1:0123456789012345678901234567890123456789" },
};

static const struct provider_secret secret = {
	.token = "token",
	.username = "user",
	.password = "password",
};

static bool is_at(const char *url, const char **hosts, size_t n)
{
	const struct http_policy policy = { .allow_hosts = { hosts, n, n } };
	struct err err = ERR_INIT;
	struct http *http = NULL;
	if (http_new(&policy, &http, &err))
		abort();
	bool listed = http_is_listed(http, "notify", url, NULL);
	http_free(http);
	return listed;
}

static void check_url(const char *url)
{
	static const char *granted[] = { "good.example:443", "api.good.example:443" };
	static const char *any[] = { "**" };
	if (!is_at("https://good.example/", granted, 2)) /* libcurl is missing */
		abort();
	/* what libcurl does not take is not sent */
	if (is_at(url, any, 1) &&
	    (!is_at(url, granted, 2) || strncasecmp(url, "https://", 8) != 0))
		abort();
}

/* Checks what a dialogue asks for, and answers it. */
static void talk(struct deliver_state *state, const struct http_response *answer)
{
	struct err err = ERR_INIT;
	for (int i = 0; i < STEPS_MAX; i++) {
		struct http_request request = { 0 };
		enum deliver_next next = DELIVER_SEND;
		if (deliver_step(state, i ? answer : NULL, &request, &next, &err) ||
		    next == DELIVER_DONE)
			return;
		check_url(request.url);
	}
}

static struct str take_part(struct str *rest)
{
	size_t nul = str_find_char(*rest, '\0');
	struct str part = str_slice(*rest, 0, nul);
	*rest = str_from(*rest, nul + 1);
	return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct str rest = { (const char *)data, size };
	if (size == 0)
		return 0;
	const struct deliver_type *type = deliver_type_at(data[0] & 0x3f);
	rest = str_from(rest, 1);
	if (!type || type->flags & (PROVIDER_UNSUPPORTED | PROVIDER_OWN_HOST))
		return 0;
	const char *address = arena_strndup(&arena, take_part(&rest));
	struct http_header link = { "Link", arena_strndup(&arena, take_part(&rest)) };
	struct grant grant = { type->name, data[0] & 0x40 ? "https://good.example/o/r"
							  : "https://good.example" };
	struct grants grants = { &grant, 1, 1 };
	if (!*address || !grant_permits(&grants, type->name, address))
		return 0;
	struct provider provider = {
		.meta = { .namespace = "flux-system", .name = "p" },
		.type = type->name,
		.address = address,
		.channel = "channel",
		.proxy = "",
		.username = "user",
	};
	struct delivery delivery = {
		.provider = &provider,
		.event = { .object = { "Kustomization", "flux-system", "apps", "u",
				       "g/v1", "", "" },
			   .severity = EVENT_ERROR,
			   .message = "message",
			   .reason = "Failed",
			   .metadata = { metadata, 3, 3 },
			   .reporting_controller = "imagehook",
			   .reporting_instance = "" },
		.commit_status = "imagehook/x",
		.id = "id",
	};
	struct deliver_state state = { .delivery = &delivery,
				       .secret = &secret,
				       .arena = &arena,
				       .now_ms = 1700000000000 };
	struct http_response answer = { .status = 200,
					.headers = { &link, 1, 1 },
					.body = rest };
	talk(&state, &answer);
	return 0;
}
