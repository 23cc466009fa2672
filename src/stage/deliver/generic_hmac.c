/* SPDX-License-Identifier: MIT */
/* Any receiver, with a signature of the body. */
#include "adapter/crypto/crypto.h"
#include "stage/deliver/build.h"
#include "stage/deliver/event_post.h"
#include "stage/deliver/words.h"

static int step_generic_hmac(struct deliver_state *state,
			     const struct http_response *answer,
			     struct http_request *request, enum deliver_next *next,
			     struct err *err)
{
	char signature[HASH_MAX_HEX];
	if (deliver_answered(answer, next))
		return 0;
	if (!deliver_token(state)[0])
		return err_set(err, ERR_INVALID, "HMAC key is empty");
	int code = event_post(state, request, err);
	if (code)
		return code;
	hmac_hex(HASH_SHA256, str_of(deliver_token(state)), request->body, signature);
	return deliver_header(state, request, "X-Signature",
			      arena_printf(state->arena, "sha256=%s", signature), err);
}

extern const struct deliver_type deliver_generic_hmac;
const struct deliver_type deliver_generic_hmac = {
	.type = "generic-hmac",
	.flags = 0,
	.help = "address: a URL; the secret's token: the key; the secret's headers",
	.failure = "postMessage failed: request failed: ",
	.step = step_generic_hmac,
};
