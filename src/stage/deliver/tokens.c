/* SPDX-License-Identifier: MIT */
/* A short list: a repository has few Apps. */
#include "stage/deliver/tokens.h"

enum {
	/* of clocks that differ, and of a delivery that has yet to be sent */
	MARGIN_MS = 5 * 60 * 1000,
	LONGEST_MS = 60 * 60 * 1000
};

struct token *tokens_find(const struct tokens *tokens, const char *identity,
			  int64_t now_ms)
{
	for (size_t i = 0; i < tokens->list.len; i++) {
		struct token *token = tokens->list.items[i];
		if (token->until_ms > now_ms && strcmp(token->identity, identity) == 0)
			return token;
	}
	return NULL;
}

void tokens_put(struct tokens *tokens, const struct token *token, int64_t expires_ms,
		int64_t now_ms)
{
	struct arena *arena = &tokens->arena;
	int64_t longest_ms = now_ms + LONGEST_MS;
	int64_t until_ms = expires_ms < longest_ms ? expires_ms : longest_ms;
	if (until_ms <= now_ms + MARGIN_MS)
		return;
	struct token *kept = ARENA_NEW(arena, struct token);
	*kept = *token;
	kept->text = arena_strdup(arena, token->text);
	kept->account = token->account ? arena_strdup(arena, token->account) : NULL;
	kept->until_ms = until_ms - MARGIN_MS;
	VEC_PUSH(arena, &tokens->list, kept);
}

void tokens_release(struct tokens *tokens)
{
	arena_clear(&tokens->arena);
	*tokens = (struct tokens){ 0 };
}
