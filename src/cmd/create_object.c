/* SPDX-License-Identifier: MIT */
/* The fields of each kind, what flux demands of them, and the object that they make. */
#include "cmd/create_object.h"
#include "base/text.h"
#include "base/when.h"

enum how {
	FIELD_TEXT,     /* the option's value */
	FIELD_DURATION, /* as Go prints it */
	FIELD_FIXED,    /* `text`, if the option is given */
	FIELD_SOURCES   /* the list of --event-source */
};

/* A field of the object; those of a kind in the order of their paths. */
struct field {
	const char *path;
	enum how how;
	size_t off;       /* of the option */
	const char *text; /* when the option is not given, or the fixed value */
};

/* An option that the kind cannot do without. */
struct need {
	size_t off;
	const char *error;
};

#define OPTION(name) offsetof(struct create_options, name)
#define TEXT(path, name)                             \
	{                                            \
		path, FIELD_TEXT, OPTION(name), NULL \
	}
#define FIXED(path, name, text)                       \
	{                                             \
		path, FIELD_FIXED, OPTION(name), text \
	}
#define END                               \
	{                                 \
		NULL, FIELD_TEXT, 0, NULL \
	}

static const struct field provider_fields[] = {
	TEXT("address", address),           TEXT("channel", channel),
	TEXT("secretRef.name", secret_ref), TEXT("type", type),
	TEXT("username", username),         END,
};
static const struct field alert_fields[] = {
	TEXT("eventSeverity", severity),
	{ "eventSources", FIELD_SOURCES, OPTION(sources), NULL },
	TEXT("providerRef.name", provider_ref),
	END,
};
static const struct field repository_fields[] = {
	TEXT("certSecretRef.name", cert_ref),
	TEXT("image", image),
	{ "interval", FIELD_DURATION, OPTION(interval), "1m0s" },
	TEXT("secretRef.name", secret_ref),
	{ "timeout", FIELD_DURATION, OPTION(scan_timeout), NULL },
	END,
};
static const struct field policy_fields[] = {
	TEXT("digestReflectionPolicy", digest),
	TEXT("filterTags.extract", extract),
	TEXT("filterTags.pattern", regex),
	TEXT("imageRepositoryRef.name", image_ref),
	{ "interval", FIELD_DURATION, OPTION(interval), NULL },
	TEXT("policy.alphabetical.order", alpha),
	TEXT("policy.numerical.order", numeric),
	TEXT("policy.semver.range", semver),
	END,
};
static const struct field update_fields[] = {
	TEXT("git.checkout.ref.branch", checkout),
	TEXT("git.commit.author.email", email),
	TEXT("git.commit.author.name", author),
	TEXT("git.commit.messageTemplate", message),
	TEXT("git.commit.signingKey.secretRef.name", signing_secret),
	TEXT("git.commit.signingKey.type", signing_type),
	TEXT("git.push.branch", push),
	{ "interval", FIELD_DURATION, OPTION(interval), "1m0s" },
	FIXED("sourceRef.kind", git_ref, "GitRepository"),
	TEXT("sourceRef.name", git_ref),
	TEXT("sourceRef.namespace", git_namespace),
	TEXT("update.path", git_path),
	FIXED("update.strategy", git_path, "Setters"),
	END,
};

static const struct need provider_needs[] = {
	{ OPTION(type), "Provider type is required" },
	{ 0, NULL },
};
static const struct need alert_needs[] = {
	{ OPTION(provider_ref), "provider ref is required" },
	{ 0, NULL },
};
static const struct need repository_needs[] = {
	{ OPTION(image), "an image repository (--image) is required" },
	{ 0, NULL },
};
static const struct need policy_needs[] = {
	{ OPTION(image_ref), "the name of an ImageRepository in the namespace is "
			     "required (--image-ref)" },
	{ 0, NULL },
};
static const struct need update_needs[] = {
	{ OPTION(git_ref),
	  "a reference to a GitRepository is required (--git-repo-ref)" },
	{ OPTION(checkout), "the Git repository branch is required (--checkout-branch)" },
	{ OPTION(author), "the author name is required (--author-name)" },
	{ OPTION(email), "the author email is required (--author-email)" },
	{ 0, NULL },
};

static int check_policy(const struct create_options *options, struct err *err)
{
	int orders = !!options->semver + !!options->alpha + !!options->numeric;
	bool always = options->digest && strcmp(options->digest, "Always") == 0;
	if (orders > 1)
		return err_set(err, ERR_INVALID,
			       "only one of --select-semver, --select-alpha or "
			       "--select-numeric can be specified");
	if (orders == 0)
		return err_set(err, ERR_INVALID,
			       "a policy must be provided with one of --select-semver, "
			       "--select-alpha or --select-numeric");
	if (options->extract && !options->regex)
		return err_set(err, ERR_INVALID,
			       "cannot specify --filter-extract without --filter-regex");
	if (always == (options->interval != NULL))
		return 0;
	return err_set(err, ERR_INVALID,
		       always ? "--reflect-digest=Always needs --interval, how often "
				"the digest is asked for"
			      : "--interval is only for --reflect-digest=Always");
}

static int check_update(const struct create_options *options, struct err *err)
{
	return options->signing_type && !options->signing_secret
		   ? err_set(err, ERR_INVALID,
			     "--signing-key-type needs --signing-key-secret")
		   : 0;
}

struct create_kind {
	const char *words, *kind, *api_version;
	const struct field *fields;
	const struct need *needs;
	int (*check)(const struct create_options *options, struct err *err);
};

static const struct create_kind kinds[] = {
	{ "alert-provider", "Provider", "notification.toolkit.fluxcd.io/v1beta3",
	  provider_fields, provider_needs, NULL },
	{ "alert", "Alert", "notification.toolkit.fluxcd.io/v1beta3", alert_fields,
	  alert_needs, NULL },
	{ "image repository", "ImageRepository", "image.toolkit.fluxcd.io/v1",
	  repository_fields, repository_needs, NULL },
	{ "image policy", "ImagePolicy", "image.toolkit.fluxcd.io/v1", policy_fields,
	  policy_needs, check_policy },
	{ "image update", "ImageUpdateAutomation", "image.toolkit.fluxcd.io/v1",
	  update_fields, update_needs, check_update },
};

const struct create_kind *create_kind_find(const char *words)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].words, words) == 0)
			return &kinds[i];
	return NULL;
}

const char *create_kind_nearest(const char *words)
{
	const char *all[ARRAY_LEN(kinds)];
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		all[i] = kinds[i].words;
	return str_nearest(words, all, ARRAY_LEN(all));
}

bool create_kind_takes(const struct create_kind *kind, size_t off)
{
	static const size_t common[] = { OPTION(namespace), OPTION(interval),
					 OPTION(exports), OPTION(labels) };
	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (common[i] == off)
			return true;
	for (const struct field *field = kind->fields; field->path; field++)
		if (field->off == off)
			return true;
	return false;
}

/* NULL when it is not given, or given as nothing. */
static const char *text_at(const struct create_options *options, size_t off)
{
	const char *text = NULL;
	memcpy(&text, (const char *)options + off, sizeof(text));
	return text && *text ? text : NULL;
}

static void put(struct arena *arena, struct value *map, const char *path,
		struct value *leaf)
{
	struct str rest = str_of(path);
	struct str key;
	while (str_split(&rest, '.', &key)) {
		const char *name = arena_strndup(arena, key);
		struct value *next = rest.len ? value_get(map, name) : leaf;
		if (!next)
			next = value_new(arena, VALUE_MAP);
		value_set(arena, map, name, next);
		map = next;
	}
}

static void put_text(struct arena *arena, struct value *map, const char *key,
		     struct str text)
{
	value_set(arena, map, key, value_text(arena, arena_strndup(arena, text)));
}

static int add_source(struct arena *arena, struct str one, struct value *list,
		      struct err *err)
{
	size_t slash = str_find_char(one, '/');
	if (slash == 0 || slash + 1 >= one.len)
		return err_set(
		    err, ERR_INVALID,
		    "invalid event source '%.*s', must be in format <kind>/<name>",
		    STR_ARG(one));
	struct str name = str_from(one, slash + 1);
	size_t dot = str_rfind_char(name, '.');
	struct value *map = value_new(arena, VALUE_MAP);
	put_text(arena, map, "kind", str_slice(one, 0, slash));
	put_text(arena, map, "name", str_slice(name, 0, dot));
	if (dot < name.len)
		put_text(arena, map, "namespace", str_from(name, dot + 1));
	value_append(arena, list, map);
	return 0;
}

static int put_sources(struct arena *arena, const struct create_options *options,
		       struct value *spec, struct err *err)
{
	struct value *list = value_new(arena, VALUE_LIST);
	int code = 0;
	for (size_t i = 0; i < options->sources.len && !code; i++) {
		struct str rest = str_of(options->sources.items[i]);
		struct str one;
		while (!code && str_split(&rest, ',', &one))
			code = add_source(arena, one, list, err);
	}
	if (!code && list->list.len == 0)
		return err_set(err, ERR_INVALID, "at least one event source is required");
	value_set(arena, spec, "eventSources", list);
	return code;
}

static int put_duration(struct arena *arena, const char *path, const char *text,
			struct value *spec, struct err *err)
{
	int64_t ns = 0;
	char shown[40];
	if (!duration_parse_ns(str_of(text), &ns) || ns < 0)
		return err_set(err, ERR_INVALID,
			       "'%s' is not a duration such as 30s or 1h30m", text);
	duration_format(ns, shown);
	put(arena, spec, path, value_text(arena, shown));
	return 0;
}

static int put_field(struct arena *arena, const struct field *field,
		     const struct create_options *options, struct value *spec,
		     struct err *err)
{
	if (field->how == FIELD_SOURCES)
		return put_sources(arena, options, spec, err);
	const char *given = text_at(options, field->off);
	const char *text = given ? given : field->text;
	if (field->how == FIELD_FIXED)
		text = given ? field->text : NULL;
	if (!text)
		return 0;
	if (field->how == FIELD_DURATION)
		return put_duration(arena, field->path, text, spec, err);
	put(arena, spec, field->path, value_text(arena, text));
	return 0;
}

static int compare_keys(const void *a, const void *b)
{
	const struct value_entry *left = a;
	const struct value_entry *right = b;
	return str_cmp(left->key, right->key);
}

static int add_label(struct arena *arena, struct str one, struct value *map,
		     struct err *err)
{
	size_t equals = str_find_char(one, '=');
	struct str key = str_slice(one, 0, equals);
	if (equals == one.len)
		return err_set(err, ERR_INVALID,
			       "invalid label format '%.*s', must be key=value",
			       STR_ARG(one));
	struct str value = str_from(one, equals + 1);
	if (!text_is_label_key(key))
		return err_set(err, ERR_INVALID,
			       "invalid label '%.*s', must be such as 'team' or "
			       "'example.com/team'",
			       STR_ARG(key));
	if (!text_is_label_value(value))
		return err_set(err, ERR_INVALID,
			       "invalid label value '%.*s', must be at most 63 letters, "
			       "digits, '-', '_' or '.' between letters or digits",
			       STR_ARG(value));
	put_text(arena, map, arena_strndup(arena, key), value);
	return 0;
}

static int put_labels(struct arena *arena, const struct create_options *options,
		      struct value *metadata, struct err *err)
{
	struct value *labels = value_new(arena, VALUE_MAP);
	int code = 0;
	for (size_t i = 0; i < options->labels.len && !code; i++) {
		struct str rest = str_of(options->labels.items[i]);
		struct str one;
		while (!code && str_split(&rest, ',', &one))
			code = add_label(arena, one, labels, err);
	}
	VEC_SORT(&labels->map, compare_keys);
	if (labels->map.len)
		value_set(arena, metadata, "labels", labels);
	return code;
}

int create_object(struct arena *arena, const struct create_kind *kind,
		  const struct create_options *options, const char *name,
		  struct value **out, struct err *err)
{
	struct value *root = value_new(arena, VALUE_MAP);
	struct value *metadata = value_new(arena, VALUE_MAP);
	struct value *spec = value_new(arena, VALUE_MAP);
	for (const struct need *need = kind->needs; need->error; need++)
		if (!text_at(options, need->off))
			return err_set(err, ERR_INVALID, "%s", need->error);
	int code = put_labels(arena, options, metadata, err);
	for (const struct field *field = kind->fields; field->path && !code; field++)
		code = put_field(arena, field, options, spec, err);
	if (!code && kind->check)
		code = kind->check(options, err);
	put(arena, metadata, "name", value_text(arena, name));
	put(arena, metadata, "namespace", value_text(arena, options->namespace));
	value_set(arena, root, "apiVersion", value_text(arena, kind->api_version));
	value_set(arena, root, "kind", value_text(arena, kind->kind));
	value_set(arena, root, "metadata", metadata);
	value_set(arena, root, "spec", spec);
	*out = root;
	return code;
}
