/* SPDX-License-Identifier: MIT */
/*
 * Providers: one event to one receiver, as a short dialogue of HTTP exchanges. Each type
 * is one file and one row of the table; it builds requests and reads answers, and does no
 * I/O itself.
 */
#ifndef STAGE_DELIVER_DELIVER_H
#define STAGE_DELIVER_DELIVER_H

#include "adapter/http/http.h"
#include "base/buf.h"
#include "model/event.h"
#include "stage/deliver/tokens.h"

enum deliver_next {
	DELIVER_SEND, /* *request is to be sent; call again with its answer */
	DELIVER_DONE, /* delivered, or nothing to do */
};

/* One dialogue; begins zeroed but for delivery, secret and arena. */
struct deliver_state {
	const struct delivery *delivery;
	const struct provider_secret *secret;
	struct arena *arena;
	int64_t now_ms;        /* for signed tokens; 0: the clock */
	struct tokens *tokens; /* what logins bought before; NULL: nothing is kept */
	bool dry_run; /* answers are made up: what a look-up did not give is done without
		       */
	int step;     /* the type's own */
	void *data;   /* the type's own, in the arena */
	bool
	    skipped; /* DELIVER_DONE without sending: a duplicate, or not for this type */
	struct token *kept; /* that is used, of `tokens`; NULL: none */
	const char *bearer; /* the last token or claim that was sent, NULL: none */
	/* Set with each request, for who sends it: */
	bool any_status;         /* a look-up that may answer with any status below 500 */
	const char *what;        /* what a failure of it is called, or NULL: the type's */
	const char *written_url; /* the URL with its userinfo, which the request's has
				    not; NULL: the same */
};

/* How events reach a service, by one file: `send` where one request is all, else `step`.
 */
struct deliver_service {
	const char *help;    /* for the manual: which inputs it takes */
	const char *failure; /* what stands before the receiver's answer in an error */
	const char *hook;    /* what the address is called: `Slack hook`; NULL: the type
				finds its URL itself */
	const char *hook_default; /* the address when none is given, or NULL */
	/*
	 * The request, to the address if there is a hook; state->skipped: there is none.
	 * ERR_INVALID: the provider is unusable (upstream's text).
	 */
	int (*send)(struct deliver_state *state, const char *url,
		    struct http_request *request, struct err *err);
	/* What a service says in the body of its answer, or NULL. ERR_NETWORK: no. */
	int (*read)(struct deliver_state *state, const struct http_response *answer,
		    struct err *err);
	/*
	 * The next request. `answer` is NULL at first, then what the last request got
	 * (status 2xx, or any for look-ups marked by state->any_status). *next is
	 * DELIVER_SEND before. ERR_INVALID: the provider is unusable (upstream's text);
	 * ERR_NETWORK: the receiver said no.
	 */
	int (*step)(struct deliver_state *state, const struct http_response *answer,
		    struct http_request *request, enum deliver_next *next,
		    struct err *err);
};

struct deliver_type {
	const char *name;
	unsigned flags; /* enum provider_flag */
	const struct deliver_service *service;
};

/* The row of a type, NULL when unknown ("provider foo not supported"). */
const struct deliver_type *deliver_find(const char *type);
/* Every row in table order; NULL behind the last. */
const struct deliver_type *deliver_type_at(size_t i);

/*
 * Drives one step: checks the secret's combination (upstream's errors), calls the type,
 * and judges answers: 2xx is success. request is filled whole but for timeout_ms and
 * deadline_ms.
 *
 * ERR_INVALID: the provider is unusable; ERR_UNSUPPORTED: a type that is not done here;
 * ERR_NOTFOUND: a forge does not know the commit (yet), worth trying again for a while;
 * ERR_NETWORK: the receiver said no.
 */
int deliver_step(struct deliver_state *state, const struct http_response *answer,
		 struct http_request *request, enum deliver_next *next,
		 struct err *err) MUST_CHECK;
/* Whether a failure is worth another attempt, and after how long (Retry-After);
 * milliseconds. */
bool deliver_may_retry(int code, const struct http_response *answer, int64_t now_ms,
		       int64_t *after_ms);

/* Appends the event as upstream's Go program writes it: order, omissions and escapes,
 * because signatures and transaction ids are made of these bytes. event_parse() reads it.
 */
void deliver_write_event(struct buf *out, const struct event *event);

/* ERR_INVALID unless the URL's scheme is one of proxies; quotes no more than it. */
int deliver_check_proxy(struct str url, struct err *err) MUST_CHECK;

/* Stands for what is not shown. */
#define DELIVER_MASKED "*****"

/* Values that must not be shown: token, password, header values, userinfo, whole webhook
 * URLs. */
void deliver_mask(const struct provider_secret *secret, struct str text, struct buf *out);

/* The same, and what the dialogue's login made or bought. */
void deliver_mask_dialogue(const struct deliver_state *state, struct str text,
			   struct buf *out);

struct deliver_key {
	const char *key;
	struct str value;
};

/* Reads the keys of secretRef as upstream does; `out` keeps what other secrets gave it.
 * ERR_INVALID with upstream's text. */
int deliver_read_secret(const struct deliver_key *keys, size_t n, struct arena *arena,
			struct provider_secret *out, struct err *err) MUST_CHECK;
/* The same for certSecretRef, and for proxySecretRef. */
int deliver_read_cert_secret(const struct deliver_key *keys, size_t n,
			     struct arena *arena, struct provider_secret *out,
			     struct err *err) MUST_CHECK;
int deliver_read_proxy_secret(const struct deliver_key *keys, size_t n,
			      struct arena *arena, struct provider_secret *out,
			      struct err *err) MUST_CHECK;

typedef int deliver_reader(const struct deliver_key *keys, size_t n, struct arena *arena,
			   struct provider_secret *out, struct err *err);

/* A secret that a provider names, and which of these three reads it. */
struct deliver_ref {
	const char *name; /* NULL or "": it names none */
	deliver_reader *read;
};

enum {
	DELIVER_REFS = 3
};

/* secretRef, certSecretRef and proxySecretRef, in the order in which they are read. */
void deliver_refs(const struct provider *provider, struct deliver_ref out[DELIVER_REFS]);

#endif
