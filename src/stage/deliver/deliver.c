/* SPDX-License-Identifier: MIT */
/* The table of provider types, and what holds for all of them: which secrets are usable,
 * which answers are good, what may be tried again. */
#include "stage/deliver/deliver.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/when.h"
#include "stage/deliver/build.h"

enum {
	SHOWN_BYTES = 512,
	MAX_RETRY_AFTER_S = 86400
};

#define PROVIDER_TYPE(file, name, flags) \
	extern const struct deliver_service deliver_##file;
#define PROVIDER_LEFT_OUT(name, why)
#include "model/provider_types.list"
#undef PROVIDER_TYPE
#undef PROVIDER_LEFT_OUT

static const struct deliver_type types[] = {
#define PROVIDER_TYPE(file, name, flags) { name, flags, &deliver_##file },
#define PROVIDER_LEFT_OUT(name, why)  \
	{ name, PROVIDER_UNSUPPORTED, \
	  &(const struct deliver_service){ .help = "not supported: " why } },
#include "model/provider_types.list"
#undef PROVIDER_TYPE
#undef PROVIDER_LEFT_OUT
};

const struct deliver_type *deliver_find(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].name, type) == 0)
			return &types[i];
	return NULL;
}

const struct deliver_type *deliver_type_at(size_t i)
{
	return i < ARRAY_LEN(types) ? &types[i] : NULL;
}

/* Half a login is an error where TLS is read from the same secret. */
static bool is_refused(const struct deliver_state *state, const struct deliver_type *type)
{
	const struct provider_secret *secret = state->secret;
	return secret->half_basic_auth && type->flags & PROVIDER_COMMIT_STATUS &&
	       !(secret->password && state->delivery->provider->username[0]);
}

static const char *half_login(const struct deliver_state *state)
{
	const struct provider *provider = state->delivery->provider;
	bool has_password = state->secret->password != NULL;
	return arena_printf(
	    state->arena,
	    "secret '%s/%s': malformed basic auth - has '%s' but missing '%s'",
	    provider->meta.namespace, provider->secret_ref ? provider->secret_ref : "",
	    has_password ? "password" : "username",
	    has_password ? "username" : "password");
}

static int find_type(const struct deliver_state *state, const struct deliver_type **out,
		     struct err *err)
{
	const char *name = state->delivery->provider->type;
	*out = deliver_find(name);
	if (!*out)
		return err_set(err, ERR_INVALID,
			       "failed to initialize notifier: provider %s not supported",
			       text_clean(state->arena, str_of(name), 100));
	if ((*out)->flags & PROVIDER_UNSUPPORTED)
		return err_set(
		    err, ERR_UNSUPPORTED,
		    "failed to initialize notifier: provider %s is not supported by "
		    "imagehook",
		    name);
	if (is_refused(state, *out))
		return err_set(err, ERR_INVALID, "failed to get TLS config: %s",
			       half_login(state));
	return 0;
}

static bool is_missing_commit(const struct deliver_type *type,
			      const struct http_response *answer)
{
	static const char unknown[] = "No commit found";
	if (!(type->flags & PROVIDER_COMMIT_STATUS))
		return false;
	return answer->status == 404 ||
	       (answer->status == 422 &&
		str_find(answer->body, STR(unknown)) < answer->body.len);
}

static int judge(const struct deliver_state *state, const struct deliver_type *type,
		 const struct http_response *answer, struct err *err)
{
	int status = answer->status;
	const char *failure = state->what ? state->what : type->service->failure;
	bool any = state->any_status && status > 0 && status < 500 && status != 429;
	if (status / 100 == 2 || any)
		return 0;
	if (status == 0)
		return err_set(err, ERR_NETWORK, "%sno answer", failure);
	/* before the cut, which would hide half a secret from a later mask */
	struct buf masked BUF_CLEANUP = BUF_INIT(LIMIT_ANSWER_BYTES * 2);
	deliver_mask_dialogue(state, answer->body, &masked);
	const char *body = text_clean(state->arena, buf_str(&masked), SHOWN_BYTES);
	return err_set(err, is_missing_commit(type, answer) ? ERR_NOTFOUND : ERR_NETWORK,
		       "%srequest failed with status code %d: %s", failure, status, body);
}

static int cut_userinfo(const struct deliver_state *state, const char *url,
			struct http_connection *out, struct err *err)
{
	struct str text = str_of(url);
	size_t colon = str_find(text, STR("://"));
	int code = deliver_check_proxy(text, err);
	if (code)
		return code;
	struct str rest = str_from(text, colon + 3);
	struct str host = str_slice(rest, 0, str_find_char(rest, '/'));
	size_t at = str_rfind_char(host, '@');
	out->proxy_url = url;
	if (at == host.len)
		return 0;
	struct str user = str_slice(host, 0, at);
	size_t mark = str_find_char(user, ':');
	out->proxy_url =
	    arena_printf(state->arena, "%.*s://%.*s", STR_ARG(str_slice(text, 0, colon)),
			 STR_ARG(str_from(rest, at + 1)));
	out->proxy_username = arena_strndup(state->arena, str_slice(user, 0, mark));
	out->proxy_password = arena_strndup(state->arena, str_from(user, mark + 1));
	return 0;
}

/* Certificates and proxy, by which every type travels. */
static int connect(const struct deliver_state *state, const struct deliver_type *type,
		   struct http_request *request, struct err *err)
{
	const struct provider_secret *secret = state->secret;
	const char *proxy =
	    secret->proxy ? secret->proxy : state->delivery->provider->proxy;
	if (!secret->own_tls || type->flags & PROVIDER_COMMIT_STATUS) {
		/* as upstream: whoever names a CA trusts no other */
		request->connection.ca_pem = secret->ca_pem;
		request->connection.ca_alone = secret->ca_pem != NULL;
		request->connection.cert_pem = secret->cert_pem;
		request->connection.key_pem = secret->key_pem;
	}
	request->max_response_bytes = LIMIT_ANSWER_BYTES;
	request->status_suffices = strcmp(request->method, "GET") != 0;
	if (!proxy[0])
		return 0;
	int code = cut_userinfo(state, proxy, &request->connection, err);
	if (secret->proxy_username) {
		request->connection.proxy_username = secret->proxy_username;
		request->connection.proxy_password = secret->proxy_password;
	}
	return code;
}

/* The dialogue of one request. */
static int send_once(struct deliver_state *state, const struct deliver_service *service,
		     const struct http_response *answer, struct http_request *request,
		     enum deliver_next *next, struct err *err)
{
	const char *url = NULL;
	int code = 0;
	if (answer) {
		*next = DELIVER_DONE;
		return service->read ? service->read(state, answer, err) : 0;
	}
	if (service->hook)
		code =
		    deliver_hook(state, service->hook, service->hook_default, &url, err);
	if (code == 0)
		code = service->send(state, url, request, err);
	if (state->skipped)
		*next = DELIVER_DONE;
	return code;
}

/* A token that was kept may have been taken back meanwhile: then the dialogue begins
 * anew, with a login. */
static bool is_taken_back(struct deliver_state *state, const struct http_response *answer)
{
	if (!answer || answer->status != 401 || !state->kept)
		return false;
	state->kept->until_ms = 0;
	state->kept = NULL;
	state->data = NULL;
	state->step = 0;
	state->any_status = false;
	state->what = state->written_url = NULL;
	return true;
}

static int advance(struct deliver_state *state, const struct deliver_type *type,
		   const struct http_response *answer, struct http_request *request,
		   enum deliver_next *next, struct err *err)
{
	if (is_taken_back(state, answer))
		answer = NULL;
	int code = answer ? judge(state, type, answer, err) : 0;
	if (code)
		return code;
	*next = DELIVER_SEND;
	code = type->service->send
		   ? send_once(state, type->service, answer, request, next, err)
		   : type->service->step(state, answer, request, next, err);
	if (code || *next == DELIVER_DONE)
		return code;
	return connect(state, type, request, err);
}

/* Half a login loses the token with it, as upstream does it; what fails then says why. */
int deliver_step(struct deliver_state *state, const struct http_response *answer,
		 struct http_request *request, enum deliver_next *next, struct err *err)
{
	static const struct provider_secret none;
	const struct deliver_type *type = NULL;
	if (!state->secret)
		state->secret = &none;
	int code = find_type(state, &type, err);
	if (code)
		return code;
	if (!state->secret->half_basic_auth || type->flags & PROVIDER_COMMIT_STATUS)
		return advance(state, type, answer, request, next, err);
	const struct provider_secret *given = state->secret;
	struct provider_secret usable = *given;
	usable.token = usable.username = usable.password = NULL;
	state->secret = &usable;
	code = advance(state, type, answer, request, next, err);
	state->secret = given;
	return code ? err_prefix(err, "%s", half_login(state)) : 0;
}

bool deliver_may_retry(int code, const struct http_response *answer, int64_t now_ms,
		       int64_t *after_ms)
{
	int status = answer ? answer->status : 0;
	uint64_t seconds = 0;
	int64_t when = 0;
	*after_ms = 0;
	if (code == ERR_INVALID || code == ERR_DENIED || code == ERR_UNSUPPORTED)
		return false;
	if (status == 0)
		return !answer || (answer->fault != HTTP_FAULT_DENIED &&
				   answer->fault != HTTP_FAULT_CERTIFICATE);
	if (status != 429 && (status < 500 || status == 501))
		return false;
	if (status != 429 && status != 503)
		return true;
	const char *header = http_header_get(&answer->headers, "Retry-After");
	if (header && number_parse(str_trim(str_of(header)), MAX_RETRY_AFTER_S, &seconds))
		*after_ms = (int64_t)seconds * 1000;
	else if (header && when_parse_http(str_trim(str_of(header)), &when) &&
		 when > now_ms)
		*after_ms = when - now_ms;
	if (*after_ms > (int64_t)MAX_RETRY_AFTER_S * 1000)
		*after_ms = (int64_t)MAX_RETRY_AFTER_S * 1000;
	return true;
}
