/* SPDX-License-Identifier: MIT */
/* Tokens that logins bought, in memory alone (TRUST 20): one serves every delivery of the
 * same identity until shortly before it expires. */
#ifndef STAGE_DELIVER_TOKENS_H
#define STAGE_DELIVER_TOKENS_H

#include "adapter/crypto/crypto.h"
#include "base/vec.h"

struct token {
	char identity[HASH_MAX_HEX]; /* a hash of all that it was bought with and for */
	const char *text;
	const char *account; /* whose it is, NULL when that was not asked */
	int64_t until_ms;    /* 0: taken back */
};

/* Begins zeroed. */
struct tokens {
	struct arena arena;
	VEC_OF(struct token *) list;
};

/* One that is still good; NULL. Valid as long as the tokens. O(n). */
struct token *tokens_find(const struct tokens *tokens, const char *identity,
			  int64_t now_ms);
/* Keeps a token that expires at `expires_ms`: an hour at most, and not one that ends
 * soon. */
void tokens_put(struct tokens *tokens, const struct token *token, int64_t expires_ms,
		int64_t now_ms);
void tokens_release(struct tokens *tokens);

#endif
