/* SPDX-License-Identifier: MIT */
/*
 * The documents of a tree after decoding: plain structs, defaults applied, texts in the
 * set's arena. An object that cannot be used is kept with valid = false, so that `get`
 * can show why; required texts are then "" where the document has none. A place whose
 * field the document does not have is the place of what should hold it.
 */
#ifndef MODEL_DOCUMENT_H
#define MODEL_DOCUMENT_H

#include "base/finding.h"
#include "base/value.h"
#include "base/vec.h"

struct provider;
struct alert;

enum document_kind {
	DOCUMENT_IMAGE_REPOSITORY,
	DOCUMENT_IMAGE_POLICY,
	DOCUMENT_IMAGE_UPDATE_AUTOMATION,
	DOCUMENT_PROVIDER,
	DOCUMENT_ALERT,
	/* looked at, not decoded field by field */
	DOCUMENT_GIT_REPOSITORY,
	DOCUMENT_KUSTOMIZATION,
	DOCUMENT_HELM_RELEASE,
	DOCUMENT_BUCKET,
	DOCUMENT_HELM_CHART,
	DOCUMENT_HELM_REPOSITORY,
	DOCUMENT_OCI_REPOSITORY,
	DOCUMENT_EXTERNAL_ARTIFACT,
	DOCUMENT_ARTIFACT_GENERATOR,
	DOCUMENT_NAMESPACE,
	DOCUMENT_SECRET,
	DOCUMENT_KINDS
};

struct label {
	const char *key;
	const char *value;
};

struct label_list {
	struct label *items;
	size_t len;
	size_t cap;
};

struct object_meta {
	enum document_kind kind;
	const char *api_version; /* `image.toolkit.fluxcd.io/v1beta2` */
	const char *kind_name;   /* `ImagePolicy` */
	const char
	    *cluster; /* the imagehook.path it stands below, "" for the whole tree */
	const char *namespace;
	const char *name;
	const char *uid; /* metadata.uid, NULL when not given */
	struct label_list labels;
	struct label_list annotations;
	struct place place;  /* where the document begins */
	uint32_t line_base;  /* lines of the file before those that `spec` counts */
	char spec_hash[65];  /* SHA-256 of the canonical spec, hex: tells that a spec
				changed */
	bool held;           /* the admin suspended it, whatever the document says */
	bool valid;          /* false: nobody may use it; reason and message say why */
	const char *reason;  /* upstream's condition reason, NULL when valid */
	const char *message; /* upstream's condition message, NULL when valid */
	const struct value
	    *spec; /* the decoded YAML, for `get -o yaml` and for kinds not decoded */
};

/* `matchLabels` of one selector. */
struct label_selector {
	struct label_list match_labels;
	VEC_OF(struct label_term) match_expressions;
	struct place place;
};

enum label_operator {
	LABEL_IN,
	LABEL_NOT_IN,
	LABEL_EXISTS,
	LABEL_DOES_NOT_EXIST
};

struct label_term {
	const char *key;
	enum label_operator op;
	struct strings values;
};

/* What an ImageRepository without an exclusionList leaves out: signatures by name and by
 * digest. */
#define DOCUMENT_EXCLUDE_SIGNATURES "^.*\\.sig$"
#define DOCUMENT_EXCLUDE_DIGESTS    "^sha256-[a-f0-9]{64}(\\.[a-z]+)?$"

struct image_repository {
	struct object_meta meta;
	const char *image;
	struct place image_place;
	int64_t interval_ms;
	int64_t timeout_ms;           /* the interval when not given; at least 1000 */
	const char *secret_ref;       /* NULL: none */
	const char *proxy_secret_ref; /* NULL: none */
	const char *cert_secret_ref;  /* NULL: none */
	const char *service_account;  /* NULL: none */
	const char *provider;         /* "generic" or a cloud, which is a finding */
	bool suspend;
	bool insecure;
	bool access_from; /* spec.accessFrom is present */
	VEC_OF(struct label_selector) access_selectors;
	bool exclusion_is_default;     /* the list is ours, not the document's */
	struct strings exclusion_list; /* the effective list */
};

enum policy_order {
	POLICY_SEMVER,
	POLICY_ALPHABETICAL,
	POLICY_NUMERICAL
};

enum digest_reflection {
	DIGEST_NEVER,
	DIGEST_IF_NOT_PRESENT,
	DIGEST_ALWAYS
};

struct image_policy {
	struct object_meta meta;
	const char *repository_name;
	const char *repository_namespace; /* the policy's own when not given */
	struct place repository_place;
	enum policy_order order;
	const char *range;        /* semver */
	struct place range_place; /* of the range, or of the policy's other member */
	bool descending;          /* alphabetical, numerical */
	bool has_filter;          /* filterTags is present */
	const char *pattern;      /* "" when not given */
	struct place pattern_place;
	const char *extract; /* "" when not given */
	struct place extract_place;
	enum digest_reflection digest;
	int64_t interval_ms; /* of digestReflectionPolicy Always; 0: not given, means 10
				minutes */
	bool suspend;
};

/* git.checkout.ref, else spec.ref of the GitRepository document that sourceRef names,
 * else not present; every field NULL when not given. */
struct checkout_ref {
	bool present;
	const char *branch, *tag, *semver, *name, *commit;
};

struct image_update_automation {
	struct object_meta meta;
	const char *source_kind, *source_name, *source_namespace;
	struct place source_place;
	int64_t interval_ms;
	bool suspend;
	bool has_selector;
	struct label_selector selector;
	const char *update_path; /* "" for the root; cleaned, never above the root */
	struct place path_place;
	struct checkout_ref checkout;
	struct place checkout_place;
	const char *author_name, *author_email; /* name may be "" */
	const char *message_template;           /* NULL or "": the default */
	struct place template_place;            /* of the template's value */
	/* file line of the template's first line; 0 when its lines are not the file's */
	uint32_t template_line;
	struct label_list message_values;
	const char *push_branch; /* NULL: the checkout branch */
	struct place push_place;
	/* fields that make the automation stand still for now, with a finding each */
	bool has_refspec, has_push_options, has_signing_key;
};

/* Their items are defined in model/event.h. */
struct provider_list {
	struct provider *items;
	size_t len;
	size_t cap;
};

struct alert_list {
	struct alert *items;
	size_t len;
	size_t cap;
};

/* The kinds that are only looked at: the decoded spec is enough. */
struct plain_document {
	struct object_meta meta;
};

/* Each list is ordered by cluster, kind, namespace and name, bytes. */
struct document_set {
	struct arena *arena;
	VEC_OF(struct image_repository) repositories;
	VEC_OF(struct image_policy) policies;
	VEC_OF(struct image_update_automation) automations;
	struct provider_list providers;
	struct alert_list alerts;
	VEC_OF(struct plain_document) others;
};

#endif
