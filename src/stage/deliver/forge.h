/* SPDX-License-Identifier: MIT */
/* What commit statuses and comments of all forges share: the repository that an address
 * means, and who may write there. */
#ifndef STAGE_DELIVER_FORGE_H
#define STAGE_DELIVER_FORGE_H

#include "stage/deliver/build.h"

enum {
	FORGE_PARTS = 8
};

struct forge {
	const char *web;  /* https://host[:port], "" for what is no remote address */
	struct str host;  /* with its port */
	const char *path; /* without slashes around it and `.git` */
	bool is_secret;   /* the address is the secret's: it is not quoted */
	struct str parts[FORGE_PARTS];
	size_t n_parts; /* FORGE_PARTS + 1 when there are more */
	/* for comments: who writes, on which change request, how far the search is */
	const char *login, *change;
	unsigned page;
	int64_t first_id; /* of the last page */
	bool probed;      /* the server was asked whether it is there */
};

/* Reads https, http, ssh, git and scp-like addresses; an ssh port is not the web's. */
void forge_read(struct deliver_state *state, struct forge *out);
/* Takes what stands before `marker` (`/api/v1/`) in the path as part of the web address,
 * and what is behind it as the repository. */
void forge_take_prefix(struct deliver_state *state, struct forge *forge,
		       const char *marker);
/* ERR_INVALID: the address means no repository. */
int forge_refuse(const struct forge *forge, struct err *err);
/* The same unless the path has n parts. */
int forge_need_parts(const struct forge *forge, size_t n, struct err *err) MUST_CHECK;

/* The part as a segment of a URL; escapes of the address are not escaped again. */
const char *forge_part(const struct forge *forge, size_t i, struct arena *arena);
/* The same for any piece of an address's path. */
const char *forge_escape(struct str piece, struct arena *arena);

/* The secret's token, else its password; "" when neither. */
const char *forge_token(const struct deliver_state *state);

/* Whether the member of `map` is that text; what is absent is "". */
bool forge_has(const struct deliver_state *state, const struct value *map,
	       const char *key, const char *text);

#endif
