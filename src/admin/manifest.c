/* SPDX-License-Identifier: MIT */
/* Reads Secret manifests whole or not at all, and makes and checks docker configs. */
#include "admin/manifest.h"
#include "adapter/crypto/crypto.h"
#include "adapter/json/json.h"
#include "adapter/yaml/loader.h"
#include "base/limits.h"
#include "base/text.h"

static const char key_docker_config[] = ".dockerconfigjson";
static const char key_docker_cfg[] = ".dockercfg";

struct reading {
	const char *default_namespace;
	struct arena *arena;
	struct err *err;
};

static int fail_at(const struct reading *reading, const struct value *at, const char *fmt,
		   ...) PRINTF_LIKE(3, 4);

static int fail_at(const struct reading *reading, const struct value *at, const char *fmt,
		   ...)
{
	char text[ERR_TEXT_BYTES];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)err_set(reading->err, ERR_INVALID, "%s", text);
	return err_at(reading->err, NULL, at->line, at->col);
}

/* Foreign text as an error may show it. */
static const char *shown(const struct reading *reading, const char *text)
{
	return text_clean(reading->arena, str_of(text), 80);
}

static const char *text_of(const struct reading *reading, const struct value *map,
			   const char *key)
{
	return value_get_text(map, key, reading->arena);
}

static int check_kind(const struct reading *reading, const struct value *root)
{
	const char *kind =
	    root->kind == VALUE_MAP ? text_of(reading, root, "kind") : NULL;
	const char *version = kind ? text_of(reading, root, "apiVersion") : NULL;
	if (!kind)
		return fail_at(reading, root, "not a Kubernetes object: it has no kind");
	if (strcmp(kind, "SealedSecret") == 0)
		return fail_at(reading, root,
			       "a SealedSecret can only be opened in its cluster; store "
			       "the Secret that it was made from");
	if (strcmp(kind, "Secret") != 0)
		return fail_at(reading, root, "kind '%s' is not Secret",
			       shown(reading, kind));
	if (!version || strcmp(version, "v1") != 0)
		return fail_at(reading, root, "apiVersion '%s' is not v1",
			       version ? shown(reading, version) : "");
	if (value_get(root, "sops"))
		return fail_at(reading, root,
			       "this Secret is encrypted; decrypt it first: sops -d FILE "
			       "| imagehook secret set -f -");
	return 0;
}

static struct secret_entry *find_or_add(const struct reading *reading,
					struct secret *secret, const char *key)
{
	for (size_t i = 0; i < secret->len; i++)
		if (strcmp(secret->items[i].key, key) == 0)
			return &secret->items[i];
	struct secret_entry *entry = VEC_ADD(reading->arena, secret);
	entry->key = key;
	return entry;
}

/* One value: base64 under `data`, plain under `stringData`. */
static int take_value(const struct reading *reading, const struct value_entry *entry,
		      bool is_base64, struct manifest_secret *out)
{
	const struct value *value = entry->value;
	const char *key = arena_strndup(reading->arena, entry->key);
	struct str bytes = { "", 0 };
	struct err ignored = ERR_INIT;
	if (strlen(key) != entry->key.len ||
	    secret_check_names(out->namespace, out->name, key, &ignored))
		return fail_at(reading, value,
			       "key '%s' is not a name of letters, "
			       "digits, '.', '_' and '-'",
			       shown(reading, key));
	if (value->kind == VALUE_STRING)
		bytes = value->string;
	else if (value->kind != VALUE_NULL)
		return fail_at(reading, value,
			       "key '%s': not a string but a %s: quote it", key,
			       value_kind_name(value->kind));
	if (is_base64) {
		struct buf decoded BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
		if (!base64_decode(&decoded, bytes, false))
			return fail_at(reading, value,
				       "key '%s': not base64; plain text belongs under "
				       "stringData",
				       key);
		bytes = buf_to_arena(&decoded, reading->arena);
	}
	if (bytes.len > LIMIT_SECRET_BYTES)
		return err_set(reading->err, ERR_LIMIT, "key '%s': " LIMIT_FMT, key,
			       LIMIT_ARG(LIMIT_SECRET_BYTES));
	find_or_add(reading, &out->data, key)->value = bytes;
	return 0;
}

static int take_values(const struct reading *reading, const struct value *root,
		       const char *field, struct manifest_secret *out)
{
	const struct value *map = value_get(root, field);
	if (!map || map->kind == VALUE_NULL)
		return 0;
	if (map->kind != VALUE_MAP)
		return fail_at(reading, map, "%s is not a map but a %s", field,
			       value_kind_name(map->kind));
	for (size_t i = 0; i < map->map.len; i++) {
		int code = take_value(reading, &map->map.items[i],
				      strcmp(field, "data") == 0, out);
		if (code)
			return code;
	}
	return 0;
}

/* What the registry secrets of Kubernetes hold must be what their type says. */
static int check_docker(const struct reading *reading, const struct value *root,
			const struct manifest_secret *secret)
{
	const char *type = text_of(reading, root, "type");
	const struct str *config = secret_get(&secret->data, key_docker_config);
	if (type && strcmp(type, "kubernetes.io/dockerconfigjson") == 0 && !config)
		return fail_at(reading, root, "a Secret of type %s needs the key '%s'",
			       type, key_docker_config);
	if (type && strcmp(type, "kubernetes.io/dockercfg") == 0 &&
	    !secret_get(&secret->data, key_docker_cfg))
		return fail_at(reading, root, "a Secret of type %s needs the key '%s'",
			       type, key_docker_cfg);
	if (!config)
		return 0;
	int code = docker_config_check(*config, reading->err);
	if (!code)
		return 0;
	/* the position is one inside the value, where nobody can look */
	return fail_at(reading, root, "key '%s' is not a docker config",
		       key_docker_config);
}

static int compare_entries(const void *a, const void *b)
{
	const struct secret_entry *x = a;
	const struct secret_entry *y = b;
	return strcmp(x->key, y->key);
}

static int take_secret(const struct reading *reading, const struct value *root,
		       struct manifest_secret *out)
{
	int code = check_kind(reading, root);
	if (code)
		return code;
	const struct value *metadata = value_get(root, "metadata");
	const char *name = text_of(reading, metadata, "name");
	const char *namespace = text_of(reading, metadata, "namespace");
	if (!name)
		return fail_at(reading, root, "metadata.name is missing");
	out->name = name;
	out->namespace = namespace ? namespace : reading->default_namespace;
	code = secret_check_names(out->namespace, out->name, NULL, reading->err);
	if (code)
		return err_at(reading->err, NULL, root->line, root->col);
	code = take_values(reading, root, "data", out);
	if (!code)
		code = take_values(reading, root, "stringData", out);
	if (!code && out->data.len == 0)
		code = fail_at(reading, root, "the Secret '%s/%s' has no data",
			       out->namespace, out->name);
	if (!code)
		code = check_docker(reading, root, out);
	VEC_SORT(&out->data, compare_entries);
	return code;
}

/* `token: *secret` without quotes is an alias for YAML, and a value for people. */
static int hide_value(struct err *err)
{
	uint32_t line = err->line;
	uint32_t col = err->col;
	if (!err->quotes)
		return err->code;
	(void)err_set(err, err->code,
		      "an alias or a tag that does not fit; quote a value that begins "
		      "with '*' or '!'");
	return err_at(err, NULL, line, col);
}

int manifest_read(struct str text, const char *default_namespace, struct arena *arena,
		  struct manifest_secrets *out, struct err *err)
{
	struct reading reading = { default_namespace, arena, err };
	struct yaml_documents documents = { NULL, 0, 0 };
	struct yaml_duplicates duplicates = { NULL, 0, 0 };
	struct manifest_secrets secrets = { NULL, 0, 0 };
	int code = yaml_load(text, arena, &documents, &duplicates, err);
	if (code)
		return hide_value(err);
	if (duplicates.len) {
		const struct yaml_duplicate *twice = &duplicates.items[0];
		(void)err_set(err, ERR_INVALID, "key '%s' stands twice",
			      text_clean(arena, twice->key, 80));
		return err_at(err, NULL, twice->line, twice->col);
	}
	for (size_t i = 0; i < documents.len && !code; i++)
		if (documents.items[i].root)
			code = take_secret(&reading, documents.items[i].root,
					   VEC_ADD(arena, &secrets));
	if (!code && secrets.len == 0)
		code = err_set(err, ERR_INVALID, "no Secret in the text");
	if (!code)
		*out = secrets;
	return code;
}

struct str docker_config(struct arena *arena, const char *server, const char *username,
			 struct str password)
{
	struct buf pair BUF_CLEANUP = BUF_INIT(LIMIT_SECRET_BYTES);
	struct buf encoded BUF_CLEANUP = BUF_INIT(2 * LIMIT_SECRET_BYTES);
	struct buf text BUF_CLEANUP = BUF_INIT(8 * LIMIT_SECRET_BYTES);
	struct value *root = value_new(arena, VALUE_MAP);
	struct value *auths = value_new(arena, VALUE_MAP);
	struct value *entry = value_new(arena, VALUE_MAP);
	(void)buf_printf(&pair, "%s:", username);
	(void)buf_append(&pair, password);
	base64_encode(&encoded, buf_str(&pair), false);
	value_set(arena, entry, "username", value_text(arena, username));
	value_set(arena, entry, "password", value_string(arena, password));
	value_set(arena, entry, "auth", value_text(arena, buf_cstr(&encoded)));
	value_set(arena, auths, server, entry);
	value_set(arena, root, "auths", auths);
	json_write(&text, root, JSON_COMPACT);
	return buf_to_arena(&text, arena);
}

int docker_config_check(struct str text, struct err *err)
{
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct value *root = NULL;
	int code = json_parse(text, &arena, &root, err);
	if (code)
		return code;
	const struct value *auths = value_get(root, "auths");
	if (!auths || auths->kind != VALUE_MAP)
		return err_set(err, ERR_INVALID, "the docker config has no map 'auths'");
	for (size_t i = 0; i < auths->map.len; i++)
		if (auths->map.items[i].value->kind != VALUE_MAP)
			return err_set(err, ERR_INVALID,
				       "the docker config's entry '%s' is not a map",
				       text_clean(&arena, auths->map.items[i].key, 80));
	return 0;
}
