/* SPDX-License-Identifier: MIT */
/* What the keys of a Provider's secrets mean, and how their values are kept out of what
 * people see. Single values lose the white space around them, which an editor left. */
#include "adapter/crypto/crypto.h"
#include "adapter/yaml/loader.h"
#include "base/limits.h"
#include "stage/deliver/build.h"

enum {
	ADDRESS_BYTES = 2048,
	SHORTEST_MASKED = 4 /* shorter ones would blot out ordinary words */
};

static const char *take(const struct deliver_key *keys, size_t n, const char *key,
			struct arena *arena)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].key, key) == 0)
			return arena_strndup(arena, str_trim(keys[i].value));
	return NULL;
}

/* The standard key, else the one of older days. */
static const char *take_either(const struct deliver_key *keys, size_t n, const char *key,
			       const char *old, struct arena *arena)
{
	const char *value = take(keys, n, key, arena);
	return value ? value : take(keys, n, old, arena);
}

static int check_text(const struct deliver_key *keys, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (keys[i].value.len && memchr(keys[i].value.ptr, 0, keys[i].value.len))
			return err_set(err, ERR_INVALID, "key '%s' holds a NUL byte",
				       keys[i].key);
	return 0;
}

/* A scalar as upstream's decoder makes a text of it; NULL for a list or a map. */
static const char *scalar_text(const struct value *value, struct arena *arena)
{
	switch (value->kind) {
	case VALUE_NULL:
		return "";
	case VALUE_BOOL:
		return value->boolean ? "true" : "false";
	case VALUE_INT:
		return arena_printf(arena, "%lld", (long long)value->integer);
	case VALUE_FLOAT:
		return arena_strndup(arena, value->raw);
	case VALUE_STRING:
		return str_find_char(value->string, '\0') < value->string.len
			   ? NULL
			   : arena_strndup(arena, value->string);
	case VALUE_LIST:
	case VALUE_MAP:
		break;
	}
	return NULL;
}

static int read_headers(struct str text, struct arena *arena, struct label_list *out,
			struct err *err)
{
	static const char failed[] = "failed to read headers from secret";
	struct yaml_documents documents = { 0 };
	struct yaml_duplicates duplicates = { 0 };
	/* what the reader says of it may quote the secret */
	if (yaml_load(text, arena, &documents, &duplicates, err) != 0)
		return err_set(err, ERR_INVALID, "%s: line %u is not YAML", failed,
			       (unsigned)err->line);
	const struct value *map = documents.len ? documents.items[0].root : NULL;
	if (!map || map->kind == VALUE_NULL)
		return 0;
	if (map->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "%s: expected a map of texts", failed);
	for (size_t i = 0; i < map->map.len; i++) {
		const struct value_entry *entry = &map->map.items[i];
		struct label label = { arena_strndup(arena, entry->key), NULL };
		label.value = scalar_text(entry->value, arena);
		if (!label.value)
			return err_set(err, ERR_INVALID, "%s: '%s' is not a text", failed,
				       label.key);
		VEC_PUSH(arena, out, label);
	}
	return 0;
}

static void read_tls(const struct deliver_key *keys, size_t n, struct arena *arena,
		     struct provider_secret *out)
{
	out->ca_pem = take_either(keys, n, "ca.crt", "caFile", arena);
	out->cert_pem = take_either(keys, n, "tls.crt", "certFile", arena);
	out->key_pem = take_either(keys, n, "tls.key", "keyFile", arena);
}

static void read_app(const struct deliver_key *keys, size_t n, struct arena *arena,
		     struct provider_secret *out)
{
	out->app_id = take(keys, n, "githubAppID", arena);
	out->app_private_key = take(keys, n, "githubAppPrivateKey", arena);
	out->app_installation_id = take(keys, n, "githubAppInstallationID", arena);
	out->app_installation_owner = take(keys, n, "githubAppInstallationOwner", arena);
	out->app_base_url = take(keys, n, "githubAppBaseURL", arena);
}

int deliver_read_secret(const struct deliver_key *keys, size_t n, struct arena *arena,
			struct provider_secret *out, struct err *err)
{
	int code = check_text(keys, n, err);
	if (code)
		return code;
	out->address = take(keys, n, "address", arena);
	if (out->address && strlen(out->address) > ADDRESS_BYTES)
		return err_set(err, ERR_INVALID,
			       "the secret's address is longer than %d bytes",
			       ADDRESS_BYTES);
	out->token = take(keys, n, "token", arena);
	out->username = take(keys, n, "username", arena);
	out->password = take(keys, n, "password", arena);
	out->half_basic_auth = !out->username != !out->password;
	out->proxy = take(keys, n, "proxy", arena);
	read_app(keys, n, arena, out);
	read_tls(keys, n, arena, out);
	out->own_tls = true;
	if (!out->cert_pem != !out->key_pem) {
		out->cert_pem = NULL;
		out->key_pem = NULL;
	}
	for (size_t i = 0; i < n && code == 0; i++)
		if (strcmp(keys[i].key, "headers") == 0)
			code = read_headers(keys[i].value, arena, &out->headers, err);
	return code;
}

int deliver_read_cert_secret(const struct deliver_key *keys, size_t n,
			     struct arena *arena, struct provider_secret *out,
			     struct err *err)
{
	struct provider_secret tls = { 0 };
	int code = check_text(keys, n, err);
	if (code)
		return code;
	read_tls(keys, n, arena, &tls);
	if (!tls.ca_pem && !tls.cert_pem && !tls.key_pem)
		return err_set(
		    err, ERR_INVALID,
		    "failed to get TLS config: the secret has neither 'ca.crt' "
		    "nor 'tls.crt' and 'tls.key'");
	if (!tls.cert_pem != !tls.key_pem)
		return err_set(err, ERR_INVALID,
			       "failed to get TLS config: the secret has '%s' but not "
			       "'%s'",
			       tls.cert_pem ? "tls.crt" : "tls.key",
			       tls.cert_pem ? "tls.key" : "tls.crt");
	out->ca_pem = tls.ca_pem;
	out->cert_pem = tls.cert_pem;
	out->key_pem = tls.key_pem;
	out->own_tls = false;
	return 0;
}

int deliver_check_proxy(struct str url, struct err *err)
{
	static const char *const schemes[] = { "http", "https", "socks5" };
	size_t colon = str_find(url, STR("://"));
	/* without one, all of it might be `user:password@host` */
	struct str scheme = str_slice(url, 0, colon < url.len ? colon : 0);
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_is(scheme, schemes[i]))
			return 0;
	return err_set(err, ERR_INVALID,
		       "proxy URL must use one of the supported schemes (http, https, "
		       "socks5), got '%.*s'",
		       STR_ARG(str_slice(scheme, 0, 40)));
}

int deliver_read_proxy_secret(const struct deliver_key *keys, size_t n,
			      struct arena *arena, struct provider_secret *out,
			      struct err *err)
{
	int code = check_text(keys, n, err);
	if (code)
		return code;
	const char *address = take(keys, n, "address", arena);
	if (!address || !address[0])
		return err_set(err, ERR_INVALID,
			       "invalid proxy secret: key 'address' not found or empty");
	if (strlen(address) > ADDRESS_BYTES)
		return err_set(err, ERR_INVALID,
			       "the proxy's address is longer than %d bytes",
			       ADDRESS_BYTES);
	code = deliver_check_proxy(str_of(address), err);
	if (code)
		return code;
	out->proxy = address;
	out->proxy_username = take(keys, n, "username", arena);
	out->proxy_password = take(keys, n, "password", arena);
	return 0;
}

static void add_hidden(struct arena *arena, struct strings *hidden, const char *text)
{
	if (text && strlen(text) >= SHORTEST_MASKED)
		strings_add(arena, hidden, text);
}

/* The parts of a web hook that are as good as the whole. */
static void add_address(struct arena *arena, struct strings *hidden, const char *address)
{
	struct deliver_url url;
	add_hidden(arena, hidden, address);
	if (!address || !url_cut(str_of(address), &url))
		return;
	if (url.path.len > 1)
		add_hidden(arena, hidden, arena_strndup(arena, url.path));
	add_hidden(arena, hidden, arena_strndup(arena, url.query));
	add_hidden(arena, hidden, arena_strndup(arena, url.user));
}

static void add_login(struct arena *arena, struct strings *hidden, const char *user,
		      const char *password)
{
	struct buf text BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES * 4);
	if (!password)
		return;
	base64_encode(&text, str_of(arena_printf(arena, "%s:%s", user, password)), false);
	add_hidden(arena, hidden, buf_cstr(&text));
}

static int by_length(const void *a, const void *b)
{
	size_t left = strlen(*(const char *const *)a);
	size_t right = strlen(*(const char *const *)b);
	return (left < right) - (left > right);
}

static void collect(const struct provider_secret *secret, struct arena *arena,
		    struct strings *hidden)
{
	struct buf token BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES * 2);
	add_address(arena, hidden, secret->address);
	add_address(arena, hidden, secret->proxy);
	add_hidden(arena, hidden, secret->token);
	add_hidden(arena, hidden, secret->password);
	add_hidden(arena, hidden, secret->proxy_password);
	add_hidden(arena, hidden, secret->app_private_key);
	add_hidden(arena, hidden, secret->key_pem);
	add_login(arena, hidden, secret->username ? secret->username : "",
		  secret->password);
	add_login(arena, hidden, "", secret->token);
	if (secret->token) {
		add_hidden(arena, hidden, url_segment(secret->token, arena));
		add_hidden(arena, hidden, url_query(secret->token, arena));
		base64_encode(&token, str_of(secret->token), false);
		add_hidden(arena, hidden, buf_cstr(&token));
	}
	for (size_t i = 0; i < secret->headers.len; i++)
		add_hidden(arena, hidden, secret->headers.items[i].value);
	VEC_SORT(hidden, by_length);
}

void deliver_mask(const struct provider_secret *secret, struct str text, struct buf *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct strings hidden = { 0 };
	collect(secret, &arena, &hidden);
	for (size_t off = 0; off < text.len;) {
		size_t skip = 0;
		for (size_t i = 0; i < hidden.len && !skip; i++)
			if (str_starts(str_from(text, off), str_of(hidden.items[i])))
				skip = strlen(hidden.items[i]);
		if (skip)
			(void)buf_puts(out, DELIVER_MASKED);
		else
			(void)buf_putc(out, text.ptr[off]);
		off += skip ? skip : 1;
	}
}

void deliver_mask_dialogue(const struct deliver_state *state, struct str text,
			   struct buf *out)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct provider_secret all = { 0 };
	if (state->secret)
		all = *state->secret;
	/* an App has no token of its own */
	if (state->bearer && (!all.token || !*all.token))
		all.token = state->bearer;
	deliver_mask(&all, text, out);
}

void deliver_refs(const struct provider *provider, struct deliver_ref out[DELIVER_REFS])
{
	out[0] = (struct deliver_ref){ provider->secret_ref, deliver_read_secret };
	out[1] =
	    (struct deliver_ref){ provider->cert_secret_ref, deliver_read_cert_secret };
	out[2] =
	    (struct deliver_ref){ provider->proxy_secret_ref, deliver_read_proxy_secret };
}
