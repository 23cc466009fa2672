/* SPDX-License-Identifier: MIT */
/* Any receiver, with a signature of the body. */
#include "adapter/crypto/crypto.h"
#include "stage/deliver/build.h"
#include "stage/deliver/event_post.h"
#include "stage/deliver/words.h"

static int send_generic_hmac(struct deliver_state *state, const char *url,
			     struct http_request *request, struct err *err)
{
	char signature[HASH_MAX_HEX];
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "HMAC key is empty");
	int code = event_post(state, url, request, err);
	if (code)
		return code;
	hmac_hex(HASH_SHA256, str_of(deliver_token(state)), request->body, signature);
	return deliver_header(state, request, "X-Signature",
			      arena_printf(state->arena, "sha256=%s", signature), err);
}

extern const struct deliver_service deliver_generic_hmac;
const struct deliver_service deliver_generic_hmac = {
	.help = "address: a URL; the secret's token: the key; the secret's headers",
	.failure = "postMessage failed: request failed: ",
	.hook = "hook",
	.send = send_generic_hmac,
};
