/* SPDX-License-Identifier: MIT */
/* From a Provider document to a channel that may be used: secrets, grants, hosts. */
#include "app/channel.h"
#include "admin/grant.h"
#include "admin/secret.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "base/when.h"

enum {
	CONNECTIONS = 512,
	CONNECTIONS_PER_HOST = 64 /* one for each provider that may hang there */
};

/* What to type behind `secret set NS/NAME` for what this secret is there for. */
static const char *wanted_key(const struct provider *provider, const char *name,
			      struct arena *arena)
{
	const struct deliver_type *type = deliver_find(provider->type);
	const char *address = provider->address ? provider->address : "";
	const char *key = "token";
	if (provider->secret_ref && strcmp(name, provider->secret_ref) == 0) {
		/* a web hook's address says itself where it may go */
		if (!*address && type && !(type->flags & PROVIDER_KNOWS_ADDRESS))
			return "address";
	} else if (provider->cert_secret_ref &&
		   strcmp(name, provider->cert_secret_ref) == 0) {
		key = "ca.crt";
	} else {
		key = "address";
	}
	return arena_printf(arena, "%s --for %s%s%s", key, provider->type,
			    *address ? " --address " : "", address);
}

static int refuse_secret(const struct session *session, const struct provider *provider,
			 const char *name, const char *why, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	log_line(LOG_LEVEL_WARNING,
		 LOG_FIELDS(
		     { "repository", session->git_dir },
		     { "provider", arena_printf(&arena, "%s/%s", provider->meta.namespace,
						provider->meta.name) },
		     { "secret", name }, { "verdict", why }));
	return err_set(err, ERR_NOTFOUND,
		       "secret '%s/%s' not found; store it with 'imagehook secret set "
		       "%s/%s %s'",
		       provider->meta.namespace, name, provider->meta.namespace, name,
		       wanted_key(provider, name, &arena));
}

static int read_keys(struct session *session, const struct provider *provider,
		     const char *name, struct arena *arena, struct secret *out,
		     struct err *err)
{
	const char *extra = config_text(session->config, CONFIG_SECRETS);
	struct secret_reader reader = { session->home, session->id, session->git_dir };
	int code = secret_read(&reader, provider->meta.namespace, name, arena, out, err);
	if (code == ERR_NOTFOUND && *extra)
		code = secret_read_dir(extra, provider->meta.namespace, name, arena, out,
				       err);
	return code == ERR_NOTFOUND
		   ? refuse_secret(session, provider, name, "missing", err)
		   : code;
}

static size_t to_deliver_keys(const struct secret *secret, struct arena *arena,
			      struct deliver_key **out)
{
	*out = ARENA_ARRAY(arena, struct deliver_key, secret->len + 1);
	for (size_t i = 0; i < secret->len; i++)
		(*out)[i] =
		    (struct deliver_key){ secret->items[i].key, secret->items[i].value };
	return secret->len;
}

/* The admin's word that the secret may serve this type at this address (TRUST 17). */
static int check_grant(struct session *session, const struct provider *provider,
		       const char *name, struct arena *arena, struct err *err)
{
	const struct secret_id id = { session->home, session->id,
				      provider->meta.namespace, name };
	struct grants grants = { 0 };
	int code = grant_list(&id, arena, &grants, err);
	if (code)
		return code;
	if (grant_permits(&grants, provider->type, provider->address))
		return 0;
	return refuse_secret(session, provider, name,
			     grants.len ? "granted-elsewhere" : "not-granted", err);
}

/* A secret that holds the receiver's address says itself where it may go. The address of
 * a proxy says nothing about who may send through it. */
static int add_secret(struct session *session, const struct provider *provider,
		      const struct deliver_ref *ref, struct arena *arena,
		      struct provider_secret *out, struct err *err)
{
	struct secret secret = { 0 };
	struct deliver_key *keys = NULL;
	if (!ref->name || !*ref->name)
		return 0;
	int code = read_keys(session, provider, ref->name, arena, &secret, err);
	const struct str *own = code ? NULL : secret_get(&secret, "address");
	const struct deliver_type *type = deliver_find(provider->type);
	bool goes_there = !type || !(type->flags & PROVIDER_OWN_HOST);
	bool is_own_grant = ref->read == deliver_read_secret && goes_there && own &&
			    str_trim(*own).len > 0;
	if (!code && !is_own_grant)
		code = check_grant(session, provider, ref->name, arena, err);
	if (code)
		return code;
	size_t n = to_deliver_keys(&secret, arena, &keys);
	return ref->read(keys, n, arena, out, err);
}

int channel_open(struct session *session, const struct provider *provider,
		 struct arena *arena, struct provider_secret *out, struct err *err)
{
	struct deliver_ref refs[DELIVER_REFS];
	int code = 0;
	*out = (struct provider_secret){ 0 };
	deliver_refs(provider, refs);
	for (size_t i = 0; i < DELIVER_REFS && !code; i++)
		code = add_secret(session, provider, &refs[i], arena, out, err);
	return code;
}

/* The host of a URL, without user and port. */
static struct str host_of(const char *url)
{
	struct str rest = str_of(url);
	size_t scheme = str_find(rest, STR("://"));
	rest = str_from(rest, scheme < rest.len ? scheme + 3 : 0);
	size_t end = 0;
	while (end < rest.len && !strchr("/?#\\", rest.ptr[end]))
		end++;
	rest = str_slice(rest, 0, end);
	size_t at = str_rfind_char(rest, '@');
	if (at < rest.len)
		rest = str_from(rest, at + 1);
	return str_slice(rest, 0, str_find_char(rest, ':'));
}

static bool matches(const struct strings *globs, struct str text)
{
	for (size_t i = 0; i < globs->len; i++)
		if (text_glob(str_of(globs->items[i]), text))
			return true;
	return false;
}

static bool is_permitted(struct session *session, struct str host)
{
	const struct strings *globs = config_list(session->config, CONFIG_NOTIFY_HOST);
	return globs->len == 0 || matches(globs, host);
}

int channel_check_context(struct session *session, const struct delivery *delivery,
			  struct err *err)
{
	const char *context = delivery->commit_status;
	if (!context || !delivery->provider->commit_status_expr ||
	    str_starts(str_of(context), STR("imagehook/")) ||
	    matches(config_list(session->config, CONFIG_STATUS), str_of(context)))
		return 0;
	return err_set(err, ERR_DENIED,
		       "the status '%s' is not below 'imagehook/'; the admin permits it "
		       "with imagehook.statusContext",
		       context);
}

int channel_prepare(struct session *session, struct http_request *request,
		    struct arena *arena, struct err *err)
{
	const char *path = config_text(session->config, CONFIG_CA_FILE);
	const char *proxy = config_text(session->config, CONFIG_PROXY);
	struct buf pem BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	struct str host = host_of(request->url);
	if (!is_permitted(session, host))
		return err_set(err, ERR_DENIED,
			       "the host '%.*s' is not permitted here "
			       "(imagehook.notifyHost)",
			       STR_ARG(host));
	if (*proxy && !request->connection.proxy_url)
		request->connection.proxy_url = proxy;
	if (!*path)
		return 0;
	int code = file_read(path, &pem, err);
	if (code)
		return err_prefix(err, "imagehook.caFile");
	const char *own = request->connection.ca_pem;
	request->connection.ca_pem =
	    arena_printf(arena, "%s\n%s", buf_cstr(&pem), own ? own : "");
	return 0;
}

static void mask(const struct provider_secret *secret, struct arena *arena,
		 struct err *err)
{
	struct buf masked BUF_CLEANUP = BUF_INIT(LIMIT_RESPONSE_BYTES);
	deliver_mask(secret, str_of(arena_strdup(arena, err->text)), &masked);
	(void)err_set(err, err->code, "%s", buf_cstr(&masked));
}

/* What a first step towards the receiver finds, before anything is sent. */
static int try_step(struct session *session, const struct provider *provider,
		    const struct provider_secret *secret, struct err *err)
{
	struct arena *arena = &session->arena;
	struct label_list metadata = { 0 };
	struct http_request request = { 0 };
	enum deliver_next next = DELIVER_SEND;
	struct label *commit = VEC_ADD(arena, &metadata);
	commit->key = "commit";
	commit->value = "0000000000000000000000000000000000000000";
	struct label *change = VEC_ADD(arena, &metadata);
	change->key = "change_request";
	change->value = "1";
	struct delivery delivery = {
		.provider = provider,
		.event = { .object = { .kind = "GitRepository",
				       .namespace = provider->meta.namespace,
				       .name = "check",
				       .uid = "",
				       .api_version = "source.toolkit.fluxcd.io/v1",
				       .resource_version = "",
				       .field_path = "" },
			   .severity = EVENT_INFO,
			   .timestamp_ms = when_now_ms(),
			   .message = "check",
			   .reason = "Check",
			   .metadata = metadata,
			   .reporting_controller = "imagehook",
			   .reporting_instance = "" },
		.commit_status = "imagehook/check",
		.id = "check",
	};
	struct deliver_state state = { .delivery = &delivery,
				       .secret = secret,
				       .arena = arena };
	int code = deliver_step(&state, NULL, &request, &next, err);
	if (!code && next == DELIVER_SEND)
		code = channel_prepare(session, &request, arena, err);
	return code;
}

int channel_check(struct session *session, const struct provider *provider,
		  struct err *err)
{
	struct provider_secret secret;
	int code = channel_open(session, provider, &session->arena, &secret, err);
	if (code)
		return code;
	code = try_step(session, provider, &secret, err);
	if (code)
		mask(&secret, &session->arena, err);
	return code;
}

void channel_check_all(struct session *session, const struct document_set *documents)
{
	for (size_t i = 0; i < documents->providers.len; i++) {
		const struct provider *provider = &documents->providers.items[i];
		struct err err = ERR_INIT;
		if (!provider->meta.valid || provider->suspend)
			continue;
		if (channel_check(session, provider, &err) == 0)
			continue;
		struct finding *finding =
		    finding_add(&session->findings, SEVERITY_WARNING, "provider-unusable",
				provider->meta.place, "Provider %s/%s: %s",
				provider->meta.namespace, provider->meta.name, err.text);
		finding->object =
		    arena_printf(&session->arena, "Provider/%s/%s",
				 provider->meta.namespace, provider->meta.name);
	}
}

int channel_http(struct session *session, struct http **out, struct err *err)
{
	struct http_policy *policy = ARENA_NEW(&session->arena, struct http_policy);
	policy->allow_hosts = *config_list(session->config, CONFIG_ALLOW_HOST);
	policy->deny_addresses = *config_list(session->config, CONFIG_DENY_ADDRESS);
	policy->insecure_hosts = *config_list(session->config, CONFIG_INSECURE_HOST);
	policy->connections = CONNECTIONS;
	policy->connections_per_host = CONNECTIONS_PER_HOST;
	return *out ? http_set_policy(*out, policy, err) : http_new(policy, out, err);
}
