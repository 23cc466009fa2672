/* SPDX-License-Identifier: MIT */
/* Which secrets a request takes, and the rules of the network. */
#include "app/net.h"
#include "adapter/crypto/crypto.h"
#include "admin/grant.h"
#include "admin/secret.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "stage/scan/reference.h"

int net_http(struct session *session, struct http **out, struct err *err)
{
	struct http_policy *policy = ARENA_NEW(&session->arena, struct http_policy);
	policy->allow_hosts = *config_list(session->config, CONFIG_ALLOW_HOST);
	policy->deny_addresses = *config_list(session->config, CONFIG_DENY_ADDRESS);
	policy->insecure_hosts = *config_list(session->config, CONFIG_INSECURE_HOST);
	return http_new(policy, out, err);
}

void net_http_cleanup(struct http *const *http)
{
	http_free(*http);
}

void net_log_contacted(struct session *session, const struct http *http)
{
	struct strings hosts = { 0 };
	struct buf line BUF_CLEANUP = BUF_INIT(4096);
	http_contacted(http, &session->arena, &hosts);
	for (size_t i = 0; i < hosts.len; i++)
		(void)buf_printf(&line, "%s%s", i ? " " : "", hosts.items[i]);
	log_line(LOG_LEVEL_INFO, LOG_FIELDS({ "repository", session->git_dir },
					    { "contacted", buf_cstr(&line) }));
}

/* The first of several keys that the secret has, as a C string; NULL when it has none. */
static const char *secret_text(const struct secret *secret, const char *const *keys,
			       size_t n, struct arena *arena)
{
	for (size_t i = 0; i < n; i++) {
		const struct str *value = secret_get(secret, keys[i]);
		if (value && !(value->len && memchr(value->ptr, '\0', value->len)))
			return arena_strndup(arena, *value);
	}
	return NULL;
}

/* `how`: what the command that stores it needs beside the secret's name. */
static int not_found(const struct object_meta *meta, const char *name, const char *how,
		     struct err *err)
{
	return err_set(
	    err, ERR_NOTFOUND,
	    "secret '%s/%s' not found; store it with 'imagehook secret set %s/%s %s'",
	    meta->namespace, name, meta->namespace, name, how);
}

static int read_secret(struct session *session, const struct object_meta *meta,
		       const char *name, const char *how, struct secret *out,
		       struct err *err)
{
	struct secret_reader reader = { session->home, session->id, session->git_dir };
	int code = secret_read(&reader, meta->namespace, name, &session->arena, out, err);
	return code == ERR_NOTFOUND ? not_found(meta, name, how, err) : code;
}

static bool is_set(const char *text)
{
	return text && *text;
}

/* What the admin granted to providers alone is no registry's (TRUST 17). A secret without
 * grants is for scans. */
static int read_granted(struct session *session,
			const struct image_repository *repository, const char *name,
			const char *how, struct secret *out, struct err *err)
{
	struct grants grants = { 0 };
	const char *address =
	    arena_printf(&session->arena, "%s://%s",
			 repository->insecure ? "http" : "https", repository->image);
	const struct secret_id id = { session->home, session->id,
				      repository->meta.namespace, name };
	int code = read_secret(session, &repository->meta, name, how, out, err);
	if (!code)
		code = grant_list(&id, &session->arena, &grants, err);
	if (code || grants.len == 0 || grant_permits(&grants, "scan", address) ||
	    grant_permits(&grants, "scan", NULL))
		return code;
	log_line(LOG_LEVEL_WARNING,
		 LOG_FIELDS({ "repository", session->git_dir },
			    { "object", arena_printf(&session->arena, "%s/%s",
						     repository->meta.namespace,
						     repository->meta.name) },
			    { "secret", name }, { "verdict", "granted-elsewhere" }));
	return not_found(&repository->meta, name, how, err);
}

static const char *login_options(const struct image_repository *repository,
				 struct arena *arena)
{
	struct reference image = { 0 };
	struct err ignored = ERR_INIT;
	const char *registry =
	    reference_parse_image(repository->image, arena, &image, &ignored)
		? "HOST"
		: image.registry;
	return arena_printf(arena, "--docker-server %s --docker-username USER", registry);
}

static int add_credentials(struct session *session,
			   const struct image_repository *repository,
			   struct scan_request *out, struct err *err)
{
	static const char *const keys[] = { ".dockerconfigjson", ".dockercfg" };
	struct secret secret = { 0 };
	if (!is_set(repository->secret_ref))
		return 0;
	const char *login = login_options(repository, &session->arena);
	int code = read_secret(session, &repository->meta, repository->secret_ref, login,
			       &secret, err);
	if (code)
		return code;
	const char *text = secret_text(&secret, keys, ARRAY_LEN(keys), &session->arena);
	if (!text)
		return err_set(
		    err, ERR_INVALID,
		    "secret '%s/%s' has no key '.dockerconfigjson'; store it with "
		    "'imagehook secret set %s/%s %s'",
		    repository->meta.namespace, repository->secret_ref,
		    repository->meta.namespace, repository->secret_ref, login);
	out->docker_config = text;
	return scan_check_docker_config(str_of(text), err);
}

static int add_certificates(struct session *session,
			    const struct image_repository *repository,
			    struct scan_request *out, struct err *err)
{
	static const char *const ca[] = { "ca.crt", "caFile" };
	static const char *const cert[] = { "tls.crt", "certFile" };
	static const char *const key[] = { "tls.key", "keyFile" };
	struct secret secret = { 0 };
	if (!is_set(repository->cert_secret_ref))
		return 0;
	int code = read_granted(session, repository, repository->cert_secret_ref,
				"ca.crt", &secret, err);
	if (code)
		return code;
	out->connection.ca_pem = secret_text(&secret, ca, ARRAY_LEN(ca), &session->arena);
	out->connection.cert_pem =
	    secret_text(&secret, cert, ARRAY_LEN(cert), &session->arena);
	out->connection.key_pem =
	    secret_text(&secret, key, ARRAY_LEN(key), &session->arena);
	if (!out->connection.cert_pem != !out->connection.key_pem ||
	    (!out->connection.ca_pem && !out->connection.cert_pem))
		return err_set(
		    err, ERR_INVALID,
		    "secret '%s/%s' has neither 'ca.crt' nor both 'tls.crt' and 'tls.key'",
		    repository->meta.namespace, repository->cert_secret_ref);
	return 0;
}

static int add_proxy(struct session *session, const struct image_repository *repository,
		     struct scan_request *out, struct err *err)
{
	static const char *const address[] = { "address" };
	static const char *const username[] = { "username" };
	static const char *const password[] = { "password" };
	struct secret secret = { 0 };
	const char *configured = config_text(session->config, CONFIG_PROXY);
	out->connection.proxy_url = *configured ? configured : NULL;
	if (!is_set(repository->proxy_secret_ref))
		return 0;
	int code = read_granted(session, repository, repository->proxy_secret_ref,
				"address", &secret, err);
	if (code)
		return code;
	out->connection.proxy_url = secret_text(&secret, address, 1, &session->arena);
	out->connection.proxy_username =
	    secret_text(&secret, username, 1, &session->arena);
	out->connection.proxy_password =
	    secret_text(&secret, password, 1, &session->arena);
	if (!out->connection.proxy_url)
		return err_set(err, ERR_INVALID, "secret '%s/%s' has no key 'address'",
			       repository->meta.namespace, repository->proxy_secret_ref);
	return 0;
}

/* imagehook.caFile: trusted beside the system's for every request. */
static int add_admin_ca(struct session *session, struct scan_request *out,
			struct err *err)
{
	const char *path = config_text(session->config, CONFIG_CA_FILE);
	struct buf pem BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	if (!*path)
		return 0;
	int code = file_read(path, &pem, err);
	if (code)
		return err_prefix(err, "imagehook.caFile");
	const char *own = out->connection.ca_pem;
	out->connection.ca_pem =
	    arena_printf(&session->arena, "%s\n%s", buf_cstr(&pem), own ? own : "");
	return 0;
}

/* The key of the hashes: made once per repository, never leaves the store. */
static int hash_key(struct session *session, const char **out, struct err *err)
{
	int code = store_note_get(session->store, session->id, "hash-key",
				  &session->arena, out, err);
	if (code != ERR_NOTFOUND)
		return code;
	char *fresh = arena_alloc(&session->arena, 65, 1);
	random_hex(32, fresh);
	*out = fresh;
	return store_note_put(session->store, session->id, "hash-key", fresh, err);
}

static void hash_part(struct buf *buf, const char *text)
{
	/* the length keeps neighbours apart */
	(void)buf_printf(buf, "%zu:%s,", text ? strlen(text) : 0, text ? text : "");
}

static int hash_request(struct session *session, const struct scan_request *request,
			const char **hash, struct err *err)
{
	const char *key = NULL;
	struct buf parts BUF_CLEANUP = BUF_INIT(8L * LIMIT_SECRET_BYTES);
	int code = hash_key(session, &key, err);
	if (code)
		return code;
	hash_part(&parts, request->image);
	hash_part(&parts, request->docker_config);
	hash_part(&parts, request->connection.ca_pem);
	hash_part(&parts, request->connection.cert_pem);
	hash_part(&parts, request->connection.key_pem);
	hash_part(&parts, request->connection.proxy_url);
	hash_part(&parts, request->connection.proxy_username);
	hash_part(&parts, request->connection.proxy_password);
	hash_part(&parts, request->insecure ? "http" : "https");
	char *hex = arena_alloc(&session->arena, HASH_MAX_HEX, 1);
	hmac_hex(HASH_SHA256, str_of(key), buf_str(&parts), hex);
	*hash = hex;
	return 0;
}

int net_scan_request(struct session *session, const struct image_repository *repository,
		     struct scan_request *out, const char **hash, struct err *err)
{
	struct scan_request request = { .image = repository->image,
					.insecure = repository->insecure,
					.timeout_ms = repository->timeout_ms };
	int code = add_credentials(session, repository, &request, err);
	if (!code)
		code = add_certificates(session, repository, &request, err);
	if (!code)
		code = add_proxy(session, repository, &request, err);
	if (!code)
		code = add_admin_ca(session, &request, err);
	if (!code)
		code = hash_request(session, &request, hash, err);
	if (!code)
		*out = request;
	return code;
}
