/* SPDX-License-Identifier: MIT */
/* The forms in which Kubernetes users keep secrets: manifests and docker configs. */
#ifndef ADMIN_MANIFEST_H
#define ADMIN_MANIFEST_H

#include "admin/secret.h"

struct manifest_secret {
	const char *namespace;
	const char *name;
	struct secret data; /* ordered by key */
};

struct manifest_secrets {
	struct manifest_secret *items;
	size_t len;
	size_t cap;
};

/*
 * Reads every `kind: Secret` of a YAML text: `data` (base64) and `stringData` (as it is;
 * wins). A manifest without namespace is in `default_namespace`. Any other kind, a bad
 * name or value, and a docker config that is none make the whole text an error, so that
 * nothing is stored of it. No value is ever part of an error.
 *
 * Returns 0; ERR_INVALID with line and column; ERR_LIMIT.
 */
int manifest_read(struct str text, const char *default_namespace, struct arena *arena,
		  struct manifest_secrets *out, struct err *err) MUST_CHECK;

/* A docker config for one registry, as `flux create secret` and `kubectl create secret
 * docker-registry` make it. */
struct str docker_config(struct arena *arena, const char *server, const char *username,
			 struct str password);
/* Whether the text is a docker config: a JSON object with `auths` (spec 4.1). ERR_INVALID
 * with position. */
int docker_config_check(struct str text, struct err *err) MUST_CHECK;

#endif
