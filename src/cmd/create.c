/* SPDX-License-Identifier: MIT */
/* `imagehook create KIND NAME`: the YAML of an object from flux's flags; what `lint`
 * would refuse is not printed. */
#include "adapter/yaml/loader.h"
#include "app/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/create_object.h"
#include "cmd/opt.h"

#define TEXT(flag, field, arg, help) \
	OPT_TEXT_ROW(0, flag, struct create_options, field, arg, help)
#define CHOICE(flag, field, arg, help) \
	OPT_CHOICE_ROW(0, flag, struct create_options, field, arg, help)

static const struct opt opts[] = {
	OPT_TEXT_ROW('n', "namespace", struct create_options, namespace, "NS",
		     "the object's namespace (default: flux-system)"),
	OPT_LIST_ROW(0, "label", struct create_options, labels, "KEY=VALUE",
		     "a label of the object; more than once, or with commas"),
	TEXT("interval", interval, "DURATION",
	     "image repository, image update: how often (default: 1m0s); image policy: "
	     "with --reflect-digest=Always"),
	OPT_FLAG_ROW(0, "export", struct create_options, exports,
		     "for who is used to flux; nothing else is done here"),
	TEXT("type", type, "TYPE", "alert-provider: what it is, such as slack"),
	TEXT("channel", channel, "CHANNEL", "alert-provider: where to write"),
	TEXT("username", username, "NAME", "alert-provider: as whom"),
	TEXT("address", address, "URL", "alert-provider: the receiver"),
	TEXT("secret-ref", secret_ref, "SECRET",
	     "alert-provider, image repository: credentials"),
	TEXT("provider-ref", provider_ref, "NAME", "alert: the provider"),
	CHOICE("event-severity", severity, "info|error", "alert: from which severity on"),
	OPT_LIST_ROW(0, "event-source", struct create_options, sources, "KIND/NAME[.NS]",
		     "alert: whose events; more than once, or with commas"),
	TEXT("image", image, "IMAGE", "image repository: without a tag"),
	TEXT("cert-ref", cert_ref, "SECRET", "image repository: certificates"),
	TEXT("scan-timeout", scan_timeout, "DURATION",
	     "image repository: of one scan (default: the interval)"),
	TEXT("image-ref", image_ref, "NAME", "image policy: the repository"),
	TEXT("select-semver", semver, "RANGE", "image policy: the latest version in it"),
	CHOICE("select-alpha", alpha, "asc|desc", "image policy: by alphabet"),
	CHOICE("select-numeric", numeric, "asc|desc", "image policy: by number"),
	TEXT("filter-regex", regex, "REGEX", "image policy: which tags count"),
	TEXT("filter-extract", extract, "TEXT", "image policy: what is compared"),
	CHOICE("reflect-digest", digest, "Never|IfNotPresent|Always",
	       "image policy: when the digest is asked for"),
	TEXT("git-repo-ref", git_ref, "NAME", "image update: the GitRepository"),
	TEXT("git-repo-namespace", git_namespace, "NS", "image update: its namespace"),
	TEXT("git-repo-path", git_path, "DIR", "image update: what is rewritten"),
	TEXT("checkout-branch", checkout, "BRANCH", "image update: what is read"),
	TEXT("push-branch", push, "BRANCH", "image update: where to (default: the same)"),
	TEXT("author-name", author, "NAME", "image update: of its commits"),
	TEXT("author-email", email, "EMAIL", "image update: of its commits"),
	TEXT("commit-template", message, "TEXT", "image update: of its commits"),
	TEXT("signing-key-secret", signing_secret, "SECRET",
	     "image update: of its commits; not supported yet"),
	CHOICE("signing-key-type", signing_type, "gpg|ssh",
	       "image update: of that key; not supported yet"),
};

extern const struct command command_create;

/* What the object refers to is elsewhere; it is made up for the check, because without it
 * the object would not be looked at any further. */
static int add_companion(struct arena *arena, const struct create_options *options,
			 struct buf *out, struct err *err)
{
	struct create_options other = { .namespace = options->namespace };
	const char *words = NULL;
	const char *name = NULL;
	struct value *object = NULL;
	if (options->image_ref) {
		words = "image repository";
		name = options->image_ref;
		other.image = "example.com/image";
	} else if (options->provider_ref) {
		words = "alert-provider";
		name = options->provider_ref;
		other.type = "generic";
		other.address = "https://example.com/";
	} else {
		return 0;
	}
	int code =
	    create_object(arena, create_kind_find(words), &other, name, &object, err);
	(void)buf_puts(out, "---\n");
	yaml_write(out, object, 0);
	return code;
}

/* The first mistake that `lint` would find. */
static int check(struct arena *arena, const struct create_options *options,
		 struct str text, struct err *err)
{
	struct buf all BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	(void)buf_append(&all, text);
	int code = add_companion(arena, options, &all, err);
	if (code)
		return code;
	struct document_file file = { STR("create"), buf_str(&all) };
	struct document_options how = { .default_namespace = options->namespace };
	struct document_set set = { .arena = arena };
	struct finding_list findings = { .arena = arena };
	document_decode(&file, 1, &how, &set, &findings);
	check_documents(&set, &findings);
	for (size_t i = 0; i < findings.len; i++)
		if (findings.items[i].severity == SEVERITY_ERROR)
			return err_set(err, ERR_INVALID, "%s", findings.items[i].text);
	return 0;
}

/* The first option given that another kind has; NULL. */
static const struct opt *find_stray(const struct create_options *options,
				    const struct create_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
		/* a text, or the first member of a list: both are pointers */
		const void *given = NULL;
		if (opts[i].type == OPT_FLAG || create_kind_takes(kind, opts[i].off))
			continue;
		memcpy(&given, (const char *)options + opts[i].off, sizeof(given));
		if (given)
			return &opts[i];
	}
	return NULL;
}

static int create(struct arena *arena, struct create_options *options,
		  const struct create_kind *kind, const char *name)
{
	struct buf out BUF_CLEANUP = BUF_INIT(LIMIT_FILE_BYTES);
	struct value *object = NULL;
	struct err err = ERR_INIT;
	int code = create_object(arena, kind, options, name, &object, &err);
	if (!code) {
		(void)buf_puts(&out, "---\n");
		yaml_write(&out, object, 0);
		code = check(arena, options, buf_str(&out), &err);
	}
	if (code)
		return command_fail(&err);
	(void)fwrite(buf_cstr(&out), 1, out.len, stdout);
	return EXIT_DONE;
}

/* What flux creates as well, and what is nearly right. */
static int unknown_kind(const char *said)
{
	static const struct {
		const char *kind, *hint;
	} others[] = {
		{ "secret", "; 'imagehook secret set' stores one" },
		{ "kustomization", "; it is written by hand, and checked on each push" },
		{ "helmrelease", "; it is written by hand, and checked on each push" },
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].kind, said) == 0)
			return command_usage(&command_create, "unknown kind '%s'%s", said,
					     others[i].hint);
	const char *nearest = create_kind_nearest(said);
	return command_usage(&command_create, "unknown kind '%s'%s%s%s", said,
			     nearest ? "; did you mean '" : "", nearest ? nearest : "",
			     nearest ? "'?" : "");
}

static int run_create(void *options_ptr, const struct strings *words)
{
	struct create_options *options = options_ptr;
	struct arena arena CLEANUP(arena_clear) = ARENA_INIT;
	bool is_image = words->len && (strcmp(words->items[0], "image") == 0 ||
				       strcmp(words->items[0], "images") == 0);
	size_t n = is_image ? 2 : 1;
	if (words->len < n)
		return command_usage(&command_create, "expected KIND NAME");
	const char *said = is_image ? arena_printf(&arena, "image %s", words->items[1])
				    : words->items[0];
	const struct create_kind *kind = create_kind_find(said);
	if (!kind)
		return unknown_kind(said);
	if (words->len != n + 1)
		return command_usage(&command_create, words->len > n
							  ? "one object at a time"
							  : "name is required");
	if (!text_is_dns_subdomain(str_of(words->items[n])))
		return command_usage(&command_create,
				     "name '%s' is invalid: lowercase letters, digits, "
				     "'-' and '.' are expected",
				     words->items[n]);
	const struct opt *stray = find_stray(options, kind);
	if (stray)
		return command_usage(&command_create, "option '--%s' is not for '%s'",
				     stray->name, said);
	if (!options->namespace)
		options->namespace = "flux-system";
	return create(&arena, options, kind, words->items[n]);
}

const struct command command_create = {
	.name = "create",
	.usage = "alert-provider|alert|image repository|image policy|image update NAME "
		 "[options]",
	.summary = "Prints the YAML of an object, to be committed.",
	.details =
	    "It is what 'flux create ... --export' prints, and nothing that 'imagehook "
	    "lint' refuses. Whether what it refers to exists is not looked at.",
	.example =
	    "imagehook create image policy web --image-ref web --select-semver 1.x\n"
	    "imagehook create alert failures --provider-ref chat --event-source "
	    "'Kustomization/*'",
	.opts = opts,
	.n_opts = ARRAY_LEN(opts),
	.options_bytes = sizeof(struct create_options),
	.run = run_create,
};
