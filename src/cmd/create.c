/* SPDX-License-Identifier: MIT */
/* `imagehook create KIND NAME`: the YAML of an object from flux's flags, by one table of
 * fields; what the document stage would refuse is not printed. */
#include "adapter/yaml/loader.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/opt.h"
#include "stage/document/document.h"

struct create_options {
	const char *namespace, *type, *channel, *username, *address, *secret_ref;
	const char *provider_ref, *severity;
	struct strings sources;
	const char *image, *cert_ref, *scan_timeout, *interval;
	const char *image_ref, *semver, *alpha, *numeric, *regex, *extract, *digest;
	const char *git_ref, *git_namespace, *git_path, *checkout, *push, *author, *email,
	    *message;
};

#define TEXT(flag, field, arg, help) \
	OPT_TEXT_ROW(0, flag, struct create_options, field, arg, help)

static const struct opt opts[] = {
	OPT_TEXT_ROW('n', "namespace", struct create_options, namespace, "NS",
		     "the object's namespace (default: flux-system)"),
	TEXT("type", type, "TYPE", "alert-provider: what it is, such as slack"),
	TEXT("channel", channel, "CHANNEL", "alert-provider: where to write"),
	TEXT("username", username, "NAME", "alert-provider: as whom"),
	TEXT("address", address, "URL", "alert-provider: the receiver"),
	TEXT("secret-ref", secret_ref, "SECRET",
	     "alert-provider, image repository: credentials"),
	TEXT("provider-ref", provider_ref, "NAME", "alert: the provider"),
	TEXT("event-severity", severity, "info|error", "alert: from which severity on"),
	OPT_LIST_ROW(0, "event-source", struct create_options, sources, "KIND/NAME[.NS]",
		     "alert: whose events; more than once"),
	TEXT("image", image, "IMAGE", "image repository: without a tag"),
	TEXT("cert-ref", cert_ref, "SECRET", "image repository: certificates"),
	TEXT("scan-timeout", scan_timeout, "DURATION", "image repository"),
	TEXT("interval", interval, "DURATION",
	     "image repository, image update (default: 1m0s)"),
	TEXT("image-ref", image_ref, "NAME", "image policy: the repository"),
	TEXT("select-semver", semver, "RANGE", "image policy: the latest version in it"),
	TEXT("select-alpha", alpha, "asc|desc", "image policy: by alphabet"),
	TEXT("select-numeric", numeric, "asc|desc", "image policy: by number"),
	TEXT("filter-regex", regex, "REGEX", "image policy: which tags count"),
	TEXT("filter-extract", extract, "TEXT", "image policy: what is compared"),
	TEXT("reflect-digest", digest, "WHEN",
	     "image policy: Never, IfNotPresent, Always"),
	TEXT("git-repo-ref", git_ref, "NAME", "image update: the GitRepository"),
	TEXT("git-repo-namespace", git_namespace, "NS", "image update: its namespace"),
	TEXT("git-repo-path", git_path, "DIR", "image update: what is rewritten"),
	TEXT("checkout-branch", checkout, "BRANCH", "image update: what is read"),
	TEXT("push-branch", push, "BRANCH", "image update: where to (default: the same)"),
	TEXT("author-name", author, "NAME", "image update: of its commits"),
	TEXT("author-email", email, "EMAIL", "image update: of its commits"),
	TEXT("commit-template", message, "TEXT", "image update: of its commits"),
};

/* A field of spec; those of a kind in the order of their paths. */
struct field {
	const char *path;
	size_t off; /* SIZE_MAX: always `otherwise` */
	const char *otherwise;
	const char *missing; /* the error when it is not given */
};

#define FIELD(name) offsetof(struct create_options, name)
#define FIXED       SIZE_MAX

static const struct field provider_fields[] = {
	{ "address", FIELD(address), NULL, NULL },
	{ "channel", FIELD(channel), NULL, NULL },
	{ "secretRef.name", FIELD(secret_ref), NULL, NULL },
	{ "type", FIELD(type), NULL, "Provider type is required" },
	{ "username", FIELD(username), NULL, NULL },
	{ NULL, 0, NULL, NULL },
};
static const struct field alert_fields[] = {
	{ "eventSeverity", FIELD(severity), NULL, NULL },
	{ "eventSources", FIXED, NULL, NULL },
	{ "providerRef.name", FIELD(provider_ref), NULL, "provider ref is required" },
	{ NULL, 0, NULL, NULL },
};
static const struct field repository_fields[] = {
	{ "certSecretRef.name", FIELD(cert_ref), NULL, NULL },
	{ "image", FIELD(image), NULL, "an image repository (--image) is required" },
	{ "interval", FIELD(interval), "1m0s", NULL },
	{ "secretRef.name", FIELD(secret_ref), NULL, NULL },
	{ "timeout", FIELD(scan_timeout), NULL, NULL },
	{ NULL, 0, NULL, NULL },
};
static const struct field policy_fields[] = {
	{ "digestReflectionPolicy", FIELD(digest), NULL, NULL },
	{ "filterTags.extract", FIELD(extract), NULL, NULL },
	{ "filterTags.pattern", FIELD(regex), NULL, NULL },
	{ "imageRepositoryRef.name", FIELD(image_ref), NULL,
	  "an image repository (--image-ref) is required" },
	{ "interval", FIELD(interval), NULL, NULL },
	{ "policy.alphabetical.order", FIELD(alpha), NULL, NULL },
	{ "policy.numerical.order", FIELD(numeric), NULL, NULL },
	{ "policy.semver.range", FIELD(semver), NULL, NULL },
	{ NULL, 0, NULL, NULL },
};
static const struct field update_fields[] = {
	{ "git.checkout.ref.branch", FIELD(checkout), NULL,
	  "a branch (--checkout-branch) is required" },
	{ "git.commit.author.email", FIELD(email), NULL,
	  "an author's address (--author-email) is required" },
	{ "git.commit.author.name", FIELD(author), NULL, NULL },
	{ "git.commit.messageTemplate", FIELD(message), NULL, NULL },
	{ "git.push.branch", FIELD(push), NULL, NULL },
	{ "interval", FIELD(interval), "1m0s", NULL },
	{ "sourceRef.kind", FIXED, "GitRepository", NULL },
	{ "sourceRef.name", FIELD(git_ref), NULL,
	  "a Git repository (--git-repo-ref) is required" },
	{ "sourceRef.namespace", FIELD(git_namespace), NULL, NULL },
	{ "update.path", FIELD(git_path), NULL, NULL },
	{ "update.strategy", FIXED, "Setters", NULL },
	{ NULL, 0, NULL, NULL },
};

static const struct created {
	const char *words, *kind, *api_version;
	const struct field *fields;
} kinds[] = {
	{ "alert-provider", "Provider", "notification.toolkit.fluxcd.io/v1beta3",
	  provider_fields },
	{ "alert", "Alert", "notification.toolkit.fluxcd.io/v1beta3", alert_fields },
	{ "image repository", "ImageRepository", "image.toolkit.fluxcd.io/v1",
	  repository_fields },
	{ "image policy", "ImagePolicy", "image.toolkit.fluxcd.io/v1", policy_fields },
	{ "image update", "ImageUpdateAutomation", "image.toolkit.fluxcd.io/v1",
	  update_fields },
};

static void put(struct arena *arena, struct value *map, const char *path,
		struct value *leaf)
{
	const char *dot = strchr(path, '.');
	if (!dot) {
		value_set(arena, map, path, leaf);
		return;
	}
	const char *key = arena_printf(arena, "%.*s", (int)(dot - path), path);
	struct value *next = value_get(map, key);
	if (!next) {
		next = value_new(arena, VALUE_MAP);
		value_set(arena, map, key, next);
	}
	put(arena, next, dot + 1, leaf);
}

static int put_sources(struct arena *arena, const struct create_options *options,
		       struct value *spec, struct err *err)
{
	struct value *list = value_new(arena, VALUE_LIST);
	for (size_t i = 0; i < options->sources.len; i++) {
		struct str rest = str_of(options->sources.items[i]);
		while (rest.len) {
			size_t comma = str_find_char(rest, ',');
			struct str one = str_slice(rest, 0, comma);
			rest = str_from(rest, comma < rest.len ? comma + 1 : rest.len);
			size_t slash = str_find_char(one, '/');
			if (slash == 0 || slash + 1 >= one.len)
				return err_set(err, ERR_INVALID,
					       "invalid event source '%.*s', must be in "
					       "format KIND/NAME",
					       STR_ARG(one));
			struct str name = str_from(one, slash + 1);
			size_t dot = str_rfind_char(name, '.');
			struct value *map = value_new(arena, VALUE_MAP);
			value_set(
			    arena, map, "kind",
			    value_text(arena,
				       arena_strndup(arena, str_slice(one, 0, slash))));
			value_set(arena, map, "name",
				  value_text(arena, arena_strndup(
							arena, str_slice(name, 0, dot))));
			if (dot < name.len)
				value_set(
				    arena, map, "namespace",
				    value_text(
					arena,
					arena_strndup(arena, str_from(name, dot + 1))));
			value_append(arena, list, map);
		}
	}
	value_set(arena, spec, "eventSources", list);
	return list->list.len
		   ? 0
		   : err_set(err, ERR_INVALID, "at least one event source is required");
}

static int fill(struct arena *arena, const struct created *kind,
		const struct create_options *options, struct value *spec, struct err *err)
{
	for (const struct field *field = kind->fields; field->path; field++) {
		const char *text = field->otherwise;
		if (field->off != FIXED) {
			const char *given =
			    *(const char *const *)(const void *)((const char *)options +
								 field->off);
			text = given ? given : text;
		}
		int code = 0;
		if (text)
			put(arena, spec, field->path, value_text(arena, text));
		else if (field->missing)
			code = err_set(err, ERR_INVALID, "%s", field->missing);
		else if (field->off == FIXED)
			code = put_sources(arena, options, spec, err);
		if (code)
			return code;
	}
	int orders = !!options->semver + !!options->alpha + !!options->numeric;
	if (kind->fields == policy_fields && orders != 1)
		return err_set(err, ERR_INVALID,
			       "exactly one of --select-semver, --select-alpha and "
			       "--select-numeric is required");
	return 0;
}

/* What the object refers to is elsewhere: only a whole tree can answer that. */
static bool is_reference(const struct finding *finding)
{
	static const char *const ids[] = { "unknown-repository", "unknown-provider",
					   "no-policies", "access-denied" };
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (strcmp(finding->id, ids[i]) == 0)
			return true;
	return false;
}

static int check(struct arena *arena, const char *namespace, struct str text,
		 struct err *err)
{
	struct document_file file = { STR("create"), text };
	struct document_options how = { .default_namespace = namespace };
	struct document_set set = { .arena = arena };
	struct finding_list findings = { .arena = arena };
	document_decode(&file, 1, &how, &set, &findings);
	for (size_t i = 0; i < findings.len; i++) {
		const struct finding *finding = &findings.items[i];
		if (finding->severity == SEVERITY_ERROR && !is_reference(finding))
			return err_set(err, ERR_INVALID, "%s", finding->text);
	}
	return 0;
}

extern const struct command command_create;

static int run_create(void *options_ptr, const struct strings *words)
{
	const struct create_options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	struct err err = ERR_INIT;
	const struct created *kind = NULL;
	const char *said =
	    words->len == 3
		? arena_printf(&arena, "%s %s", words->items[0], words->items[1])
	    : words->len == 2 ? words->items[0]
			      : "";
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].words, said) == 0)
			kind = &kinds[i];
	if (!kind)
		return command_usage(&command_create, "expected KIND NAME");
	const char *name = words->items[words->len - 1];
	const char *namespace = options->namespace ? options->namespace : "flux-system";
	if (!text_is_dns_subdomain(str_of(name)))
		return command_usage(&command_create, "'%s' is not a name", name);
	struct value *root = value_new(&arena, VALUE_MAP);
	struct value *spec = value_new(&arena, VALUE_MAP);
	put(&arena, root, "apiVersion", value_text(&arena, kind->api_version));
	put(&arena, root, "kind", value_text(&arena, kind->kind));
	put(&arena, root, "metadata.name", value_text(&arena, name));
	put(&arena, root, "metadata.namespace", value_text(&arena, namespace));
	int code = fill(&arena, kind, options, spec, &err);
	value_set(&arena, root, "spec", spec);
	(void)buf_puts(&out, "---\n");
	yaml_write(&out, root, 0);
	if (!code)
		code = check(&arena, namespace, buf_str(&out), &err);
	if (code)
		return command_fail(&err);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

const struct command command_create = {
	.name = "create",
	.usage = "alert-provider|alert|image repository|image policy|image update NAME "
		 "[options]",
	.summary = "Prints the YAML of an object, to be committed.",
	.example =
	    "imagehook create image policy web --image-ref web --select-semver 1.x\n"
	    "imagehook create alert failures --provider-ref chat --event-source "
	    "'Kustomization/*'",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct create_options),
	.run = run_create,
};
