/* SPDX-License-Identifier: MIT */
/* Building requests: addresses, headers, credentials and JSON bodies, for the provider
 * types. */
#ifndef STAGE_DELIVER_BUILD_H
#define STAGE_DELIVER_BUILD_H

#include "stage/deliver/deliver.h"

/* A URL cut into its parts; views into the text. */
struct deliver_url {
	struct str scheme; /* as written */
	struct str user;   /* `user[:password]`, empty when absent */
	struct str host;   /* with its port */
	struct str name;   /* without it */
	struct str path;   /* "" or from the slash */
	struct str query;  /* behind the question mark */
	bool has_query;
};

/* False when it is no absolute http or https URL. */
bool url_cut(struct str text, struct deliver_url *out);
/* Appends text with every byte escaped that a path segment must not hold. */
const char *url_segment(const char *text, struct arena *arena);
/* As a value of a query or form, as Go's url.QueryEscape. */
const char *url_query(const char *text, struct arena *arena);

/* Undoes the escapes, in a form `+` too; false when one is broken, which stays. */
bool url_decode(struct str text, bool form, struct arena *arena, struct str *out);

/* The address that counts: the secret's, else the provider's; "" when there is none. */
const char *deliver_address(const struct deliver_state *state);
/* What a message may quote of the address or a piece of it: nothing of a secret's. */
const char *deliver_quote(const struct deliver_state *state, struct str text);
/* The user name that counts: the secret's if it has a password too, else the provider's.
 */
const char *deliver_username(const struct deliver_state *state);
/* The secret's, "" when absent. */
const char *deliver_token(const struct deliver_state *state);

/* The address as a URL; what: `Slack hook`. ERR_INVALID with upstream's text. */
int deliver_hook(struct deliver_state *state, const char *what, const char *fallback,
		 const char **url, struct err *err) MUST_CHECK;
/* Begins a request: method, URL (userinfo becomes a header), use. */
int deliver_begin(struct deliver_state *state, const char *method, const char *url,
		  struct http_request *request, struct err *err) MUST_CHECK;
/* The same with a JSON body and its Content-Type. */
int deliver_json(struct deliver_state *state, const char *method, const char *url,
		 const struct value *body, struct http_request *request,
		 struct err *err) MUST_CHECK;
/* Sets a header, replacing one of that name. ERR_INVALID for a control character. */
int deliver_header(struct deliver_state *state, struct http_request *request,
		   const char *name, const char *value, struct err *err) MUST_CHECK;
/* `Authorization: KIND token`. */
int deliver_auth(struct deliver_state *state, struct http_request *request,
		 const char *kind, const char *token, struct err *err) MUST_CHECK;
/* `Authorization: Basic base64(user:password)`. ERR_INVALID. */
int deliver_basic(struct deliver_state *state, struct http_request *request,
		  const char *user, const char *password, struct err *err) MUST_CHECK;
/* Whether the secret has both user name and password. */
bool deliver_has_basic(const struct deliver_state *state);

/* Ends the dialogue with nothing sent (or nothing to send). */
int deliver_skip(struct deliver_state *state, enum deliver_next *next);
/* The answer's body as JSON; NULL when it is none. */
struct value *deliver_answer(const struct deliver_state *state,
			     const struct http_response *answer);

/* An empty map or list; JSON values live in the arena. */
struct value *json_map(struct arena *arena);
struct value *json_list(struct arena *arena);
/* Puts a copy of the text; json_unless_empty() leaves "" out. */
void json_text(struct arena *arena, struct value *map, const char *key, const char *text);
void json_unless_empty(struct arena *arena, struct value *map, const char *key,
		       const char *text);
/* Puts null. */
void json_null(struct arena *arena, struct value *map, const char *key);
/* Add an empty map, under a key or at a list's end, and return it. */
struct value *json_sub(struct arena *arena, struct value *map, const char *key);
struct value *json_item(struct arena *arena, struct value *list);
/* Metadata as a map. */
struct value *json_labels(struct arena *arena, struct label_list labels);

#endif
