/* SPDX-License-Identifier: MIT */
/*
 * Docker config secrets. Decides which entry an image gets; helpers that a config names
 * are never run.
 */
#include "stage/scan/keyring.h"
#include "adapter/crypto/crypto.h"
#include "adapter/json/json.h"
#include "base/cursor.h"
#include "base/limits.h"
#include "base/text.h"
#include "stage/scan/scan.h"

#define HUB "index.docker.io"

static bool is_hub(const char *host)
{
	return strcmp(host, "docker.io") == 0 || strcmp(host, HUB) == 0 ||
	       strcmp(host, "registry-1.docker.io") == 0;
}

/* Cuts `host[:port]`; false for a bad port. */
static bool split_host(struct str text, struct arena *arena, const char **host,
		       unsigned *port)
{
	size_t colon = str_rfind_char(text, ':');
	size_t bracket = str_rfind_char(text, ']');
	uint64_t number = 0;
	struct str name = text;
	if (colon < text.len && (bracket == text.len || bracket < colon)) {
		if (!number_parse(str_from(text, colon + 1), 65535, &number))
			return false;
		name = str_slice(text, 0, colon);
	}
	char *lower = arena_strndup(arena, name);
	for (size_t i = 0; i < name.len; i++)
		lower[i] = char_lower(lower[i]);
	*host = is_hub(lower) ? HUB : lower;
	*port = number == 443 ? 0 : (unsigned)number;
	return name.len > 0;
}

static bool is_host_char(char c)
{
	return char_is_alnum(c) || (c && strchr("-._*?[]:", c));
}

/* `https://HOST/v1/PATH/` in the parts that matter. */
static bool parse_key(struct str key, struct arena *arena, struct keyring_entry *out)
{
	size_t scheme = str_find(key, STR("://"));
	struct str rest = scheme < key.len ? str_from(key, scheme + 3) : key;
	size_t slash = str_find_char(rest, '/');
	struct str host = str_slice(rest, 0, slash);
	struct str path = str_from(rest, slash + 1);
	struct str left = host;
	(void)cursor_while(&left, is_host_char);
	if (left.len || !split_host(host, arena, &out->host, &out->port) ||
	    strcmp(out->host, "*") == 0)
		return false;
	if (str_is(path, "v1") || str_is(path, "v2"))
		path.len = 0;
	else if (str_starts(path, STR("v1/")) || str_starts(path, STR("v2/")))
		path = str_from(path, 3);
	while (path.len && path.ptr[path.len - 1] == '/')
		path.len--;
	out->path = arena_strndup(arena, path);
	for (const char *c = out->host; *c; c++)
		out->wildcards += *c == '*' || *c == '?';
	return true;
}

/* A field that is a string without NUL; "" counts as absent. False for another type. */
static bool get_field(const struct value *entry, const char *name, struct arena *arena,
		      const char **out)
{
	const struct value *value = value_get(entry, name);
	*out = NULL;
	if (!value || value->kind == VALUE_NULL)
		return true;
	const char *text = value_get_text(entry, name, arena);
	if (text && text[0])
		*out = text;
	return text != NULL;
}

/* `auth` is base64 of user:password and wins over the two fields. */
static bool decode_auth(const char *auth, struct arena *arena, struct credential *out)
{
	struct buf decoded BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	if (!base64_decode(&decoded, str_of(auth), false))
		return false;
	struct str text = buf_str(&decoded);
	while (text.len && text.ptr[text.len - 1] == '\0')
		text.len--; /* old writers padded the password */
	size_t colon = str_find_char(text, ':');
	if (colon == text.len || memchr(text.ptr, '\0', text.len))
		return false;
	out->username = arena_strndup(arena, str_slice(text, 0, colon));
	out->password = arena_strndup(arena, str_from(text, colon + 1));
	return true;
}

/* NULL, or what is wrong with the entry. */
static const char *parse_entry(const struct value *value, struct arena *arena,
			       struct credential *out)
{
	const char *auth = NULL;
	if (value->kind != VALUE_MAP)
		return "it is not a map";
	if (!get_field(value, "username", arena, &out->username) ||
	    !get_field(value, "password", arena, &out->password) ||
	    !get_field(value, "identitytoken", arena, &out->identity_token) ||
	    !get_field(value, "registrytoken", arena, &out->registry_token) ||
	    !get_field(value, "auth", arena, &auth))
		return "a field is not a string";
	if (auth && !decode_auth(auth, arena, out))
		return "unable to decode auth field: must be formatted as "
		       "base64(username:password)";
	return NULL;
}

static bool is_empty(const struct credential *credential)
{
	return !credential->identity_token && !credential->registry_token &&
	       !(credential->username && credential->password);
}

static int add_entry(const struct value_entry *at, bool strict, struct arena *arena,
		     struct keyring *out, struct err *err)
{
	struct keyring_entry entry = { 0 };
	const char *wrong = NULL;
	if (!parse_key(at->key, arena, &entry))
		wrong = "the key names no registry";
	else
		wrong = parse_entry(at->value, arena, &entry.credential);
	if (wrong && strict)
		return err_set(err, ERR_INVALID, "docker config entry '%s': %s",
			       text_clean(arena, at->key, 100), wrong);
	if (!wrong && !is_empty(&entry.credential))
		VEC_PUSH(arena, out, entry);
	return 0;
}

int keyring_parse(struct str text, bool strict, struct arena *arena, struct keyring *out,
		  struct err *err)
{
	struct value *root = NULL;
	if (text.len > LIMIT_SECRET_BYTES)
		return err_set(err, ERR_LIMIT, LIMIT_FMT, LIMIT_ARG(LIMIT_SECRET_BYTES));
	int code = json_parse(text, arena, &root, err);
	if (code) {
		/* no text of the parser: it could show a piece of a secret */
		struct err place = *err;
		(void)err_set(err, code, "the docker config is not JSON");
		return err_at(err, NULL, place.line, place.col);
	}
	const struct value *auths = value_get(root, "auths");
	bool is_whole =
	    auths || value_get(root, "credsStore") || value_get(root, "credHelpers");
	if (!is_whole)
		auths = root;
	if (!auths && strict)
		return err_set(err, ERR_INVALID,
			       "the docker config holds no 'auths', only the name of a "
			       "credential helper, which is never run");
	if (!auths)
		return 0;
	if (auths->kind != VALUE_MAP)
		return strict ? err_set(err, ERR_INVALID,
					"the docker config is not a map of registries")
			      : 0;
	for (size_t i = 0; i < auths->map.len && code == 0; i++)
		code = add_entry(&auths->map.items[i], strict, arena, out, err);
	return code;
}

static bool host_matches(const char *pattern, const char *host)
{
	struct str patterns = str_of(pattern);
	struct str labels = str_of(host);
	struct str one;
	struct str label;
	if (pattern[0] == '[' || host[0] == '[')
		return strcmp(pattern, host) == 0;
	for (;;) {
		bool more_patterns = str_split(&patterns, '.', &one);
		bool more_labels = str_split(&labels, '.', &label);
		if (!more_patterns || !more_labels)
			return more_patterns == more_labels;
		if (!text_glob(one, label))
			return false;
	}
}

static bool path_matches(const char *path, const char *repository)
{
	size_t len = strlen(path);
	return len == 0 || (strncmp(path, repository, len) == 0 &&
			    (repository[len] == '/' || repository[len] == '\0'));
}

const struct credential *keyring_find(const struct keyring *keyring, const char *registry,
				      const char *repository)
{
	struct arena scratch CLEANUP(arena_clear) = ARENA_INIT;
	const struct keyring_entry *best = NULL;
	const char *host = NULL;
	unsigned port = 0;
	if (!split_host(str_of(registry), &scratch, &host, &port))
		return NULL;
	for (size_t i = 0; i < keyring->len; i++) {
		const struct keyring_entry *entry = &keyring->items[i];
		if (entry->port != port || !host_matches(entry->host, host) ||
		    !path_matches(entry->path, repository))
			continue;
		if (!best || strlen(entry->path) > strlen(best->path) ||
		    (strlen(entry->path) == strlen(best->path) &&
		     entry->wildcards < best->wildcards))
			best = entry;
	}
	return best ? &best->credential : NULL;
}

int scan_check_docker_config(struct str text, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct keyring keyring = { 0 };
	return keyring_parse(text, true, &arena, &keyring, err);
}
