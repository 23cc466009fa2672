/* SPDX-License-Identifier: MIT */
/* Requests to GitHub and the dialogue by which an App gets an installation's token: the
 * key signs a short claim, the claim buys the token. */
#include "stage/deliver/github_api.h"
#include "adapter/crypto/crypto.h"
#include "base/cursor.h"
#include "base/when.h"

enum {
	CLOCK_DRIFT_S = 30,
	CLAIM_LIFE_S = 120
};

/* As upstream's client: the public one, or that of an Enterprise server. */
static const char *base_of(struct deliver_state *state, const struct forge *forge)
{
	if (str_is(forge->host, "github.com"))
		return "https://api.github.com/";
	bool is_api = str_starts(forge->host, STR("api.")) ||
		      str_find(forge->host, STR(".api.")) < forge->host.len;
	return arena_printf(state->arena, "%s/%s", forge->web, is_api ? "" : "api/v3/");
}

static int check_app(const struct provider_secret *secret, struct err *err)
{
	uint64_t number = 0;
	if (!secret->app_id)
		return err_set(err, ERR_INVALID,
			       "github token or github app details must be specified");
	if (!number_parse(str_of(secret->app_id), INT64_MAX, &number) || number == 0)
		return err_set(
		    err, ERR_INVALID,
		    "app ID must be provided to use github app authentication");
	if (!secret->app_installation_owner && !secret->app_installation_id)
		return err_set(err, ERR_INVALID,
			       "app installation owner or ID must be provided to use "
			       "github app authentication");
	if (secret->app_installation_owner && secret->app_installation_id)
		return err_set(err, ERR_INVALID,
			       "only one of app installation owner or ID must be "
			       "provided to use github app authentication");
	if (secret->app_installation_id &&
	    !number_parse(str_of(secret->app_installation_id), INT64_MAX, &number))
		return err_set(err, ERR_INVALID, "the app installation ID is no number");
	if (!secret->app_private_key)
		return err_set(
		    err, ERR_INVALID,
		    "private key must be provided to use github app authentication");
	return 0;
}

static int64_t now_of(const struct deliver_state *state)
{
	return state->now_ms ? state->now_ms : when_now_ms();
}

/* Everything that makes one token another, and the way by which it was got. */
static void identify(const struct deliver_state *state, struct github *github,
		     bool want_slug)
{
	const struct provider_secret *secret = state->secret;
	const char *const parts[] = { github->base,
				      github->app_base,
				      secret->app_id,
				      secret->app_installation_id,
				      secret->app_installation_owner,
				      secret->app_private_key,
				      secret->proxy,
				      state->delivery->provider->proxy,
				      secret->proxy_username,
				      secret->proxy_password,
				      secret->ca_pem,
				      secret->cert_pem,
				      secret->key_pem,
				      want_slug ? "slug" : NULL };
	struct buf text BUF_CLEANUP = BUF_INIT(SIZE_MAX / 16);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		(void)buf_puts(&text, parts[i] ? parts[i] : "");
		(void)buf_putc(&text, '\0');
	}
	hash_hex(HASH_SHA256, buf_str(&text), github->identity);
}

/* A token that an earlier delivery bought. */
static void recall(struct deliver_state *state, struct github *github, bool want_slug)
{
	if (!state->tokens)
		return;
	identify(state, github, want_slug);
	struct token *token = tokens_find(state->tokens, github->identity, now_of(state));
	if (!token)
		return;
	state->kept = token;
	github->token = token->text;
	github->slug = token->account;
	github->login = GITHUB_READY;
}

/* One that does not say when it ends serves this delivery alone. */
static void keep(struct deliver_state *state, const struct github *github,
		 const struct value *body)
{
	const char *expires = value_get_text(body, "expires_at", state->arena);
	struct token token = { .text = github->token, .account = github->slug };
	int64_t expires_ms = 0;
	if (!state->tokens || !expires ||
	    !when_parse_rfc3339(str_of(expires), &expires_ms))
		return;
	memcpy(token.identity, github->identity, sizeof(token.identity));
	tokens_put(state->tokens, &token, expires_ms, now_of(state));
}

static int start(struct deliver_state *state, bool want_slug, struct github **out,
		 struct err *err)
{
	const struct provider_secret *secret = state->secret;
	struct github *github = ARENA_NEW(state->arena, struct github);
	const char *token = forge_token(state);
	forge_read(state, &github->forge);
	int code = token[0] ? 0 : check_app(secret, err);
	if (code == 0)
		code = forge_need_parts(&github->forge, 2, err);
	if (code)
		return code;
	github->base = base_of(state, &github->forge);
	github->app_base = github->base;
	if (secret->app_base_url)
		github->app_base = arena_printf(
		    state->arena, "%s%s", secret->app_base_url,
		    str_ends(str_of(secret->app_base_url), STR("/")) ? "" : "/");
	github->installation = secret->app_installation_id;
	if (token[0]) {
		github->token = token;
		github->login = GITHUB_READY;
	} else {
		recall(state, github, want_slug);
	}
	*out = github;
	return 0;
}

/* RFC 7519 with RS256. */
static int make_claim(struct deliver_state *state, const char **out, struct err *err)
{
	int64_t now = now_of(state) / 1000;
	struct buf text BUF_CLEANUP = BUF_INIT(65536);
	struct buf signature BUF_CLEANUP = BUF_INIT(4096);
	const char *claims =
	    arena_printf(state->arena, "{\"iss\":\"%s\",\"iat\":%lld,\"exp\":%lld}",
			 state->secret->app_id, (long long)(now - CLOCK_DRIFT_S),
			 (long long)(now - CLOCK_DRIFT_S + CLAIM_LIFE_S));
	base64_encode(&text, STR("{\"alg\":\"RS256\",\"typ\":\"JWT\"}"), true);
	(void)buf_putc(&text, '.');
	base64_encode(&text, str_of(claims), true);
	int code = rsa_sign_sha256(str_of(state->secret->app_private_key), buf_str(&text),
				   &signature, err);
	if (code)
		return err_prefix(err, "could not parse private key");
	(void)buf_putc(&text, '.');
	base64_encode(&text, buf_str(&signature), true);
	*out = arena_strndup(state->arena, buf_str(&text));
	return 0;
}

static int add_headers(struct deliver_state *state, struct http_request *request,
		       const char *token, struct err *err)
{
	int code = deliver_header(state, request, "Accept",
				  "application/vnd.github.v3+json", err);
	if (code == 0)
		code = deliver_header(state, request, "X-GitHub-Api-Version",
				      "2022-11-28", err);
	state->bearer = token;
	if (code == 0)
		code = deliver_auth(state, request, "Bearer", token, err);
	return code;
}

/* A request of the App itself. */
static int ask(struct deliver_state *state, const char *method, const char *path,
	       struct http_request *request, struct err *err)
{
	const struct github *github = state->data;
	const char *claim = NULL;
	int code = make_claim(state, &claim, err);
	if (code == 0)
		code = deliver_begin(
		    state, method,
		    arena_printf(state->arena, "%s%s", github->app_base, path), request,
		    err);
	return code ? code : add_headers(state, request, claim, err);
}

static const char *read_id(struct deliver_state *state,
			   const struct http_response *answer)
{
	const struct value *id = value_get(deliver_answer(state, answer), "id");
	if (answer->status / 100 != 2 || !id || id->kind != VALUE_INT)
		return NULL;
	return arena_printf(state->arena, "%lld", (long long)id->integer);
}

static int ask_installation(struct deliver_state *state, const char *kind,
			    struct http_request *request, struct err *err)
{
	const char *owner =
	    url_segment(state->secret->app_installation_owner, state->arena);
	int code = ask(state, "GET",
		       arena_printf(state->arena, "%s/%s/installation", kind, owner),
		       request, err);
	state->any_status = true;
	return code;
}

/* What the last answer of the login said. */
static int take(struct deliver_state *state, struct github *github,
		const struct http_response *answer, struct err *err)
{
	const struct value *body = deliver_answer(state, answer);
	switch (github->login) {
	case GITHUB_SLUG:
		github->slug = value_get_text(body, "slug", state->arena);
		break;
	case GITHUB_ORG:
		github->installation = read_id(state, answer);
		break;
	case GITHUB_USER:
		github->installation = read_id(state, answer);
		if (!github->installation && state->dry_run)
			github->installation = "0";
		if (!github->installation)
			return err_set(err, ERR_NETWORK,
				       "failed to find the app's installation for '%s'",
				       state->secret->app_installation_owner);
		break;
	case GITHUB_TOKEN:
		github->token = value_get_text(body, "token", state->arena);
		if (!github->token && state->dry_run)
			github->token = "INSTALLATION-TOKEN";
		if (!github->token)
			return err_set(err, ERR_NETWORK,
				       "no token in the answer for the app's "
				       "installation");
		state->bearer = github->token;
		keep(state, github, body);
		break;
	case GITHUB_START:
	case GITHUB_READY:
		break;
	}
	return 0;
}

/* What is asked next; GITHUB_READY: nothing. */
static enum github_login choose(const struct github *github, bool want_slug)
{
	if (github->login == GITHUB_START && want_slug)
		return GITHUB_SLUG;
	if (github->installation)
		return GITHUB_TOKEN;
	return github->login == GITHUB_ORG ? GITHUB_USER : GITHUB_ORG;
}

static int go_on(struct deliver_state *state, struct github *github, bool want_slug,
		 struct http_request *request, struct err *err)
{
	github->login = choose(github, want_slug);
	if (github->login == GITHUB_SLUG)
		return ask(state, "GET", "app", request, err);
	if (github->login == GITHUB_ORG)
		return ask_installation(state, "orgs", request, err);
	if (github->login == GITHUB_USER)
		return ask_installation(state, "users", request, err);
	return ask(state, "POST",
		   arena_printf(state->arena, "app/installations/%s/access_tokens",
				github->installation),
		   request, err);
}

int github_open(struct deliver_state *state, const struct http_response **answer,
		struct http_request *request, bool want_slug, bool *ready,
		struct err *err)
{
	struct github *github = state->data;
	int code = github ? 0 : start(state, want_slug, &github, err);
	if (code)
		return code;
	state->data = github;
	*ready = github->login == GITHUB_READY;
	if (*ready)
		return 0;
	if (*answer)
		code = take(state, github, *answer, err);
	*answer = NULL;
	if (code)
		return code;
	*ready = github->token != NULL;
	if (*ready)
		github->login = GITHUB_READY;
	return *ready ? 0 : go_on(state, github, want_slug, request, err);
}

int github_request(struct deliver_state *state, const char *method, const char *path,
		   const struct value *body, struct http_request *request,
		   struct err *err)
{
	struct arena *a = state->arena;
	const struct github *github = state->data;
	const char *url = path[0] == '/'
			      ? arena_printf(a, "%s%s", github->base, path + 1)
			      : arena_printf(a, "%srepos/%s/%s/%s", github->base,
					     forge_part(&github->forge, 0, a),
					     forge_part(&github->forge, 1, a), path);
	int code = body ? deliver_json(state, method, url, body, request, err)
			: deliver_begin(state, method, url, request, err);
	return code ? code : add_headers(state, request, github->token, err);
}
